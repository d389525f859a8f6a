import type { Database } from '../database/database.ts';
import type { JobQueue } from './queue.ts';

const CHANNEL = 'iss_job';

/** The embedded queue: LISTEN and NOTIFY of the database that is there anyway. */
export function postgresQueue(database: Database): JobQueue {
  const stops = new Set<() => Promise<void>>();
  return {
    async announce(jobId) {
      await database.query('SELECT pg_notify($1, $2)', [CHANNEL, jobId]);
    },
    async onAnnounced(heard) {
      const stop = await database.listen(CHANNEL, heard);
      stops.add(stop);
      return async () => {
        stops.delete(stop);
        await stop();
      };
    },
    async close() {
      await Promise.all([...stops].map((stop) => stop()));
      stops.clear();
    },
  };
}
