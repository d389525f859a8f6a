const DAY_MS = 86_400_000;

/** When a day begins (UTC); what is no day goes as it stands, for the API to say so. Null where none is named. */
export const beginOf = (day: string | null): string | null => instantOf(day, 0);

/** When it is over. */
export const endOf = (day: string | null): string | null => instantOf(day, DAY_MS);

function instantOf(day: string | null, later: number): string | null {
  if (!day) return null;
  const at = Date.parse(day);
  return Number.isNaN(at) ? day : new Date(at + later).toISOString();
}
