import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeBeside } from '../../api/compose.ts';
import { readConfig } from '../../api/config.ts';
import { tokenText } from '../../governance/personal-token.ts';
import { writeCopy, writeTemplate } from '../faults/drop.ts';
import { Passing, patiently } from '../faults/patience.ts';
import { brokenPromises } from '../faults/promises.ts';
import { type Ledger, type People, prepare } from '../faults/setting.ts';
import { type Services, startServices, startWorld, type World } from '../faults/world.ts';
import { addResearcher } from '../support/person-fixture.ts';
import { fillStudy } from '../support/study-fixture.ts';
import { freeze } from './support/freeze.ts';
import { absent, removeFolder, temporaryFolder } from './support/service.ts';
import { type SmallDisk, smallDisk } from './support/small-disk.ts';

const missing = [absent('keycloak'), absent('versitygw'), absent('redis')].includes(true);
const MIB = 2 ** 20;
const LONG = 300_000;

interface JobRow {
  state: string;
  attempts: number;
  waits: boolean;
  code: string | null;
}

describe.skipIf(missing)('what an operator meets, on the whole portal with real services', () => {
  let folder: string;
  let disk: SmallDisk | null;
  let services: Services;
  let world: World;
  let people: People;
  let ledger: Ledger;
  let template: string;
  let patients = 0;

  beforeAll(async () => {
    folder = await temporaryFolder('troubles');
    template = join(folder, 'template');
    disk = await smallDisk(512);
    [services] = await Promise.all([startServices(disk?.folder), writeTemplate(template)]);
    world = await startWorld(services, 1, join(folder, 'logs'), { ISS_STATEMENT_SECONDS: '10' });
    [people, ledger] = await prepare(world, template, join(folder, 'first'));
  });
  afterAll(async () => {
    await world?.stop();
    await services?.stop();
    await disk?.stop();
    await removeFolder(folder);
  });

  const bothWorkers = ['worker 1', 'worker 2'] as const;
  const killWorkers = async (): Promise<void> => {
    for (const worker of bothWorkers) await world.kill(worker);
  };
  const beginWorkers = (): void => {
    for (const worker of bothWorkers) world.startWorker(worker);
  };
  const missingNow = async (): Promise<string[]> =>
    ((await (await fetch(`${world.url}/readyz`)).json()) as { missing: string[] }).missing;
  const askForExport = async (modalities = ['LABELS', 'PAIN_SCORES', 'LANDMARKS']): Promise<string> => {
    const { export: made } = await people.researcher.give(
      'requestExport',
      { part: 'ALL', modalities },
      'export { id }',
    );
    return (made as { id: string }).id;
  };
  const jobOf = async (exportId: string): Promise<JobRow & { id: string }> => {
    const { rows } = await world.owner.query<JobRow & { id: string }>(
      `SELECT id, state, attempts, run_after > now() AS waits, error ->> 'code' AS code FROM job WHERE kind = 'export' AND payload ->> 'exportId' = $1`,
      [exportId],
    );
    return rows[0]!;
  };
  const reaches = (exportId: string, what: string, holds: (job: JobRow) => boolean): Promise<JobRow> =>
    patiently(`the export ${what}`, async () => {
      const job = await jobOf(exportId);
      if (!holds(job)) throw new Passing(JSON.stringify(job));
      return job;
    });
  /** What is to be tried later is tried now. */
  const hurry = (exportId: string) =>
    world.owner.query(`UPDATE job SET run_after = now() WHERE payload ->> 'exportId' = $1 AND state = 'QUEUED'`, [
      exportId,
    ]);
  const takeWhole = async (exportId: string): Promise<void> => {
    await reaches(exportId, 'is made', ({ state }) => state === 'SUCCEEDED');
    const pulled = join(folder, `pulled-${exportId}`);
    await people.researcher.iss('pull', exportId, '-o', pulled);
    await people.researcher.iss('verify', pulled);
    const manifest = await readFile(join(pulled, 'manifest.json'));
    ledger.exports.set(exportId, createHash('sha256').update(manifest).digest('hex'));
  };
  const nextDrop = async (): Promise<{ patient: string; drop: string }> => {
    const patient = `T${String(++patients).padStart(3, '0')}`;
    const drop = join(folder, patient);
    await writeCopy(template, drop, [patient]);
    return { patient, drop };
  };
  const retry = async (exportId: string): Promise<void> => {
    await people.curator.give('retryJob', { id: (await jobOf(exportId)).id });
  };
  const nothingIsBroken = async (): Promise<void> => expect(await brokenPromises(world, people, ledger)).toEqual([]);

  it(
    'does all that waits though Redis is emptied',
    async () => {
      await killWorkers();
      const exportId = await askForExport();
      expect(await jobOf(exportId)).toMatchObject({ state: 'QUEUED', attempts: 0 });
      expect(await services.redis.say('FLUSHALL')).toBe('+OK');
      beginWorkers();
      await takeWhole(exportId);
      await nothingIsBroken();
    },
    LONG,
  );

  it(
    'goes on with an export and an ingest though the bucket is away for longer than all tries of a job take',
    async () => {
      await killWorkers();
      const exportId = await askForExport(['LABELS', 'PAIN_SCORES']);
      await services.s3.kill();
      const { patient, drop } = await nextDrop();
      const ingest = people.curator.iss('ingest', drop);
      ingest.catch(() => {});
      beginWorkers();
      // Put off more often than it may be tried, and each time without a try used.
      for (let times = 0; times < 6; times++) {
        expect(await reaches(exportId, 'is put off', ({ state, waits }) => state === 'QUEUED' && waits)).toMatchObject({
          attempts: 0,
        });
        await hurry(exportId);
      }
      expect(await missingNow()).toEqual(['object store']);
      expect(await people.researcher.ask('{ viewer { roles } }')).toEqual({ viewer: { roles: ['RESEARCHER'] } });
      await services.s3.restart();
      await hurry(exportId);
      await takeWhole(exportId);
      await ingest;
      ledger.patients.push(patient);
      await nothingIsBroken();
    },
    LONG,
  );
  it(
    'says that the disk is full, keeps nothing half, and goes on when there is space',
    async ({ skip }) => {
      if (disk === null) return skip();
      await disk.fill();
      const { patient, drop } = await nextDrop();
      await expect(people.curator.iss('ingest', drop)).rejects.toThrow(/no space left/);
      const exportId = await askForExport(['LABELS', 'LANDMARKS']);
      const failed = await patiently('the export is given up', async () => {
        const job = await jobOf(exportId);
        await hurry(exportId);
        if (job.state !== 'FAILED') throw new Passing(JSON.stringify(job));
        return job;
      });
      expect(failed).toMatchObject({ attempts: 4, code: 'STORE_FULL' });
      const text = 'query ($id: ID!) { export(id: $id) { state error { code } } }';
      expect(await people.researcher.ask(text, { id: exportId })).toEqual({
        export: { state: 'FAILED', error: { code: 'STORE_FULL' } },
      });
      expect(await missingNow()).toEqual([]);
      await disk.free();
      await retry(exportId);
      await takeWhole(exportId);
      await people.curator.iss('ingest', drop);
      ledger.patients.push(patient);
      await nothingIsBroken();
    },
    LONG,
  );

  it(
    'refuses clearly while the database is silent, says so in /readyz, and goes on after',
    async () => {
      const [pid] = (await readFile(join(services.cluster, 'postmaster.pid'), 'utf8')).split('\n');
      const send = async (): Promise<Response> =>
        fetch(`${world.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${await people.researcher.token()}` },
          body: JSON.stringify({ query: '{ viewer { roles } }' }),
        });
      expect((await send()).status).toBe(200);
      const goOn = freeze(Number(pid));
      let exportId: Promise<string>;
      try {
        exportId = askForExport(['PAIN_SCORES']);
        exportId.catch(() => {});
        const refused = await send();
        expect(refused.status).toBe(503);
        expect(refused.headers.get('retry-after')).toBe('5');
        expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
        expect(await missingNow()).toContain('database');
        expect((await fetch(`${world.url}/healthz`)).status).toBe(200);
      } finally {
        goOn();
      }
      await takeWhole(await exportId);
      expect(await missingNow()).toEqual([]);
      await nothingIsBroken();
    },
    LONG,
  );

  it(
    'gives up a job whose worker dies each time, while others are done; and does it when a curator says so',
    async () => {
      const goOn = freeze(services.s3.process.pid);
      let exportId: string;
      try {
        exportId = await askForExport(['LANDMARKS']);
        const mail = randomUUID();
        for (let attempt = 1; attempt <= 4; attempt++) {
          // Nothing ends while the bucket is silent, so that there is always something to kill.
          await reaches(
            exportId,
            'is being made',
            ({ state, attempts }) => state === 'RUNNING' && attempts === attempt,
          );
          if (attempt === 4)
            await world.owner.query(
              `INSERT INTO job (id, kind, payload, state, priority, max_attempts, run_after, created_at) VALUES ($1, 'send-mail', $2, 'QUEUED', 0, 3, now(), now())`,
              [mail, JSON.stringify({ outboxId: randomUUID() })],
            );
          if (attempt === 4)
            await patiently('the other is done', async () => {
              const { rows } = await world.owner.query<{ state: string }>('SELECT state FROM job WHERE id = $1', [
                mail,
              ]);
              if (rows[0]?.state !== 'SUCCEEDED') throw new Passing(JSON.stringify(rows));
            });
          await killWorkers();
          await reaches(exportId, 'is given back', ({ state }) => state !== 'RUNNING');
          beginWorkers();
        }
        expect(await jobOf(exportId)).toMatchObject({ state: 'FAILED', attempts: 4, code: 'WORKER_DIED' });
        expect((await people.curator.iss('jobs', 'list')).join('\n')).toContain('WORKER_DIED');
      } finally {
        goOn();
      }
      await retry(exportId);
      await takeWhole(exportId);
      await nothingIsBroken();
    },
    LONG,
  );

  it(
    'serves everybody else while many readers take nothing, and holds little for them',
    async () => {
      const READERS = 80;
      const base = await composeBeside(readConfig({ ...world.settings, ISS_DATA_DIR: world.dataDirectory }), silent);
      const at = new Date();
      // 32 MiB in one file: more than the system keeps for a connection.
      const large = { key: 'large', patients: 1, submissions: 1, folds: 1, frames: 6000, at };
      const { studyId } = await fillStudy({ pool: world.owner, objects: base.objects }, large);
      await base.close();
      const { accountId, grantId } = await addResearcher(world.owner, { name: 'slow', studyId, now: at });
      const token = tokenText(randomBytes(32));
      await world.owner.query(
        `INSERT INTO personal_token (id, sha256, account_id, grant_id, name, created_at, expires_at) VALUES ($1, $2, $3, $4, 'slow', $5, $6)`,
        [
          ...[randomUUID(), createHash('sha256').update(token).digest('hex'), accountId, grantId],
          ...[at, new Date(at.getTime() + 86_400_000)],
        ],
      );
      const ask = async <Data>(query: string, variables: Record<string, unknown>): Promise<Data> => {
        const answer = await fetch(`${world.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query, variables }),
        });
        return ((await answer.json()) as { data: Data }).data;
      };
      const { requestExport } = await ask<{ requestExport: { export: { id: string } } }>(
        `mutation ($input: RequestExportInput!) { requestExport(input: $input) { ... on RequestExportSuccess { export { id } } } }`,
        { input: { study: 'large', part: 'ALL', modalities: ['LANDMARKS'], commandId: randomUUID() } },
      );
      const { id } = requestExport.export;
      await reaches(id, 'is made', ({ state }) => state === 'SUCCEEDED');
      const listed = await ask<{ export: { files: { nodes: ListedFile[] } } }>(
        'query ($id: ID!) { export(id: $id) { files(first: 100) { nodes { path bytes sha256 file { url } } } } }',
        { id },
      );
      const file = listed.export.files.nodes.find(({ path }) => path.endsWith('.f32'))!;
      expect(file.bytes).toBeGreaterThan(32 * MIB);
      const address = new URL(new URL(file.file.url).pathname, world.url);
      const before = highWater(world.pid());
      const readers = await Promise.all(
        Array.from({ length: READERS }, async () => {
          const request = get(address, { headers: { authorization: `Bearer ${token}` } });
          const [response] = (await once(request, 'response')) as [IncomingMessage];
          response.pause();
          return { request, response };
        }),
      );
      try {
        for (const { response } of readers) expect(response.statusCode).toBe(200);
        // Somebody else's export, from its making to its last byte, through the same portal and bucket.
        await takeWhole(await askForExport(['LABELS', 'PAIN_SCORES', 'LANDMARKS']));
        const held = highWater(world.pid()) - before;
        expect(held, `${READERS} readers of ${file.bytes / MIB} MiB each`).toBeLessThan(READERS * 10 * MIB);
        // And who was slow has lost nothing.
        const hash = createHash('sha256');
        for await (const part of readers[0]!.response) hash.update(part as Buffer);
        expect(hash.digest('hex')).toBe(file.sha256);
      } finally {
        for (const { request } of readers) endOf(request);
      }
    },
    LONG,
  );
});

const silent = pino({ level: 'silent' });

interface ListedFile {
  path: string;
  bytes: number;
  sha256: string;
  file: { url: string };
}

const endOf = (request: ClientRequest): void => {
  request.on('error', () => {});
  request.destroy();
};

/** Largest resident memory of a process so far, in bytes (Linux). */
const highWater = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
