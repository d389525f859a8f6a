import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askForClearing, clearEndedExports, clearExportsKind } from '../../../api/services/exports/clear-ended.ts';
import {
  asked,
  bytesOf,
  EVERY_MODALITY,
  type ExportWorld,
  made,
  paths,
  startExportWorld,
  work,
} from './export-world.ts';

let world: ExportWorld;
const sql = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);
const deps = () => ({ ...world.deps, keys: world.keys });
const clear = () => clearEndedExports(deps());

beforeEach(async () => {
  world = await startExportWorld({ patients: 4, folds: 2, submissions: 1, frames: 12 });
});
afterEach(() => world.stop());

async function objects(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of world.objects.list(prefix)) keys.push(key);
  return keys.sort();
}
const rowsOf = async (id: string): Promise<number> =>
  (await sql('SELECT count(*)::int AS n FROM export_file WHERE export_id = $1', [id])).rows[0].n;
const everything = { fold: null, part: 'ALL', modalities: EVERY_MODALITY } as const;

describe('the files of an export', () => {
  test('stay while it can be taken', async () => {
    const id = await made(world, everything);
    const before = await objects(`sealed/EXPORT/${id}/`);
    expect(before.length).toBeGreaterThan(3);
    expect(await clear()).toBe(0);
    expect(await objects(`sealed/EXPORT/${id}/`)).toEqual(before);
    expect((await paths(world, id)).length).toBe(await rowsOf(id));
  });

  test('stay while it is made, and while it waits', async () => {
    const { exportId, jobId } = await asked(world, everything);
    await world.objects.put(`sealed/EXPORT/${exportId}/1-1/half`, Buffer.from('half'));
    expect(await clear()).toBe(0);
    await sql(`UPDATE job SET state = 'RUNNING', locked_by = 'w', heartbeat_at = now() WHERE id = $1`, [jobId]);
    expect(await clear()).toBe(0);
    expect(await objects(`sealed/EXPORT/${exportId}/`)).toEqual([`sealed/EXPORT/${exportId}/1-1/half`]);
  });

  const ends: readonly [string, () => Promise<unknown>][] = [
    ['the release is retracted', () => sql(`UPDATE release SET status = 'RETRACTED'`)],
    ['the grant is revoked', () => sql(`UPDATE data_grant SET state = 'REVOKED'`)],
    ['the grant is closed', () => sql(`UPDATE data_grant SET state = 'CLOSED'`)],
    [
      'the grant ran out longer ago than it could be renewed',
      () => sql(`UPDATE data_grant SET ends_at = $1::timestamptz - interval '32 days'`, [world.clock.at]),
    ],
    [
      'one of its patients withdraws',
      () =>
        sql(
          `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'STOP_SHARING', 'x', now() FROM patient ORDER BY code LIMIT 1`,
        ),
    ],
  ];

  test.each(ends)('go once %s; artifacts and other exports keep theirs', async (_, end) => {
    const id = await made(world, everything);
    const artifacts = await objects('sealed/demo/');
    await end();
    expect(await clear()).toBe(1);
    expect([await objects(`sealed/EXPORT/${id}/`), await rowsOf(id)]).toEqual([[], 0]);
    expect(await objects('sealed/demo/')).toEqual(artifacts);
    expect(await clear()).toBe(0);
    const { rows } = await sql('SELECT ended_at, cleared_at, manifest_sha256 FROM data_export WHERE id = $1', [id]);
    expect(rows[0]).toEqual({
      ended_at: world.clock.at,
      cleared_at: world.clock.at,
      manifest_sha256: expect.any(String),
    });
    expect(await world.exports.files(id, world.person.actor)).toMatchObject({ ok: false });
  });

  const comesBack: readonly [string, () => Promise<unknown>][] = [
    ['the grant ran out yesterday', () => sql('UPDATE data_grant SET ends_at = $1', [world.clock.at])],
    ['the grant is suspended', () => sql(`UPDATE data_grant SET state = 'SUSPENDED'`)],
    ['a training is rejected', () => sql(`UPDATE certificate SET state = 'REJECTED'`)],
    [
      'a submission is in quarantine',
      () =>
        sql(
          `INSERT INTO quarantine (id, submission_id, reason, placed_at, placed_by) SELECT gen_random_uuid(), id, 'x', now(), gen_random_uuid() FROM submission LIMIT 1`,
        ),
    ],
    [
      'a patient is filmed no more',
      () =>
        sql(
          `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'STOP_COLLECTION', 'x', now() FROM patient LIMIT 1`,
        ),
    ],
  ];

  test.each(comesBack)('stay while access may come back: %s', async (_, happens) => {
    const id = await made(world, everything);
    await happens();
    expect(await clear()).toBe(0);
    expect((await objects(`sealed/EXPORT/${id}/`)).length).toBeGreaterThan(3);
  });

  test('of one that was cancelled or failed go, whatever a killed worker left; the next to it stays whole', async () => {
    const kept = await made(world, everything);
    const { exportId: cancelled } = await asked(world, everything);
    await world.exports.cancel(cancelled, world.person.actor);
    const { exportId: failed, jobId } = await asked(world, everything);
    await sql(`UPDATE job SET state = 'FAILED' WHERE id = $1`, [jobId]);
    for (const id of [cancelled, failed]) await world.objects.put(`sealed/EXPORT/${id}/1-1/half`, Buffer.from('half'));
    expect(await clear()).toBe(2);
    expect([...(await objects(`sealed/EXPORT/${cancelled}/`)), ...(await objects(`sealed/EXPORT/${failed}/`))]).toEqual(
      [],
    );
    for (const path of await paths(world, kept, 500)) {
      const opened = await world.exports.open(kept, path, world.person.actor, world.clock.now());
      if (!opened.ok) throw new Error(path);
      expect((await bytesOf(world.objects, opened.file)).length).toBe(opened.file.bytes);
    }
  });

  test('go even where the clearing was cut off half-way', async () => {
    const id = await made(world, everything);
    await sql(`UPDATE data_grant SET state = 'REVOKED'`);
    const broken = {
      ...world.objects,
      remove: () => Promise.reject(new Error('the disk is gone')),
    };
    await expect(clearEndedExports({ ...deps(), objects: broken })).rejects.toThrow('the disk is gone');
    expect([(await objects(`sealed/EXPORT/${id}/`)).length > 0, await rowsOf(id)]).toEqual([true, 0]);
    expect(await clear()).toBe(1);
    expect(await objects(`sealed/EXPORT/${id}/`)).toEqual([]);
  });

  test('that something else points at are left, wherever they lie', async () => {
    const id = await made(world, everything);
    const [key] = await objects(`sealed/EXPORT/${id}/`);
    await sql(`UPDATE artifact SET object_key = $1 WHERE id = (SELECT min(id::text)::uuid FROM artifact)`, [key]);
    await sql(`UPDATE data_grant SET state = 'REVOKED'`);
    await clear();
    expect(await objects(`sealed/EXPORT/${id}/`)).toEqual([key]);
  });
});

test('a clearing is a job, asked for once however often', async () => {
  const { jobs } = world.deps;
  const [one, other] = [await askForClearing(world.deps), await askForClearing(world.deps)];
  expect(one).toBe(other);
  await asked(world, everything);
  await work(world);
  await sql(`UPDATE data_grant SET state = 'REVOKED'`);
  const job = (await jobs.claim('worker', ['clear-exports']))!;
  const signal = new AbortController().signal;
  expect(await clearExportsKind(deps()).run({}, { job, signal, progress: () => {} })).toEqual({ exports: 1 });
});
