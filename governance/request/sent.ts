import type { RequestEvent, RequestEventType } from './events.ts';
import { applyEvent } from './fold.ts';
import type { RequestState } from './state.ts';

/** What the team does to a request, or to an amendment, before it is sent in. */
const WRITING: readonly RequestEventType[] = [
  'FormEdited',
  'CollaboratorInvited',
  'CollaboratorRemoved',
  'InvitationAccepted',
  'AgreementSigned',
];

/** The amendment that an event is of; undefined for the request itself. */
const paperOf = (event: RequestEvent): string | undefined =>
  event.type === 'AmendmentBegun' ? event.amendment : event.amendmentId;

/**
 * Which events are the team's own: all of an amendment that was never sent in, and what was written since the request, or an
 * amendment of it, was last sent in. In the order of the events.
 */
export const teamsOwn = (events: readonly RequestEvent[]): readonly boolean[] => {
  const sent = new Map<string | undefined, number>();
  const approved = new Set<string | undefined>();
  for (const [index, event] of events.entries()) {
    if (event.type === 'RequestSubmitted') sent.set(event.amendmentId, index);
    // What is signed under a grant is no draft.
    if (event.type === 'RequestApproved') approved.add(event.amendmentId);
  }
  return events.map((event, index) => {
    const paper = paperOf(event);
    const last = sent.get(paper);
    if (last === undefined) return paper !== undefined;
    return index > last && !approved.has(paper) && WRITING.includes(event.type);
  });
};

const counted = (state: RequestState): RequestState => ({ ...state, version: state.version + 1 });

/**
 * A request as it was last sent in, for everybody who is not of its team: what the team has written since then counts in its version
 * alone. Throws as `applyEvent`.
 */
export const foldSent = (events: readonly RequestEvent[]): RequestState | null => {
  const own = teamsOwn(events);
  return events.reduce<RequestState | null>(
    (state, event, index) => (state !== null && own[index] === true ? counted(state) : applyEvent(state, event)),
    null,
  );
};
