import type { NextActor } from '../../../governance/reasons.ts';
import { allowedCommands } from '../../../governance/request/allowed-commands.ts';
import type { CommandType, RequestFacts } from '../../../governance/request/commands.ts';
import type { RequestEvent } from '../../../governance/request/events.ts';
import { foldRequest } from '../../../governance/request/fold.ts';
import { grantFacts } from '../../../governance/request/grant.ts';
import { seenHash } from '../../../governance/request/seen.ts';
import { foldSent } from '../../../governance/request/sent.ts';
import {
  amended,
  everybodyOf,
  grantEnd,
  type RequestState,
  type RequestStatus,
} from '../../../governance/request/state.ts';
import {
  eventAbout,
  eventsFor,
  eventText,
  nextActor,
  type Reader,
  stateFor,
} from '../../../governance/request/view.ts';
import type { ViewerGrantFacts } from '../../../schema/services/grants.ts';
import type { InstitutionFacts, PersonFacts } from '../../../schema/services/people.ts';
import type { AccessRequestFacts } from '../../../schema/services/requests.ts';
import type { PageAsked, PageOf } from '../../../schema/services/result.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { idCursor, idPlace } from '../keyset.ts';
import { peopleOf } from '../people.ts';
import { isUuid } from '../uuid.ts';
import { currentPolicy } from './policy.ts';
import { coAuthorsOfTeams, requestFactsOf } from './request-facts.ts';
import { type RequestReader, readerOf, requestsSql } from './request-reader.ts';

interface Found {
  id: string;
  study: string;
  events: RequestEvent[];
  state: RequestState;
  institution: InstitutionFacts;
}

/** Looks at requests, for one reader. */
interface Look {
  readonly sql: Sql;
  readonly reader: RequestReader;
  readonly now: Date;
}

/**
 * Requests with their histories, newest first: one statement for all that `which` selects from `access_request`.
 *
 * @param version they are as they were after so many events; null for all
 */
async function found(
  sql: Sql,
  which: string,
  values: readonly unknown[],
  version: number | null = null,
): Promise<Found[]> {
  const last = `$${values.length + 1}::int`;
  const { rows } = await sql.query<Omit<Found, 'state'>>(
    `SELECT r.id, s.key AS study, json_build_object('id', i.id, 'name', i.name, 'ror', i.ror, 'country', i.country) AS institution,
       (SELECT json_agg(e.data ORDER BY e.number) FROM request_event e WHERE e.request_id = r.id AND (${last} IS NULL OR e.number <= ${last})) AS events
     FROM (${which}) r JOIN study s ON s.id = r.study_id JOIN institution i ON i.id = r.institution_id ORDER BY r.id DESC`,
    [...values, version],
  );
  return rows.flatMap((row) => {
    const state = foldRequest(row.events ?? []);
    return state === null ? [] : [{ ...row, state }];
  });
}

/** Everybody whom a state or its history names. */
const namedIn = (state: RequestState, events: readonly RequestEvent[]): (string | null)[] => [
  state.applicantId,
  state.assignedTo,
  state.endorsement?.successorId ?? null,
  ...state.collaborators.map(({ accountId }) => accountId),
  ...(state.amendment?.collaborators ?? []).map(({ accountId }) => accountId),
  ...events.flatMap((event) => [event.by, eventAbout(event)]),
];

function grantOf(state: RequestState): ViewerGrantFacts | null {
  const grant = grantFacts(state);
  if (grant === null) return null;
  return {
    id: grant.id,
    state: grant.state,
    startsAt: grant.start,
    endsAt: grant.end,
    items: Object.entries(grant.access).map(([modality, uses]) => ({
      modality: modality as ViewerGrantFacts['items'][number]['modality'],
      uses: uses ?? [],
    })),
    purposes: grant.purpose,
    conditions: state.grant?.terms.conditions ?? '',
  };
}

function viewOf(
  { study, institution, state: now, events }: Found,
  as: Reader,
  people: ReadonlyMap<string, PersonFacts>,
  allowed: (state: RequestState) => Promise<readonly CommandType[]>,
): AccessRequestFacts {
  // Who is not of the team sees what was last sent in, not what is being written.
  const state = as.team ? now : (foldSent(events) ?? now);
  const amendment = amended(state);
  return {
    state: stateFor(state, as),
    study,
    institution,
    people,
    // What takes long is made where it is asked for: few look at the history of a whole page.
    get seenHash() {
      return seenHash(state);
    },
    get amendmentSeenHash() {
      return amendment === null ? null : seenHash(amendment);
    },
    endsAt: endOf(state),
    get events() {
      return eventsFor(events, state, as).map(([number, event]) => ({
        number,
        type: event.type,
        at: event.at,
        by: people.get(event.by) ?? null,
        text: eventText(event),
        about: people.get(eventAbout(event) ?? '') ?? null,
      }));
    },
    allowedCommands: () => allowed(now),
    whoActsNext: nextActor(state),
    grant: grantOf(state),
  };
}

const endOf = (state: RequestState): Date | null => {
  const end = grantEnd(state);
  return end === null ? null : new Date(end);
};

/** What the reader may do with each of some requests; read for all of them at once, when it is first asked. */
function allowedOf({ sql, reader, now }: Look, states: readonly RequestState[]) {
  let facts: Promise<ReadonlyMap<string, RequestFacts>> | undefined;
  const load = async (): Promise<ReadonlyMap<string, RequestFacts>> => {
    const found = await requestFactsOf(sql, states, { actor: reader.actor, now, newId: 'example', newToken: '' });
    return new Map(states.map((state, index) => [state.id, found[index]!]));
  };
  return async (state: RequestState): Promise<readonly CommandType[]> => {
    // A token of a script acts for a grant, and gives no commands.
    if (reader.tokenGrantId !== null) return [];
    facts ??= load();
    const known = (await facts).get(state.id);
    return known === undefined ? [] : allowedCommands(state, known);
  };
}

interface Wanted {
  /** They just did something to it, and see what became of it. */
  readonly acted?: boolean;
  /** As it was after so many events, for who may see it as it is now. */
  readonly version?: number;
}

/** Co-authors of the teams that a steward looks at; nobody else is asked about theirs. */
async function coAuthorsNow(
  { sql, reader, now }: Look,
  states: readonly RequestState[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const asSteward = states.filter((state) => readerOf(state, reader)?.steward === true);
  return asSteward.length === 0 ? new Map() : coAuthorsOfTeams(sql, asSteward, await currentPolicy(sql, now), now);
}

/** @param present as they stand now, where `all` is as they were: who may see them follows from that */
async function views(
  look: Look,
  all: readonly Found[],
  acted = false,
  present: ReadonlyMap<string, RequestState> = new Map(),
): Promise<AccessRequestFacts[]> {
  const { sql, reader } = look;
  const standing = all.map((one) => present.get(one.id) ?? one.state);
  const coAuthors = await coAuthorsNow(look, standing);
  const seen = all.flatMap((one, index) => {
    const as =
      readerOf(standing[index]!, reader, coAuthors.get(one.id)) ??
      (acted ? { team: true, official: false, steward: false, apart: null } : null);
    return as === null ? [] : [{ one, as }];
  });
  const people = await peopleOf(
    sql,
    seen.flatMap(({ one }) => namedIn(one.state, one.events)),
  );
  const allowed = allowedOf(
    look,
    seen.map(({ one }) => one.state),
  );
  return seen.map(({ one, as }) => viewOf(one, as, people, allowed));
}

/** A request as its reader may see it; null where there is none for them. */
export async function requestView(
  look: Look,
  requestId: string,
  { acted, version }: Wanted = {},
): Promise<AccessRequestFacts | null> {
  if (!isUuid(requestId)) return null;
  const text = 'SELECT * FROM access_request WHERE id = $1';
  const one = await found(look.sql, text, [requestId], version);
  const now = version === undefined ? one : await found(look.sql, text, [requestId]);
  return (await views(look, one, acted, new Map(now.map(({ id, state }) => [id, state]))))[0] ?? null;
}

const LIST = 'request';

/** That the last amendment of `access_request r` was sent in. */
const AMENDMENT_SENT = `EXISTS (SELECT FROM request_event e WHERE e.request_id = r.id AND e.type = 'RequestSubmitted' AND e.data->>'amendmentId' =
  (SELECT b.data->>'amendment' FROM request_event b WHERE b.request_id = r.id AND b.type = 'AmendmentBegun' ORDER BY b.number DESC LIMIT 1))`;

const MOST_OTHERS = 500;

/**
 * A page of the other requests that a reader may see and on whose team, as they see it, somebody of this one's is. Who is joining by what was not sent
 * in is known to the team alone, so the rows are looked at before they are counted.
 */
export async function otherRequests(
  look: Look,
  of: RequestState,
  { first, after }: PageAsked,
): Promise<PageOf<AccessRequestFacts>> {
  const { where, values } = requestsSql(look.reader, false);
  const people = everybodyOf(of);
  const rows = await found(
    look.sql,
    `SELECT * FROM access_request r WHERE ${where} AND r.id <> $${values.push(of.id)}::uuid
     AND r.id IN (SELECT p.request_id FROM request_party p WHERE p.account_id = ANY($${values.push(people)}::uuid[])) ORDER BY r.id DESC LIMIT ${MOST_OTHERS}`,
    values,
  );
  const seen = (await views(look, rows)).filter(({ state }) => everybodyOf(state).some((one) => people.includes(one)));
  const from = after === null ? null : idPlace(LIST, after, 'DESC');
  const left = seen.filter(({ state }) => from === null || state.id < from);
  const nodes = left.slice(0, first);
  return {
    nodes,
    cursors: nodes.map(({ state }) => idCursor(LIST, state.id)),
    hasNextPage: left.length > first,
    totalCount: async () => seen.length,
  };
}

/** A page of the requests that a reader may see, newest first (ids are ordered by time). */
export async function requestPage(
  look: Look,
  of: {
    states: readonly RequestStatus[] | null;
    waitsFor: NextActor | null;
    mine: boolean;
  },
  { first, after }: PageAsked,
): Promise<PageOf<AccessRequestFacts>> {
  const { sql, reader } = look;
  const { where, values, ofTeam } = requestsSql(reader, of.mine);
  const filters = [where];
  if (of.states !== null) filters.push(`r.state = ANY($${values.push(of.states)}::text[])`);
  if (of.waitsFor !== null) filters.push(`r.waits_for = $${values.push(of.waitsFor)}`);
  // An amendment that was never sent in waits for its applicant, and is there for its team alone.
  if (of.waitsFor === 'APPLICANT' && !of.mine)
    filters.push(`(r.state <> 'APPROVED' OR r.id IN (${ofTeam}) OR ${AMENDMENT_SENT})`);
  const counted = { where: filters.join(' AND '), values: [...values] };
  if (after !== null) filters.push(`r.id < $${values.push(idPlace(LIST, after, 'DESC'))}`);
  const rows = await found(
    sql,
    `SELECT * FROM access_request r WHERE ${filters.join(' AND ')} ORDER BY r.id DESC LIMIT ${Math.trunc(first) + 1}`,
    values,
  );
  const nodes = await views(look, rows.slice(0, first));
  return {
    nodes,
    cursors: nodes.map(({ state }) => idCursor(LIST, state.id)),
    hasNextPage: rows.length > first,
    totalCount: async () => {
      const { rows } = await sql.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM access_request r WHERE ${counted.where}`,
        counted.values,
      );
      return rows[0]?.n ?? 0;
    },
  };
}
