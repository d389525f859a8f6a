/**
 * Joins loads of the same thing, without ever giving anybody something that was read before they asked: whoever comes
 * while a load runs waits for the next one, together with all others who do. A person's script that asks sixteen
 * things at once has its facts read twice, not sixteen times.
 */
export class FreshLoads<T> {
  private readonly running = new Map<string, Promise<T>>();
  private readonly next = new Map<string, Promise<T>>();

  load(key: string, start: () => Promise<T>): Promise<T> {
    const running = this.running.get(key);
    if (running === undefined) return this.begin(key, start);
    const waiting = this.next.get(key);
    if (waiting !== undefined) return waiting;
    const made = running
      .catch(() => {})
      .then(() => {
        this.next.delete(key);
        return this.begin(key, start);
      });
    this.next.set(key, made);
    return made;
  }

  private begin(key: string, start: () => Promise<T>): Promise<T> {
    const made = start().finally(() => this.running.delete(key));
    this.running.set(key, made);
    return made;
  }
}
