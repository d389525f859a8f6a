import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../governance/canonical.ts';
import type { RequestCommand, RequestFacts } from '../../../governance/request/commands.ts';
import { REFUSALS, type RefusalCode } from '../../../governance/request/refusals.ts';
import type { RequestState } from '../../../governance/request/state.ts';
import {
  amending,
  attempt,
  attest,
  codeOf,
  endorse,
  endorsed,
  exportTerms,
  form,
  having,
  LAST_WEEKS,
  LATER,
  labelTerms,
  leaderless,
  type Name,
  NOW,
  noEndorsement,
  PEOPLE,
  propose,
  requestIn,
  second,
  sign,
  TOKEN,
  videoTerms,
} from './a-request.ts';

const at = NOW.toISOString();

const version2: Partial<RequestFacts> = {
  agreements: [
    { version: 1, effectiveOn: '2024-01-01', graceDays: 30, editorial: false },
    { version: 2, effectiveOn: '2025-03-01', graceDays: 30, editorial: false },
  ],
};

const renew: RequestCommand = { type: 'renew', progressReport: 'Two papers.' };

type Refused = readonly [
  code: RefusalCode,
  when: string,
  state: () => RequestState | null,
  who: Name,
  command: (state: RequestState) => RequestCommand,
  changes?: Partial<RequestFacts>,
];

const edited = (changes: object) => () =>
  having(requestIn('DRAFT'), 'ada', { type: 'edit', form: { ...form, ...changes } as typeof form });

const withInvitation = (): RequestState =>
  having(requestIn('DRAFT'), 'ada', { type: 'invite', email: 'ina@example.org' }, { newId: 'invitation-ina' });

const refusedCases: readonly Refused[] = [
  ['NOT_FOUND', 'a stranger asks', () => requestIn('SUBMITTED'), 'stranger', () => ({ type: 'withdraw' })],
  [
    'ACCOUNT_SUSPENDED',
    'the account is suspended',
    () => requestIn('DRAFT'),
    'ada',
    () => ({ type: 'submit' }),
    { actor: { ...PEOPLE.ada, suspended: true } },
  ],
  ['NOT_PERMITTED', 'the applicant approves', () => requestIn('SUBMITTED'), 'ada', propose],
  [
    'NOT_PERMITTED',
    'a collaborator removes another',
    () => requestIn('APPROVED'),
    'ben',
    () => ({ type: 'removeMember', accountId: 'ada' }),
  ],
  ['WRONG_STATE', 'a draft is proposed upon', () => requestIn('REJECTED'), 'sam', propose],
  [
    'REQUEST_CHANGED',
    'it moved on',
    () => requestIn('SUBMITTED'),
    'sam',
    () => ({ type: 'reject', reason: 'No.', expectedVersion: 3 }),
  ],
  [
    'REQUEST_CHANGED',
    'an old text is signed',
    () => requestIn('DRAFT'),
    'ada',
    () => ({ type: 'signAgreement', version: 1, seen: 'old' }),
  ],
  [
    'REQUEST_CHANGED',
    'an old text is endorsed',
    noEndorsement,
    'olu',
    (state) => ({ ...endorse(state), seen: 'old' }) as RequestCommand,
  ],
  [
    'REQUEST_CHANGED',
    'an old text is seconded',
    () => requestIn('SUBMITTED'),
    'sam',
    (state) => ({ ...second(state), seen: 'old' }) as RequestCommand,
  ],
  [
    'CONFLICT_OF_INTEREST',
    'a steward of the same institution proposes',
    endorsed,
    'sam',
    propose,
    { actor: { ...PEOPLE.sam, institutionId: 'uni' } },
  ],
  [
    'CONFLICT_OF_INTEREST',
    'a recent co-author seconds',
    () => requestIn('SUBMITTED'),
    'sam',
    second,
    { coAuthors: ['sam'] },
  ],
  ['CONFLICT_OF_INTEREST', 'a recent co-author endorses', noEndorsement, 'olu', endorse, { coAuthors: ['olu'] }],
  [
    'CONFLICT_OF_INTEREST',
    'an official endorses a request that they collaborate on',
    noEndorsement,
    'ben',
    endorse,
    {
      actor: { ...PEOPLE.ben, roles: ['researcher', 'signing-official'] },
      institution: { eligible: true, officials: ['ben'] },
    },
  ],
  [
    'CONFLICT_OF_INTEREST',
    'a steward who is also an official of it elsewhere decides for themself',
    endorsed,
    'sam',
    propose,
    { actor: { ...PEOPLE.ben, roles: ['researcher', 'steward'], institutionId: 'nih' } },
  ],
  ...(
    [
      ['proposes', propose],
      ['seconds', second],
      ['returns it', (): RequestCommand => ({ type: 'return', changes: 'Say which servers.' })],
      ['rejects it', (): RequestCommand => ({ type: 'reject', reason: 'No.' })],
    ] as const
  ).map(
    ([does, command]): Refused => [
      'CONFLICT_OF_INTEREST',
      `a steward of the institution who is its official as well ${does}`,
      () => requestIn('SUBMITTED'),
      'sam',
      command,
      {
        actor: { ...PEOPLE.sam, roles: ['steward', 'signing-official'], institutionId: 'uni' },
        institution: { eligible: true, officials: ['olu', 'sam'] },
      },
    ],
  ),
  [
    'CONFLICT_OF_INTEREST',
    'a steward of the institution who is its official as well resumes',
    () => having(requestIn('APPROVED'), 'sam', { type: 'suspend', reason: 'A doubt.' }),
    'sam',
    () => ({ type: 'resume' }),
    {
      actor: { ...PEOPLE.sam, roles: ['steward', 'signing-official'], institutionId: 'uni' },
      institution: { eligible: true, officials: ['olu', 'sam'] },
    },
  ],
  [
    'CONFLICT_OF_INTEREST',
    'who endorsed it, and works elsewhere since, proposes as a steward',
    endorsed,
    'sam',
    propose,
    { actor: { ...PEOPLE.olu, roles: ['steward'], institutionId: 'nih' } },
  ],
  ['RECUSED', 'who stepped back proposes', () => having(endorsed(), 'sam', { type: 'recuse' }), 'sam', propose],
  [
    'RECUSED',
    'who stepped back is assigned',
    () => having(endorsed(), 'sam', { type: 'recuse' }),
    'sue',
    () => ({ type: 'assign', stewardId: 'sam' }),
  ],
  [
    'INSTITUTION_MISSING',
    'the researcher belongs nowhere',
    () => null,
    'ada',
    () => ({ type: 'create' }),
    { actor: { ...PEOPLE.ada, institutionId: null } },
  ],
  [
    'INSTITUTION_INELIGIBLE',
    'it is sent in',
    () => requestIn('DRAFT'),
    'ada',
    () => ({ type: 'submit' }),
    { institution: { eligible: false, officials: ['olu'] } },
  ],
  [
    'INSTITUTION_INELIGIBLE',
    'it is endorsed',
    noEndorsement,
    'olu',
    endorse,
    { institution: { eligible: false, officials: ['olu'] } },
  ],
  [
    'INSTITUTION_INELIGIBLE',
    'it is approved',
    endorsed,
    'sam',
    propose,
    { institution: { eligible: false, officials: ['olu'] } },
  ],
  [
    'INSTITUTION_INELIGIBLE',
    'it is resumed',
    () => requestIn('SUSPENDED'),
    'sam',
    () => ({ type: 'resume' }),
    { institution: { eligible: false, officials: ['olu'] } },
  ],
  [
    'OTHER_INSTITUTION',
    'the invited person works elsewhere',
    withInvitation,
    'ina',
    () => ({ type: 'acceptInvitation', invitationId: 'invitation-ina', token: TOKEN }),
    { actor: { ...PEOPLE.ina, institutionId: 'lab' } },
  ],
  [
    'FORM_INVALID',
    'a code is unknown',
    () => requestIn('DRAFT'),
    'ada',
    () => ({ type: 'edit', form: { ...form, dataUse: ['WHATEVER'] } }),
  ],
  ['FORM_INCOMPLETE', 'the title is missing', edited({ title: '' }), 'ada', () => ({ type: 'submit' })],
  [
    'FORM_INCOMPLETE',
    'a forbidden use is not accepted',
    edited({ acceptsForbidden: [] }),
    'ada',
    () => ({ type: 'submit' }),
  ],
  [
    'FORM_INCOMPLETE',
    'NIST SP 800-171 is not attested',
    edited({ attestsNist800171: false }),
    'ada',
    () => ({ type: 'submit' }),
  ],
  ['EMAIL_INVALID', 'the address is none', () => requestIn('DRAFT'), 'ada', () => ({ type: 'invite', email: 'ben' })],
  [
    'ALREADY_INVITED',
    'somebody is invited twice',
    () => requestIn('DRAFT'),
    'ada',
    () => ({ type: 'invite', email: 'BEN@example.org' }),
  ],
  [
    'ALREADY_INVITED',
    'the applicant invites themself',
    () => requestIn('DRAFT'),
    'ada',
    () => ({ type: 'invite', email: 'ada@example.org' }),
  ],
  [
    'NO_SUCH_MEMBER',
    'nobody of the name is there',
    () => requestIn('DRAFT'),
    'ada',
    () => ({ type: 'removeCollaborator', invitationId: 'x' }),
  ],
  [
    'NO_SUCH_MEMBER',
    'the applicant is to be removed',
    () => requestIn('APPROVED'),
    'sam',
    () => ({ type: 'removeMember', accountId: 'ada' }),
  ],
  [
    'NO_SUCH_MEMBER',
    "somebody else's invitation is accepted",
    () => having(withInvitation(), 'ada', { type: 'invite', email: 'eve@example.org' }, { newId: 'invitation-eve' }),
    'stranger',
    () => ({ type: 'acceptInvitation', invitationId: 'invitation-ina', token: TOKEN }),
  ],
  ['NO_SUCH_MEMBER', 'a successor is not on the team', leaderless, 'olu', (state) => endorse(state, 'eve')],
  [
    'INVITATION_EXPIRED',
    'it is accepted fourteen days later',
    withInvitation,
    'ina',
    () => ({ type: 'acceptInvitation', invitationId: 'invitation-ina', token: TOKEN }),
    { now: new Date(NOW.getTime() + 14 * 86_400_000) },
  ],
  [
    'INVITATION_TOKEN_WRONG',
    'the token is that of another message',
    withInvitation,
    'ina',
    () => ({ type: 'acceptInvitation', invitationId: 'invitation-ina', token: `${TOKEN} ` }),
  ],
  [
    'INVITATION_TOKEN_WRONG',
    'the hash of the token is given for the token',
    withInvitation,
    'ina',
    () => ({ type: 'acceptInvitation', invitationId: 'invitation-ina', token: sha256(TOKEN) }),
  ],
  [
    'TEAM_TOO_LARGE',
    'fifty are on the team',
    () => {
      let state = requestIn('DRAFT');
      for (let index = 0; index < 49; index += 1) {
        state = having(state, 'ada', { type: 'invite', email: `p${index}@example.org` }, { newId: `p-${index}` });
      }
      return state;
    },
    'ada',
    () => ({ type: 'invite', email: 'one.more@example.org' }),
  ],
  [
    'TOO_MANY_INVITATIONS',
    'sixty were sent today',
    () => requestIn('DRAFT'),
    'ada',
    () => ({ type: 'invite', email: 'one.more@example.org' }),
    { today: { create: 0, invite: 60, comment: 0 } },
  ],
  [
    'TOO_MANY_REQUESTS',
    'thirty were begun today',
    () => null,
    'ada',
    () => ({ type: 'create' }),
    { today: { create: 30, invite: 0, comment: 0 } },
  ],
  [
    'TOO_MANY_COMMENTS',
    'two hundred were written today',
    endorsed,
    'ada',
    () => ({ type: 'comment', text: 'And?' }),
    { today: { create: 0, invite: 0, comment: 200 } },
  ],
  ['TEXT_TOO_LONG', 'a reason is a book', endorsed, 'sam', () => ({ type: 'reject', reason: 'x'.repeat(10_001) })],
  [
    'TEXT_TOO_LONG',
    'conditions are a book',
    endorsed,
    'sam',
    (state) => propose(state, { ...labelTerms, conditions: 'x'.repeat(10_001) }),
  ],
  ['AMENDMENT_PENDING', 'one is under way', amending, 'ada', () => ({ type: 'amend' })],
  [
    'NOTHING_AMENDED',
    'it is sent in as it began',
    () => having(requestIn('APPROVED'), 'ada', { type: 'amend' }),
    'ada',
    () => ({ type: 'submit' }),
  ],
  ['RENEWAL_TOO_EARLY', 'most of the year is left', () => requestIn('APPROVED'), 'ada', () => renew],
  [
    'RENEWAL_TOO_LATE',
    'it ended more than thirty days ago',
    () => requestIn('EXPIRED'),
    'ada',
    () => renew,
    { now: new Date('2026-04-01T00:00:00Z') },
  ],
  [
    'RENEWAL_PENDING',
    'one is under way',
    () => having(requestIn('APPROVED'), 'ada', renew, LAST_WEEKS),
    'ada',
    () => renew,
    LAST_WEEKS,
  ],
  [
    'RENEWAL_GAP',
    'the new grant starts after the old one has ended',
    endorsed,
    'sam',
    (state) => propose(state, { ...labelTerms, start: '2025-05-02T00:00:00.000Z' }),
    { renewedGrantEnd: new Date('2025-05-01T00:00:00Z') },
  ],
  [
    'ALREADY_ATTESTED',
    'it was attested before',
    () => having(requestIn('EXPIRED'), 'ada', attest),
    'ada',
    () => attest,
  ],
  [
    'ALREADY_ATTESTED',
    'all is destroyed and it is to be amended',
    () => having(requestIn('APPROVED'), 'ada', attest),
    'ada',
    () => ({ type: 'amend' }),
  ],
  [
    'ALREADY_ATTESTED',
    'all is destroyed and it is to be renewed',
    () => having(requestIn('APPROVED'), 'ada', attest),
    'ada',
    () => renew,
    LAST_WEEKS,
  ],
  ['INVITATION_OPEN', 'somebody has not answered', withInvitation, 'ada', () => ({ type: 'submit' })],
  [
    'AGREEMENT_UNSIGNED',
    'a new version came into force',
    () => requestIn('DRAFT'),
    'ada',
    () => ({ type: 'submit' }),
    version2,
  ],
  [
    'AGREEMENT_UNSIGNED',
    'there is no agreement',
    () => requestIn('DRAFT'),
    'ada',
    () => ({ type: 'submit' }),
    { agreements: [] },
  ],
  ['AGREEMENT_NOT_IN_FORCE', 'an old version is signed', () => requestIn('DRAFT'), 'ada', sign, version2],
  ['AGREEMENT_NOT_IN_FORCE', 'an old version is endorsed with', noEndorsement, 'olu', endorse, version2],
  [
    'ATTESTATION_MISSING',
    'seniority is not attested',
    noEndorsement,
    'olu',
    (state) => ({ ...endorse(state), attestsSeniority: false }) as RequestCommand,
  ],
  [
    'ATTESTATION_MISSING',
    'copies are left',
    () => requestIn('EXPIRED'),
    'ada',
    () => ({ type: 'attestCloseOut', destroyed: false, statement: 'Not yet.' }),
  ],
  ['REASON_MISSING', 'it is declined', noEndorsement, 'olu', () => ({ type: 'decline', reason: ' ' })],
  ['REASON_MISSING', 'it is returned', endorsed, 'sam', () => ({ type: 'return', changes: '' })],
  ['REASON_MISSING', 'it is rejected', endorsed, 'sam', () => ({ type: 'reject', reason: '\n' })],
  ['REASON_MISSING', 'a comment says nothing', endorsed, 'sam', () => ({ type: 'comment', text: '' })],
  [
    'REASON_MISSING',
    'nothing is seen of a reason',
    endorsed,
    'sam',
    () => ({ type: 'reject', reason: '\u200b \u2800' }),
  ],
  ['REASON_MISSING', 'it is suspended', () => requestIn('APPROVED'), 'sam', () => ({ type: 'suspend', reason: '' })],
  ['REASON_MISSING', 'it is revoked', () => requestIn('APPROVED'), 'sam', () => ({ type: 'revoke', reason: '' })],
  [
    'REASON_MISSING',
    'an attestation says nothing',
    () => requestIn('REVOKED'),
    'ada',
    () => ({ type: 'attestCloseOut', destroyed: true, statement: '' }),
  ],
  [
    'TERM_INVALID',
    'it starts before today',
    endorsed,
    'sam',
    (state) => propose(state, { ...labelTerms, start: '2025-03-14T12:00:00.000Z' }),
  ],
  [
    'TERM_TOO_LONG',
    'it ends in the far future',
    endorsed,
    'sam',
    (state) => propose(state, { ...labelTerms, end: '9999-12-31T23:59:59Z' }),
  ],
  [
    'CONFLICT_OF_INTEREST',
    'it is assigned to a steward of the same institution',
    endorsed,
    'sam',
    () => ({ type: 'assign', stewardId: 'own' }),
    { stewards: [{ accountId: 'own', institutionId: 'uni' }] },
  ],
  [
    'NOT_PROPOSED',
    'who proposed is a steward no more',
    () => requestIn('SUBMITTED'),
    'sam',
    second,
    { stewards: [{ accountId: 'sam', institutionId: 'nih' }] },
  ],
  [
    'CONFLICT_OF_INTEREST',
    'the applicant is the official who countersigns',
    () => having(requestIn('EXPIRED'), 'ada', attest),
    'ada',
    () => ({ type: 'countersignCloseOut' }),
    {
      actor: { ...PEOPLE.ada, roles: ['researcher', 'signing-official'] },
      institution: { eligible: true, officials: ['ada'] },
    },
  ],
  ['NO_SUCH_STEWARD', 'it is assigned to somebody else', endorsed, 'sam', () => ({ type: 'assign', stewardId: 'eve' })],
  ['NOT_ENDORSED', 'nobody has endorsed', noEndorsement, 'sam', propose],
  [
    'NOT_ENDORSED',
    'the official is one no more',
    endorsed,
    'sam',
    propose,
    { institution: { eligible: true, officials: ['other'] } },
  ],
  [
    'NOT_ENDORSED',
    'the endorsement was withdrawn and not given anew',
    () => having(requestIn('APPROVED'), 'olu', { type: 'suspend', reason: 'The contract ended.' }),
    'sam',
    () => ({ type: 'resume' }),
  ],
  [
    'NOTHING_GRANTED',
    'the proposal is empty',
    endorsed,
    'sam',
    (state) => propose(state, { ...videoTerms, access: { LABELS: [] } }),
  ],
  [
    'NOT_ASKED_FOR',
    'another modality is given',
    endorsed,
    'sam',
    (state) => propose(state, { ...videoTerms, access: { FACES: ['RUN'] } }),
  ],
  [
    'NOT_ASKED_FOR',
    'another use is given',
    () => {
      let state = edited({ items: [{ modality: 'LABELS', uses: ['READ'], why: 'Targets only.' }] })();
      state = having(having(state, 'ada', sign(state)), 'ben', sign(state));
      state = having(state, 'ada', { type: 'submit' });
      return having(state, 'olu', endorse(state));
    },
    'sam',
    (state) => propose(state, { ...videoTerms, access: { LABELS: ['READ', 'EXPORT'] } }),
  ],
  [
    'EXPORT_NOT_CONFIRMED',
    'the first steward does not say so',
    endorsed,
    'sam',
    (state) => propose(state, exportTerms),
  ],
  [
    'EXPORT_NOT_CONFIRMED',
    'the second steward does not say so',
    () => having(endorsed(), 'sue', propose(endorsed(), exportTerms, true)),
    'sam',
    (state) => second(state, exportTerms),
  ],
  [
    'TERM_INVALID',
    'it ends before it starts',
    endorsed,
    'sam',
    (state) => propose(state, { ...labelTerms, start: '2026-03-02T05:00:00Z' }),
  ],
  [
    'TERM_INVALID',
    'it has ended',
    endorsed,
    'sam',
    (state) => propose(state, { ...labelTerms, start: '2025-01-01T00:00:00Z', end: at }),
  ],
  ['TERM_INVALID', 'a time is none', endorsed, 'sam', (state) => propose(state, { ...labelTerms, end: 'soon' })],
  [
    'TERM_TOO_LONG',
    'it lasts a day more than a year',
    endorsed,
    'sam',
    (state) => propose(state, { ...labelTerms, end: '2026-03-16T04:00:01Z' }),
  ],
  [
    'APPLICANT_LEFT',
    'the applicant has moved since',
    endorsed,
    'sam',
    propose,
    { applicantInstitutionId: 'elsewhere' },
  ],
  ['CLOSE_OUT_OVERDUE', 'another grant is not closed out', endorsed, 'sam', propose, { closeOutOverdue: true }],
  ['NOT_PROPOSED', 'nothing is proposed', endorsed, 'sam', second],
  [
    'PROPOSAL_DIFFERS',
    'the terms are others',
    () => requestIn('SUBMITTED'),
    'sam',
    (state) => second(state, labelTerms),
  ],
  ['SAME_STEWARD', 'a steward seconds themself', () => requestIn('SUBMITTED'), 'sue', second],
  [
    'NOT_DUE',
    'the applicant has not left',
    () => requestIn('APPROVED'),
    'clock',
    () => ({ type: 'suspend', reason: '' }),
  ],
  ['NOT_DUE', 'the grant runs on', () => requestIn('APPROVED'), 'clock', () => ({ type: 'expire' })],
  [
    'SUCCESSOR_MISSING',
    'the applicant left and nobody is named',
    () => having(leaderless(), 'olu', endorse(leaderless())),
    'sam',
    () => ({ type: 'resume' }),
  ],
  ['GRANT_ENDED', 'its time is over', () => requestIn('SUSPENDED'), 'sam', () => ({ type: 'resume' }), LATER],
  ['NOT_ATTESTED', 'nothing is attested', () => requestIn('EXPIRED'), 'olu', () => ({ type: 'countersignCloseOut' })],
];

describe('a command is refused', () => {
  for (const [code, when, make, who, command, changes] of refusedCases) {
    it(`with ${code} when ${when}`, () => {
      const state = make();
      expect(codeOf(attempt(state, who, command(state ?? requestIn('DRAFT')), changes))).toBe(code);
    });
  }

  it('with every code that there is', () => {
    const met = new Set<string>(refusedCases.map(([code]) => code));
    expect(Object.keys(REFUSALS).filter((code) => !met.has(code))).toEqual([]);
  });
});
