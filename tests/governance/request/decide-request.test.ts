import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import type { Outcome, RequestCommand, RequestFacts } from '../../../governance/request/commands.ts';
import { applyEvent, foldRequest } from '../../../governance/request/fold.ts';
import { closeOutOverdue, grantFacts, registerEntry } from '../../../governance/request/grant.ts';
import { REFUSALS, type RefusalCode } from '../../../governance/request/refusals.ts';
import { seenHash } from '../../../governance/request/seen.ts';
import type { RequestState } from '../../../governance/request/state.ts';
import { type GrantTerms, termsHash } from '../../../governance/request/terms.ts';
import {
  attempt,
  attest,
  endorse,
  form,
  having,
  LATER,
  labelTerms,
  type Name,
  NOW,
  PEOPLE,
  propose,
  requestIn,
  second,
  sign,
  videoTerms,
} from './a-request.ts';

const at = NOW.toISOString();
const codeOf = (outcome: Outcome): RefusalCode | 'done' => (outcome.ok ? 'done' : outcome.refusal.code);

const noEndorsement = (): RequestState => having(requestIn('DRAFT'), 'ada', { type: 'submit' });
const endorsed = (): RequestState => having(noEndorsement(), 'olu', endorse(noEndorsement()));
const exportTerms: GrantTerms = { ...videoTerms, access: { VIDEO: ['READ', 'EXPORT'] } };
const left: Partial<RequestFacts> = { applicantInstitutionId: 'elsewhere' };
const leaderless = (): RequestState => having(requestIn('APPROVED'), 'clock', { type: 'suspend', reason: '' }, left);
const version2: Partial<RequestFacts> = {
  agreements: [
    { version: 1, effectiveOn: '2024-01-01', graceDays: 30, editorial: false },
    { version: 2, effectiveOn: '2025-03-01', graceDays: 30, editorial: false },
  ],
};

describe('a request on its way', () => {
  it('begins as a draft of its applicant and institution', () => {
    expect(attempt(null, 'ada', { type: 'create' }, { newId: 'request-9' })).toEqual({
      ok: true,
      events: [{ type: 'RequestCreated', requestId: 'request-9', institutionId: 'uni', by: 'ada', at }],
    });
  });

  it('is approved by one steward where nothing identifiable is given', () => {
    const state = endorsed();
    const seen = seenHash(state);
    expect(attempt(state, 'sam', propose(state, labelTerms), { newId: 'grant-7' })).toEqual({
      ok: true,
      events: [
        { type: 'GrantProposed', seen, terms: labelTerms, confirmsExport: false, by: 'sam', at },
        { type: 'RequestApproved', grantId: 'grant-7', terms: labelTerms, stewards: ['sam'], by: 'sam', at },
      ],
    });
  });

  it('waits for a second steward where something identifiable is', () => {
    const state = endorsed();
    const proposed = having(state, 'sue', propose(state));
    expect(proposed.status).toBe('SUBMITTED');
    expect(attempt(proposed, 'sam', second(proposed), { newId: 'grant-7' })).toEqual({
      ok: true,
      events: [
        {
          type: 'ProposalSeconded',
          seen: seenHash(state),
          termsHash: termsHash(videoTerms),
          confirmsExport: false,
          by: 'sam',
          at,
        },
        { type: 'RequestApproved', grantId: 'grant-7', terms: videoTerms, stewards: ['sue', 'sam'], by: 'sam', at },
      ],
    });
  });

  it('a proposal made anew takes the place of the one before', () => {
    const state = requestIn('SUBMITTED');
    const narrower = { ...videoTerms, access: { VIDEO: ['RUN'] as const } };
    const again = having(state, 'sue', propose(state, narrower));
    expect(codeOf(attempt(again, 'sam', second(again)))).toBe('PROPOSAL_DIFFERS');
    expect(having(again, 'sam', second(again, narrower)).grant?.terms.access).toEqual({ VIDEO: ['RUN'] });
  });

  it('terms written in another order or with repetitions are the identical proposal', () => {
    const shuffled: GrantTerms = {
      ...videoTerms,
      access: { VIDEO: ['RUN', 'READ', 'READ'], FACES: [], LABELS: ['EXPORT', 'READ', 'RUN'] },
      conditions: ` ${videoTerms.conditions} `,
      start: '2025-03-15T08:00:00-04:00',
    };
    expect(termsHash(shuffled)).toBe(termsHash(videoTerms));
  });

  it('folds to the same state from its stored events as step by step', () => {
    const state = requestIn('DRAFT');
    const events = [
      { type: 'RequestCreated', requestId: 'request-1', institutionId: 'uni', by: 'ada', at },
      { type: 'FormEdited', form, by: 'ada', at },
      { type: 'CollaboratorInvited', invitationId: 'invitation-ben', email: 'ben@example.org', by: 'ada', at },
      { type: 'InvitationAccepted', invitationId: 'invitation-ben', by: 'ben', at },
      { type: 'AgreementSigned', version: 1, as: 'MEMBER', seen: seenHash(state), by: 'ada', at },
      { type: 'AgreementSigned', version: 1, as: 'MEMBER', seen: seenHash(state), by: 'ben', at },
    ] as const;
    expect(foldRequest(JSON.parse(JSON.stringify(events)))).toEqual(state);
    expect(foldRequest([])).toBeNull();
    expect(() => foldRequest([events[1]])).toThrow('begins with FormEdited');
    expect(() => applyEvent(state, events[0])).toThrow('created twice');
  });
});

describe('what was seen', () => {
  it('an edit voids the signatures, and going back to the old text does not bring them back', () => {
    const state = requestIn('DRAFT');
    const changed = having(state, 'ada', { type: 'edit', form: { ...form, title: 'Another title' } });
    expect(codeOf(attempt(changed, 'ada', { type: 'submit' }))).toBe('AGREEMENT_UNSIGNED');
    const back = having(changed, 'ada', { type: 'edit', form });
    expect(codeOf(attempt(back, 'ada', { type: 'submit' }))).toBe('AGREEMENT_UNSIGNED');
    expect(codeOf(attempt(state, 'ada', { type: 'submit' }))).toBe('done');
  });

  it('saving the same form again voids nothing', () => {
    expect(attempt(requestIn('DRAFT'), 'ada', { type: 'edit', form })).toEqual({ ok: true, events: [] });
  });

  it('an edit after a return voids the endorsement', () => {
    const returned = requestIn('RETURNED');
    let state = having(returned, 'ada', { type: 'edit', form: { ...form, position: 'Professor' } });
    state = having(state, 'ada', sign(state));
    state = having(state, 'ben', sign(state));
    state = having(state, 'ada', { type: 'submit' });
    expect(codeOf(attempt(state, 'sam', propose(state)))).toBe('NOT_ENDORSED');
    expect(codeOf(attempt(state, 'sam', { ...propose(state), seen: seenHash(returned) } as RequestCommand))).toBe(
      'REQUEST_CHANGED',
    );
  });

  it('of two simultaneous decisions one wins, and the other is told that the request has changed', () => {
    const state = requestIn('SUBMITTED');
    const expectedVersion = state.version;
    const won = having(state, 'sam', { ...second(state), expectedVersion });
    expect(codeOf(attempt(won, 'sue', { type: 'reject', reason: 'No.', expectedVersion }))).toBe('REQUEST_CHANGED');
  });
});

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
    () => ({ type: 'acceptInvitation', invitationId: 'invitation-ina' }),
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
    () => ({ type: 'acceptInvitation', invitationId: 'invitation-ina' }),
  ],
  ['NO_SUCH_MEMBER', 'a successor is not on the team', leaderless, 'olu', (state) => endorse(state, 'eve')],
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
  ['REASON_MISSING', 'it is suspended', () => requestIn('APPROVED'), 'sam', () => ({ type: 'suspend', reason: '' })],
  ['REASON_MISSING', 'it is revoked', () => requestIn('APPROVED'), 'sam', () => ({ type: 'revoke', reason: '' })],
  [
    'REASON_MISSING',
    'an attestation says nothing',
    () => requestIn('REVOKED'),
    'ada',
    () => ({ type: 'attestCloseOut', destroyed: true, statement: '' }),
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

describe('a grant in its life', () => {
  it('is what the approval says, for decide()', () => {
    const state = requestIn('APPROVED');
    expect(grantFacts(state)).toEqual({
      id: 'new-1',
      state: 'ACTIVE',
      start: new Date(videoTerms.start),
      end: new Date(videoTerms.end),
      access: videoTerms.access,
      purpose: ['HMB', 'NCU', 'IRB'],
      institutionId: 'uni',
      members: ['ada', 'ben'],
      signatures: [
        { accountId: 'ada', version: 1, as: 'MEMBER', signedAt: NOW },
        { accountId: 'ben', version: 1, as: 'MEMBER', signedAt: NOW },
        { accountId: 'olu', version: 1, as: 'OFFICIAL', signedAt: NOW },
      ],
    });
    expect(grantFacts(requestIn('SUBMITTED'))).toBeNull();
    expect(grantFacts(requestIn('REJECTED'))).toBeNull();
    const states = (['SUSPENDED', 'REVOKED', 'EXPIRED', 'CLOSED'] as const).map(
      (name) => grantFacts(requestIn(name))?.state,
    );
    expect(states).toEqual(['SUSPENDED', 'REVOKED', 'EXPIRED', 'CLOSED']);
  });

  it('ends for a removed member, who may remove themself, and for nobody else', () => {
    const state = having(requestIn('APPROVED'), 'ben', { type: 'removeMember', accountId: 'ben' });
    expect(grantFacts(state)?.members).toEqual(['ada']);
    expect(codeOf(attempt(state, 'ben', sign(state)))).toBe('NOT_FOUND');
  });

  it('lives on with both stewards confirming the export of what is identifiable', () => {
    const proposed = having(endorsed(), 'sue', propose(endorsed(), exportTerms, true));
    const given = having(proposed, 'sam', second(proposed, exportTerms, true));
    expect(grantFacts(given)?.access).toEqual({ VIDEO: ['READ', 'EXPORT'] });
  });

  it('may end at the end of the same day a year on, and a leap day has its 28 February', () => {
    expect(
      codeOf(attempt(endorsed(), 'sam', propose(endorsed(), { ...labelTerms, end: '2026-03-16T04:00:00Z' }))),
    ).toBe('done');
    const leap = { now: new Date('2024-02-29T12:00:00Z') };
    const until = (end: string) =>
      attempt(endorsed(), 'sam', propose(endorsed(), { ...labelTerms, start: '2024-02-29T12:00:00Z', end }), leap);
    expect(codeOf(until('2025-03-01T05:00:00Z'))).toBe('done');
    expect(codeOf(until('2025-03-01T05:00:00.001Z'))).toBe('TERM_TOO_LONG');
  });

  it('is resumed with a successor whom the official endorses, and belongs to them from then on', () => {
    let state = having(leaderless(), 'olu', endorse(leaderless(), 'ben'));
    expect(state.status).toBe('SUSPENDED');
    state = having(state, 'sam', { type: 'resume' });
    expect(state).toMatchObject({ status: 'APPROVED', applicantId: 'ben', collaborators: [], suspension: null });
    expect(codeOf(attempt(state, 'ada', attest))).toBe('NOT_FOUND');
  });

  it('is resumed with a new endorsement after the old one was withdrawn', () => {
    let state = having(requestIn('APPROVED'), 'olu', { type: 'suspend', reason: 'The contract ended.' });
    state = having(state, 'olu', endorse(state));
    expect(having(state, 'sam', { type: 'resume' })).toMatchObject({ status: 'APPROVED', applicantId: 'ada' });
  });

  it('lets members and the official sign a newer agreement, ahead of its day too', () => {
    const ahead: Partial<RequestFacts> = {
      agreements: [
        { version: 1, effectiveOn: '2024-01-01', graceDays: 30, editorial: false },
        { version: 2, effectiveOn: '2025-05-01', graceDays: 0, editorial: false },
      ],
    };
    let state = requestIn('APPROVED');
    const two: RequestCommand = { type: 'signAgreement', version: 2, seen: seenHash(state) };
    state = having(having(state, 'ben', two, ahead), 'olu', two, ahead);
    expect(grantFacts(state)?.signatures.slice(-2)).toEqual([
      { accountId: 'ben', version: 2, as: 'MEMBER', signedAt: NOW },
      { accountId: 'olu', version: 2, as: 'OFFICIAL', signedAt: NOW },
    ]);
  });

  it('a steward who steps back takes their proposal and assignment along', () => {
    const state = having(requestIn('SUBMITTED'), 'sam', { type: 'assign', stewardId: 'sue' });
    expect(having(state, 'sue', { type: 'recuse' })).toMatchObject({
      assignedTo: null,
      proposal: null,
      recused: ['sue'],
    });
    expect(having(state, 'sam', { type: 'recuse' })).toMatchObject({ assignedTo: 'sue', recused: ['sam'] });
  });

  it('is late with its close-out thirty days after its end, until somebody attests', () => {
    const expired = requestIn('EXPIRED');
    // It ended on 1 March at midnight in New York; the thirtieth day after is 31 March, which ends under summer time.
    expect(closeOutOverdue(expired, DEFAULT_POLICY, new Date('2026-04-01T03:59:59Z'))).toBe(false);
    expect(closeOutOverdue(expired, DEFAULT_POLICY, new Date('2026-04-01T04:00:00Z'))).toBe(true);
    // Nobody has to have noticed that it ended.
    expect(closeOutOverdue(requestIn('APPROVED'), DEFAULT_POLICY, new Date('2026-04-01T04:00:00Z'))).toBe(true);
    expect(closeOutOverdue(requestIn('REVOKED'), DEFAULT_POLICY, new Date('2025-05-01T00:00:00Z'))).toBe(true);
    expect(closeOutOverdue(having(expired, 'ada', attest), DEFAULT_POLICY, new Date('2027-01-01T00:00:00Z'))).toBe(
      false,
    );
    expect(closeOutOverdue(requestIn('REJECTED'), DEFAULT_POLICY, new Date('2027-01-01T00:00:00Z'))).toBe(false);
  });

  it('stands in the public register with what was approved, until it ended', () => {
    expect(registerEntry(requestIn('REVOKED'))).toEqual({
      applicantId: 'ada',
      institutionId: 'uni',
      title: form.title,
      plainSummary: form.plainSummary,
      modalities: ['LABELS', 'VIDEO'],
      start: videoTerms.start,
      end: at,
    });
    expect(registerEntry(requestIn('SUBMITTED'))).toBeNull();
  });
});
