import { composeBeside } from './compose.ts';
import { readConfig } from './config.ts';
import { runJobs } from './jobs/job-runner.ts';
import { jobKinds, workFolder } from './jobs/kinds.ts';
import { workerName } from './jobs/worker-name.ts';
import { createLog } from './log.ts';
import { sweepWorkFolders } from './services/ingest/work-folder.ts';
import { createServices } from './services.ts';

const config = readConfig(process.env);
const log = createLog(config.ISS_LOG_LEVEL).child({ worker: process.pid });
const base = await composeBeside(config, log);
await sweepWorkFolders(workFolder(config));
const runner = await runJobs({
  // The server that starts us says what we are called, so that it can give back what we held.
  worker: process.argv[2] ?? workerName(0),
  kinds: jobKinds(base, createServices(base)),
  store: base.jobs,
  queue: base.queue,
  database: base.database,
  log,
});

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await runner.stop();
  await base.close();
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', () => {}); // Ctrl-C goes to the whole group; the server stops us in its turn
// The server that started us is gone: without it nothing says when access ends.
process.on('disconnect', stop);
