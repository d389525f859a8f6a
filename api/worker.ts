import { composeBeside, type Foundation } from './compose.ts';
import { readConfig } from './config.ts';
import { readServerNote, workFolder } from './data-directory.ts';
import { notReady } from './http/not-ready.ts';
import { runJobs } from './jobs/job-runner.ts';
import { jobKinds } from './jobs/kinds.ts';
import { workerName } from './jobs/worker-name.ts';
import { createLog } from './log.ts';
import { sweepWorkFolders } from './services/ingest/work-folder.ts';
import { createServices } from './services.ts';
import { startRefusal } from './start-refusal.ts';

// What the server that starts us calls us, so that it can give back what we held; nothing where we were started by hand.
const given = process.argv[2];
let base: Foundation | undefined;
let runner: Awaited<ReturnType<typeof runJobs>> | undefined;
let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await runner?.stop();
  await base?.close();
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', () => {}); // Ctrl-C goes to the whole group; the server stops us in its turn
// The server that started us is gone: without it nothing says when access ends. It may have gone while this program was being read.
process.on('disconnect', stop);
if (given !== undefined && !process.connected) process.exit(0);

try {
  const settings = readConfig(process.env);
  base = await composeBeside(settings, createLog(settings.ISS_LOG_LEVEL).child({ worker: process.pid }));
} catch (error) {
  process.stderr.write(`${startRefusal('The worker', error)}\n`);
  process.exit(1);
}
const { config, log } = base;
await sweepWorkFolders(workFolder(config));
const note = await readServerNote(config.dataDirectory);
const publicUrl = config.ISS_PUBLIC_URL ?? note?.url ?? `http://localhost:${config.PORT}`;
const store = base.checks['object store'];
const started = await runJobs({
  worker: given ?? workerName(0),
  kinds: jobKinds(base, createServices(base, publicUrl)),
  store: base.jobs,
  queue: base.queue,
  database: base.database,
  log,
  away: () => notReady(store ? { 'object store': store } : {}),
});
if (stopping) await started.stop();
else runner = started;
