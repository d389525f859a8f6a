/** Waits until `holds` gives something other than null, undefined or false; looks again as soon as the event loop lets it. @throws after 30 s */
export async function eventually<Value>(
  what: string,
  holds: () => Promise<Value> | Value,
  within = 30_000,
): Promise<NonNullable<Exclude<Value, false>>> {
  for (const until = Date.now() + within; ; ) {
    const value = await holds();
    if (value !== null && value !== undefined && value !== false) return value as NonNullable<Exclude<Value, false>>;
    if (Date.now() > until) throw new Error(`${what}: not within ${within / 1000} s`);
    await new Promise((wake) => setTimeout(wake, 15));
  }
}
