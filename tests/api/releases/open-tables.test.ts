import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTables } from '../../../api/services/open/open-tables.ts';
import { type StoredTables, storeOpenTables } from '../../../api/services/releases/open-tables.ts';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import { PUBLISHED_PATIENTS_WITH_DATA } from '../../../pipeline/published/patients.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';

const NOW = new Date('2026-03-15T12:00:00Z');
let db: TestDatabase;
let studyId: string;
let releases = 0;

beforeAll(async () => {
  db = await startTestDatabase();
  await policy(5);
});
afterAll(() => db.stop());
beforeEach(() => study('iss'));

const policy = (smallCell: number, number = 1): Promise<unknown> =>
  db.pool.query('INSERT INTO policy_version (number, policy, effective_at) VALUES ($1, $2, $3)', [
    number,
    { ...DEFAULT_POLICY, version: number, smallCell },
    new Date('2026-01-01T00:00:00Z'),
  ]);

/** A study of its own for each test; the paper's is the one with its key. */
async function study(key: string, synthetic = false): Promise<void> {
  await db.pool.query(`UPDATE study SET key = 'old' || left(md5(id::text), 10) WHERE key = $1`, [key]);
  studyId = randomUUID();
  await db.pool.query(
    `INSERT INTO study (id, key, title, synthetic, time_zone, description, created_at) VALUES ($1, $2, 'Study', $3, 'America/New_York', '{}', $4)`,
    [studyId, key, synthetic, NOW],
  );
}

interface Enrolled {
  readonly code: string;
  readonly painLevel: string;
  readonly sex: string;
  readonly skinType: string;
}

const PAPER: readonly Enrolled[] = PUBLISHED_PATIENTS_WITH_DATA.map(({ patient, ...facts }) => ({
  code: patient,
  ...facts,
}));

/** Enough newcomers for every cohort to have some of them. */
const newcomers = (number: number, from = 0): Enrolled[] =>
  Array.from({ length: number }, (_, index) => ({
    code: `N${from + index}`,
    painLevel: ['NONE', 'LOW', 'MODERATE', 'SEVERE'][index % 4] as string,
    sex: index % 8 < 4 ? 'M' : 'F',
    skinType: index % 16 < 8 ? 'I_III' : 'IV_VI',
  }));

async function draft(patients: readonly Enrolled[]): Promise<string> {
  const id = randomUUID();
  await db.pool.query(
    `INSERT INTO release (id, study_id, version, status, drafted_at) VALUES ($1, $2, $3, 'DRAFT', $4)`,
    [id, studyId, `1.${releases++}.0`, NOW],
  );
  for (const { code, painLevel, sex, skinType } of patients) {
    const { rows } = await db.pool.query(
      `INSERT INTO patient (id, study_id, code, sex, skin_type, pain_target, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $6)
       ON CONFLICT (study_id, code) DO UPDATE SET sex = EXCLUDED.sex RETURNING id`,
      [randomUUID(), studyId, code, sex, skinType, NOW],
    );
    await db.pool.query(
      `INSERT INTO release_patient (release_id, patient_id, code, sex, skin_type, pain_target, pain_level, pain_class, cohort, split)
       VALUES ($1, $2, $3, $4, $5, 0, $6, 'PAIN', '1A', 1)`,
      [id, rows[0].id, code, sex, skinType, painLevel],
    );
  }
  return id;
}

const publish = (id: string, limitMs?: number): Promise<StoredTables> =>
  db.database.transaction(async (sql) => {
    const stored = await storeOpenTables(sql, id, NOW, limitMs);
    await sql.query(`UPDATE release SET status = 'PUBLISHED', published_at = $2 WHERE id = $1`, [id, NOW]);
    return stored;
  });

const release = async (patients: readonly Enrolled[]): Promise<string> => {
  const id = await draft(patients);
  await publish(id);
  return id;
};

const told = async (id: string): Promise<Record<string, (number | null)[]>> =>
  Object.fromEntries(
    (await openTables(db.database, id)).map(({ key, cells }) => [key, cells.map(({ count }) => count)]),
  );

const onlyTheTotal = async (id: string, total: number): Promise<void> => {
  const { patients, ...others } = await told(id);
  expect(patients).toEqual([total]);
  expect(
    Object.values(others)
      .flat()
      .every((count) => count === null),
  ).toBe(true);
};

describe('the open tables of a release', () => {
  it('tell of the published 29 what is not small, since the paper tells every one of them', async () => {
    const id = await draft(PAPER);
    const stored = await publish(id);
    expect(stored).toMatchObject({ problem: null });
    expect(stored.exposed).toContainEqual({ painLevel: 'LOW' });
    const { patientsByCohort, ...others } = await told(id);
    expect(others).toEqual({
      patients: [29],
      patientsByPainLevel: [13, null, null, 8],
      patientsBySex: [20, 9],
      patientsBySkinType: [17, 12],
      patientsByPainLevelAndSex: [11, null, null, null, null, null, null, 5],
      patientsByPainLevelAndSkinType: [9, null, null, null, null, null, null, 5],
      patientsBySexAndSkinType: [11, 9, 6, null],
    });
    expect(patientsByCohort?.filter((count) => count !== null)).toEqual([7]);
  });

  it('tell nothing but the total when one of the paper is not among them', async () => {
    await onlyTheTotal(await release(PAPER.slice(1)), 28);
  });

  it('do not know the paper in a study that is not the paper’s, the synthetic one first of all', async () => {
    await study('demo', true);
    expect((await told(await release(PAPER.slice(1)))).patientsBySex).toEqual([19, 9]);
  });

  it('tell nothing but the total when one has left or was corrected since an earlier release, whatever became of that', async () => {
    await study('other');
    const patients = newcomers(64);
    const first = await release(patients);
    expect((await told(first)).patientsBySex).toEqual([32, 32]);
    await db.pool.query(`UPDATE release SET status = 'RETRACTED' WHERE id = $1`, [first]);
    await onlyTheTotal(await release(patients.slice(1)), 63);
    const corrected = await release(patients.map((one, index) => (index === 5 ? { ...one, painLevel: 'NONE' } : one)));
    // The sexes are as before; but which tables were told again would show what was corrected, and hidden cells where.
    await onlyTheTotal(corrected, 64);
  });

  it('are told again when many have come', async () => {
    await study('other');
    await release(newcomers(64));
    expect((await told(await release([...newcomers(64), ...newcomers(96, 100)]))).patientsByPainLevel).toEqual([
      40, 40, 40, 40,
    ]);
  });

  it('tell the total where there is no time to prove more, unless that is small', async () => {
    await study('other');
    const all = await draft(PAPER);
    expect(await publish(all, -1)).toMatchObject({ told: 1, problem: expect.stringContaining('too long') });
    await onlyTheTotal(all, 29);
    await study('another');
    const few = await draft(PAPER.slice(0, 4));
    expect(await publish(few, -1)).toMatchObject({ told: 0 });
  });

  it('are never computed again: neither withdrawal nor anybody changes them', async () => {
    await study('other');
    const id = await release(newcomers(32));
    const before = await told(id);
    await db.pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'ERASE', 'x', $2 FROM patient WHERE study_id = $1`,
      [studyId, NOW],
    );
    expect(await told(id)).toEqual(before);
    for (const statement of [
      `UPDATE open_table SET data = '{}'`,
      'DELETE FROM open_table',
      'TRUNCATE open_table',
      `INSERT INTO open_table SELECT release_id, key || '2', data FROM open_table WHERE release_id = '${id}'`,
    ])
      for (const give of [(text: string) => db.database.query(text), (text: string) => db.pool.query(text)])
        await expect(give(statement), statement).rejects.toMatchObject({ code: '42501' });
  });

  it('of two releases that are published at the same moment know of each other', async () => {
    await study('other');
    const patients = newcomers(96);
    const ids = [await draft(patients), await draft(patients.slice(1))];
    await Promise.all(ids.map(publish));
    const shown = await Promise.all(ids.map(async (id) => (await told(id)).patientsBySex));
    // Whichever came second tells nothing that the first could be subtracted from.
    expect(shown.filter((counts) => counts?.every((count) => count === null))).toHaveLength(1);
  });

  it('are all hidden where an earlier table does not fit the people of its release any more', async () => {
    await study('other');
    const first = await release(newcomers(32));
    await db.pool.query('ALTER TABLE release_patient DISABLE TRIGGER USER');
    await db.pool.query(`DELETE FROM release_patient WHERE release_id = $1 AND code = 'N3'`, [first]);
    await db.pool.query('ALTER TABLE release_patient ENABLE TRIGGER USER');
    const id = await draft(newcomers(40));
    expect(await publish(id)).toMatchObject({
      told: 0,
      problem: expect.stringContaining('tells another count of everybody'),
    });
    expect(
      Object.values(await told(id))
        .flat()
        .every((count) => count === null),
    ).toBe(true);
  });

  it('keep the promise of an earlier release when the policy’s number is lowered since', async () => {
    await study('other');
    const patients = newcomers(20).filter(({ code }) => !['N3', 'N7'].includes(code));
    const first = await release(patients);
    const { patientsByPainLevel } = await told(first);
    // Three are hidden, and with them one of the fives, by chance.
    expect([...(patientsByPainLevel ?? [])].sort()).toEqual([5, 5, null, null]);
    expect(patientsByPainLevel?.[3]).toBe(null);
    await policy(2, 2);
    const second = await release(patients);
    expect((await told(second)).patientsByPainLevel).toEqual(patientsByPainLevel);
    expect((await openTables(db.database, second))[0]).toMatchObject({
      key: 'patients',
      title: 'Patients',
      threshold: 2,
    });
  });
});
