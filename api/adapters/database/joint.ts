import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Isolation, Sql } from './database.ts';

const STRENGTH: readonly Isolation[] = ['read committed', 'repeatable read', 'serializable'];

/** A transaction inside asks for more isolation than the one around it began with. */
export class MoreIsolation extends Error {
  override name = 'MoreIsolation';
  readonly isolation: Isolation;

  constructor(isolation: Isolation) {
    super(`a transaction inside asks for ${isolation}`);
    this.isolation = isolation;
  }
}

/** One transaction that everything below a call takes part in. */
export interface Joint {
  readonly sql: Sql;
  /** True once it is over: what is still running then is on its own. */
  ended: boolean;
  /** A transaction inside it: undone alone where its work throws, one at a time. */
  inside<Result>(work: (sql: Sql) => Promise<Result>, isolation: Isolation): Promise<Result>;
}

export const openJoint = (joined: AsyncLocalStorage<Joint>): Joint | null => {
  const joint = joined.getStore();
  return joint === undefined || joint.ended ? null : joint;
};

/** Makes a joint of a transaction that has begun. */
export function jointOf(sql: Sql, isolation: Isolation, joined: AsyncLocalStorage<Joint>): Joint {
  let last: Promise<unknown> = Promise.resolve();

  async function savepoint<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> {
    await sql.query('SAVEPOINT inside');
    // What is begun inside waits for its own kind only, not for this one.
    const inner = jointOf(sql, isolation, joined);
    try {
      const result = await joined.run(inner, () => work(sql));
      await sql.query('RELEASE SAVEPOINT inside');
      return result;
    } catch (error) {
      await sql.query('ROLLBACK TO SAVEPOINT inside; RELEASE SAVEPOINT inside');
      throw error;
    } finally {
      inner.ended = true;
    }
  }

  return {
    sql,
    ended: false,
    inside(work, wanted) {
      if (STRENGTH.indexOf(wanted) > STRENGTH.indexOf(isolation)) return Promise.reject(new MoreIsolation(wanted));
      const mine = last.then(() => savepoint(work));
      last = mine.catch(() => {});
      return mine;
    },
  };
}
