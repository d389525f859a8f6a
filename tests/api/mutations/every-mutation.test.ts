import { isInterfaceType, isUnionType } from 'graphql/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND_ERRORS } from '../../../schema/command.ts';
import { REQUEST_MUTATIONS } from '../../../schema/enums.ts';
import { schema } from '../../../schema/index.ts';
import { form } from './steps.ts';
import { type Name, startWorld, type World } from './world.ts';

const MUTATIONS = Object.keys(schema.getMutationType()?.getFields() ?? {}).sort();
const NOTHING = '00000000-0000-7000-8000-000000000000';
const SEEN = '0'.repeat(64);

interface Row {
  readonly input: Record<string, unknown>;
  /** Signed in, and without the right to it. */
  readonly without: readonly Name[];
  /** What they are told. */
  readonly code: string;
}

const staff = (input: Record<string, unknown>, ...without: Name[]): Row => ({ input, without, code: 'FORBIDDEN' });
/** On a request that is nothing to them there is none. */
const onRequest = (input: Record<string, unknown> = {}): Row => ({
  input: { requestId: NOTHING, ...input },
  without: ['eve', 'cy', 'aud', 'adm', 'nob'],
  code: 'NOT_FOUND',
});
const reason = { reason: 'Because.' };
const everybodyBut = (...names: Name[]): Name[] =>
  (['ada', 'olu', 'sam', 'cy', 'aud', 'adm', 'nob'] as const).filter((name) => !names.includes(name));
/** Of data: without a grant nobody may, whatever their role. */
const ofData = (input: Record<string, unknown>): Row => staff(input, 'ada', 'olu', 'sam', 'cy', 'aud', 'adm', 'nob');

/** Every mutation with an input of the right form. A new one without a row here fails the first test. */
const TABLE: Readonly<Record<string, Row>> = {
  createAccessRequest: { input: {}, without: everybodyBut('ada'), code: 'NOT_PERMITTED' },
  editAccessRequest: onRequest({ form: form({ LABELS: ['READ'] }) }),
  inviteCollaborator: onRequest({ email: 'ben@example.org' }),
  removeCollaborator: onRequest({ invitationId: NOTHING }),
  acceptInvitation: onRequest({ invitationId: NOTHING, token: 'x' }),
  amendAccessRequest: onRequest(),
  declareCoAuthor: {
    input: { other: 'nobody@example.org', lastPublishedOn: '2099-01-10' },
    without: ['ada', 'sam'],
    code: 'DATES_INVALID',
  },
  withdrawCoAuthor: { input: { other: 'nobody@example.org' }, without: [], code: 'FORBIDDEN' },
  askForDeputySteward: staff({ accountId: NOTHING, endsAt: '2025-12-01T00:00:00Z', ...reason }, ...everybodyBut('adm')),
  confirmDeputySteward: staff({ stepId: NOTHING, seen: SEEN }, ...everybodyBut('adm')),
  endDeputySteward: staff({ accountId: NOTHING }, ...everybodyBut('adm')),
  renewAccessRequest: onRequest({ progressReport: 'Two papers.' }),
  signAgreement: onRequest({ version: 1, seen: SEEN }),
  submitAccessRequest: onRequest(),
  endorseAccessRequest: onRequest({ seen: SEEN, agreementVersion: 1, attestsEmployment: true, attestsSeniority: true }),
  declineAccessRequest: onRequest(reason),
  commentAccessRequest: onRequest({ text: 'A word.' }),
  assignAccessRequest: onRequest({ stewardId: NOTHING }),
  recuseFromAccessRequest: onRequest(),
  returnAccessRequest: onRequest({ changes: 'Say which servers.' }),
  approveAccessRequest: onRequest({
    seen: SEEN,
    items: [{ modality: 'LABELS', uses: ['READ'] }],
    endsAt: '2026-01-01T00:00:00Z',
  }),
  secondApproval: onRequest({ seen: SEEN, termsHash: SEEN }),
  rejectAccessRequest: onRequest(reason),
  withdrawAccessRequest: onRequest(),
  removeMember: onRequest({ accountId: NOTHING }),
  suspendGrant: onRequest(reason),
  resumeGrant: onRequest(),
  revokeGrant: onRequest(reason),
  attestCloseOut: onRequest({ destroyed: true, statement: 'All wiped.' }),
  countersignCloseOut: onRequest(),
  haltAccess: staff({ scope: 'ALL', ...reason }, ...everybodyBut('sam')),
  askToLiftHalt: staff({ id: NOTHING, ...reason }, ...everybodyBut('sam')),
  liftHalt: staff({ stepId: NOTHING, seen: SEEN }, ...everybodyBut('sam')),
  reportIncident: {
    input: { kind: 'OTHER', summary: 'Something.', discoveredAt: '2025-03-15T11:00:00Z' },
    without: [], // everybody reports
    code: '',
  },
  containIncident: staff({ id: NOTHING, what: 'Nothing.' }, ...everybodyBut('sam')),
  gatherEvidence: staff({ id: NOTHING, from: '2025-03-01T00:00:00Z' }, ...everybodyBut('sam')),
  notifyIncident: staff({ id: NOTHING, whom: ['x'], what: 'x' }, ...everybodyBut('sam')),
  closeIncident: staff({ id: NOTHING, summary: 'x' }, ...everybodyBut('sam')),
  imposeSanction: staff({ accountId: NOTHING, kind: 'WARN', ...reason }, ...everybodyBut('sam')),
  liftSanction: staff({ id: NOTHING, ...reason }, ...everybodyBut('sam')),
  askToLiftBar: staff({ id: NOTHING, ...reason }, ...everybodyBut('sam')),
  liftBar: staff({ stepId: NOTHING, seen: SEEN }, ...everybodyBut('sam')),
  createToken: staff({ grantId: NOTHING, name: 'desk' }, ...everybodyBut('ada')),
  revokeToken: staff({ id: NOTHING }, ...everybodyBut('sam', 'adm')),
  uploadCertificate: {
    input: { type: 'HIPAA', course: 'x', completedOn: '2025-01-10', credentialId: 'x', fileSha256: SEEN },
    without: [], // everybody hands in their own
    code: '',
  },
  verifyCertificate: staff({ id: NOTHING, how: 'SEEN', seen: SEEN }, ...everybodyBut('sam')),
  replaceCertificateFile: {
    input: { id: NOTHING, fileSha256: SEEN },
    without: ['eve', 'sam'],
    code: 'CERTIFICATE_UNKNOWN',
  },
  withdrawCertificate: { input: { id: NOTHING }, without: ['eve', 'sam'], code: 'CERTIFICATE_UNKNOWN' },
  rejectCertificate: staff({ id: NOTHING, ...reason }, ...everybodyBut('sam')),
  retryJob: staff({ id: NOTHING }, ...everybodyBut('cy')),
  pauseJobs: staff({ kind: 'export' }, ...everybodyBut('cy')),
  resumeJobs: staff({ kind: 'export' }, ...everybodyBut('cy')),
  limitJobs: staff({ kind: 'export', atOnce: 1 }, ...everybodyBut('cy')),
  sendMailAgain: staff({ id: NOTHING }, ...everybodyBut('adm')),
  publishAgreement: staff({ version: 2, title: 'x', text: 'y', effectiveOn: '2025-04-01' }, ...everybodyBut('sam')),
  openDrop: staff({ enrolment: '', items: [] }, ...everybodyBut('cy')),
  processSubmission: staff({ dropId: NOTHING, patient: '9001', timestamp: '20201201T003232' }, ...everybodyBut('cy')),
  draftRelease: staff({ version: '2.0.0' }, ...everybodyBut('cy')),
  askForPublication: staff({ releaseId: NOTHING }, ...everybodyBut('cy')),
  publishRelease: staff({ releaseId: NOTHING }, ...everybodyBut('cy', 'sam')),
  checkRelease: staff({ releaseId: NOTHING }, ...everybodyBut('cy', 'sam')),
  cancelReleaseCheck: staff({ id: NOTHING }, ...everybodyBut('cy', 'sam')),
  deprecateRelease: staff({ releaseId: NOTHING, ...reason }, ...everybodyBut('sam')),
  retractRelease: staff({ releaseId: NOTHING, ...reason }, ...everybodyBut('sam')),
  addErratum: staff({ releaseId: NOTHING, concerns: 'x', text: 'x' }, ...everybodyBut('sam')),
  requestExport: ofData({ modalities: ['LABELS'] }),
  cancelExport: { input: { id: NOTHING }, without: ['eve', 'sam'], code: 'EXPORT_UNKNOWN' },
  runBaseline: ofData({ experiment: 'random-forest-pain' }),
  cancelRun: { input: { id: NOTHING }, without: ['eve', 'sam'], code: 'RUN_UNKNOWN' },
  placeQuarantine: staff({ patient: '9001', timestamp: '20201201T003232', ...reason }, ...everybodyBut('cy', 'sam')),
  reviewQuarantine: staff({ id: NOTHING, outcome: 'KEEP', ...reason }, ...everybodyBut('sam')),
  liftQuarantine: staff({ id: NOTHING }, ...everybodyBut('cy', 'sam')),
  recordConsent: staff({ patient: '9001', version: '2', uses: ['HMB'], modalities: [] }, ...everybodyBut('cy', 'sam')),
  suspendAccount: staff({ accountId: NOTHING, ...reason }, ...everybodyBut('adm')),
  liftSuspension: staff({ accountId: NOTHING, ...reason }, ...everybodyBut('adm')),
  takeRole: staff({ accountId: NOTHING, role: 'STEWARD', ...reason }, ...everybodyBut('adm')),
  askToGiveRole: staff({ accountId: NOTHING, role: 'STEWARD', ...reason }, ...everybodyBut('adm')),
  confirmGiveRole: staff({ stepId: NOTHING, seen: SEEN }, ...everybodyBut('adm')),
  addInstitution: staff({ name: 'Somewhere', country: 'US' }, ...everybodyBut('adm')),
  verifyInstitution: staff({ id: NOTHING, ...reason }, ...everybodyBut('adm')),
  setInstitutionStanding: staff({ id: NOTHING, standing: 'BARRED', ...reason }, ...everybodyBut('adm')),
  bindOfficial: staff({ id: NOTHING, accountId: NOTHING, proof: 'By letter.' }, ...everybodyBut('adm')),
  unbindOfficial: staff({ id: NOTHING, accountId: NOTHING, ...reason }, ...everybodyBut('adm')),
  moveAccount: staff({ accountId: NOTHING, ...reason }, ...everybodyBut('adm')),
  chooseInstitution: {
    input: { id: NOTHING },
    without: ['sam', 'cy', 'aud', 'adm', 'olu'],
    code: 'INSTITUTION_FIXED',
  },
  openException: staff({ hours: 1, reason: 'A broken file.' }, ...everybodyBut('cy')),
  endException: { input: { id: NOTHING }, without: everybodyBut(), code: 'EXCEPTION_UNKNOWN' },
  changeSetting: staff({ key: 'runsPerPersonAndDay', value: 5, ...reason }, ...everybodyBut('adm', 'cy')),
  tightenPolicy: staff({ basedOn: 1, policy: {}, ...reason }, ...everybodyBut('adm')),
  askToLoosenPolicy: staff({ basedOn: 1, policy: {}, ...reason }, ...everybodyBut('adm')),
  confirmLoosenPolicy: staff({ stepId: NOTHING, seen: SEEN }, ...everybodyBut('adm')),
  undoConsent: staff({ patient: '9001', consent: NOTHING }, ...everybodyBut('cy', 'sam')),
  importConsents: staff({ file: '' }, ...everybodyBut('cy', 'sam')),
  recordWithdrawal: staff({ patient: '9001', kind: 'STOP_SHARING', reason: 'PATIENT' }, ...everybodyBut('sam')),
  askWithdrawalStep: staff({ id: NOTHING, step: 'NOTICES', ...reason }, ...everybodyBut('sam')),
  confirmWithdrawalStep: staff({ stepId: NOTHING, seen: SEEN }, ...everybodyBut('adm', 'sam')),
  attestDestruction: {
    input: { id: NOTHING, copiesDestroyed: true, derivativesDestroyed: true },
    without: ['eve', 'sam'],
    code: 'DUTY_UNKNOWN',
  },
  setWithdrawalTerms: staff({ erasureHoldDays: 30, attestationDays: 30 }, ...everybodyBut('adm')),
  askToShortenHold: staff({ erasureHoldDays: 3, ...reason }, ...everybodyBut('adm')),
  confirmShortenHold: staff({ stepId: NOTHING, seen: SEEN }, ...everybodyBut('adm')),
  withdrawStep: staff({ id: NOTHING }, ...everybodyBut('adm', 'sam')),
};

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 10 });
});
afterAll(() => world.stop());

describe('every mutation', () => {
  it('has a row in the table of this test', () => {
    expect(Object.keys(TABLE).sort()).toEqual(MUTATIONS);
  });

  it.each(MUTATIONS)('%s takes one input and gives a union of its success and its expected failures', (name) => {
    const field = schema.getMutationType()?.getFields()[name];
    expect(field?.args.map((arg) => String(arg.type))).toEqual([
      `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`,
    ]);
    const payload = schema.getType(String(field?.type).replace('!', ''));
    if (!isUnionType(payload)) throw new Error(`${name} gives no union`);
    const names = payload.getTypes().map((type) => type.name);
    expect(names.filter((type) => type.endsWith('Success'))).toHaveLength(1);
    expect(names).toContain('Refused');
    const expected = schema.getType('ExpectedError');
    if (!isInterfaceType(expected)) throw new Error('there is no ExpectedError');
    for (const type of payload.getTypes()) {
      if (!type.name.endsWith('Success')) expect(type.getInterfaces()).toContain(expected);
    }
  });

  it.each(MUTATIONS)('%s has no two failures of the same code', (name) => {
    const codes = (COMMAND_ERRORS.get(name) ?? []).flatMap((type) => type.codes);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each(MUTATIONS)('%s is refused to a stranger, and writes nothing to the log', async (name) => {
    const before = await world.db.pool.query('SELECT count(*)::int AS n FROM audit_entry');
    const payload = await world.give(null, name, TABLE[name]!.input);
    expect(payload.__typename).toBe('Refused');
    expect(payload.reasons!.map(({ code }) => code)).toContain('NOT_SIGNED_IN');
    const after = await world.db.pool.query('SELECT count(*)::int AS n FROM audit_entry');
    expect(after.rows).toEqual(before.rows);
  });

  it.each(
    MUTATIONS.flatMap((name) => TABLE[name]?.without.map((who) => [name, who] as const) ?? []),
  )('%s is refused to %s, who has no right to it', async (name, who) => {
    const payload = await world.give(who, name, TABLE[name]!.input);
    expect(payload.code).toBe(TABLE[name]!.code);
    if (payload.code === 'FORBIDDEN') expect(payload.reasons!.length).toBeGreaterThan(0);
    expect(payload.message!.length).toBeGreaterThan(10);
  });

  it.each(
    MUTATIONS,
  )('%s leaves an entry in the log, with its name or what it needs, whatever becomes of it', async (name) => {
    const now = world.clock.at;
    // The same refusal within a minute would be counted with the one before.
    world.clock.at = new Date(now.getTime() + 120_000);
    const last = async (): Promise<string[]> => {
      const { rows } = await world.db.pool.query<{ text: string }>(
        'SELECT text FROM audit_entry WHERE account_id = $1 ORDER BY seq',
        [world.idOf('oda')],
      );
      return rows.map(({ text }) => text);
    };
    const before = await last();
    await world.give('oda', name, TABLE[name]!.input);
    const entries = (await last()).slice(before.length).map((text) => JSON.parse(text));
    world.clock.at = now;
    expect(entries.length).toBeGreaterThan(0);
  });

  it.each(
    MUTATIONS.filter(
      (name) => !['cancelExport', 'cancelRun', 'requestExport', 'runBaseline', 'reportIncident'].includes(name),
    ),
  )('%s is refused to a token that acts for a grant', async (name) => {
    const query = `mutation Give($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ... on Refused { reasons { code } } } }`;
    const who = TABLE[name]!.code === 'FORBIDDEN' ? 'cy' : 'ada';
    const { data } = await world.ask(who, query, { input: TABLE[name]!.input }, { 'x-test-token': NOTHING });
    expect(data[name].reasons.map(({ code }: { code: string }) => code)).toContain('TOKEN_BOUND');
  });
});

describe('the commands of requests', () => {
  it('are mutations, each of them', () => {
    expect(MUTATIONS).toEqual(expect.arrayContaining(Object.values(REQUEST_MUTATIONS)));
  });
});

describe('a text that cannot be stored', () => {
  const giving = (version: string) =>
    world.give(
      'sam',
      'recordConsent',
      { ...TABLE.recordConsent!.input, version },
      '... on RecordConsentSuccess { consent { version } }',
    );

  it('is stored with a sign for what it cannot hold', async () => {
    const payload = await giving('b\ud800c');
    expect(payload.consent).toEqual({ version: 'b\ufffdc' });
  });

  it('is refused with a NUL in it, before anything looks at it', async () => {
    await expect(giving('a\0b')).rejects.toThrow('U+0000');
  });
});
