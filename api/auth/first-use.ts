/** Logins that are remembered at most, some 150 bytes each; one that is forgotten is told of again. */
const MOST = 20_000;
/** A script's token may live for months: it is told of again after so long. */
const AGAIN_MS = 12 * 3600_000;

/** Tells the first use of a login from those that follow. */
export class FirstUses {
  private readonly seen = new Map<string, number>();

  isFirst(login: string, now: number): boolean {
    const known = this.seen.get(login);
    if (known !== undefined && now - known < AGAIN_MS) return false;
    this.seen.delete(login);
    this.seen.set(login, now);
    if (this.seen.size > MOST) this.seen.delete(this.seen.keys().next().value!);
    return true;
  }
}
