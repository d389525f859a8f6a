import { sha256 } from '../../../governance/canonical.ts';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import type { RequestForm } from '../../../governance/forms.ts';
import type { Outcome, RequestActor, RequestCommand, RequestFacts } from '../../../governance/request/commands.ts';
import { decideRequest } from '../../../governance/request/decide-request.ts';
import { applyEvent } from '../../../governance/request/fold.ts';
import type { RefusalCode } from '../../../governance/request/refusals.ts';
import { seenHash } from '../../../governance/request/seen.ts';
import { amended, type RequestState, type RequestStatus } from '../../../governance/request/state.ts';
import { type GrantTerms, termsHash } from '../../../governance/request/terms.ts';
import type { Role } from '../../../governance/roles.ts';

/** Of every invitation here. */
export const TOKEN = 'the-token-that-was-mailed';

export const NOW = new Date('2025-03-15T12:00:00Z');

const person = (
  accountId: string,
  institutionId: string | null,
  ...roles: Role[]
): Extract<RequestActor, { kind: 'account' }> => ({
  kind: 'account',
  accountId,
  roles,
  institutionId,
  email: `${accountId}@example.org`,
  suspended: false,
});

export const PEOPLE = {
  ada: person('ada', 'uni', 'researcher'),
  ben: person('ben', 'uni', 'researcher'),
  ina: person('ina', 'uni', 'researcher'),
  olu: person('olu', 'uni', 'signing-official'),
  sam: person('sam', 'nih', 'steward'),
  sue: person('sue', 'nih', 'steward'),
  clock: { kind: 'system:clock' },
  stranger: person('eve', 'uni', 'researcher'),
  otherOfficial: person('oda', 'lab', 'signing-official'),
  curator: person('cy', 'nih', 'curator'),
  auditor: person('aud', 'nih', 'auditor'),
  admin: person('adm', 'nih', 'admin'),
  nobody: person('nob', null),
} as const satisfies Record<string, RequestActor>;

export type Name = keyof typeof PEOPLE;

export const form: RequestForm = {
  title: 'Pain in the voice of older patients',
  plainSummary: 'We want to learn whether a short recording can tell that somebody is in pain.',
  detail:
    'We train small models on audio features and landmarks and compare them by sex and skin type, over the published folds.',
  position: 'Associate professor',
  items: [
    { modality: 'LABELS', uses: ['READ', 'RUN', 'EXPORT'], why: 'Targets for training.' },
    { modality: 'VIDEO', uses: ['READ', 'RUN', 'EXPORT'], why: 'Faces while speaking.' },
  ],
  securityPlan: 'Encrypted disks, accounts of our own, no copies beyond the named servers.',
  attestsNist800171: true,
  ethicsApproval: { reference: 'IRB-2025-17', documentSha256: 'a'.repeat(64) },
  dataUse: ['HMB', 'NCU', 'IRB'],
  durationMonths: 12,
  acceptsForbidden: [
    'RE_IDENTIFICATION',
    'SURVEILLANCE',
    'FACIAL_RECOGNITION',
    'EMOTION_DETECTION',
    'RISK_OR_LIABILITY',
  ],
};

export const videoTerms: GrantTerms = {
  access: { LABELS: ['READ', 'RUN', 'EXPORT'], VIDEO: ['READ', 'RUN'] },
  conditions: 'Nothing leaves the named servers.',
  start: '2025-03-15T12:00:00.000Z',
  end: '2026-03-01T05:00:00.000Z',
};

export const labelTerms: GrantTerms = { ...videoTerms, access: { LABELS: ['READ'] } };

export const factsOf = (name: Name, changes: Partial<RequestFacts> = {}): RequestFacts => ({
  now: NOW,
  policy: DEFAULT_POLICY,
  agreements: [{ version: 1, effectiveOn: '2024-01-01', graceDays: 30, editorial: false }],
  actor: PEOPLE[name],
  institution: { eligible: true, officials: ['olu'] },
  applicantInstitutionId: 'uni',
  stewards: [
    { accountId: 'sam', institutionId: 'nih' },
    { accountId: 'sue', institutionId: 'nih' },
  ],
  coAuthors: [],
  closeOutOverdue: false,
  renewedGrantEnd: null,
  newId: 'new-1',
  newTokenSha256: sha256(TOKEN),
  today: { create: 0, invite: 0, comment: 0 },
  ...changes,
});

export const attempt = (
  state: RequestState | null,
  name: Name,
  command: RequestCommand,
  changes: Partial<RequestFacts> = {},
): Outcome => decideRequest(state, command, factsOf(name, changes));

/** The state after a command that has to succeed. */
export const having = (
  state: RequestState | null,
  name: Name,
  command: RequestCommand,
  changes: Partial<RequestFacts> = {},
): RequestState => {
  const outcome = attempt(state, name, command, changes);
  if (!outcome.ok) throw new Error(`${name} ${command.type}: ${outcome.refusal.code} ${outcome.refusal.subject ?? ''}`);
  return outcome.events.reduce<RequestState | null>(applyEvent, state)!;
};

export const sign = (state: RequestState): RequestCommand => ({
  type: 'signAgreement',
  version: 1,
  seen: seenHash(state),
});

export const endorse = (state: RequestState, successorId: string | null = null): RequestCommand => ({
  type: 'endorse',
  seen: seenHash(state),
  agreementVersion: 1,
  attestsEmployment: true,
  attestsSeniority: true,
  successorId,
});

export const propose = (
  state: RequestState,
  terms: GrantTerms = videoTerms,
  confirmsExport = false,
): RequestCommand => ({
  type: 'propose',
  seen: seenHash(state),
  terms,
  confirmsExport,
});

export const second = (
  state: RequestState,
  terms: GrantTerms = videoTerms,
  confirmsExport = false,
): RequestCommand => ({
  type: 'second',
  seen: seenHash(state),
  termsHash: termsHash(terms),
  confirmsExport,
});

export const attest: RequestCommand = {
  type: 'attestCloseOut',
  destroyed: true,
  statement: 'All copies were wiped on 1 March.',
};

const draft = (): RequestState => {
  let state = having(null, 'ada', { type: 'create' }, { newId: 'request-1' });
  state = having(state, 'ada', { type: 'edit', form });
  state = having(state, 'ada', { type: 'invite', email: 'Ben@Example.org' }, { newId: 'invitation-ben' });
  state = having(state, 'ben', { type: 'acceptInvitation', invitationId: 'invitation-ben', token: TOKEN });
  state = having(state, 'ada', sign(state));
  return having(state, 'ben', sign(state));
};

/** Sent in, endorsed, and with a proposal by sue that waits for a second steward. */
const submitted = (): RequestState => {
  let state = having(draft(), 'ada', { type: 'submit' });
  state = having(state, 'olu', endorse(state));
  return having(state, 'sue', propose(state));
};

const approved = (): RequestState => having(submitted(), 'sam', second(submitted()));

/** Weeks before the end of the grant. */
export const LAST_WEEKS = { now: new Date('2026-02-01T12:00:00Z') };

/** After the end of the grant. */
export const LATER = { now: new Date('2026-03-01T05:00:00Z') };

const MAKE: Readonly<Record<RequestStatus, () => RequestState>> = {
  DRAFT: draft,
  SUBMITTED: submitted,
  RETURNED: () => having(submitted(), 'sam', { type: 'return', changes: 'Say which servers.' }),
  APPROVED: approved,
  SUSPENDED: () => having(approved(), 'sam', { type: 'suspend', reason: 'A report has to be looked into.' }),
  REJECTED: () => having(submitted(), 'sam', { type: 'reject', reason: 'The purpose is surveillance.' }),
  WITHDRAWN: () => having(draft(), 'ada', { type: 'withdraw' }),
  REVOKED: () => having(approved(), 'sam', { type: 'revoke', reason: 'Copies were passed on.' }),
  EXPIRED: () => having(approved(), 'clock', { type: 'expire' }, LATER),
  CLOSED: () => having(having(approved(), 'ada', attest), 'olu', { type: 'countersignCloseOut' }),
};

/** A request in one of the states, as its commands have made it. */
export const requestIn = (status: RequestStatus): RequestState => MAKE[status]();

/** Sent in, and endorsed by nobody yet. */
export const noEndorsement = (): RequestState => having(requestIn('DRAFT'), 'ada', { type: 'submit' });

export const endorsed = (): RequestState => having(noEndorsement(), 'olu', endorse(noEndorsement()));

/** Approved, with an amendment that ada begins and says more by. */
export const amending = (): RequestState => {
  const state = having(requestIn('APPROVED'), 'ada', { type: 'amend' }, { newId: 'amendment-1' });
  const items = [...form.items, { modality: 'FACES' as const, uses: ['RUN' as const], why: 'Baselines on faces.' }];
  return having(state, 'ada', { type: 'edit', form: { ...form, items } });
};

/** The amendment that is under way, as a request. */
export const amendmentOf = (state: RequestState): RequestState => amended(state)!;

/** The amendment sent in, endorsed, and proposed by sue. */
export const amendmentSent = (): RequestState => {
  let state = amending();
  state = having(state, 'ada', sign(amendmentOf(state)));
  state = having(state, 'ben', sign(amendmentOf(state)));
  state = having(state, 'ada', { type: 'submit' });
  state = having(state, 'olu', endorse(amendmentOf(state)));
  return having(state, 'sue', propose(amendmentOf(state), wider));
};

/** What was given, and faces to run on. */
export const wider: GrantTerms = { ...videoTerms, access: { ...videoTerms.access, FACES: ['RUN'] } };

/** Suspended because its applicant has left the institution. */
export const leaderless = (): RequestState =>
  having(requestIn('APPROVED'), 'clock', { type: 'suspend', reason: '' }, { applicantInstitutionId: 'elsewhere' });

export const exportTerms: GrantTerms = { ...videoTerms, access: { VIDEO: ['READ', 'EXPORT'] } };

export const codeOf = (outcome: Outcome): RefusalCode | 'done' => (outcome.ok ? 'done' : outcome.refusal.code);
