import { describe, expect, it } from 'vitest';
import type { RequestEvent } from '../../../governance/request/events.ts';
import { foldSent } from '../../../governance/request/sent.ts';
import type { RequestStatus } from '../../../governance/request/state.ts';
import {
  eventAbout,
  eventsFor,
  eventText,
  nextActor,
  type Reader,
  stateFor,
} from '../../../governance/request/view.ts';
import { amendmentSent, having, requestIn } from './a-request.ts';

const reader = (changes: Partial<Reader>): Reader => ({
  ...{ team: false, official: false, steward: false, apart: null },
  ...changes,
});
const TEAM = reader({ team: true });
const OFFICIAL = reader({ official: true });
const STEWARD = reader({ steward: true });

const done = { by: 'sam', at: '2025-03-15T12:00:00.000Z' };
const HISTORY: readonly RequestEvent[] = [
  { type: 'RequestSubmitted', seen: 'x', ...done },
  { type: 'CommentAdded', text: 'I know them.', ...done },
  { type: 'StewardRecused', ...done },
  {
    type: 'GrantProposed',
    seen: 'x',
    terms: { access: {}, conditions: '', start: '', end: '' },
    confirmsExport: false,
    ...done,
  },
];
const numbers = (status: RequestStatus, as: Reader) =>
  eventsFor(HISTORY, requestIn(status), as).map(([number]) => number);

describe('a request', () => {
  const commented = having(requestIn('SUBMITTED'), 'sam', { type: 'comment', text: 'I know them.' });
  const state = having(commented, 'sam', { type: 'recuse' });

  it('keeps its comments and recusals among stewards', () => {
    expect(stateFor(state, STEWARD)).toEqual(state);
    for (const as of [TEAM, OFFICIAL]) expect(stateFor(state, as)).toMatchObject({ comments: [], recused: [] });
  });

  it('shows the team what it says to the stewards, and the official none of it', () => {
    const asked = having(commented, 'ada', { type: 'comment', text: 'Which servers do you mean?', to: 'APPLICANT' });
    expect(stateFor(asked, STEWARD).comments).toHaveLength(2);
    expect(stateFor(asked, TEAM).comments).toMatchObject([{ by: 'ada', to: 'STEWARDS', ofTeam: true }]);
    expect(stateFor(asked, OFFICIAL).comments).toEqual([]);
    const said: RequestEvent = { type: 'CommentAdded', text: 'Which?', to: 'STEWARDS', ofTeam: true, ...done };
    expect(eventsFor([said], asked, TEAM)).toHaveLength(1);
    expect(eventsFor([said], asked, OFFICIAL)).toHaveLength(0);
  });

  it('keeps a proposal between stewards and the official', () => {
    expect(stateFor(state, OFFICIAL).proposal).toEqual(state.proposal);
    expect(state.proposal).not.toBeNull();
    expect(stateFor(state, TEAM).proposal).toBeNull();
  });

  it('tells the team what was proposed once it is given', () => {
    expect(numbers('SUBMITTED', STEWARD)).toEqual([1, 2, 3, 4]);
    expect(numbers('SUBMITTED', OFFICIAL)).toEqual([1, 4]);
    expect(numbers('SUBMITTED', TEAM)).toEqual([1]);
    expect(numbers('REJECTED', TEAM)).toEqual([1]);
    expect(numbers('APPROVED', TEAM)).toEqual([1, 4]);
  });

  it('keeps what stewards say to each other from one who stands apart, but for their own words', () => {
    const talked = having(having(commented, 'sue', { type: 'comment', text: 'Me too.' }), 'sam', { type: 'recuse' });
    const open = having(having(talked, 'sue', { type: 'comment', text: 'Which?', to: 'APPLICANT' }), 'ada', {
      type: 'comment',
      text: 'These.',
    });
    const apart = stateFor(open, reader({ steward: true, apart: 'sam' }));
    expect(apart.comments.map(({ text }) => text)).toEqual(['I know them.', 'Which?']);
    expect(apart.recused).toEqual(['sam']);
    expect(open.proposal?.by).toBe('sue');
    expect(apart.proposal).toBeNull();
    expect(stateFor(open, reader({ steward: true, apart: 'sol' })).recused).toEqual([]);
    const seen = (who: string) =>
      eventsFor(HISTORY, requestIn('SUBMITTED'), reader({ steward: true, apart: who })).map(([number]) => number);
    expect(seen('sam')).toEqual([1, 2, 3, 4]);
    expect(seen('sue')).toEqual([1]);
  });

  it('keeps a proposal for an amendment from a steward who stands apart', () => {
    const sent = amendmentSent();
    expect(stateFor(sent, STEWARD).amendment?.proposal?.by).toBe('sue');
    expect(stateFor(sent, reader({ steward: true, apart: 'sam' })).amendment?.proposal).toBeNull();
  });

  it('keeps an amendment among the team until it is sent in, and what was done to it', () => {
    const amending = having(requestIn('APPROVED'), 'ada', { type: 'amend' });
    const { id } = amending.amendment!;
    const begun: RequestEvent = { type: 'AmendmentBegun', amendment: id, ...done };
    const edited: RequestEvent = { type: 'FormEdited', form: {}, amendmentId: id, ...done };
    for (const [as, sees] of [
      [STEWARD, false],
      [TEAM, true],
      [OFFICIAL, false],
    ] as const) {
      expect(stateFor(amending, as).amendment !== null).toBe(sees);
      expect(eventsFor([begun, edited], amending, as)).toHaveLength(sees ? 2 : 0);
    }
    const sent = { ...amending, amendment: { ...amending.amendment!, submittedAt: done.at } };
    expect(stateFor(sent, STEWARD).amendment).not.toBeNull();
    const submitted: RequestEvent = { type: 'RequestSubmitted', seen: 'x', amendmentId: id, ...done };
    expect(eventsFor([begun, edited, submitted], sent, STEWARD)).toHaveLength(3);
    expect(eventsFor([begun, edited, submitted], sent, OFFICIAL)).toHaveLength(3);

    const ended = { ...amending, amendment: null };
    for (const as of [STEWARD, OFFICIAL]) expect(eventsFor([begun, edited], ended, as)).toHaveLength(0);
    expect(eventsFor([begun, edited], ended, TEAM)).toHaveLength(2);
    expect(eventsFor([begun, edited, submitted], ended, STEWARD)).toHaveLength(3);
  });

  it('keeps among the team what is written after it was returned, until it is sent in again', () => {
    const before: RequestEvent = { type: 'FormEdited', form: { title: 'Old' }, ...done };
    const sent: RequestEvent = { type: 'RequestSubmitted', seen: 'x', ...done };
    const returned: RequestEvent = { type: 'RequestReturned', changes: 'More.', ...done };
    const after: RequestEvent = { ...before, form: { title: 'New' } };
    const withdrawn: RequestEvent = { type: 'RequestWithdrawn', ...done };
    const events = [before, sent, returned, after, withdrawn];
    const state = requestIn('RETURNED');
    const seen = (as: Reader, all = events) => eventsFor(all, state, as).map(([number]) => number);
    expect(seen(TEAM)).toEqual([1, 2, 3, 4, 5]);
    for (const as of [STEWARD, OFFICIAL]) {
      expect(seen(as)).toEqual([1, 2, 3, 5]);
      expect(seen(as, [before, sent, returned, after, sent])).toEqual([1, 2, 3, 4, 5]);
    }
    const created: RequestEvent = { type: 'RequestCreated', requestId: 'r', institutionId: 'uni', ...done };
    expect(foldSent([created, ...events])).toMatchObject({ form: { title: 'Old' }, status: 'WITHDRAWN', version: 6 });
  });

  it('shows somebody who is several things to it all of that', () => {
    expect(numbers('SUBMITTED', reader({ team: true, steward: true }))).toEqual([1, 2, 3, 4]);
  });
});

describe('an event', () => {
  it('says what was said with it, and whom it is about', () => {
    const events: readonly (readonly [RequestEvent, string | null, string | null])[] = [
      [{ type: 'RequestRejected', reason: 'No.', ...done }, 'No.', null],
      [{ type: 'RequestReturned', changes: 'More.', ...done }, 'More.', null],
      [{ type: 'CommentAdded', text: 'Hm.', ...done }, 'Hm.', null],
      [{ type: 'CloseOutAttested', statement: 'Wiped.', ...done }, 'Wiped.', null],
      [{ type: 'RequestAssigned', stewardId: 'sue', ...done }, null, 'sue'],
      [{ type: 'MemberRemoved', accountId: 'ben', ...done }, null, 'ben'],
      [{ type: 'RequestWithdrawn', ...done }, null, null],
    ];
    for (const [event, text, about] of events) expect([eventText(event), eventAbout(event)]).toEqual([text, about]);
  });
});

describe('who acts next', () => {
  it.each([
    ['DRAFT', 'APPLICANT'],
    ['RETURNED', 'APPLICANT'],
    ['SUBMITTED', 'STEWARD'], // it is endorsed
    ['APPROVED', null],
    ['SUSPENDED', 'STEWARD'],
    ['REJECTED', null],
    ['WITHDRAWN', null],
    ['REVOKED', 'APPLICANT'],
    ['EXPIRED', 'APPLICANT'],
    ['CLOSED', null],
  ] as const)('of a request that is %s is %s', (status, next) => {
    expect(nextActor(requestIn(status))).toBe(next);
  });

  it('is the official until they have endorsed the request as it stands', () => {
    const state = requestIn('SUBMITTED');
    expect(nextActor({ ...state, endorsement: null })).toBe('SIGNING_OFFICIAL');
    expect(nextActor({ ...state, revision: state.revision + 1 })).toBe('SIGNING_OFFICIAL');
  });
});
