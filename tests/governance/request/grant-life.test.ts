import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import type { RequestCommand, RequestFacts } from '../../../governance/request/commands.ts';
import { closeOutOverdue, grantFacts } from '../../../governance/request/grant.ts';
import { seenHash } from '../../../governance/request/seen.ts';
import { collaboratorsOf } from '../../../governance/request/state.ts';
import {
  attempt,
  attest,
  codeOf,
  endorse,
  endorsed,
  exportTerms,
  form,
  having,
  labelTerms,
  leaderless,
  NOW,
  propose,
  requestIn,
  second,
  sign,
  videoTerms,
} from './a-request.ts';

const _at = NOW.toISOString();

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

  it('rests on the signatures of what was approved, not on those of an older text', () => {
    let state = having(requestIn('RETURNED'), 'ada', { type: 'edit', form: { ...form, position: 'Professor' } });
    state = having(having(state, 'ada', sign(state)), 'ben', sign(state));
    state = having(state, 'ada', { type: 'submit' });
    state = having(state, 'olu', endorse(state));
    state = having(state, 'sam', propose(state, labelTerms));
    expect(state.signatures.length).toBe(6);
    expect(grantFacts(state)?.signatures.map(({ accountId }) => accountId)).toEqual(['ada', 'ben', 'olu']);
  });

  it('ends for a removed member, who may remove themself, and for nobody else', () => {
    const state = having(requestIn('APPROVED'), 'ben', { type: 'removeMember', accountId: 'ben' });
    expect(grantFacts(state)?.members).toEqual(['ada']);
    // The others have signed what was approved, and go on.
    expect(grantFacts(state)?.signatures).toEqual(grantFacts(requestIn('APPROVED'))?.signatures);
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
    expect(state).toMatchObject({ status: 'APPROVED', applicantId: 'ben', suspension: null });
    expect(collaboratorsOf(state)).toEqual([]);
    expect(grantFacts(state)?.members).toEqual(['ben']);
    // What they signed before they led the team counts on.
    expect(grantFacts(state)?.signatures.map(({ accountId }) => accountId)).toContain('ben');
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
});
