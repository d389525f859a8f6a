import { systemClock, systemIds } from '../../../api/adapters/clock/clock.ts';
import { connectDatabase } from '../../../api/adapters/database/database.ts';
import { postgresQueue } from '../../../api/adapters/queue/postgres-queue.ts';
import { runJobs } from '../../../api/jobs/job-runner.ts';
import { jobStore } from '../../../api/jobs/job-store.ts';
import { createLog } from '../../../api/log.ts';
import { testKinds } from './test-kinds.ts';

/** A worker process like api/worker.ts, with kinds that do nothing but wait, block or fail. */
const database = connectDatabase(process.env.TEST_DATABASE_URL!, { poolSize: 3 });
const queue = postgresQueue(database);
const runner = await runJobs({
  worker: process.argv[2]!,
  kinds: testKinds(database),
  store: jobStore(database, systemClock, systemIds),
  queue,
  database,
  log: createLog('silent'),
});
async function stop(): Promise<void> {
  await runner.stop();
  await queue.close();
  await database.close();
  process.exit(0);
}
process.once('SIGTERM', stop);
process.on('disconnect', stop);
