import { describe, expect, it } from 'vitest';
import type { RequestEvent } from '../../../governance/request/events.ts';
import type { RequestStatus } from '../../../governance/request/state.ts';
import {
  eventAbout,
  eventsFor,
  eventText,
  nextActor,
  type Reader,
  stateFor,
} from '../../../governance/request/view.ts';
import { having, requestIn } from './a-request.ts';

const reader = (changes: Partial<Reader>): Reader => ({ team: false, official: false, steward: false, ...changes });
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

  it('keeps an amendment from stewards until it is sent in, and what was done to it', () => {
    const amending = having(requestIn('APPROVED'), 'ada', { type: 'amend' });
    const { id } = amending.amendment!;
    const edited: RequestEvent = { type: 'FormEdited', form: {}, amendmentId: id, ...done };
    for (const [as, sees] of [
      [STEWARD, false],
      [TEAM, true],
      [OFFICIAL, true],
    ] as const) {
      expect(stateFor(amending, as).amendment !== null).toBe(sees);
      expect(eventsFor([edited], amending, as)).toHaveLength(sees ? 1 : 0);
    }
    const sent = { ...amending, amendment: { ...amending.amendment!, submittedAt: done.at } };
    expect(stateFor(sent, STEWARD).amendment).not.toBeNull();
    const submitted: RequestEvent = { type: 'RequestSubmitted', seen: 'x', amendmentId: id, ...done };
    expect(eventsFor([edited, submitted], sent, STEWARD)).toHaveLength(2);

    const ended = { ...amending, amendment: null };
    expect(eventsFor([edited], ended, STEWARD)).toHaveLength(0);
    expect(eventsFor([edited], ended, TEAM)).toHaveLength(1);
    expect(eventsFor([edited, submitted], ended, STEWARD)).toHaveLength(2);
  });

  it('shows somebody who is several things to it all of that', () => {
    expect(numbers('SUBMITTED', { team: true, official: false, steward: true })).toEqual([1, 2, 3, 4]);
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
