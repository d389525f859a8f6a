import { composeServer } from './compose.ts';
import { type Config, readConfig } from './config.ts';
import { writeServerNote } from './data-directory.ts';
import { CLOSED } from './http/closed.ts';
import { jobKinds } from './jobs/kinds.ts';
import { superviseWorkers } from './jobs/supervisor.ts';
import { createLog } from './log.ts';
import { durationText, progressLine, secondsLeft } from './progress-line.ts';
import { startServer } from './server.ts';
import { checkpointFolder, scheduleCheckpoints } from './services/audit/checkpoints.ts';
import { startSealer } from './services/audit/sealer.ts';
import { endingsPath } from './services/backup/endings-journal.ts';
import { seedDemoAccess } from './services/demo/demo-access.ts';
import { makeDemoStudy } from './services/demo/demo-study.ts';
import { prepareFirstStart } from './services/first-start.ts';
import { startRefusal } from './start-refusal.ts';

/** Access ends at its instant without it; this keeps the history and the tables in step. */
const TIDY_MS = 10 * 60_000;
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const began = performance.now();
const since = (): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;

/** Bad settings end the start, with a line for each, before anything is touched. */
function configured(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    say(startRefusal('The server', error));
    process.exit(1);
  }
}

async function main(): Promise<void> {
  const config = configured();
  const log = createLog(config.ISS_LOG_LEVEL);
  const undo: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const abort = new AbortController();
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      abort.abort();
      for (const step of undo) await step().catch((error: Error) => say(`While stopping: ${error.message}`));
    })();
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stopping) return;
      say('Stopping…');
      void stop().then(() => process.exit(0));
    });
  try {
    const base = await composeServer(config, log);
    undo.unshift(() => base.close());
    await prepareFirstStart(base);
    const sealer = startSealer(base.database, (error) => log.error({ err: error }, 'the log could not be sealed'));
    undo.unshift(() => sealer.stop());
    const server = await startServer(base);
    undo.unshift(() => server.stop());
    await writeServerNote(config.dataDirectory, { pid: process.pid, url: server.url, databasePort: base.databasePort });
    if (server.pending.has(CLOSED))
      say(
        `The system was restored from a backup. It answers at ${server.url} and stays closed until what has ended since is replayed: iss replay FOLDER, the newest copy of the checkpoint folder.`,
      );
    await server.opened;
    const tidying = setInterval(
      () => void server.tidy().catch((error) => log.warn({ err: error }, 'what has run out could not be removed')),
      TIDY_MS,
    );
    undo.unshift(async () => clearInterval(tidying));
    if (config.ISS_CHECKPOINT_MINUTES > 0) {
      const checkpoints = scheduleCheckpoints(
        {
          database: base.database,
          clock: base.clock,
          audit: server.services.audit,
          dataDirectory: config.dataDirectory,
          random: base.ids.random,
          folder: checkpointFolder(config),
          journal: endingsPath(checkpointFolder(config)),
        },
        config.ISS_CHECKPOINT_MINUTES * 60_000,
        (error) => log.error({ err: error }, 'the log was not signed'),
      );
      undo.unshift(() => checkpoints.stop());
    }
    const workers = await superviseWorkers({
      ...base,
      workers: config.ISS_WORKERS,
      store: base.jobs,
      kinds: jobKinds(base, server.services),
      environment: { ...process.env, ISS_DATA_DIR: config.dataDirectory },
    });
    undo.unshift(() => workers.stop());
    say(`The server answers at ${server.url} after ${since()}. Query editor: ${server.url}/graphiql`);
    if (config.ISS_DEMO) await prepareDemo();

    async function prepareDemo(): Promise<void> {
      server.pending.add('demo study');
      await seedDemoAccess(base, server.services, server.url);
      say(
        'Demo accounts (password "demo"): researcher, researcher-2, researcher-3, researcher-4, signing-official, steward, steward-2, curator, auditor, admin, admin-2.',
      );
      const line = progressLine();
      let stage = '';
      let startedAt = performance.now();
      let before = 0;
      const made = await makeDemoStudy(base, server.services, {
        publicUrl: server.url,
        signal: abort.signal,
        onProgress: (progress) => {
          if (progress.stage !== stage) startedAt = performance.now();
          if (progress.stage !== stage) before = progress.done;
          stage = progress.stage;
          line.show({ ...progress, before, startedAt });
          server.services.preparing.set('demo', {
            ...progress,
            ...secondsLeft(progress, before, startedAt),
          });
        },
      });
      server.pending.delete('demo study');
      server.services.preparing.delete('demo');
      line.end(
        made
          ? `The synthetic study "demo" is published as release 1.0.0 after ${durationText((performance.now() - began) / 1000)}.`
          : `The synthetic study "demo" stands ready, release 1.0.0. Everything ready after ${since()}.`,
      );
    }
  } catch (error) {
    if (stopping) return;
    say(startRefusal('The server', error));
    await stop();
    process.exitCode = 1;
    process.exit();
  }
}

await main();
