import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import { fixtureId } from '../../support/study-fixture.ts';
import { as, idOf, institutionOf, type Person } from './cast.ts';
import type { Stage } from './stage.ts';

const PDF = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n');

/** What stewards, officials, curators, auditors and administrators have before them; last, everything that ends somebody's access. */
export async function stageDuties(stage: Stage): Promise<void> {
  await certificates(stage);
  await curation(stage);
  await safety(stage);
  await administration(stage);
}

async function certificates({ world, ids, does }: Stage): Promise<void> {
  const courses = (await world.ask(null, '{ trainings { type courses { key } } }')).data.trainings as {
    type: string;
    courses: { key: string }[];
  }[];
  const { type, courses: accepted } = courses[0]!;
  for (const [name, by, wrong] of [
    ['pending', 'ada', false],
    ['rejected', 'eve', true],
    ['pats', 'pat', false],
  ] as const) {
    const { sha256 } = (await (await world.put(as(by), '/uploads', PDF)).json()) as { sha256: string };
    const claim = {
      type,
      course: accepted[0]!.key,
      completedOn: '2025-01-10',
      expiresOn: '2026-01-10',
      fileSha256: sha256,
    };
    const { certificate } = await does(by, 'uploadCertificate', { ...claim, credentialId: `§credential-${name}` });
    ids.set(`certificate ${name}`, certificate.id);
    if (wrong) await does('sam', 'rejectCertificate', { id: certificate.id, reason: `§rejected-for-${name}` });
  }
}

async function curation({ world, ids, id, does }: Stage): Promise<void> {
  const [first, second] = world.study.patients;
  // As released: a steward does not know when it was recorded.
  const submission = async (of: typeof first) => {
    const { rows } = await world.db.pool.query(
      `SELECT to_char(recorded_at, 'YYYYMMDD"T"HH24MISS') AS timestamp FROM release_submission WHERE submission_id = $1 LIMIT 1`,
      [of!.submissions[0]!.id],
    );
    return { patient: of!.code, timestamp: rows[0].timestamp };
  };
  for (const [name, of, by] of [
    ['kept', first, 'cy'],
    ['lifted', second, 'sam'],
  ] as const) {
    const { quarantine } = await does(by, 'placeQuarantine', {
      ...(await submission(of)),
      fromSeconds: 0,
      toSeconds: 0.5,
      reason: `§quarantine-${name}`,
    });
    ids.set(`quarantine ${name}`, quarantine.id);
  }
  await does('sam', 'reviewQuarantine', { id: id('quarantine kept'), outcome: 'KEEP', reason: '§quarantine-stays' });
  await does('cy', 'liftQuarantine', { id: id('quarantine lifted') });
  const given = { uses: ['HMB'], modalities: ['LABELS', 'PAIN_SCORES', 'BASELINES', 'VIDEO', 'FACES', 'FRAMES'] };
  const consent = { patient: first!.code, ...given, adultFrom: '2030-01-01', reconsentedOn: '2024-01-01' };
  const { consent: mistaken } = await does('cy', 'recordConsent', { ...consent, version: '§consent-mistaken' });
  await does('sam', 'undoConsent', { patient: first!.code, consent: mistaken.id });
  await does('cy', 'recordConsent', { ...consent, version: '§consent' });
  const { drop } = await does('cy', 'openDrop', {
    enrolment: Buffer.from(
      'patient,sex,skin_type,worst_pain,source_device,enrolled_on\n9101,F,I-III,2,iPhone 11,2020-12-01',
    ).toString('base64'),
    items: [
      {
        patient: '9101',
        timestamp: '20201201T003232',
        videoSha256: 'a'.repeat(64),
        videoBytes: 10,
        surveySha256: 'b'.repeat(64),
      },
      { patient: '9102', timestamp: '20201201T003232', videoSha256: 'a'.repeat(64), videoBytes: 10 },
    ],
  });
  ids.set('drop', drop.id);
  await does('cex', 'openException', { hours: 1, reason: '§exception' }).then(({ exception }) =>
    ids.set('exception', exception.id),
  );
  const ended = await does('cy', 'openException', { hours: 2, reason: '§exception-ended' });
  await does('sam', 'endException', { id: ended.exception.id });
  ids.set('ended exception', ended.exception.id);
}

async function safety({ world, ids, id, does }: Stage): Promise<void> {
  const now = world.clock.at.getTime();
  const at = (hours: number): string => new Date(now + hours * 3_600_000).toISOString();
  const report = async (name: string, by: Person, more: object) => {
    const { incident } = await does(by, 'reportIncident', {
      kind: 'LOST_DEVICE',
      summary: `§incident-${name}`,
      discoveredAt: at(-2),
      ...more,
    });
    ids.set(`incident ${name}`, incident.id);
    return incident.id as string;
  };
  await report('eves', 'eve', {});
  const incident = await report('adas', 'ada', { grantId: id('grant of approved') });
  await does('sam', 'containIncident', {
    ...{ id: incident, what: '§contained' },
    halt: { scope: 'GRANT', target: id('grant of hals'), category: 'INCIDENT', reason: '§halt-of-hal' },
    evidence: { grants: [id('grant of approved')], accounts: [idOf('ada')], from: at(-24 * 30), until: at(1) },
  });
  await does('sam', 'notifyIncident', { id: incident, whom: ['§whom'], what: '§notified' });
  const { halt } = await does('sue', 'haltAccess', { scope: 'MODALITY', target: 'VIDEO', reason: '§halt-of-video' });
  ids.set('halt of video', halt.id);
  const halts = await world.db.pool.query<{ id: string }>(`SELECT id FROM halt WHERE scope = 'GRANT'`);
  ids.set('halt of hal', halts.rows[0]!.id);
  await does('sam', 'askToLiftHalt', { id: halt.id, reason: '§lift-halt' }).then(({ stepId }) =>
    ids.set('step LIFT_HALT', stepId),
  );
  const warned = await does('sam', 'imposeSanction', {
    accountId: idOf('eve'),
    kind: 'WARN',
    reason: '§warned',
    incidentId: incident,
  });
  ids.set('sanction of eve', warned.sanction.id);
  const shut = await does('sam', 'imposeSanction', {
    accountId: idOf('eve'),
    kind: 'SUSPEND',
    reason: '§shut-out',
    until: at(24),
  });
  ids.set('lifted sanction of eve', shut.sanction.id);
  await does('sue', 'liftSanction', { id: shut.sanction.id, reason: '§sanction-lifted' });
  const barred = await does('sam', 'imposeSanction', {
    institutionId: institutionOf('den'),
    kind: 'BAR',
    reason: '§barred',
  });
  ids.set('sanction of den', barred.sanction.id);
  await does('sam', 'askToLiftBar', { id: barred.sanction.id, reason: '§lift-bar' }).then(({ stepId }) =>
    ids.set('step LIFT_BAR', stepId),
  );
  const patient = world.study.patients[2]!.code;
  const { withdrawal } = await does('sam', 'recordWithdrawal', { patient, kind: 'ERASE', reason: 'PATIENT' });
  ids.set('withdrawal', withdrawal.id);
  const step = { id: withdrawal.id, reason: '§withdrawal-step' };
  const notices = await does('sam', 'askWithdrawalStep', { ...step, step: 'NOTICES' });
  await does('sue', 'confirmWithdrawalStep', { stepId: notices.stepId, seen: notices.seenHash });
  await does('sam', 'askWithdrawalStep', { ...step, step: 'ERASURE' }).then(({ stepId }) =>
    ids.set('step ERASURE', stepId),
  );
}

async function administration({ world, ids, id, does }: Stage): Promise<void> {
  const { pool, database } = world.db;
  const { release } = await does('cy', 'draftRelease', { version: '2.0.0', notes: '§draft-notes' });
  ids.set('draft release', release.id);
  const { check } = await does('cy', 'checkRelease', { releaseId: release.id });
  ids.set('release check', check.id);
  await world.work('check-release');
  await does('cy', 'askForPublication', { releaseId: release.id });
  await does('sam', 'publishAgreement', {
    version: 2,
    title: '§agreement',
    text: '§agreement-text',
    effectiveOn: '2025-06-01',
  });
  await does('adm', 'changeSetting', { key: 'runsPerPersonAndDay', value: 30, reason: '§setting' });
  const policy = (changes: object) => ({ basedOn: 1, policy: { ...DEFAULT_POLICY, ...changes } });
  const asked = await does('adm', 'askToLoosenPolicy', { ...policy({ agreementGraceDays: 60 }), reason: '§loosened' });
  await does('ad2', 'confirmLoosenPolicy', { stepId: asked.stepId, seen: asked.seenHash });
  const deputy = await does('adm', 'askForDeputySteward', {
    accountId: idOf('dee'),
    endsAt: '2025-12-01T00:00:00Z',
    reason: '§deputy',
  });
  await does('ad2', 'confirmDeputySteward', { stepId: deputy.stepId, seen: deputy.seenHash });
  await does('adm', 'askToGiveRole', { accountId: idOf('nob'), role: 'AUDITOR', reason: '§give-role' }).then(
    ({ stepId }) => ids.set('step GIVE_ROLE', stepId),
  );
  await does('adm', 'setInstitutionStanding', { id: institutionOf('new'), standing: 'SUSPENDED', reason: '§standing' });
  await does('adm', 'moveAccount', { accountId: idOf('nob'), institutionId: institutionOf('hall'), reason: '§moved' });
  await does('ada', 'declareCoAuthor', { other: 'far@example.org', lastPublishedOn: '2025-01-10' });
  await does('adm', 'takeRole', { accountId: idOf('dan'), role: 'RESEARCHER', reason: '§role-of-dan' });
  await does('adm', 'takeRole', { accountId: idOf('fay'), role: 'STEWARD', reason: '§role-of-fay' });
  for (const name of ['kim', 'ofi', 'sly', 'cys', 'aus', 'ads'] as const)
    await does('adm', 'suspendAccount', { accountId: idOf(name), reason: `§suspended-${name}` });
  const [message] = (
    await pool.query<{ id: string }>(`SELECT id FROM outbox WHERE template = 'request-returned' LIMIT 1`)
  ).rows;
  await pool.query(
    `UPDATE outbox SET state = 'GIVEN_UP', attempts = 18, error = '§mail-error', tried_at = now() WHERE id = $1`,
    [message!.id],
  );
  ids.set('message', message!.id);
  await does('adm', 'sendMailAgain', { id: message!.id });
  await pool.query(`UPDATE outbox SET state = 'GIVEN_UP' WHERE id = $1`, [message!.id]);
  // A use of ada's grant, for its log; and what strangers were refused.
  await world.ask(
    as('ada'),
    '{ release { patients(first: 1) { nodes { code } } } }',
    {},
    { 'iss-grant': id('grant of approved') },
  );
  await world.ask(null, '{ accounts { totalCount } }');
  await world.services.strangers.flush(database);
  const { jobs } = world.base;
  const job = await jobs.add(database, {
    kind: 'ingest-submission',
    payload: {},
    accountId: idOf('cy'),
    maxAttempts: 1,
  });
  await jobs.claim('worker', ['ingest-submission']);
  await jobs.retryOrFail(job, 'worker', { code: 'BROKEN', message: '§job-failed' });
  // A study of which something was published, and a table of the release that is open.
  await pool.query(
    `INSERT INTO study (id, key, title, synthetic, time_zone, created_at) VALUES ($1, 'iss', 'ISS', false, 'UTC', now())`,
    [fixtureId('iss')],
  );
  const table = {
    attributes: [{ name: 'sex', values: ['M', 'F'] }],
    cells: [
      { at: { sex: 'M' }, count: 6 },
      { at: { sex: 'F' }, count: null },
    ],
    threshold: 5,
  };
  // As its publication would have made it; by the database's owner, since what was published is not changed.
  await pool.query(
    `BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO open_table (release_id, key, data) VALUES ('${world.study.releaseId}', 'patientsBySex', '${JSON.stringify(table)}'); COMMIT`,
  );
}
