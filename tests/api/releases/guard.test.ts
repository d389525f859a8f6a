import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fileStore } from '../../../api/adapters/objects/file-store.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { fillStudy, type StudyFixture } from '../../support/study-fixture.ts';

/** Whatever the server's code does, the database keeps what was published as it is; against the server's role and against the owner. */
let db: TestDatabase;
let folder: string;
let study: StudyFixture;
let versions = 1;
beforeAll(async () => {
  db = await startTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'iss-guard-'));
  study = await fillStudy({ pool: db.pool, objects: fileStore(folder) }, { patients: 2, submissions: 1, frames: 10 });
});
afterAll(async () => {
  await db.stop();
  await rm(folder, { recursive: true });
});

const roles = () => [
  ['iss_app', (text: string, values: unknown[] = []) => db.database.query(text, values)] as const,
  ['the owner', (text: string, values: unknown[] = []) => db.pool.query(text, values)] as const,
];

/** A release of its own in a state, with one patient and one open table. */
async function aRelease(status: 'DRAFT' | 'PUBLISHED' | 'DEPRECATED' | 'RETRACTED'): Promise<string> {
  const { rows } = await db.pool.query<{ id: string }>(
    `INSERT INTO release (id, study_id, version, status, digest, drafted_at) VALUES (gen_random_uuid(), $1, $2, 'DRAFT', 'd', now()) RETURNING id`,
    [study.studyId, `2.${versions++}.0`],
  );
  const { id } = rows[0]!;
  await db.pool.query(
    `INSERT INTO release_patient SELECT $1, patient_id, code, sex, skin_type, pain_target, pain_level, pain_class, cohort, age_group, source_device, split
     FROM release_patient WHERE release_id = $2`,
    [id, study.releaseId],
  );
  await db.pool.query(`INSERT INTO open_table (release_id, key, data) VALUES ($1, 'patients', '{"cells": []}')`, [id]);
  const path = {
    DRAFT: [],
    PUBLISHED: ['PUBLISHED'],
    DEPRECATED: ['PUBLISHED', 'DEPRECATED'],
    RETRACTED: ['PUBLISHED', 'RETRACTED'],
  };
  for (const next of path[status])
    await db.pool.query('UPDATE release SET status = $2, published_at = coalesce(published_at, now()) WHERE id = $1', [
      id,
      next,
    ]);
  return id;
}

const REFUSED = { code: '42501' };
const STATES = ['DRAFT', 'PUBLISHED', 'DEPRECATED', 'RETRACTED'] as const;
const MOVES: Readonly<Record<(typeof STATES)[number], readonly string[]>> = {
  DRAFT: ['DRAFT', 'PUBLISHED'],
  PUBLISHED: ['PUBLISHED', 'DEPRECATED', 'RETRACTED'],
  DEPRECATED: ['DEPRECATED', 'RETRACTED'],
  RETRACTED: ['RETRACTED'],
};

describe.each(['iss_app', 'the owner'])('as %s', (role) => {
  const give = (text: string, values: unknown[] = []) => roles().find(([name]) => name === role)![1](text, values);

  it.each(
    STATES.flatMap((from) => STATES.map((to) => [from, to, MOVES[from].includes(to)] as const)),
  )('a release goes from %s to %s: %s', async (from, to, allowed) => {
    const id = await aRelease(from);
    const move = give('UPDATE release SET status = $2 WHERE id = $1', [id, to]);
    if (allowed) await expect(move).resolves.toMatchObject({ rowCount: 1 });
    else await expect(move).rejects.toMatchObject(REFUSED);
  });

  describe.each(['PUBLISHED', 'DEPRECATED', 'RETRACTED'] as const)('of one that is %s', (status) => {
    let id: string;
    beforeEach(async () => {
      id = await aRelease(status);
    });

    it('no column but its state, its reason and its errata can be altered', async () => {
      const { rows } = await db.pool.query<{ name: string; type: string }>(
        `SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_name = 'release' AND table_schema = 'public'`,
      );
      const other: Record<string, string> = {
        uuid: 'gen_random_uuid()',
        text: `'9.9.9'`,
        jsonb: `'[1]'`,
        bigint: '99',
        integer: '99',
        boolean: 'true',
        'timestamp with time zone': `'2001-01-01'`,
      };
      const altered: string[] = [];
      for (const { name, type } of rows) {
        if (name === 'status') continue;
        const done = await give(`UPDATE release SET ${name} = ${other[type]} WHERE id = $1`, [id]).catch(
          (error) => error,
        );
        if (!(done instanceof Error)) altered.push(name);
        else expect([name, (done as { code?: string }).code]).toEqual([name, '42501']);
      }
      // The reason goes with a change of the state only, so that of all columns errata alone are written by themselves.
      expect(altered).toEqual(['errata']);
    });

    it('it cannot be deleted, nor the row be emptied away', async () => {
      await expect(give('DELETE FROM release WHERE id = $1', [id])).rejects.toMatchObject(REFUSED);
      for (const table of ['release', 'release_patient', 'release_submission', 'open_table'])
        await expect(give(`TRUNCATE ${table} CASCADE`)).rejects.toMatchObject(REFUSED);
    });

    it('open tables are neither altered nor added nor removed', async () => {
      for (const statement of [
        `UPDATE open_table SET data = '{}' WHERE release_id = $1`,
        'DELETE FROM open_table WHERE release_id = $1',
        `INSERT INTO open_table (release_id, key, data) VALUES ($1, 'more', '{}')`,
        `UPDATE open_table SET release_id = (SELECT id FROM release WHERE status = 'DRAFT' LIMIT 1) WHERE release_id = $1`,
      ])
        await expect(give(statement, [id]), statement).rejects.toMatchObject(REFUSED);
    });

    it('errata are added, and what was added is neither changed, moved nor removed', async () => {
      const set = (errata: unknown) =>
        give('UPDATE release SET errata = $2 WHERE id = $1', [id, JSON.stringify(errata)]);
      const [one, two, three] = [{ number: 1 }, { number: 2 }, { number: 3 }];
      await set([one]);
      await set([one, two]);
      await set([one, two, two, three]);
      for (const wrong of [
        [],
        [one],
        [two, one],
        [one, three, two, three],
        [three, one, two, two, three],
        { 0: one },
        null,
      ])
        await expect(set(wrong), JSON.stringify(wrong)).rejects.toMatchObject(REFUSED);
      const { rows } = await db.pool.query('SELECT errata FROM release WHERE id = $1', [id]);
      expect(rows[0].errata).toEqual([one, two, two, three]);
    });
  });

  it('a reason is set with the state, and not altered after it', async () => {
    const id = await aRelease('PUBLISHED');
    await give(
      `UPDATE release SET status = 'DEPRECATED', status_reason = 'old', status_changed_at = now() WHERE id = $1`,
      [id],
    );
    await expect(give(`UPDATE release SET status_reason = 'other' WHERE id = $1`, [id])).rejects.toMatchObject(REFUSED);
    await give(`UPDATE release SET status = 'RETRACTED', status_reason = 'wrong' WHERE id = $1`, [id]);
    await expect(give(`UPDATE release SET status_reason = NULL WHERE id = $1`, [id])).rejects.toMatchObject(REFUSED);
  });

  it('a check that has ended is never altered or removed', async () => {
    const id = await aRelease('DRAFT');
    const { rows } = await db.pool.query<{ id: string }>(
      `INSERT INTO release_check (id, release_id, asked_at, checksums) VALUES (gen_random_uuid(), $1, now(), true) RETURNING id`,
      [id],
    );
    const check = rows[0]!.id;
    await expect(give('UPDATE release_check SET checksums = false WHERE id = $1', [check])).rejects.toMatchObject(
      REFUSED,
    );
    await give(`UPDATE release_check SET problems = '[]', problem_count = 0, ended_at = now() WHERE id = $1`, [check]);
    await expect(give('UPDATE release_check SET problem_count = 1 WHERE id = $1', [check])).rejects.toMatchObject(
      REFUSED,
    );
    await expect(give('DELETE FROM release_check WHERE id = $1', [check])).rejects.toMatchObject(REFUSED);
  });
});

it('every change of what a draft lists is counted, and of nothing else', async () => {
  const id = await aRelease('DRAFT');
  const revision = async () =>
    (await db.pool.query('SELECT revision FROM release WHERE id = $1', [id])).rows[0].revision;
  const first = Number(await revision());
  await db.database.query('UPDATE release_patient SET split = split + 1 WHERE release_id = $1', [id]);
  expect(Number(await revision())).toBe(first + 1);
  await db.database.query('DELETE FROM release_patient WHERE release_id = $1', [id]);
  expect(Number(await revision())).toBe(first + 2);
  await db.database.query(`UPDATE release SET notes = 'other' WHERE id = $1`, [id]);
  expect(Number(await revision())).toBe(first + 2);
});

it('a page of an export’s files begins at its first path in the key, and is not sorted', async () => {
  const client = await db.pool.connect();
  try {
    // So few rows are read whole unless that is forbidden.
    await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off');
    const { rows } = await client.query(
      `EXPLAIN SELECT path FROM export_file WHERE export_id = '00000000-0000-7000-8000-000000000000' AND ('a'::text IS NULL OR path > 'a') ORDER BY path LIMIT 5000`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/using export_file_pkey[\s\S]*Index Cond: .*export_id = .*path > 'a'/);
    expect(plan).not.toContain('Sort');
  } finally {
    client.release(true);
  }
});
