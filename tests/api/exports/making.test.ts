import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ObjectStore, StoreFull } from '../../../api/adapters/objects/object-store.ts';
import { verifyExport } from '../../../api/cli/verify-export.ts';
import { JobLost } from '../../../api/jobs/job-fence.ts';
import { exportService } from '../../../api/services/exports/export-service.ts';
import { fillStudy } from '../../support/study-fixture.ts';
import {
  asked,
  EVERY_MODALITY,
  type ExportWorld,
  made,
  paths,
  read,
  readManifest,
  startExportWorld,
  work,
} from './export-world.ts';

let world: ExportWorld;
const sql = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);
const ALL = { fold: 1, part: 'ALL', modalities: EVERY_MODALITY } as const;

beforeEach(async () => {
  world = await startExportWorld({ patients: 4, folds: 2, submissions: 1, frames: 45 }, 60_000);
});
afterEach(() => world.stop());

/** Path and checksum of every file whose bytes follow from the release alone. */
async function sums(exportId: string): Promise<string[]> {
  return (await readManifest(world, exportId)).files
    .filter(({ path }) => path !== 'README.md' && path !== 'croissant.json')
    .map(({ path, sha256 }) => `${path} ${sha256}`);
}

async function objectsOf(exportId: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of world.objects.list(`sealed/EXPORT/${exportId}/`)) keys.push(key);
  return keys;
}

/** Objects that the export's rows point at, of those made for it. */
async function pointedAt(exportId: string): Promise<string[]> {
  const { rows } = await sql(
    `SELECT DISTINCT object_key FROM export_file WHERE export_id = $1 AND object_key LIKE 'sealed/EXPORT/%' ORDER BY 1`,
    [exportId],
  );
  return rows.map(({ object_key }) => object_key);
}

async function pulled(exportId: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'iss-pulled-'));
  for (const path of await paths(world, exportId, 500)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), await read(world, exportId, path));
  }
  return folder;
}

const service = (changes: { objects?: ObjectStore; database?: ExportWorld['deps']['database'] }) =>
  exportService({ ...world.deps, ...changes });
const withPut = (put: ObjectStore['put']): ObjectStore => ({ ...world.objects, put });

test('a pulled export is proved, and one changed byte of it named', async () => {
  const folder = await pulled(await made(world, ALL));
  const proof = await verifyExport(folder);
  expect(proof).toMatchObject({ ok: true, files: proof.files, problems: [] });
  expect(proof.files).toBeGreaterThan(350);
  await writeFile(join(folder, 'labels/splits.parquet'), 'x');
  expect((await verifyExport(folder)).problems.map(({ path }) => path)).toEqual(['labels/splits.parquet']);
  await rm(folder, { recursive: true });
});

test('the same export of the same state has the same bytes, but for manifest and README, by whomever and whenever', async () => {
  const first = await made(world, ALL);
  world.clock.at = new Date(world.clock.at.getTime() + 86_400_000);
  const second = await made(world, ALL);
  expect(await sums(second)).toEqual(await sums(first));
  expect((await readManifest(world, second)).contentDigest).toBe((await readManifest(world, first)).contentDigest);
  expect(await read(world, second, 'manifest.json')).not.toEqual(await read(world, first, 'manifest.json'));
});

describe('a worker that dies', () => {
  /** Everything that this process would do after its death fails, as nothing would be done. */
  const mortal = (puts: number) => {
    let left = puts;
    const alive = <T>(does: () => T): T => {
      if (left < 0) throw new Error('the process is dead');
      return does();
    };
    const objects: ObjectStore = {
      ...world.objects,
      put: async (key, body) => {
        left -= 1;
        return alive(() => world.objects.put(key, body));
      },
      list: (prefix) => alive(() => world.objects.list(prefix)),
      remove: (key) => alive(() => world.objects.remove(key)),
    };
    const database = {
      ...world.deps.database,
      transaction: ((run, options) =>
        alive(() => world.deps.database.transaction(run, options))) as typeof world.deps.database.transaction,
    };
    return service({ objects, database });
  };

  test.each([
    0, 1, 7, 20, 26,
  ])('after %i objects leaves an export that the next makes whole, the same, with nothing left over', async (puts) => {
    const reference = await made(world, ALL);
    const { exportId } = await asked(world, ALL);
    await expect(work(world, mortal(puts))).rejects.toThrow('dead');
    expect(await world.exports.files(exportId, world.person.actor)).toMatchObject({ code: 'NOT_READY' });
    await world.deps.jobs.takeBack('worker');
    expect(await work(world)).toBe('SUCCEEDED');
    expect(await sums(exportId)).toEqual(await sums(reference));
    expect(await objectsOf(exportId)).toEqual(await pointedAt(exportId));
  });

  test('only seems to, and goes on when another has taken its work: then it writes nothing more', async () => {
    const { exportId } = await asked(world, ALL);
    let goOn = () => {};
    let reached = () => {};
    const atHalf = new Promise<void>((done) => {
      reached = done;
    });
    const gate = new Promise<void>((done) => {
      goOn = done;
    });
    const slow = withPut(async (key, body) => {
      if (key.endsWith('landmarks/index.parquet')) {
        reached();
        await gate;
      }
      return world.objects.put(key, body);
    });
    const zombie = work(world, service({ objects: slow })).catch((error: unknown) => error);
    await atHalf;
    await world.deps.jobs.takeBack('worker');
    expect(await work(world)).toBe('SUCCEEDED');
    const before = await sql('SELECT * FROM export_file WHERE export_id = $1 ORDER BY path', [exportId]);
    goOn();
    expect(await zombie).toBeInstanceOf(JobLost);
    expect((await sql('SELECT * FROM export_file WHERE export_id = $1 ORDER BY path', [exportId])).rows).toEqual(
      before.rows,
    );
    const folder = await pulled(exportId);
    expect((await verifyExport(folder)).ok).toBe(true);
    await rm(folder, { recursive: true });
  });
});

describe('while it is made', () => {
  /** The world's service, which does something once, before it stores an object whose key ends so. */
  const whenAt = (end: string, act: () => Promise<unknown>) => {
    let done = false;
    return service({
      objects: withPut(async (key, body) => {
        if (key.endsWith(end) && !done) {
          done = true;
          await act();
        }
        return world.objects.put(key, body);
      }),
    });
  };
  const withdraw = () =>
    sql(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) VALUES (gen_random_uuid(), $1, 'STOP_SHARING', 'asked', now())`,
      [world.study.patients[1]!.id],
    );

  test('a patient who withdraws is not in it: it is made again without', async () => {
    const { exportId } = await asked(world, ALL);
    expect(await work(world, whenAt('manifest.json', withdraw))).toBe('SUCCEEDED');
    const listed = await paths(world, exportId, 500);
    expect(listed.filter((path) => path.includes('9002'))).toEqual([]);
    expect((await readManifest(world, exportId)).folds).toEqual([
      { number: 1, trainPatients: ['9004'], testPatients: ['9001', '9003'], disjoint: true },
    ]);
    expect(await objectsOf(exportId)).toEqual(await pointedAt(exportId));
  });

  test('a withdrawal is seen at the next look, before anything more of the patient is stored', async () => {
    await asked(world, ALL);
    const stored: string[] = [];
    let withdrawn = false;
    const objects = withPut(async (key, body) => {
      if (withdrawn) stored.push(key);
      if (key.endsWith('surveys.parquet') && !withdrawn) {
        withdrawn = true;
        await withdraw();
      }
      return world.objects.put(key, body);
    });
    expect(await work(world, exportService({ ...world.deps, objects, lookMs: 0 }))).toBe('SUCCEEDED');
    // What comes next is the second round's first file.
    expect(stored[0]).toMatch(/\/1-2-[^/]+\/labels\/patients\.parquet$/);
  });

  test('an end of access ends it, and leaves nothing', async () => {
    const { exportId, jobId } = await asked(world, ALL);
    expect(
      await work(
        world,
        whenAt('README.md', () => sql(`UPDATE data_grant SET state = 'REVOKED'`)),
      ),
    ).toBe('REFUSED');
    expect((await world.deps.jobs.get(jobId))?.error?.reasons).toEqual(['GRANT_REVOKED']);
    expect(await objectsOf(exportId)).toEqual([]);
    expect((await sql('SELECT 1 FROM export_file')).rows).toEqual([]);
  });

  test('its person may end it, and leaves nothing; a waiting one ends at once; an ended one cannot be ended', async () => {
    const { exportId } = await asked(world, ALL);
    const stop = new AbortController();
    const after: string[] = [];
    const cancelling = service({
      objects: withPut(async (key, body) => {
        if (stop.signal.aborted) after.push(key);
        if (key.endsWith('landmarks/index.parquet')) {
          expect(await world.exports.cancel(exportId, world.person.actor)).toBe(true);
          stop.abort();
        }
        return world.objects.put(key, body);
      }),
    });
    expect(await work(world, cancelling, stop.signal)).toBe('CANCELLED');
    expect(after).toEqual([]);
    expect(await objectsOf(exportId)).toEqual([]);
    expect(await world.exports.state(exportId, world.person.actor)).toMatchObject({
      state: 'CANCELLED',
      readyAt: null,
    });
    expect(await world.exports.cancel(exportId, world.person.actor)).toBe(false);
    const waiting = await asked(world, ALL);
    expect(await world.exports.cancel(waiting.exportId, world.person.actor)).toBe(true);
    expect(await work(world)).toBe(null);
  });

  test('a change at every look ends it, rather than go on for ever', async () => {
    const { jobId } = await asked(world, { fold: null, part: 'ALL' });
    const toggled = service({
      objects: withPut(async (key, body) => {
        // A further second of some recording each time.
        if (key.endsWith('manifest.json'))
          await sql(
            `INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by) SELECT gen_random_uuid(), $1, n / 10.0, n / 10.0 + 0.05, 'x', now(), $2
             FROM (SELECT count(*) AS n FROM quarantine) q`,
            [world.study.patients[0]!.submissions[0]!.id, world.person.accountId],
          );
        return world.objects.put(key, body);
      }),
    });
    expect(await work(world, toggled)).toBe('FAILED');
    expect((await world.deps.jobs.get(jobId))?.error?.code).toBe('KEEPS_CHANGING');
  });

  test('a full disk leaves nothing of it, and the next attempt makes it', async () => {
    const { exportId } = await asked(world, ALL);
    const full = withPut(async (key, body) => {
      if (key.endsWith('surveys.pack')) throw new StoreFull('full');
      return world.objects.put(key, body);
    });
    await expect(work(world, service({ objects: full }))).rejects.toThrow(StoreFull);
    expect(await objectsOf(exportId)).toEqual([]);
    await world.deps.jobs.takeBack('worker');
    expect(await work(world)).toBe('SUCCEEDED');
  });

  test('a stored file that is gone ends it with a reason', async () => {
    const { jobId } = await asked(world, ALL);
    const { rows } = await sql(`SELECT object_key FROM artifact WHERE kind = 'FACES' LIMIT 1`);
    await world.objects.remove(rows[0].object_key);
    expect(await work(world)).toBe('FAILED');
    expect((await world.deps.jobs.get(jobId))?.error?.code).toBe('ARTIFACT_MISSING');
  });

  test('a release whose folds share a video ends it', async () => {
    const shared = (
      await sql('SELECT video_sha256 FROM recording WHERE id = $1', [
        world.study.patients[0]!.submissions[0]!.recordingId,
      ])
    ).rows[0].video_sha256;
    await sql('UPDATE recording SET video_sha256 = $1 WHERE id = $2', [
      shared,
      world.study.patients[1]!.submissions[0]!.recordingId,
    ]);
    const { jobId } = await asked(world, ALL);
    expect(await work(world)).toBe('FAILED');
    expect((await world.deps.jobs.get(jobId))?.error?.code).toBe('FOLDS_NOT_DISJOINT');
  });
});

test('two exports at once do not meet', async () => {
  const [one, two] = [await asked(world, ALL), await asked(world, { ...ALL, part: 'TEST' })];
  expect(await Promise.all([work(world), work(world)])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  for (const { exportId } of [one, two]) {
    const folder = await pulled(exportId);
    expect(await verifyExport(folder)).toMatchObject({ ok: true, problems: [] });
    await rm(folder, { recursive: true });
  }
});

test('studies do not mix', async () => {
  await fillStudy(
    { pool: world.db.pool, objects: world.objects },
    { key: 'other', patients: 2, submissions: 1, frames: 5 },
  );
  const manifest = await readManifest(world, await made(world, ALL));
  expect(manifest.counts.patients).toBe(4);
  // Ada's grant is of the other study's neighbour, and counts for nothing there.
  expect(
    await world.exports.request({
      actor: world.person.actor,
      study: 'other',
      fold: 1,
      part: 'ALL',
      modalities: ['LABELS'],
    }),
  ).toMatchObject({ code: 'FORBIDDEN' });
});
