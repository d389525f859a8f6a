import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import type { RenewalNews, RequestCommand } from '../../../governance/request/commands.ts';
import { foldRequest } from '../../../governance/request/fold.ts';
import { closeOutOverdue, grantFacts } from '../../../governance/request/grant.ts';
import { renewalWindow } from '../../../governance/request/renewal.ts';
import { grantEnd, type RequestState } from '../../../governance/request/state.ts';
import { nextActor } from '../../../governance/request/view.ts';
import { attempt, codeOf, form, having, LAST_WEEKS, LATER, requestIn, videoTerms } from './a-request.ts';

const renew: RequestCommand = { type: 'renew', progressReport: 'Two papers.' };
const END = Date.parse(videoTerms.end); // midnight in New York between 28 February and 1 March 2026
const DAY = 86_400_000;
const at = (time: number | string) => ({ now: new Date(time) });

const begun = (): RequestState => having(requestIn('APPROVED'), 'ada', renew, { ...LAST_WEEKS, newId: 'renewal-1' });
const news = (status: RenewalNews['status'], start: string | null = null): RequestCommand => ({
  type: 'followRenewal',
  renewal: { requestId: 'renewal-1', status, start },
});
const extended = (): RequestState => having(begun(), 'clock', news('SUBMITTED'), LAST_WEEKS);

describe('a renewal', () => {
  it('is a new draft of the same people, with what the old request said and a progress report', () => {
    const outcome = attempt(requestIn('APPROVED'), 'ada', renew, { ...LAST_WEEKS, newId: 'renewal-1' });
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    expect(foldRequest(outcome.begun ?? [])).toMatchObject({
      id: 'renewal-1',
      status: 'DRAFT',
      applicantId: 'ada',
      renewalOf: 'request-1',
      progressReport: 'Two papers.',
      form,
      collaborators: [{ email: 'ben@example.org', accountId: 'ben' }],
      signatures: [],
    });
    expect(outcome.events).toMatchObject([{ type: 'RenewalBegun', renewalId: 'renewal-1' }]);
  });

  it('can be begun from the ninetieth day before the end to the thirtieth after it, days being whole in the zone of the study', () => {
    const window = renewalWindow(requestIn('APPROVED'), { policy: DEFAULT_POLICY })!;
    // The last day is 28 February 2026; ninety days before is 30 November, thirty after 30 March, under summer time.
    expect(new Date(window.from).toISOString()).toBe('2025-11-30T05:00:00.000Z');
    expect(new Date(window.to).toISOString()).toBe('2026-03-31T04:00:00.000Z');
    const tried = (state: RequestState, time: number) => codeOf(attempt(state, 'ada', renew, at(time)));
    expect(tried(requestIn('APPROVED'), window.from - 1)).toBe('RENEWAL_TOO_EARLY');
    expect(tried(requestIn('APPROVED'), window.from)).toBe('done');
    // At the very instant of the end, whether or not the clock has noticed.
    expect(tried(requestIn('APPROVED'), END)).toBe('done');
    expect(tried(requestIn('EXPIRED'), END)).toBe('done');
    expect(tried(requestIn('EXPIRED'), window.to - 1)).toBe('done');
    expect(tried(requestIn('EXPIRED'), window.to)).toBe('RENEWAL_TOO_LATE');
    expect(tried(requestIn('REVOKED'), END)).toBe('WRONG_STATE');
  });

  it('of a grant that ends on a leap day counts its days over it', () => {
    const state = requestIn('APPROVED');
    const terms = { ...videoTerms, end: '2024-03-01T05:00:00.000Z' }; // 29 February is the last day
    const leap = { ...state, grant: { ...state.grant!, terms } };
    const window = renewalWindow(leap, { policy: DEFAULT_POLICY })!;
    expect(new Date(window.from).toISOString()).toBe('2023-12-01T05:00:00.000Z');
    expect(new Date(window.to).toISOString()).toBe('2024-03-31T04:00:00.000Z');
  });

  it('asks for a report, and for an applicant who is still there', () => {
    const no: RequestCommand = { type: 'renew', progressReport: ' ' };
    expect(codeOf(attempt(requestIn('APPROVED'), 'ada', no, LAST_WEEKS))).toBe('REASON_MISSING');
    const book: RequestCommand = { type: 'renew', progressReport: 'x'.repeat(40_001) };
    expect(codeOf(attempt(requestIn('APPROVED'), 'ada', book, LAST_WEEKS))).toBe('TEXT_TOO_LONG');
  });

  it('sent in before the end keeps the grant alive for thirty days and no instant longer', () => {
    expect(grantEnd(begun())).toBe(END);
    expect(grantEnd(extended())).toBe(END + 30 * DAY);
    expect(grantFacts(extended())).toMatchObject({ state: 'ACTIVE', end: new Date(END + 30 * DAY) });
    expect(codeOf(attempt(extended(), 'clock', { type: 'expire' }, at(END)))).toBe('NOT_DUE');
    expect(codeOf(attempt(extended(), 'clock', { type: 'expire' }, at(END + 30 * DAY - 1)))).toBe('NOT_DUE');
    const over = having(extended(), 'clock', { type: 'expire' }, at(END + 30 * DAY));
    expect(over).toMatchObject({ status: 'EXPIRED', endedAt: new Date(END + 30 * DAY).toISOString() });
    // Sent in again after it was returned does not lengthen it.
    expect(codeOf(attempt(extended(), 'clock', news('SUBMITTED'), LAST_WEEKS))).toBe('NOT_DUE');
  });

  it('sent in at the instant of the end or later does not bring the grant back', () => {
    expect(codeOf(attempt(begun(), 'clock', news('SUBMITTED'), at(END)))).toBe('NOT_DUE');
    expect(codeOf(attempt(begun(), 'clock', news('SUBMITTED'), at(END - 1)))).toBe('done');
    const expired = having(begun(), 'clock', { type: 'expire' }, LATER);
    expect(codeOf(attempt(expired, 'clock', news('SUBMITTED'), LATER))).toBe('NOT_DUE');
  });

  it('given, takes the place of the grant at the moment at which the new one starts', () => {
    const start = new Date(END + 3 * DAY).toISOString();
    const soon = having(extended(), 'clock', news('APPROVED', start), at(END + DAY));
    expect(soon.status).toBe('APPROVED');
    expect(grantFacts(soon)?.end).toEqual(new Date(start));
    const now = new Date(END + DAY);
    const started = having(extended(), 'clock', news('APPROVED', now.toISOString()), { now });
    expect(started).toMatchObject({ status: 'EXPIRED', endedAt: now.toISOString() });
    // Nothing has to be destroyed then: the copies are kept under the new grant.
    expect(closeOutOverdue(started, DEFAULT_POLICY, new Date('2027-01-01T00:00:00Z'))).toBe(false);
    expect(nextActor(started)).toBeNull();
  });

  it('given after the grant had ended leaves no close-out behind', () => {
    const expired = having(begun(), 'clock', { type: 'expire' }, LATER);
    const renewed = having(expired, 'clock', news('APPROVED', '2026-03-10T00:00:00.000Z'), at('2026-03-09T00:00:00Z'));
    expect(renewed.endedAt).toBe(new Date(END).toISOString());
    expect(closeOutOverdue(renewed, DEFAULT_POLICY, new Date('2027-01-01T00:00:00Z'))).toBe(false);
  });

  it('rejected or withdrawn ends what it had lengthened, and another can be begun', () => {
    for (const status of ['REJECTED', 'WITHDRAWN'] as const) {
      const before = having(extended(), 'clock', news(status), LAST_WEEKS);
      expect(grantEnd(before)).toBe(END);
      const later = new Date(END + 5 * DAY);
      const after = having(extended(), 'clock', news(status), { now: later });
      expect(grantEnd(after)).toBe(later.getTime());
      expect(codeOf(attempt(after, 'clock', { type: 'expire' }, { now: later }))).toBe('done');
      expect(codeOf(attempt(before, 'ada', renew, LAST_WEEKS))).toBe('done');
    }
  });

  it('is heard of by its own grant only', () => {
    const other: RequestCommand = {
      type: 'followRenewal',
      renewal: { requestId: 'x', status: 'SUBMITTED', start: null },
    };
    expect(codeOf(attempt(begun(), 'clock', other, LAST_WEEKS))).toBe('NOT_DUE');
    expect(codeOf(attempt(requestIn('APPROVED'), 'clock', news('SUBMITTED'), LAST_WEEKS))).toBe('NOT_DUE');
  });
});
