import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../governance/canonical.ts';
import type { RequestCommand } from '../../../governance/request/commands.ts';
import { applyEvent, foldRequest } from '../../../governance/request/fold.ts';
import { seenHash } from '../../../governance/request/seen.ts';
import { type GrantTerms, termsHash } from '../../../governance/request/terms.ts';
import {
  attempt,
  codeOf,
  endorsed,
  form,
  having,
  labelTerms,
  NOW,
  propose,
  requestIn,
  second,
  sign,
  TOKEN,
  videoTerms,
} from './a-request.ts';

const at = NOW.toISOString();

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
      {
        type: 'CollaboratorInvited',
        invitationId: 'invitation-ben',
        email: 'ben@example.org',
        tokenSha256: sha256(TOKEN),
        expiresAt: '2025-03-29T12:00:00.000Z',
        by: 'ada',
        at,
      },
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
