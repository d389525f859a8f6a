import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { draftRelease } from '../../../api/services/releases/draft-release.ts';
import { PUBLISHED_SPLITS } from '../../../pipeline/published/splits.ts';
import { account, draftOf } from '../ingest/draft.ts';
import { type IngestWorld, ingestWorld } from '../ingest/ingest-world.ts';

let world: IngestWorld;
beforeEach(async () => {
  world = await ingestWorld();
});
afterEach(() => world.stop());

/** Patients with one processed submission each, by rows alone. */
async function enrolled(
  patients: { code: string; pain: number; fold?: number | null }[],
  study = 'iss',
): Promise<void> {
  await world.pool.query(
    `WITH p AS (INSERT INTO patient (id, study_id, code, sex, skin_type, pain_target, age_group, fold, created_at, updated_at)
       SELECT gen_random_uuid(), (SELECT id FROM study WHERE key = $1), code, 'F', 'I_III', pain, 'ADULT', fold, now(), now()
       FROM jsonb_to_recordset($2) AS x(code text, pain int, fold int) RETURNING id),
     d AS (INSERT INTO patient_secret SELECT id, 100 FROM p),
     s AS (INSERT INTO submission (id, patient_id, recorded_at, created_at) SELECT gen_random_uuid(), id, '2021-01-04 08:15:00', now() FROM p RETURNING id)
     INSERT INTO recording (id, submission_id, video_sha256, pipeline_version, status, current, created_at)
       SELECT gen_random_uuid(), id, encode(sha256(id::text::bytea), 'hex'), '1', 'PROCESSED', true, now() FROM s`,
    [study, JSON.stringify(patients)],
  );
}
const folds = async (release: string): Promise<Map<number, string[]>> => {
  const { rows } = await world.pool.query<{ split: number; codes: string[] }>(
    'SELECT split, array_agg(code ORDER BY code) AS codes FROM release_patient WHERE release_id = $1 GROUP BY split ORDER BY split',
    [release],
  );
  return new Map(rows.map((row) => [row.split, row.codes]));
};

describe('the folds of a release', () => {
  it('are the published ones for ISS', async () => {
    const codes = PUBLISHED_SPLITS.flatMap((split) => split.testPatients);
    await enrolled(codes.map((code) => ({ code, pain: 3 })));
    const made = await folds(await draftOf(world, '1.0.0'));
    expect(made).toEqual(new Map(PUBLISHED_SPLITS.map((split) => [split.number, [...split.testPatients].sort()])));
  });

  it('are the study’s own where every patient has one', async () => {
    await enrolled([
      { code: 'a', pain: 0, fold: 2 },
      { code: 'b', pain: 1, fold: 1 },
      { code: 'c', pain: 9, fold: 2 },
    ]);
    expect(await folds(await draftOf(world, '1.0.0'))).toEqual(
      new Map([
        [1, ['b']],
        [2, ['a', 'c']],
      ]),
    );
  });

  it('are refused where some patients have one and some have none', async () => {
    await enrolled([
      { code: 'a', pain: 0, fold: 2 },
      { code: 'b', pain: 1 },
    ]);
    const result = await draftRelease(world.services.releases, await account(world, 'curator'), {
      study: 'iss',
      version: '1.0.0',
      notes: '',
    });
    expect(result).toMatchObject({ ok: false, code: 'FOLDS_INCOMPLETE' });
    expect((await world.pool.query('SELECT 1 FROM release')).rows).toEqual([]);
  });

  it('are else ten, stratified by level of pain, the same each time', async () => {
    const pain = [0, 2, 5, 8];
    await enrolled(Array.from({ length: 40 }, (_, i) => ({ code: `9${100 + i}`, pain: pain[i % 4]! })));
    const made = await folds(await draftOf(world, '1.0.0'));
    expect([...made.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const codes of made.values())
      expect(codes.map((code) => pain[(Number(code) - 9100) % 4]).sort()).toEqual([0, 2, 5, 8]);
    expect(await folds(await draftOf(world, '1.1.0'))).toEqual(made);
  });

  it.each([1, 2, 3])('are as many as there are patients, where those are few (%i)', async (count) => {
    await enrolled(Array.from({ length: count }, (_, i) => ({ code: `p${i}`, pain: i })));
    expect((await folds(await draftOf(world, '1.0.0'))).size).toBe(count);
  });

  it('of a study without a processed submission are none: nothing is drafted', async () => {
    const result = await draftRelease(world.services.releases, await account(world, 'curator'), {
      study: 'iss',
      version: '1.0.0',
      notes: '',
    });
    expect(result).toMatchObject({ ok: false, code: 'NOTHING_TO_RELEASE' });
  });
});
