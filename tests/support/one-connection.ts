import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database, Sql } from '../../api/adapters/database/database.ts';

/** What asked for a second connection while it held one. */
export class SecondConnection extends Error {
  override name = 'SecondConnection';
}

/**
 * A database that refuses a second connection to whoever is inside a transaction of it: as many of those at once as the pool has connections wait for each other
 * until they give up, and everybody else with them.
 */
export function oneConnection(database: Database): Database {
  const held = new AsyncLocalStorage<{ state: 'ALONE' | 'JOINT' | 'ENDED' }>();
  const free = <Result>(work: () => Result): Result => {
    if (held.getStore()?.state === 'ALONE')
      throw new SecondConnection('a second connection is asked for inside a transaction');
    return work();
  };
  const inside =
    <Result>(state: 'ALONE' | 'JOINT', work: (sql: Sql) => Promise<Result>) =>
    async (sql: Sql): Promise<Result> => {
      const holding: { state: 'ALONE' | 'JOINT' | 'ENDED' } = { state };
      try {
        return await held.run(holding, () => work(sql));
      } finally {
        holding.state = 'ENDED';
      }
    };
  return {
    get prisma() {
      return free(() => database.prisma);
    },
    query: async (text, values) => free(() => database.query(text, values)),
    transaction: async (work, options) =>
      free(() => database.transaction(held.getStore()?.state === 'JOINT' ? work : inside('ALONE', work), options)),
    // Within it everything goes to its one connection.
    together: async (work) => free(() => database.together(inside('JOINT', work))),
    listen: (channel, heard) => database.listen(channel, heard),
    connections: () => database.connections(),
    close: () => database.close(),
  };
}
