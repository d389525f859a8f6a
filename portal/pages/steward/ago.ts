/** Whole days since an instant, as words. */
export function waited(since: string | null | undefined): string {
  if (!since) return '—';
  const hours = Math.max(0, (Date.now() - Date.parse(since)) / 3_600_000);
  if (hours < 1) return 'less than an hour';
  if (hours < 48) return `${Math.floor(hours)} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** A year less a day: the API says how long a grant may last. */
export function monthsFromNow(months: number): string {
  const end = new Date();
  end.setUTCMonth(end.getUTCMonth() + months);
  end.setUTCDate(end.getUTCDate() - 1);
  return end.toISOString().slice(0, 10);
}
