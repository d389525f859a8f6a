/** Limits guessing: after `free` wrong passwords for one account from one address each further one doubles the wait. */
export interface Throttle {
  /** Seconds to wait before the next attempt; 0 when it may be made. */
  waitSeconds(account: string, address: string): number;
  failed(account: string, address: string): void;
  succeeded(account: string, address: string): void;
}

const MAX_ENTRIES = 10_000;

/** @param rules `failureFactor`, `waitIncrementSeconds` and `maxFailureWaitSeconds` of the realm file, with Keycloak's meaning */
export function createThrottle(
  rules: { failureFactor: number; waitIncrementSeconds: number; maxFailureWaitSeconds: number },
  now: () => Date,
): Throttle {
  const entries = new Map<string, { failures: number; lastAt: number; until: number }>();
  const key = (account: string, address: string) => `${account.toLowerCase().slice(0, 200)}\n${address}`;
  return {
    waitSeconds(account, address) {
      const left = (entries.get(key(account, address))?.until ?? 0) - now().getTime();
      return left > 0 ? Math.ceil(left / 1000) : 0;
    },
    failed(account, address) {
      const id = key(account, address);
      const at = now().getTime();
      const before = entries.get(id);
      // A quiet while as long as the longest wait is forgiven.
      const stale = before === undefined || at - before.lastAt > rules.maxFailureWaitSeconds * 1000;
      const failures = stale ? 1 : before.failures + 1;
      const over = failures - rules.failureFactor;
      const wait = over < 0 ? 0 : Math.min(rules.waitIncrementSeconds * 2 ** over, rules.maxFailureWaitSeconds);
      entries.delete(id);
      entries.set(id, { failures, lastAt: at, until: at + wait * 1000 });
      if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!);
    },
    succeeded(account, address) {
      entries.delete(key(account, address));
    },
  };
}
