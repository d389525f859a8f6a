import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MODALITIES } from '../governance/modality.ts';
import { syntheticStudy } from '../pipeline/synthetic/study.ts';
import { composeServer } from './compose.ts';
import { readConfig } from './config.ts';
import { writeServerNote } from './data-directory.ts';
import { SAMPLE_FOLDER } from './http/sample.ts';
import { jobKinds } from './jobs/kinds.ts';
import { superviseWorkers } from './jobs/supervisor.ts';
import { createLog } from './log.ts';
import { startServer } from './server.ts';
import { startSealer } from './services/audit/sealer.ts';
import { demoActor, seedDemoAccess } from './services/demo/demo-access.ts';
import { makeDemoStudy } from './services/demo/demo-study.ts';
import { prepareFirstStart } from './services/first-start.ts';

// npm run sample: makes the open sample anew. Two drawn patients go the whole way of a real study, on a server of its own in a folder that is thrown away,
// and an export of every kind of data is kept in the repository. tests/api/http/sample.test.ts says when it is out of date.
const PATIENTS = 2;
const SECONDS = 5;
const SEED = 20;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const data = await mkdtemp(join(tmpdir(), 'iss-sample-'));
const config = readConfig({ ISS_DATA_DIR: data, PORT: '0', ISS_PUBLIC_URL: 'http://localhost:4000' });
const base = await composeServer(config, createLog('silent'));
await prepareFirstStart(base);
const sealer = startSealer(base.database, (error) => say(error.message));
const server = await startServer(base);
await writeServerNote(data, { pid: process.pid, url: server.url, databasePort: base.databasePort });
const workers = await superviseWorkers({
  ...{ ...base, workers: 2, store: base.jobs, kinds: jobKinds(base, server.services) },
  environment: { ...process.env, ISS_DATA_DIR: data },
});
try {
  await seedDemoAccess(base, server.services, server.url);
  await makeDemoStudy(base, server.services, {
    publicUrl: server.url,
    signal: new AbortController().signal,
    onProgress: ({ stage, done, total }) => say(`${stage} ${done} of ${total}`),
    plan: syntheticStudy({ seed: SEED, patients: PATIENTS, submissionsPerPatient: 1, seconds: SECONDS }),
  });
  await keep();
} finally {
  await workers.stop();
  await server.stop();
  await sealer.stop();
  await base.close();
  await rm(data, { recursive: true, force: true });
}

/** Asks for an export of everything as one of the demo's researchers, and writes its files into the repository. */
async function keep(): Promise<void> {
  const { exports } = server.services;
  const actor = await demoActor(base, 'researcher-3', server.url);
  const modalities = MODALITIES.filter((modality) => modality !== 'BASELINES');
  const asked = await exports.request({ actor, study: 'demo', fold: null, part: 'ALL', modalities });
  if (!asked.ok) throw new Error(asked.message);
  for (let state = await exports.state(asked.exportId, actor); state?.readyAt == null; ) {
    if (state !== null && ['FAILED', 'REFUSED', 'CANCELLED'].includes(state.state))
      throw new Error(`the export ended: ${JSON.stringify(state.error)}`);
    await new Promise((later) => setTimeout(later, 200));
    state = await exports.state(asked.exportId, actor);
  }
  await rm(SAMPLE_FOLDER, { recursive: true, force: true });
  let files = 0;
  for (let after: string | null = null, first = true; first || after !== null; first = false) {
    const page = await exports.files(asked.exportId, actor, after, 500);
    if (!page.ok) throw new Error(page.message);
    for (const { path } of page.files) {
      const opened = await exports.open(asked.exportId, path, actor, base.clock.now());
      if (!opened.ok) throw new Error(opened.message);
      const { file } = opened;
      const prefix = file.prefix?.length ?? 0;
      const parts: Uint8Array[] = file.prefix ? [file.prefix] : [];
      const range = { first: file.firstByte, last: file.firstByte + file.bytes - prefix - 1 };
      if (file.bytes > prefix) for await (const part of base.objects.read(file.objectKey, range)) parts.push(part);
      await mkdir(dirname(join(SAMPLE_FOLDER, path)), { recursive: true });
      await writeFile(join(SAMPLE_FOLDER, path), Buffer.concat(parts));
      files++;
    }
    after = page.after;
  }
  say(`${files} files in ${SAMPLE_FOLDER}`);
}
