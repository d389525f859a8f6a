import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWhole } from '../../../api/adapters/objects/object-store.ts';
import { runJobs } from '../../../api/jobs/job-runner.ts';
import { writeLineage } from '../../../api/services/lineage.ts';
import { keepCheckpoint } from '../../../api/services/runs/keep-checkpoint.ts';
import { keptEmbeddings } from '../../../api/services/runs/kept-embeddings.ts';
import { checkpointFolder } from '../../../api/services/runs/run-place.ts';
import { recordWithdrawal } from '../../../api/services/withdrawals/record-withdrawal.ts';
import { approved, does, trained } from '../mutations/steps.ts';
import { startWorld, type World } from '../mutations/world.ts';

const DAY = 86_400_000;
const DUTY = 'id state exports downloads dueAt attestedAt';
const SHOWN = `id patient kind stage eraseAfter erasedAt takenBackAt proof nextRelease draftVersion marked { subject id effect }
  duties { ${DUTY} holder { name } } remaining { what waitsFor count until }`;

let world: World;
/** Exports and runs of ada's, made before anybody withdrew. */
let exportId = '';
let runId = '';
beforeAll(async () => {
  world = await startWorld({ patients: 6, submissions: 1, frames: 10, folds: 2 }, { strict: false });
  await trained(world, 'ada');
  const all = ['READ', 'RUN', 'EXPORT'] as const;
  await approved(world, { LABELS: all, PAIN_SCORES: all, BASELINES: ['READ'] });
  exportId = await exported();
  runId = await ran();
});
afterAll(() => world.stop());

async function exported(): Promise<string> {
  const input = { modalities: ['LABELS', 'PAIN_SCORES'] };
  const asked = await does(world, 'ada', 'requestExport', input, '... on RequestExportSuccess { export { id } }');
  await world.work('export');
  return asked.export.id;
}

async function ran(): Promise<string> {
  const input = { experiment: 'random-forest-pain', classes: 2 };
  const { run } = await does(world, 'ada', 'runBaseline', input, '... on RunBaselineSuccess { run { id } }');
  await world.work('run-baseline');
  return run.id;
}

const record = (patient: string, kind: string) =>
  world.give(
    'sam',
    'recordWithdrawal',
    { patient, kind, reason: 'PATIENT' },
    `... on RecordWithdrawalSuccess { withdrawal { ${SHOWN} } }`,
  );
const recorded = async (patient: string, kind: string) => {
  const payload = await record(patient, kind);
  if (payload.__typename !== 'RecordWithdrawalSuccess') throw new Error(JSON.stringify(payload));
  return payload.withdrawal;
};
const ask = (id: string, step: string) =>
  world.give(
    'sam',
    'askWithdrawalStep',
    { id, step, reason: 'As the protocol says.' },
    '... on AskWithdrawalStepSuccess { stepId seenHash }',
  );
const confirm = (who: 'sam' | 'sue' | 'adm', stepId: string, seen: string) =>
  world.give(
    who,
    'confirmWithdrawalStep',
    { stepId, seen },
    `... on ConfirmWithdrawalStepSuccess { withdrawal { ${SHOWN} } }`,
  );
/** A step that two stewards take. */
async function taken(id: string, step: string) {
  const asked = await ask(id, step);
  const done = await confirm('sue', asked.stepId, asked.seenHash);
  if (done.__typename !== 'ConfirmWithdrawalStepSuccess') throw new Error(JSON.stringify([asked, done]));
  return done.withdrawal;
}
const seen = async (id: string) =>
  (await world.ask('sue', `{ withdrawals { ${SHOWN} } }`)).data.withdrawals.find(
    (one: { id: string }) => one.id === id,
  );
const codesSeen = async (): Promise<string[]> => {
  const query =
    '{ release(version: "1.0.0") { patients(first: 50) { totalCount nodes { code } } splits { testPatients } } }';
  const { patients } = (await world.ask('ada', query.replace('splits { testPatients }', ''))).data.release;
  expect(patients.totalCount).toBe(patients.nodes.length);
  return patients.nodes.map(({ code }: { code: string }) => code);
};
const openTables = async () =>
  (await world.db.pool.query('SELECT key, data FROM open_table ORDER BY release_id, key')).rows;
const exportState = async () =>
  (
    await world.ask('ada', 'query($id: ID!) { export(id: $id) { state files { totalCount } } }', { id: exportId })
  ).errors?.map(({ extensions }) => extensions?.code);
const draftedIn = async (version: string): Promise<string[]> =>
  (
    await world.db.pool.query(
      'SELECT p.code FROM release_patient p JOIN release r ON r.id = p.release_id WHERE r.version = $1 ORDER BY 1',
      [version],
    )
  ).rows.map(({ code }) => code);

describe('STOP_COLLECTION', () => {
  it('hides nothing, leaves nothing to do, and refuses what comes in with a reason', async () => {
    const before = await codesSeen();
    const withdrawal = await recorded('9006', 'STOP_COLLECTION');
    expect(withdrawal).toMatchObject({ stage: 'RECORDED', duties: [], marked: [], remaining: [], nextRelease: 'NONE' });
    expect(await codesSeen()).toEqual(before);
    const csv = 'patient,sex,skin_type,worst_pain,source_device,enrolled_on,split\n9006,M,I-III,2,,2020-12-01,2\n';
    const item = { patient: '9006', timestamp: '20210101T101010', videoSha256: 'a'.repeat(64), videoBytes: 1 };
    const { drop } = await world.give(
      'cy',
      'openDrop',
      { enrolment: Buffer.from(csv).toString('base64'), items: [item] },
      '... on OpenDropSuccess { drop { items { outcome reasonCode reason } } }',
    );
    expect(drop.items).toEqual([
      { outcome: 'REFUSED', reasonCode: 'PATIENT_WITHDRAWN', reason: expect.stringContaining('withdrawn') },
    ]);
  });

  it('ends what was announced and waits', async () => {
    const csv = 'patient,sex,skin_type,worst_pain,source_device,enrolled_on,split\n9005,F,I-III,2,,2020-12-01,1\n';
    const item = { patient: '9005', timestamp: '20210101T101010', videoSha256: 'b'.repeat(64), videoBytes: 1 };
    const { drop } = await world.give(
      'cy',
      'openDrop',
      { enrolment: Buffer.from(csv).toString('base64'), items: [item] },
      '... on OpenDropSuccess { drop { id waiting } }',
    );
    expect(drop.waiting).toBe(1);
    const { id } = await recorded('9005', 'STOP_COLLECTION');
    const sent = await world.put('cy', `/ingest/${drop.id}/9005/20210101T101010/narrative.mp4`, Buffer.from('x'));
    expect(sent.status).toBe(409);
    const { data } = await world.ask('cy', 'query($id: ID!) { drop(id: $id) { items { reasonCode } } }', {
      id: drop.id,
    });
    expect(data.drop.items).toEqual([{ reasonCode: 'PATIENT_WITHDRAWN' }]);
    await taken(id, 'TAKE_BACK');
  });
});

describe('STOP_SHARING', () => {
  let id = '';

  it('takes the patient out of queries at once, ends exports with them, marks results and lists holders', async () => {
    const tables = await openTables();
    expect(await codesSeen()).toContain('9001');
    const withdrawal = await recorded('9001', 'STOP_SHARING');
    id = withdrawal.id;
    expect(await codesSeen()).toEqual(['9002', '9003', '9004', '9005', '9006']);
    expect(await exportState()).toEqual(['EXPORT_ENDED']);
    expect(withdrawal.marked).toEqual([
      { subject: 'EXPORT', id: exportId, effect: 'ENDED' },
      { subject: 'RUN', id: runId, effect: 'MARKED' },
    ]);
    expect(withdrawal.duties).toMatchObject([
      { state: 'NOT_TOLD', exports: [exportId], holder: { name: 'Ada Person' } },
    ]);
    expect(withdrawal.remaining.map(({ what, waitsFor }: Record<string, string>) => `${what} ${waitsFor}`)).toEqual([
      'NOTICES STEWARD',
      'NEXT_RELEASE SYSTEM',
    ]);
    expect(await openTables()).toEqual(tables);
  });

  it('leaves the patient in no result of a run, and says so of the run', async () => {
    const query =
      'query($id: ID!) { run(id: $id) { marked result { byPatient { patient } byFold { testPatients } patients } } }';
    const { run } = (await world.ask('ada', query, { id: runId })).data;
    expect(run.marked).toBe(true);
    expect(JSON.stringify(run.result)).not.toContain('9001');
    expect(run.result.byPatient).toHaveLength(5);
  });

  it('drafts the next release without the patient, with an erratum', async () => {
    await world.work('draft-without');
    const withdrawal = await seen(id);
    expect(withdrawal).toMatchObject({ nextRelease: 'DRAFTED', draftVersion: '2.0.0' });
    expect(await draftedIn('2.0.0')).toEqual(['9002', '9003', '9004', '9005', '9006']);
    const { rows } = await world.db.pool.query(`SELECT errata FROM release WHERE version = '2.0.0'`);
    expect(JSON.stringify(rows[0].errata)).toContain('withdrawn');
    expect(JSON.stringify(rows[0].errata)).not.toContain('9001');
    expect(rows[0].errata).toMatchObject([{ number: 1, correctedIn: '2.0.0' }]);
  });

  it('gives the draft its erratum, once, though the worker was killed after drafting', async () => {
    const { rows: before } = await world.db.pool.query(`SELECT id, errata FROM release WHERE version = '2.0.0'`);
    for (const errata of ['[]', JSON.stringify(before[0].errata)]) {
      await world.db.pool.query('UPDATE release SET errata = $2 WHERE id = $1', [before[0].id, errata]);
      await world.db.pool.query('UPDATE withdrawal SET draft_id = NULL WHERE id = $1', [id]);
      await world.db.pool.query(
        `UPDATE job SET state = 'QUEUED', attempts = 0, finished_at = NULL, started_at = NULL WHERE kind = 'draft-without'`,
      );
      await world.work('draft-without');
      const { rows } = await world.db.pool.query('SELECT errata FROM release WHERE id = $1', [before[0].id]);
      expect(rows[0].errata).toMatchObject([{ number: 1, text: before[0].errata[0].text, correctedIn: '2.0.0' }]);
      expect(await seen(id)).toMatchObject({ nextRelease: 'DRAFTED', draftVersion: '2.0.0' });
    }
  });

  it('tells holders only when a second steward has confirmed exactly what they saw', async () => {
    const asked = await ask(id, 'NOTICES');
    expect((await confirm('sam', asked.stepId, asked.seenHash)).code).toBe('SAME_PERSON');
    expect((await confirm('adm', asked.stepId, asked.seenHash)).code).toBe('FORBIDDEN');
    expect((await confirm('sue', asked.stepId, '0'.repeat(64))).code).toBe('STEP_CHANGED');
    expect((await seen(id)).remaining[0]).toMatchObject({ what: 'NOTICES', waitsFor: 'SECOND_STEWARD' });
    const { rows: none } = await world.db.pool.query(`SELECT 1 FROM outbox WHERE template = 'withdrawal-notice'`);
    expect(none).toEqual([]);
    const done = await confirm('sue', asked.stepId, asked.seenHash);
    expect(done.withdrawal).toMatchObject({ stage: 'NOTIFIED', duties: [{ state: 'OPEN' }] });
    const { rows } = await world.db.pool.query(
      `SELECT account_id, data FROM outbox WHERE template = 'withdrawal-notice'`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0].account_id).toBe(world.idOf('ada'));
    expect(JSON.stringify(rows[0].data)).toContain(exportId);
    expect(JSON.stringify(rows[0].data)).not.toContain('9001');
    expect((await ask(id, 'NOTICES')).code).toBe('ALREADY_DONE');
  });

  it('is attested by the holder alone, with both halves, once', async () => {
    const { data } = await world.ask('ada', `{ destructionDuties { ${DUTY} } }`);
    const [duty] = data.destructionDuties;
    expect(duty).toMatchObject({ state: 'OPEN', exports: [exportId] });
    expect((await world.ask('ben', `{ destructionDuties { ${DUTY} } }`)).data.destructionDuties).toEqual([]);
    // A token of a script knows of its own grant's alone.
    const told = async (grantId: string) =>
      (await world.ask('ada', '{ destructionDuties { id } }', {}, { 'x-test-token': grantId })).data.destructionDuties;
    const { rows } = await world.db.pool.query('SELECT grant_id FROM destruction_duty WHERE id = $1', [duty.id]);
    expect(await told(rows[0].grant_id)).toEqual([{ id: duty.id }]);
    expect(await told('00000000-0000-7000-8000-000000000000')).toEqual([]);
    const attest = (who: 'ada' | 'ben' | 'sam', derivativesDestroyed = true) =>
      world.give(
        who,
        'attestDestruction',
        { id: duty.id, copiesDestroyed: true, derivativesDestroyed },
        `... on AttestDestructionSuccess { duty { ${DUTY} } }`,
      );
    for (const who of ['ben', 'sam'] as const) expect((await attest(who)).code).toBe('DUTY_UNKNOWN');
    expect((await attest('ada', false)).code).toBe('ATTESTATION_INCOMPLETE');
    expect((await attest('ada')).duty.state).toBe('ATTESTED');
    expect((await attest('ada')).duty.state).toBe('ATTESTED');
    expect(await world.entries('ATTEST_DESTRUCTION')).toHaveLength(1);
    expect((await seen(id)).remaining.map(({ what }: { what: string }) => what)).toEqual(['NEXT_RELEASE']);
  });

  it('is not recorded twice, but more may follow on less', async () => {
    expect((await record('9001', 'STOP_SHARING')).code).toBe('ALREADY_WITHDRAWN');
    expect((await record('9001', 'STOP_COLLECTION')).code).toBe('ALREADY_WITHDRAWN');
    expect((await record('9999', 'ERASE')).code).toBe('PATIENT_UNKNOWN');
    expect((await ask(id, 'ERASURE')).code).toBe('NOT_OF_THIS_KIND');
    const more = await recorded('9001', 'ERASE');
    // Told already of these copies, and drafted already without the patient.
    expect(more.duties).toEqual([]);
    await taken(more.id, 'TAKE_BACK');
    expect(await codesSeen()).not.toContain('9001');
  });

  it('is taken back by two, and everything stands as before', async () => {
    const back = await taken(id, 'TAKE_BACK');
    expect(back).toMatchObject({ stage: 'TAKEN_BACK', remaining: [] });
    expect(await codesSeen()).toContain('9001');
    const { data } = await world.ask('ada', 'query($id: ID!) { run(id: $id) { marked } }', { id: runId });
    expect(data.run.marked).toBe(false);
    expect((await ask(id, 'TAKE_BACK')).code).toBe('ALREADY_TAKEN_BACK');
  });
});

describe('a holder who does not attest', () => {
  it('is reminded before, on the day and after, and stands as overdue; no more once it is taken back', async () => {
    const { id } = await recorded('9002', 'STOP_SHARING');
    const told = await taken(id, 'NOTICES');
    const due = new Date(told.duties[0].dueAt).getTime();
    expect(due - world.clock.at.getTime()).toBe(30 * DAY);
    const start = world.clock.at;
    // Those of holders who have attested, too, which tell nobody anything.
    const remind = async () => {
      while (await world.work('remind-holder').catch(() => null));
    };
    const mails = async () =>
      (
        await world.db.pool.query(
          `SELECT data FROM outbox WHERE template = 'withdrawal-reminder' ORDER BY queued_at, id`,
        )
      ).rows.map(({ data }) => data.overdue);
    await remind();
    expect(await mails()).toEqual([]);
    world.clock.at = new Date(due - 7 * DAY);
    await remind();
    expect(await mails()).toEqual([false]);
    world.clock.at = new Date(due);
    await remind();
    expect(await mails()).toEqual([false, true]);
    expect((await seen(id)).duties[0].state).toBe('OVERDUE');
    await taken(id, 'TAKE_BACK');
    world.clock.at = new Date(due + 7 * DAY);
    await remind();
    expect(await mails()).toHaveLength(2);
    world.clock.at = start;
  });
});

describe('an export and a run that are under way', () => {
  it.each([
    ['export', () => does(world, 'ada', 'requestExport', { modalities: ['LABELS'] }, '')],
    [
      'run-baseline',
      () => does(world, 'ada', 'runBaseline', { experiment: 'random-forest-pain', classes: 2, seed: 77 }, ''),
    ],
  ] as const)('%s ends within two seconds of the withdrawal', async (kindName, begin) => {
    await begin();
    let entered = (): void => {};
    const running = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const kinds = [world.services.runs, world.services.exports]
      .flatMap((service) => service.jobKinds())
      .map((kind) => ({
        ...kind,
        // At work for as long as nobody ends it.
        run: async (payload: unknown, context: Parameters<typeof kind.run>[1]) => {
          entered();
          await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve()));
          return kind.run(payload, context);
        },
      }))
      .filter(({ kind }) => kind === kindName);
    const { jobs, queue, log } = world.base;
    const { database } = world.db;
    const runner = await runJobs({ worker: 'w:1', kinds, store: jobs, queue, database, log });
    await running;
    const began = performance.now();
    const { id } = await recorded('9003', 'STOP_SHARING');
    const state = async () =>
      (await world.db.pool.query('SELECT state, error FROM job WHERE kind = $1 ORDER BY id DESC LIMIT 1', [kindName]))
        .rows[0];
    while ((await state()).state === 'RUNNING' && performance.now() - began < 2000) await new Promise(setImmediate);
    expect(await state()).toMatchObject({ state: 'CANCELLED', error: { code: 'SELECTION_CHANGED' } });
    expect(performance.now() - began).toBeLessThan(2000);
    await runner.stop();
    await taken(id, 'TAKE_BACK');
    await world.db.pool.query(`UPDATE job SET state = 'CANCELLED' WHERE state = 'QUEUED'`);
  });

  const EXPORT = '00000000-0000-7000-8000-0000000000e1';
  const arrange = () => {
    const patient = world.study.patients[3]!;
    const of = {
      study: 'demo',
      patient: patient.code,
      kind: 'STOP_SHARING',
      reason: 'PATIENT',
      by: world.idOf('sam'),
    } as const;
    return { patient, of, deps: world.services.withdrawals.deps };
  };

  it('that is ready a moment before is found by the withdrawal, which waits for it', async () => {
    const { patient, of, deps } = arrange();
    let recording: Promise<{ ok: boolean }> | undefined;
    await world.db.database.transaction(async (sql) => {
      expect(await writeLineage(sql, { subject: 'EXPORT', id: EXPORT, patients: [patient.id] })).toBe(true);
      recording = world.db.database.transaction((other) => recordWithdrawal(deps, other, of));
      await waitsForLock();
    });
    expect((await recording)?.ok).toBe(true);
    const { rows } = await world.db.pool.query('SELECT effect FROM withdrawal_mark WHERE subject_id = $1', [EXPORT]);
    expect(rows).toEqual([{ effect: 'ENDED' }]);
    const { data } = await world.ask('sue', '{ withdrawals { id } }');
    await taken(data.withdrawals[0].id, 'TAKE_BACK');
  });

  it('that is ready a moment after does not come to be', async () => {
    const { patient, of, deps } = arrange();
    let writing: Promise<boolean> | undefined;
    await world.db.database.transaction(async (sql) => {
      await recordWithdrawal(deps, sql, of);
      writing = world.db.database.transaction((other) =>
        writeLineage(other, { subject: 'EXPORT', id: EXPORT, patients: [patient.id] }),
      );
      await waitsForLock();
    });
    expect(await writing).toBe(false);
    const { data } = await world.ask('sue', '{ withdrawals { id } }');
    await taken(data.withdrawals[0].id, 'TAKE_BACK');
  });

  /** Until somebody waits for a lock of somebody else. */
  async function waitsForLock(): Promise<void> {
    for (;;) {
      const { rows } = await world.db.pool.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (rows.length > 0) return;
    }
  }
});

const administrator = (is: boolean) =>
  world.db.pool.query(
    is
      ? `INSERT INTO account_role (account_id, role, given_at) SELECT id, 'admin', now() FROM account WHERE username = 'nob'`
      : `DELETE FROM account_role WHERE account_id = (SELECT id FROM account WHERE username = 'nob')`,
  );

/** Two administrators, of whom the other is one for the while. */
async function shortened(days: number): Promise<void> {
  await administrator(true);
  const asked = await askToShorten(days);
  const input = { stepId: asked.stepId, seen: asked.seenHash };
  expect((await world.give('adm', 'confirmShortenHold', input)).code).toBe('SAME_PERSON');
  await does(world, 'nob', 'confirmShortenHold', input, '... on ConfirmShortenHoldSuccess { erasureHoldDays }');
  await administrator(false);
}
const askToShorten = (erasureHoldDays: number) =>
  world.give(
    'adm',
    'askToShortenHold',
    { erasureHoldDays, reason: 'The protocol was amended.' },
    '... on AskToShortenHoldSuccess { stepId seenHash }',
  );
const holdDays = async () =>
  (await world.db.pool.query('SELECT erasure_hold_days AS days FROM study WHERE id = $1', [world.study.studyId]))
    .rows[0].days;

describe('files that were taken one by one', () => {
  it('list their holder like an export does: told of all such files, never of whose they are', async () => {
    const { pool } = world.db;
    const { rows } = await pool.query(
      `SELECT s.id AS submission, a.id AS artifact, (SELECT id FROM data_grant LIMIT 1) AS grant, (SELECT id FROM account WHERE username = 'ben') AS ben
       FROM artifact a JOIN recording r ON r.id = a.recording_id JOIN submission s ON s.id = r.submission_id WHERE s.patient_id = $1 LIMIT 2`,
      [world.study.patients[1]!.id],
    );
    // As the log has it when a ticket is first used: two tickets of one file, and one of another.
    const { grant: grantId, ben: accountId } = rows[0];
    for (const { submission, artifact } of [rows[0], rows[0], rows[1]])
      await world.services.audit.write(world.db.database, {
        ...{ accountId, grantId, action: 'DOWNLOAD' },
        detail: { release: world.study.releaseId, artifact, kind: 'VIDEO', modality: 'VIDEO', submission },
      });
    const { id, duties } = await recorded('9002', 'STOP_SHARING');
    expect(duties.find(({ holder }: { holder: { name: string } }) => holder.name === 'Ben Person')).toMatchObject({
      ...{ state: 'NOT_TOLD', exports: [], downloads: 2 },
    });
    await taken(id, 'NOTICES');
    const { rows: mail } = await pool.query(
      `SELECT data FROM outbox WHERE template = 'withdrawal-notice' AND account_id = $1`,
      [accountId],
    );
    expect(mail).toMatchObject([{ data: { exports: [], files: 2 } }]);
    expect(JSON.stringify(mail)).not.toContain('9002');
    // What they were told of is not asked of them twice.
    const more = await recorded('9002', 'ERASE');
    expect(more.duties).toEqual([]);
    for (const one of [more.id, id]) await taken(one, 'TAKE_BACK');
  });
});

describe('the hold before an erasure', () => {
  const set = (erasureHoldDays: number) =>
    world.give('adm', 'setWithdrawalTerms', { erasureHoldDays, attestationDays: 30 }, '');

  it('is lengthened by one administrator, and shortened by none alone', async () => {
    expect((await set(40)).__typename).toBe('SetWithdrawalTermsSuccess');
    expect((await set(39)).code).toBe('HOLD_SHORTENED');
    expect((await askToShorten(40)).code).toBe('HOLD_NOT_SHORTENED');
    expect((await askToShorten(-1)).code).toBe('DAYS_INVALID');
    const asked = await askToShorten(3);
    expect((await world.give('adm', 'confirmShortenHold', { stepId: asked.stepId, seen: asked.seenHash })).code).toBe(
      'SAME_PERSON',
    );
    expect(await holdDays()).toBe(40);
    await does(world, 'adm', 'withdrawStep', { id: asked.stepId }, '');
  });

  it('is not shortened from another length than the one that was asked about', async () => {
    const asked = await askToShorten(20);
    await set(60);
    await administrator(true);
    const confirmed = await world.give('nob', 'confirmShortenHold', { stepId: asked.stepId, seen: asked.seenHash });
    expect([confirmed.code, await holdDays()]).toEqual(['HOLD_MOVED', 60]);
    await administrator(false);
  });

  it('is shortened by two', async () => {
    await shortened(30);
    expect(await holdDays()).toBe(30);
    expect((await world.entries('CONFIRM_SHORTEN_HOLD')).at(-1)).toMatchObject({ before: 60, erasureHoldDays: 30 });
  });
});

describe('ERASE', () => {
  let id = '';
  let learnt = '';
  let seenAs = '';
  const count = async (table: string, where: string): Promise<number> =>
    (await world.db.pool.query(`SELECT count(*)::int AS n FROM ${table} WHERE ${where}`)).rows[0].n;
  const patientId = () => world.study.patients[3]!.id;
  const OF = {
    submission: () => `patient_id = '${patientId()}'`,
    consent: () => `patient_id = '${patientId()}'`,
    patient_secret: () => `patient_id = '${patientId()}'`,
    release_submission: () => `patient_id = '${patientId()}'`,
    recording: () => `id = '${world.study.patients[3]!.submissions[0]!.recordingId}'`,
    survey: () => `recording_id = '${world.study.patients[3]!.submissions[0]!.recordingId}'`,
    frame_record: () => `recording_id = '${world.study.patients[3]!.submissions[0]!.recordingId}'`,
    chunk: () => `recording_id = '${world.study.patients[3]!.submissions[0]!.recordingId}'`,
    artifact: () => `recording_id = '${world.study.patients[3]!.submissions[0]!.recordingId}'`,
    embedding: () => `recording_id = '${world.study.patients[3]!.submissions[0]!.recordingId}'`,
  } as const;

  /** What a network's run has learnt with a patient among others. @returns the key of its object */
  async function checkpointWith(patient: string): Promise<string> {
    const { rows } = await world.db.pool.query('SELECT id FROM baseline_run LIMIT 1');
    const key = `${checkpointFolder(rows[0].id)}fold-1.safetensors`;
    const { bytes, sha256 } = await world.base.objects.put(key, Buffer.from('weights'));
    await world.db.database.transaction((sql) =>
      keepCheckpoint(sql, {
        ...{ id: randomUUID(), runId: rows[0].id, fold: 1, epoch: 10, objectKey: key, bytes, sha256 },
        ...{ reads: ['LABELS'], patients: [patient], at: world.clock.at },
      }),
    );
    return key;
  }

  /** Numbers that a network has made of a recording's faces. @returns the key of their object */
  async function embeddingOf(recordingId: string): Promise<string> {
    const { pool } = world.db;
    const { rows } = await pool.query(
      `SELECT object_key AS "objectKey", to_json(offsets) AS offsets FROM artifact WHERE recording_id = $1 AND kind = 'FACES'`,
      [recordingId],
    );
    const backbone = { name: 'a network', numbers: 1, sha256: 'a', of: async () => Float32Array.of(1) };
    const wanted = { recordingId, kind: 'FACES', pack: rows[0], parts: [0, 1] };
    await keptEmbeddings(world.base, backbone)(wanted, new AbortController().signal);
    const { rows: kept } = await pool.query('SELECT object_key AS key FROM embedding WHERE recording_id = $1', [
      recordingId,
    ]);
    return kept[0].key;
  }

  it('takes an order of two after the notices, and waits for the hold of the protocol', async () => {
    exportId = await exported();
    seenAs = await embeddingOf(world.study.patients[3]!.submissions[0]!.recordingId);
    learnt = await checkpointWith(patientId());
    await does(world, 'adm', 'setWithdrawalTerms', { erasureHoldDays: 30, attestationDays: 20 }, '');
    await shortened(10);
    id = (await recorded('9004', 'ERASE')).id;
    expect((await ask(id, 'ERASURE')).code).toBe('NOTICES_FIRST');
    await taken(id, 'NOTICES');
    const ordered = await taken(id, 'ERASURE');
    expect(new Date(ordered.eraseAfter).getTime()).toBe(world.clock.at.getTime() + 10 * DAY);
    expect(ordered.remaining.map(({ what }: { what: string }) => what)).toEqual([
      'ATTESTATIONS',
      'NEXT_RELEASE',
      'HOLD',
    ]);
    world.clock.at = new Date(world.clock.at.getTime() + 10 * DAY - 1);
    await expect(world.work('erase-patient')).rejects.toThrow('no erase-patient waits');
    for (const [table, where] of Object.entries(OF)) expect(await count(table, where()), table).toBeGreaterThan(0);
  });

  it('cannot be hurried by the server’s own database role, which may delete nothing of a recording', async () => {
    const { database } = world.db;
    const at = new Date(world.clock.at.getTime() + 1);
    const { rows } = await database.query('SELECT begin_erasure($1, $2) AS begun', [id, world.clock.at]);
    expect(rows).toEqual([{ begun: false }]);
    await expect(database.query('SELECT erase_rows($1, $2)', [id, at])).rejects.toThrow('no erasure');
    for (const table of [
      'recording',
      'survey',
      'chunk',
      'artifact',
      'frame_record',
      'withdrawal',
      'lineage',
      'consent',
    ])
      await expect(database.query(`DELETE FROM ${table}`), table).rejects.toThrow('permission denied');
    await expect(database.query('UPDATE withdrawal SET erasing_at = now()')).rejects.toThrow('permission denied');
    await expect(database.query('UPDATE withdrawal SET erase_after = at WHERE id = $1', [id])).rejects.toThrow(
      'forward',
    );
  });

  it('destroys every object and row when the hold is over, and proves it', async () => {
    const tables = await openTables();
    const before = await codesSeen();
    const keys: string[] = [];
    for await (const key of world.base.objects.list('')) keys.push(key);
    world.clock.at = new Date(world.clock.at.getTime() + 1);
    const { rows: artifacts } = await world.db.pool.query(
      `SELECT object_key AS key FROM artifact WHERE recording_id = $1`,
      [world.study.patients[3]!.submissions[0]!.recordingId],
    );
    await world.work('erase-patient');
    for (const [table, where] of Object.entries(OF)) expect(await count(table, where()), table).toBe(0);
    for (const { key } of artifacts) expect(await world.base.objects.size(key)).toBeNull();
    for (const key of [learnt, seenAs]) expect([key, await world.base.objects.size(key)]).toEqual([key, null]);
    expect(await count('export_file', `export_id = '${exportId}'`)).toBe(0);
    expect(await count('baseline_run', `result::text LIKE '%"9004"%'`)).toBe(0);
    const { rows } = await world.db.pool.query('SELECT * FROM patient WHERE id = $1', [patientId()]);
    expect(rows[0]).toMatchObject({ code: '9004', sex: null, skin_type: null, pain_target: null, age_group: null });
    const { rows: frozen } = await world.db.pool.query(
      'SELECT sex, cohort FROM release_patient WHERE patient_id = $1',
      [patientId()],
    );
    expect(frozen[0]).toEqual({ sex: null, cohort: null });
    const withdrawal = await seen(id);
    expect(withdrawal).toMatchObject({
      stage: 'ERASED',
      proof: { objectsLeft: 0, keysDestroyed: 5, rows: { recording: 1, artifact: artifacts.length } },
    });
    expect(withdrawal.proof.objects).toBeGreaterThanOrEqual(artifacts.length);
    expect(await world.entries('ERASE_PATIENT')).toHaveLength(1);
    expect(await openTables()).toEqual(tables);
    expect(await codesSeen()).toEqual(before);
  });

  it('leaves other patients and what they are released with as they were', async () => {
    const { rows } = await world.db.pool.query(
      `SELECT count(*)::int AS n FROM release_submission s JOIN release r ON r.id = s.release_id JOIN artifact a ON a.recording_id = s.recording_id WHERE r.version = '1.0.0'`,
    );
    expect(rows[0].n).toBeGreaterThan(5 * 4);
    for await (const key of world.base.objects.list('sealed/'))
      expect((await readWhole(world.base.objects, key)).length).toBe(await world.base.objects.size(key));
  });

  it('cannot be taken back, recorded again, or undone by a new drop', async () => {
    expect((await ask(id, 'TAKE_BACK')).code).toBe('ERASURE_BEGUN');
    expect((await record('9004', 'ERASE')).code).toBe('ALREADY_WITHDRAWN');
    const csv = 'patient,sex,skin_type,worst_pain,source_device,enrolled_on\n9004,M,I-III,2,,2020-12-01\n';
    const item = { patient: '9004', timestamp: '20210101T101010', videoSha256: 'a'.repeat(64), videoBytes: 1 };
    const { drop } = await world.give(
      'cy',
      'openDrop',
      { enrolment: Buffer.from(csv).toString('base64'), items: [item] },
      '... on OpenDropSuccess { drop { items { reasonCode } } }',
    );
    expect(drop.items).toEqual([{ reasonCode: 'PATIENT_WITHDRAWN' }]);
    const { rows } = await world.db.pool.query('SELECT sex FROM patient WHERE id = $1', [patientId()]);
    expect(rows).toEqual([{ sex: null }]);
  });

  it('is carried out again where a backup from before it is brought back, with whatever the backup knows', async () => {
    const { withdrawals } = world.services;
    expect(await withdrawals.replayErasures()).toBe(0);
    // As in a backup from before anybody withdrew: the patient enrolled, nothing of the withdrawal.
    const { pool } = world.db;
    await pool.query('ALTER TABLE withdrawal_mark DISABLE TRIGGER USER');
    for (const table of ['withdrawal_mark', 'destruction_duty'])
      await pool.query(`DELETE FROM ${table} WHERE withdrawal_id = $1`, [id]);
    await pool.query('ALTER TABLE withdrawal_mark ENABLE TRIGGER USER');
    await pool.query('DELETE FROM withdrawal WHERE id = $1', [id]);
    const enrolled = `UPDATE patient SET sex = 'F', skin_type = 'I_III', pain_target = 3, erased_at = NULL WHERE id = $1`;
    await pool.query(enrolled, [patientId()]);
    expect(await withdrawals.replayErasures()).toBe(1);
    expect(await codesSeen()).not.toContain('9004');
    const job = await world.work('erase-patient');
    expect(job.result).toMatchObject({ erased: true });
    const { rows } = await pool.query('SELECT sex, erased_at FROM patient WHERE id = $1', [patientId()]);
    expect(rows).toEqual([{ sex: null, erased_at: expect.any(Date) }]);
    expect(await withdrawals.replayErasures()).toBe(0);
  });

  it('taken back before its end leaves everything where it is', async () => {
    const other = (await recorded('9003', 'ERASE')).id;
    await taken(other, 'NOTICES');
    await taken(other, 'ERASURE');
    await taken(other, 'TAKE_BACK');
    world.clock.at = new Date(world.clock.at.getTime() + 60 * DAY);
    const job = await world.work('erase-patient');
    expect(job.result).toEqual({ erased: false });
    expect(await codesSeen()).toContain('9003');
  });
});
