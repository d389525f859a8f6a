import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AccountActor } from '../../../governance/actor.ts';
import { addResearcher } from '../../support/person-fixture.ts';
import { fillStudy } from '../../support/study-fixture.ts';
import {
  asked,
  type ExportWorld,
  entries,
  made,
  paths,
  readManifest,
  readTable,
  startExportWorld,
  work,
} from './export-world.ts';

let world: ExportWorld;
const sql = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);
const request = (changes: object = {}) =>
  world.exports.request({ actor: world.person.actor, fold: 1, part: 'TRAIN', modalities: ['LABELS'], ...changes });

beforeAll(async () => {
  world = await startExportWorld({ submissions: 1, frames: 10 });
});
afterAll(() => world.stop());

describe('a request', () => {
  test('writes the export, its job and an entry of the log, and is told to workers', async () => {
    const heard: string[] = [];
    let tell = () => {};
    const told = new Promise<void>((done) => {
      tell = done;
    });
    const silence = await world.deps.queue.onAnnounced((id) => {
      heard.push(id);
      tell();
    });
    const { exportId, jobId } = await asked(world, { fold: 2, part: 'TEST', modalities: ['LANDMARKS', 'PAIN_SCORES'] });
    await told;
    await silence();
    expect(heard).toEqual([jobId]);
    expect(await world.exports.state(exportId, world.person.actor)).toEqual({
      id: exportId,
      jobId,
      state: 'QUEUED',
      progress: null,
      error: null,
      grantId: world.person.grantId,
      study: 'demo',
      synthetic: true,
      release: '1.0.0',
      fold: 2,
      part: 'TEST',
      modalities: ['LABELS', 'PAIN_SCORES', 'LANDMARKS'],
      counts: null,
      fileCount: null,
      bytes: null,
      manifestSha256: null,
      createdAt: world.clock.at,
      readyAt: null,
    });
    expect((await entries(world.db.database, 'REQUEST_EXPORT')).at(-1)).toMatchObject({
      account: world.person.accountId,
      grant: world.person.grantId,
      export: exportId,
      job: jobId,
      fold: 2,
      part: 'TEST',
      version: '1.0.0',
    });
    expect(await world.exports.files(exportId, world.person.actor)).toMatchObject({ ok: false, code: 'NOT_READY' });
    expect(await work(world)).toBe('SUCCEEDED');
    expect((await entries(world.db.database, 'EXPORT')).at(-1)).toMatchObject({
      export: exportId,
      patients: ['9001', '9002', '9003', '9004', '9005', '9006'],
      counts: { patients: 2, submissions: 2 },
    });
  });

  test('is refused where as many wait as one person may have, those that come at once too; others ask on', async () => {
    const rae = await addResearcher(world.db.pool, { name: 'rae', studyId: world.study.studyId, now: world.clock.at });
    await sql(`INSERT INTO setting (key, value, changed_at) VALUES ('waitingExportsPerPerson', '2', now())`);
    const some = await Promise.all(Array.from({ length: 4 }, () => request({ actor: rae.actor })));
    const codes = some.map((one) => (one.ok ? 'ok' : one.code));
    expect(codes.sort()).toEqual(['EXPORT_LIMIT', 'EXPORT_LIMIT', 'ok', 'ok']);
    expect((await entries(world.db.database, 'REFUSED')).at(-1)).toMatchObject({ code: 'EXPORT_LIMIT' });
    expect((await request()).ok).toBe(true);
    while ((await work(world)) !== null);
    expect((await request({ actor: rae.actor })).ok).toBe(true);
    await work(world);
    await sql(`DELETE FROM setting WHERE key = 'waitingExportsPerPerson'`);
  });

  test('takes the newest published release where none is named', async () => {
    const exportId = await made(world);
    expect((await readManifest(world, exportId)).release.version).toBe('1.0.0');
  });
});

describe('part and fold', () => {
  const codes = async (part: 'TRAIN' | 'TEST' | 'ALL', fold: number | null) => {
    const exportId = await made(world, { fold, part });
    const tables = await Promise.all(
      ['patients', 'submissions', 'chunks'].map((name) => readTable(world, exportId, `labels/${name}.parquet`)),
    );
    const seen = tables.map((rows) => [...new Set(rows.map((row) => row.patient))].join(' '));
    expect(new Set(seen).size).toBe(1);
    return { codes: seen[0], folds: (await readManifest(world, exportId)).folds, listed: await paths(world, exportId) };
  };

  test('train is everybody whom the fold does not withhold, test whom it withholds; the manifest lists both sides', async () => {
    const fold = {
      number: 2,
      trainPatients: ['9001', '9003', '9004', '9006'],
      testPatients: ['9002', '9005'],
      disjoint: true,
    };
    const train = await codes('TRAIN', 2);
    expect([train.codes, train.folds]).toEqual(['9001 9003 9004 9006', [fold]]);
    expect(train.listed).toContain('labels/set3_4_train.parquet');
    expect(train.listed).not.toContain('labels/set3_4_test.parquet');
    const held = await codes('TEST', 2);
    expect([held.codes, held.folds]).toEqual(['9002 9005', [fold]]);
    expect((await codes('ALL', 2)).codes).toBe('9001 9002 9003 9004 9005 9006');
  });

  test('without a fold all patients, and every fold in the manifest', async () => {
    const all = await codes('ALL', null);
    expect(all.codes).toBe('9001 9002 9003 9004 9005 9006');
    expect(all.folds.map(({ number, testPatients }) => [number, testPatients])).toEqual([
      [1, ['9001', '9004']],
      [2, ['9002', '9005']],
      [3, ['9003', '9006']],
    ]);
    expect(all.listed).toContain('labels/set3_4_all.parquet');
  });
});

describe('is refused, with the reason in the log,', () => {
  test.each([
    ['of an unknown study', { study: 'nowhere' }, { code: 'STUDY_UNKNOWN', studies: ['demo'] }],
    ['of an unknown release', { release: '9.9.9' }, { code: 'RELEASE_UNKNOWN', releases: ['1.0.0'] }],
    [
      'of a fold that there is not',
      { fold: 7 },
      { code: 'FOLD_UNKNOWN', folds: [1, 2, 3], message: 'The release has no fold 7; it has: 1, 2, 3.' },
    ],
    ['of a part without a fold', { fold: null }, { code: 'FOLD_NEEDED', folds: [1, 2, 3] }],
    ['of no kind of data', { modalities: [] }, { code: 'MODALITIES_EMPTY' }],
  ])('%s', async (_, changes, refusal) => {
    const before = (await entries(world.db.database, 'REFUSED')).length;
    expect(await request(changes)).toMatchObject({ ok: false, ...refusal });
    const logged = await entries(world.db.database, 'REFUSED');
    expect(logged).toHaveLength(before + 1);
    expect(logged.at(-1)).toMatchObject({
      command: 'requestExport',
      code: refusal.code,
      account: world.person.accountId,
    });
    expect(await work(world)).toBe(null);
  });

  test('of what the grant does not let leave: every reason, for every kind', async () => {
    const bob = await addResearcher(world.db.pool, {
      name: 'bob',
      studyId: world.study.studyId,
      access: { LABELS: ['READ', 'EXPORT'], PAIN_SCORES: ['READ'], FACES: ['RUN'] },
    });
    await sql(`UPDATE certificate SET state = 'PENDING' WHERE account_id = $1 AND type = 'HIPAA'`, [bob.accountId]);
    const result = await request({ actor: bob.actor, modalities: ['PAIN_SCORES', 'LANDMARKS', 'FACES'] });
    expect(result).toEqual({
      ok: false,
      code: 'FORBIDDEN',
      message: 'Your access does not allow the export of PAIN_SCORES, LANDMARKS, FACES.',
      refused: [
        { modality: 'PAIN_SCORES', reasons: [{ code: 'USE_NOT_GRANTED', subject: 'EXPORT' }] },
        {
          modality: 'LANDMARKS',
          reasons: [
            { code: 'MODALITY_NOT_GRANTED', subject: 'LANDMARKS' },
            { code: 'TRAINING_UNVERIFIED', subject: 'HIPAA' },
          ],
        },
        {
          modality: 'FACES',
          reasons: [
            { code: 'USE_NOT_GRANTED', subject: 'EXPORT' },
            { code: 'TRAINING_UNVERIFIED', subject: 'HIPAA' },
          ],
        },
      ],
    });
    expect((await entries(world.db.database, 'REFUSED')).at(-1)).toMatchObject({
      account: bob.accountId,
      refused: { FACES: ['USE_NOT_GRANTED', 'TRAINING_UNVERIFIED'] },
    });
    // Labels go with everything: a grant without them exports nothing.
    const eve = await addResearcher(world.db.pool, {
      name: 'eve',
      studyId: world.study.studyId,
      access: { PAIN_SCORES: ['EXPORT'] },
    });
    expect(await request({ actor: eve.actor, modalities: ['PAIN_SCORES'] })).toMatchObject({
      code: 'FORBIDDEN',
      refused: [{ modality: 'LABELS' }],
    });
  });

  test('by a token that is bound to another grant, and by somebody without an account', async () => {
    const actor: AccountActor = { ...world.person.actor, tokenGrantId: '00000000-0000-7000-8000-000000000000' };
    expect(await request({ actor })).toMatchObject({
      code: 'FORBIDDEN',
      refused: [{ reasons: [{ code: 'NO_GRANT' }, { code: 'AGREEMENT_UNSIGNED' }] }],
    });
    expect(
      await request({ actor: { kind: 'account', accountId: '00000000-0000-7000-8000-000000000001' } }),
    ).toMatchObject({ code: 'FORBIDDEN', refused: [{ reasons: [{ code: 'NOT_SIGNED_IN' }] }] });
  });

  test('of a draft, exactly as of a release that does not exist; of a retracted one with its reason', async () => {
    const draft = await fillStudy(
      { pool: world.db.pool, objects: world.objects },
      { key: 'other', patients: 3, submissions: 1, frames: 5, status: 'DRAFT' },
    );
    const cid = await addResearcher(world.db.pool, { name: 'cid', studyId: draft.studyId });
    const unknown = await request({ actor: cid.actor, study: 'other', release: '3.0.0' });
    expect(await request({ actor: cid.actor, study: 'other', release: '1.0.0' })).toEqual(unknown);
    expect(unknown).toMatchObject({ code: 'RELEASE_UNKNOWN', releases: [] });
    const dee = await addResearcher(world.db.pool, {
      name: 'dee',
      studyId: draft.studyId,
      access: { LABELS: ['READ'] },
    });
    expect(await request({ actor: dee.actor, study: 'other', release: '1.0.0' })).toEqual(unknown);
    // Who works on drafts knows of it, and is told what else is missing, but not that.
    await sql(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'curator', now())`, [dee.accountId]);
    expect(await request({ actor: dee.actor, study: 'other', release: '1.0.0' })).toMatchObject({
      code: 'FORBIDDEN',
      refused: [{ modality: 'LABELS', reasons: [{ code: 'USE_NOT_GRANTED', subject: 'EXPORT' }] }],
    });
    for (const status of ['PUBLISHED', 'RETRACTED'])
      await sql('UPDATE release SET status = $2 WHERE id = $1', [draft.releaseId, status]);
    expect(await request({ actor: cid.actor, study: 'other', release: '1.0.0' })).toMatchObject({
      code: 'FORBIDDEN',
      refused: [{ modality: 'LABELS', reasons: [{ code: 'RELEASE_RETRACTED' }] }],
    });
  });

  test('where nothing of it may be seen', async () => {
    await sql(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'STOP_SHARING', 'asked', now() FROM patient WHERE code IN ('9003', '9006') AND study_id = $1`,
      [world.study.studyId],
    );
    // Fold 3 withholds those two alone, and is known no more.
    expect(await request({ fold: 3, part: 'TEST' })).toMatchObject({ code: 'FOLD_UNKNOWN', folds: [1, 2] });
    await sql('DELETE FROM withdrawal');
    await sql(
      `INSERT INTO quarantine (id, submission_id, reason, placed_at, placed_by) SELECT gen_random_uuid(), s.id, 'a name', now(), $1 FROM submission s JOIN patient p ON p.id = s.patient_id WHERE p.code IN ('9003', '9006')`,
      [world.person.accountId],
    );
    expect(await request({ fold: 3, part: 'TEST' })).toMatchObject({ code: 'NOTHING_TO_EXPORT' });
    await sql('DELETE FROM quarantine');
  });
});

describe("somebody else's export", () => {
  let exportId: string;
  let dan: AccountActor;
  beforeEach(async () => {
    exportId = (await asked(world)).exportId;
    dan ??= (await addResearcher(world.db.pool, { name: 'dan', studyId: world.study.studyId })).actor;
  });
  afterEach(() => work(world));

  test('does not exist: no state, no files, no end of it, no bytes', async () => {
    expect(await world.exports.state(exportId, dan)).toBe(null);
    expect(await world.exports.cancel(exportId, dan)).toBe(false);
    expect(await work(world)).toBe('SUCCEEDED');
    expect(await world.exports.files(exportId, dan)).toEqual({
      ok: false,
      code: 'NOT_FOUND',
      message: 'There is no such export.',
    });
    expect(await world.exports.open(exportId, 'manifest.json', dan, world.clock.now())).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await world.exports.list(dan)).toEqual([]);
    expect(await world.exports.state('no id', world.person.actor)).toBe(null);
    // A token bound to another grant is somebody else.
    expect(
      await world.exports.state(exportId, {
        ...world.person.actor,
        tokenGrantId: '00000000-0000-7000-8000-000000000000',
      }),
    ).toBe(null);
  });

  test('the owner’s list has it, newest first', async () => {
    const list = await world.exports.list(world.person.actor);
    expect(list[0]?.id).toBe(exportId);
    expect(list.map(({ id }) => id)).toEqual(
      list
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
  });
});
