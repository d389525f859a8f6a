import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemIds } from '../../../api/adapters/clock/clock.ts';
import { jobStore } from '../../../api/jobs/job-store.ts';
import { loadFacts } from '../../../api/services/access/load-facts.ts';
import { runService } from '../../../api/services/runs/run-service.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { Use } from '../../../governance/use.ts';
import { addResearcher } from '../../support/person-fixture.ts';
import { fixtureId } from '../../support/study-fixture.ts';
import { approved, does, trained } from './steps.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let grant = '';
beforeAll(async () => {
  world = await startWorld({ patients: 12, submissions: 1, frames: 10, folds: 2 });
  await trained(world, 'ada');
  const all = ['READ', 'RUN', 'EXPORT'] as const;
  grant = (await approved(world, { LABELS: all, PAIN_SCORES: all, BASELINES: ['READ'] })).grant.id;
});
afterAll(() => world.stop());

const codes = (reasons: { code: string }[]) => reasons.map(({ code }) => code);
const JOB = 'id state progress { stage } error { code message reasons { code sentence } }';

describe('an export', () => {
  const EXPORT = `export { ${JOB} release fold part modalities fileCount bytes manifestSha256 }`;
  const FILES =
    'query($id: ID!, $first: Int, $after: String) { export(id: $id) { state files(first: $first, after: $after) { totalCount nodes { path bytes sha256 modality file { url expiresAt } } pageInfo { hasNextPage endCursor } } } }';
  let id = '';

  it('is asked for, made, and taken in pages', async () => {
    const input = { release: '1.0.0', fold: 1, part: 'TRAIN', modalities: ['PAIN_SCORES'] };
    const asked = await does(world, 'ada', 'requestExport', input, `... on RequestExportSuccess { ${EXPORT} }`);
    id = asked.export.id;
    expect(asked.export).toMatchObject({
      state: 'QUEUED',
      error: null,
      release: '1.0.0',
      fold: 1,
      part: 'TRAIN',
      modalities: ['LABELS', 'PAIN_SCORES'],
      fileCount: null,
    });
    expect((await world.ask('ada', FILES, { id })).data.export).toEqual({ state: 'QUEUED', files: null });
    await world.work('export');
    const paths: string[] = [];
    let after: string | null = null;
    do {
      const { data } = await world.ask('ada', FILES, { id, first: 3, after });
      const { nodes, pageInfo, totalCount } = data.export.files;
      expect(nodes.length).toBeLessThanOrEqual(3);
      paths.push(...nodes.map(({ path }: { path: string }) => path));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      if (after === null) expect(paths).toHaveLength(totalCount);
    } while (after !== null);
    expect(paths).toContain('manifest.json');
    expect(new Set(paths).size).toBe(paths.length);
    const { data } = await world.ask('ada', '{ viewer { exports { id state } } }');
    expect(data.viewer.exports).toEqual([{ id, state: 'SUCCEEDED' }]);
  });

  it("is nobody else's", async () => {
    for (const who of ['ben', 'sam', 'cy', null] as const)
      expect((await world.ask(who, FILES, { id })).data.export).toBeNull();
    expect((await world.ask('ada', FILES, { id: 'x' })).data.export).toBeNull();
  });

  it('is cancelled while it is made; afterwards it stays as it is', async () => {
    const { export: begun } = await does(
      world,
      'ada',
      'requestExport',
      { modalities: ['LABELS'] },
      `... on RequestExportSuccess { ${EXPORT} }`,
    );
    const cancelled = await does(
      world,
      'ada',
      'cancelExport',
      { id: begun.id },
      '... on CancelExportSuccess { export { state } }',
    );
    expect(cancelled.export.state).toBe('CANCELLED');
    const done = await does(world, 'ada', 'cancelExport', { id }, '... on CancelExportSuccess { export { state } }');
    expect(done.export.state).toBe('SUCCEEDED');
    expect(await world.give('ben', 'cancelExport', { id })).toMatchObject({ code: 'EXPORT_UNKNOWN' });
  });

  it.each([
    ['STUDY_UNKNOWN', { study: 'nowhere' }],
    ['RELEASE_UNKNOWN', { release: '9.9.9' }],
    ['FOLD_UNKNOWN', { fold: 99 }],
    ['FOLD_NEEDED', { part: 'TEST' }],
    ['MODALITIES_EMPTY', { modalities: [] }],
  ])('is refused with %s', async (code, changes) => {
    const payload = await world.give(
      'ada',
      'requestExport',
      { modalities: ['LABELS'], ...changes },
      '... on FoldUnknown { folds }',
    );
    expect(payload.code).toBe(code);
    if (code === 'FOLD_UNKNOWN') expect(payload.folds).toEqual([1, 2]);
  });

  it('is refused with every reason, each once', async () => {
    const payload = await world.give('ada', 'requestExport', { modalities: ['VIDEO', 'AUDIO', 'BASELINES'] });
    expect(payload.__typename).toBe('Refused');
    expect(codes(payload.reasons!)).toEqual(['USE_NOT_GRANTED', 'MODALITY_NOT_GRANTED', 'MODALITY_NOT_GRANTED']);
    expect(payload.reasons).toContainEqual({
      code: 'MODALITY_NOT_GRANTED',
      subject: 'VIDEO',
      sentence: expect.any(String),
      whoActsNext: 'APPLICANT',
    });
  });

  it('acts for the grant that it names', async () => {
    const other = await world.give('ada', 'requestExport', { modalities: ['LABELS'], grant: fixtureId('no', 'grant') });
    expect(codes(other.reasons!)).toContain('NO_GRANT');
    await does(world, 'ada', 'requestExport', { modalities: ['LABELS'], grant }, '');
  });
});

describe('a baseline run', () => {
  const FIGURES = `patients overall byClass { class accuracy patients } byLevel { group } bySex { group accuracy } byFold { fold testPatients accuracy } byPatient { patient accuracy } ranges { patients }`;
  const RUN = `query($id: ID!) { run(id: $id) { ${JOB} experiment classes preset fold seed release { version } comparable published { overall } result { ${FIGURES} } provenance } }`;

  /** Asks for a run and does it. */
  async function ran(input: Record<string, unknown>): Promise<string> {
    const { run } = await does(
      world,
      'ada',
      'runBaseline',
      { experiment: 'random-forest-pain', classes: 2, ...input },
      '... on RunBaselineSuccess { run { id state } }',
    );
    expect(run.state).toBe('QUEUED');
    await world.work('run-baseline');
    return run.id;
  }
  let id = '';

  it('is asked for, run, and read with its figures and where they are from', async () => {
    id = await ran({ seed: 4_294_967_295 });
    const { data, errors } = await world.ask('ada', RUN, { id });
    expect(errors).toBeUndefined();
    expect(data.run).toMatchObject({
      state: 'SUCCEEDED',
      experiment: 'random-forest-pain',
      classes: 2,
      preset: 'desk',
      fold: null,
      seed: 4_294_967_295,
      release: { version: '1.0.0' },
      published: { overall: 0.65 },
      comparable: expect.stringContaining('synthetic'),
    });
    const { result, provenance } = data.run;
    expect(result.byPatient).toHaveLength(12);
    expect(result.byClass.map((one: { class: string }) => one.class)).toEqual(['NO_PAIN', 'PAIN']);
    expect(result.byFold.map((one: { fold: number }) => one.fold)).toEqual([1, 2]);
    const mean = result.byPatient.reduce((sum: number, one: { accuracy: number }) => sum + one.accuracy, 0) / 12;
    expect(result.overall).toBeCloseTo(mean, 12);
    expect(provenance).toMatchObject({ seed: 4_294_967_295, release: { version: '1.0.0' } });
    const { data: mine } = await world.ask('ada', '{ viewer { runs { id state } } }');
    expect(mine.viewer.runs).toEqual([{ id, state: 'SUCCEEDED' }]);
  });

  it('is in the log each time that its results are read', async () => {
    const before = (await world.entries('READ')).filter((entry) => entry.run === id).length;
    await world.ask('ada', RUN, { id });
    const entries = (await world.entries('READ')).filter((entry) => entry.run === id).slice(before);
    expect(entries.map((entry) => entry.modalities)).toEqual(
      expect.arrayContaining([['BASELINES'], ['BASELINES', 'LABELS']]),
    );
    expect(entries).toHaveLength(2);
    await world.ask('ada', 'query($id: ID!) { run(id: $id) { state } }', { id });
    expect((await world.entries('READ')).filter((entry) => entry.run === id)).toHaveLength(before + 2);
  });

  it("is nobody else's", async () => {
    for (const who of ['ben', 'sam', 'cy', null] as const)
      expect((await world.ask(who, 'query($id: ID!) { run(id: $id) { id } }', { id })).data.run).toBeNull();
    expect(await world.give('ben', 'cancelRun', { id })).toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  it('is cancelled before it has begun', async () => {
    const { run } = await does(
      world,
      'ada',
      'runBaseline',
      { experiment: 'random-forest-pain', grant },
      '... on RunBaselineSuccess { run { id } }',
    );
    const cancelled = await does(
      world,
      'ada',
      'cancelRun',
      { id: run.id },
      '... on CancelRunSuccess { run { state result { overall } } }',
    );
    expect(cancelled.run).toEqual({ state: 'CANCELLED', result: null });
  });

  it.each([
    ['RELEASE_UNKNOWN', { release: '9.9.9' }],
    ['EXPERIMENT_UNKNOWN', { experiment: 'palmistry' }],
    ['EXPERIMENT_NOT_AVAILABLE', { experiment: 'fusion-1', preset: 'paper' }],
    ['CLASSES_UNKNOWN', { classes: 3 }],
    ['PRESET_UNKNOWN', { preset: 'huge' }],
    ['SEED_INVALID', { seed: -1 }],
    ['FOLD_UNKNOWN', { fold: 99 }],
  ])('is refused with %s', async (code, changes) => {
    const payload = await world.give(
      'ada',
      'runBaseline',
      { experiment: 'random-forest-pain', ...changes },
      '... on FoldUnknown { folds }',
    );
    expect(payload.code).toBe(code);
    if (code === 'FOLD_UNKNOWN') expect(payload.folds).toEqual([1, 2]);
  });
});

describe('a draft', () => {
  it('is no release to who asks for a run on it, whatever else is wrong with what they ask', async () => {
    await does(world, 'cy', 'draftRelease', { version: '4.0.0' }, '');
    const tries = [{}, { experiment: 'palmistry' }, { classes: 3 }, { preset: 'huge' }, { seed: -1 }, { fold: 99 }];
    for (const more of tries)
      for (const release of ['4.0.0', '9.9.9']) {
        const payload = await world.give('ada', 'runBaseline', { experiment: 'random-forest-pain', release, ...more });
        expect(payload, JSON.stringify({ release, more })).toMatchObject({
          code: 'RELEASE_UNKNOWN',
          message: 'There is no such release.',
        });
      }
  });
});

describe('a run of which nobody may be used', () => {
  const asked = (input: Record<string, unknown>) =>
    world.give('ada', 'runBaseline', { experiment: 'random-forest-pain', ...input });
  const hide = (fold: number | null) =>
    world.db.pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), patient_id, 'STOP_SHARING', 'PATIENT', now()
       FROM release_patient WHERE release_id = $1 AND ($2::int IS NULL OR split = $2) AND code <> '9001'`,
      [world.study.releaseId, fold],
    );
  const jobs = async () => (await world.db.pool.query('SELECT count(*)::int AS n FROM job')).rows[0].n;

  it('is not accepted: of a fold whose patients are all hidden, of fewer than two patients in all', async () => {
    const before = await jobs();
    await hide(2);
    expect((await asked({ fold: 2 })).code).toBe('FOLD_HIDDEN');
    await hide(null);
    expect((await asked({})).code).toBe('TOO_FEW_PATIENTS');
    expect(await jobs()).toBe(before);
    await world.db.pool.query('DELETE FROM withdrawal');
    expect((await asked({ fold: 2 })).__typename).toBe('RunBaselineSuccess');
  });

  it('ends with words that its holder can act on, where they were hidden after it was asked for', async () => {
    await world.db.pool.query(`UPDATE job SET state = 'CANCELLED' WHERE state = 'QUEUED'`);
    await asked({ fold: 2 });
    await hide(2);
    await expect(world.work('run-baseline')).rejects.toMatchObject({ code: 'FOLD_HIDDEN' });
    await world.db.pool.query('DELETE FROM withdrawal');
    await world.db.pool.query(`UPDATE job SET state = 'CANCELLED' WHERE state = 'RUNNING'`);
  });
});

describe('results of a run', () => {
  const RESULT = `query($id: ID!) { run(id: $id) { state provenance result { overall interval { low high } byClass { class interval { low high } small } bySex { group }
    rows patientsOver50 lowest { patient } tiedWithLowest byPatient { patient } byFold { fold } } } }`;
  /** A run by somebody with this access, by SQL's grant; then the access changes to `later`. */
  async function seenWith(
    name: string,
    later: Partial<Record<Modality, readonly Use[]>>,
    patients: number,
  ): Promise<{ data: Record<string, unknown>; refused: string[] }> {
    const own = await startWorld({ patients, submissions: 1, frames: 10, folds: 2 });
    try {
      const runs: Partial<Record<Modality, readonly Use[]>> = {
        LABELS: ['READ', 'RUN'],
        PAIN_SCORES: ['RUN'],
        BASELINES: ['READ'],
      };
      const person = await addResearcher(own.db.pool, { name, studyId: own.study.studyId, access: runs });
      const asked = await own.services.runs.request(person.actor, {
        ...{
          study: null,
          release: null,
          experiment: 'random-forest-pain',
          classes: 2,
          preset: null,
          fold: null,
          seed: null,
        },
      });
      if (!asked.ok) throw new Error(asked.message);
      await own.work('run-baseline');
      await own.db.pool.query('UPDATE data_grant SET access = $2 WHERE id = $1', [
        person.grantId,
        JSON.stringify(later),
      ]);
      const { data, errors } = await own.ask(person.actor, RESULT, { id: asked.runId });
      return { data: data.run, refused: (errors ?? []).map(({ path }) => String(path?.at(-1))) };
    } finally {
      await own.stop();
    }
  }

  it('of patients and small groups need LABELS; of larger groups, BASELINES alone', async () => {
    const { data, refused } = await seenWith('reader', { BASELINES: ['READ'] }, 24);
    expect(refused.sort()).toEqual(['byFold', 'byPatient', 'lowest', 'rows', 'tiedWithLowest']);
    const interval = { low: expect.any(Number), high: expect.any(Number) };
    expect(data).toMatchObject({
      state: 'SUCCEEDED',
      result: {
        overall: expect.any(Number),
        interval,
        byClass: [
          { class: 'NO_PAIN', interval, small: false },
          { class: 'PAIN', interval, small: false },
        ],
        bySex: [{ group: 'M' }, { group: 'F' }],
        rows: null,
        byPatient: null,
        byFold: null,
      },
      provenance: expect.any(Object),
    });
  });

  it('of a group that is small are not told with BASELINES alone, nor those that it could be worked out from', async () => {
    const { data, refused } = await seenWith('reader', { BASELINES: ['READ'] }, 12);
    const few = ['patientsOver50'];
    expect(refused.sort()).toEqual(
      ['byClass', 'byFold', 'byPatient', 'lowest', 'rows', 'tiedWithLowest', ...few].sort(),
    );
    expect(data).toMatchObject({ result: { overall: expect.any(Number), byClass: null } });
  });

  it('are refused altogether without BASELINES, while the run stays their own', async () => {
    const { data, refused } = await seenWith('reader', { LABELS: ['READ'] }, 12);
    expect(refused.sort()).toEqual(
      'byClass byFold byPatient bySex interval lowest overall patientsOver50 provenance rows tiedWithLowest'.split(' '),
    );
    expect(data).toEqual({
      state: 'SUCCEEDED',
      result: Object.fromEntries(refused.filter((name) => name !== 'provenance').map((name) => [name, null])),
      provenance: null,
    });
  });
});

describe('pictures of faces', () => {
  it('are the same by query and by export, for FACES alone; boxes and scores are LANDMARKS by both', async () => {
    const access = { LABELS: ['READ', 'EXPORT'], FACES: ['READ', 'EXPORT'] } as const;
    const fay = await addResearcher(world.db.pool, { name: 'fay', studyId: world.study.studyId, access });
    const who = { accountId: fay.accountId };
    const frames = (fields: string) =>
      `{ release(version: "1.0.0") { patient(code: "9002") { submissions(first: 1) { nodes { timestamp frames(first: 100) { nodes { number ${fields} } } } } } } }`;
    const seen = await world.ask(who, frames('faceImage { bytes }'));
    expect(seen.errors).toBeUndefined();
    const [submission] = seen.data.release.patient.submissions.nodes;
    const numbers = submission.frames.nodes
      .filter((frame: { faceImage: object | null }) => frame.faceImage !== null)
      .map((frame: { number: number }) => frame.number);
    expect(numbers).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10]);
    const refused = await world.ask(who, frames('face { score }'));
    expect(JSON.stringify(refused.errors)).toContain('MODALITY_NOT_GRANTED');

    const input = { release: '1.0.0', modalities: ['FACES'] };
    const asked = await world.give(who, 'requestExport', input, '... on RequestExportSuccess { export { id } }');
    await world.work('export');
    const { rows } = await world.db.pool.query<{ path: string }>(
      `SELECT path FROM export_file f JOIN submission s ON s.id = f.submission_id JOIN patient p ON p.id = s.patient_id
       WHERE f.export_id = $1 AND f.modality = 'FACES' AND p.code = '9002' ORDER BY path`,
      [asked.export.id],
    );
    const exported = rows.map(({ path }) => Number(/(\d+)\.\w+$/.exec(path)?.[1]));
    expect(exported.sort((a, b) => a - b)).toEqual(numbers);
    const kinds = await world.db.pool.query('SELECT DISTINCT modality FROM export_file WHERE export_id = $1', [
      asked.export.id,
    ]);
    expect(kinds.rows.map(({ modality }) => modality)).not.toContain('LANDMARKS');
  });
});

describe('runs of a person', () => {
  it('are listed by two statements, however many there are, and to a token those of its grant alone', async () => {
    const statements: string[] = [];
    const { database } = world.base;
    const counted = {
      ...world.base,
      database: {
        ...database,
        query: (text: string, values?: unknown[]) => {
          statements.push(text);
          return database.query(text, values);
        },
      },
    } as typeof world.base;
    const jobs = jobStore(counted.database, world.clock, systemIds);
    const runs = runService({ ...counted, jobs }, world.services.audit, loadFacts);
    const actor = { kind: 'account', accountId: world.idOf('ada') } as const;
    const all = await runs.list(actor);
    expect(all.length).toBeGreaterThan(1);
    expect(statements).toHaveLength(2);
    const tokenOf = (tokenGrantId: string) => runs.list({ ...actor, grantId: tokenGrantId, tokenGrantId });
    expect(await tokenOf(grant)).toHaveLength(all.length);
    expect(await tokenOf(fixtureId('another', 'grant'))).toEqual([]);
  });
});

describe('a result that names somebody whose consent has ended since', () => {
  it('names them no more, in any figure, and again once they consent anew', async () => {
    const asked = { experiment: 'random-forest-pain', classes: 2, seed: 90 };
    const { run } = await does(world, 'ada', 'runBaseline', asked, '... on RunBaselineSuccess { run { id } }');
    await world.work('run-baseline');
    const named = async () => {
      const text =
        'query($id: ID!) { run(id: $id) { result { byPatient { patient } lowest { patient } byFold { testPatients } } } }';
      return JSON.stringify((await world.ask('ada', text, { id: run.id })).data.run.result);
    };
    expect(await named()).toContain('"9012"');
    const consent = { patient: '9012', version: '3', uses: ['HMB'] };
    await does(world, 'sam', 'recordConsent', { ...consent, modalities: ['AUDIO_FEATURES'] }, '');
    expect(await named()).not.toContain('"9012"');
    expect(await named()).toContain('"9011"');
    await does(world, 'sam', 'recordConsent', { ...consent, modalities: ['LABELS', 'PAIN_SCORES'] }, '');
    expect(await named()).toContain('"9012"');
  });
});
