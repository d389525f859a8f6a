export interface Turns {
  /** Runs `work`, or joins the run for the same key that is under way. */
  take<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
}

/**
 * One run for a key at a time, and at most `limit` in all: each holds a database connection while the realm, which may need one too, answers.
 */
export function createTurns(limit: number): Turns {
  const running = new Map<string, Promise<unknown>>();
  const waiting: (() => void)[] = [];
  let free = limit;

  const run = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };

  return {
    take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
      const under = running.get(key) as Promise<Result> | undefined;
      if (under) return under;
      const mine = run(work).finally(() => running.delete(key));
      running.set(key, mine);
      return mine;
    },
  };
}
