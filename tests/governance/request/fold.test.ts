import { describe, expect, it } from 'vitest';
import type { RequestEvent } from '../../../governance/request/events.ts';
import { applyEvent, foldRequest } from '../../../governance/request/fold.ts';
import type { RequestState } from '../../../governance/request/state.ts';
import { amending, having, LAST_WEEKS, NOW, requestIn, videoTerms } from './a-request.ts';

const DAY = 86_400_000;
const END = Date.parse(videoTerms.end);
const iso = (time: number): string => new Date(time).toISOString();

/** After an event as it is stored, given by ada now unless it says else. */
const upon = (state: RequestState, event: object): RequestState =>
  applyEvent(state, { by: 'ada', at: NOW.toISOString(), ...event } as RequestEvent);

describe('what is stored of a request', () => {
  it('begins with nothing but who began it, and with what it is linked to', () => {
    const begin = (more: object) =>
      foldRequest([{ type: 'RequestCreated', requestId: 'r', institutionId: 'uni', by: 'ada', at: 'now', ...more }]);
    expect(begin({})).toMatchObject({ version: 1, linkedTo: null, comments: [], signatures: [], collaborators: [] });
    expect(begin({ linkedTo: 'other' })).toMatchObject({ linkedTo: 'other' });
  });

  it('keeps of a signature the hash of the text and the typed name, where there are such', () => {
    const draft = requestIn('DRAFT');
    const signed = (more: object) =>
      upon(draft, { type: 'AgreementSigned', version: 1, as: 'MEMBER', seen: 's', ...more }).signatures.at(-1)!;
    expect(signed({ textSha256: 'a', typedName: 'Ada' })).toMatchObject({ textSha256: 'a', typedName: 'Ada' });
    const plain = ['accountId', 'as', 'seen', 'signedAt', 'version'];
    expect(Object.keys(signed({})).sort()).toEqual(plain);
  });

  it('reads a comment of before there was a choice as one for stewards', () => {
    const said = (more: object) => upon(requestIn('SUBMITTED'), { type: 'CommentAdded', text: 'x', ...more }).comments;
    expect(said({})).toMatchObject([{ to: 'STEWARDS' }]);
    expect(said({ to: 'APPLICANT' })).toMatchObject([{ to: 'APPLICANT' }]);
  });

  it('takes one invitation off and leaves the others; each edit is a revision of its own', () => {
    const one = having(requestIn('DRAFT'), 'ada', { type: 'invite', email: 'ina@example.org' }, { newId: 'ina' });
    const without = having(one, 'ada', { type: 'removeCollaborator', invitationId: 'ina' });
    expect(without.collaborators.map(({ accountId }) => accountId)).toEqual(['ben']);
    expect([requestIn('DRAFT').revision, one.revision, without.revision]).toEqual([2, 3, 4]);
  });

  it('marks as gone the member who leaves and nobody else', () => {
    const two = upon(upon(requestIn('APPROVED'), { type: 'CollaboratorInvited', invitationId: 'i', email: 'x' }), {
      ...{ type: 'InvitationAccepted', invitationId: 'i', by: 'ina' },
    });
    const gone = upon(two, { type: 'MemberRemoved', accountId: 'ben' });
    expect(gone.collaborators.map(({ accountId, leftAt }) => [accountId, leftAt])).toEqual([
      ['ben', NOW.toISOString()],
      ['ina', null],
    ]);
  });

  it('says how it ended, why and when', () => {
    expect(requestIn('REJECTED')).toMatchObject({ status: 'REJECTED', lastReason: 'The purpose is surveillance.' });
    expect(requestIn('CLOSED')).toMatchObject({ status: 'CLOSED', endedAt: NOW.toISOString() });
    // The clock looks a day late; the grant had ended by itself.
    const late = having(requestIn('APPROVED'), 'clock', { type: 'expire' }, { now: new Date(END + DAY) });
    expect(late).toMatchObject({ status: 'EXPIRED', endedAt: iso(END) });
    const closed = upon(late, { type: 'GrantClosed', at: iso(END + 9 * DAY) });
    expect(closed).toMatchObject({ status: 'CLOSED', endedAt: iso(END) });
  });

  it('shortens what a renewal had lengthened to the moment at which that ended, within its bounds', () => {
    const begun = having(
      requestIn('APPROVED'),
      'ada',
      { type: 'renew', progressReport: 'Two.' },
      { ...LAST_WEEKS, newId: 'n' },
    );
    const until = iso(END + 30 * DAY);
    const extended = upon(begun, { type: 'GrantExtended', renewalId: 'n', until });
    const endedAt = (state: RequestState, time: number) =>
      upon(state, { type: 'RenewalEnded', renewalId: 'n', at: iso(time) }).extendedUntil;
    expect([END - DAY, END, END + 1, END + 30 * DAY, END + 40 * DAY].map((time) => endedAt(extended, time))).toEqual([
      ...[null, null, iso(END + 1), until, until],
    ]);
    expect(endedAt(begun, END + DAY)).toBeNull();
  });

  it('gives an amendment a draft of its own that nobody has signed, of a revision that none before had', () => {
    const state = having(requestIn('APPROVED'), 'ada', { type: 'amend' }, { newId: 'amendment-1' });
    expect(state.amendment).toMatchObject({ status: 'DRAFT', signatures: [], revision: state.version });
    expect(state.version).toBe(requestIn('APPROVED').version + 1);
  });

  it('is no history where an event is of an amendment that is not under way', () => {
    const signs = { type: 'AgreementSigned', version: 1, as: 'MEMBER', seen: 's' };
    for (const [state, amendmentId] of [
      [requestIn('APPROVED'), 'amendment-1'],
      [amending(), 'another'],
    ] as const)
      expect(() => upon(state, { ...signs, amendmentId })).toThrow('an amendment that is not under way');
  });
});
