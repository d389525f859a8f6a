import { allowedCommands } from '../../../governance/request/allowed-commands.ts';
import type { RequestEvent } from '../../../governance/request/events.ts';
import { foldRequest } from '../../../governance/request/fold.ts';
import { grantFacts } from '../../../governance/request/grant.ts';
import { seenHash } from '../../../governance/request/seen.ts';
import type { RequestState, RequestStatus } from '../../../governance/request/state.ts';
import {
  eventAbout,
  eventsFor,
  eventText,
  nextActor,
  type Reader,
  stateFor,
} from '../../../governance/request/view.ts';
import type { ViewerGrantFacts } from '../../../schema/context.ts';
import type { InstitutionFacts, PersonFacts } from '../../../schema/services/people.ts';
import type { AccessRequestFacts } from '../../../schema/services/requests.ts';
import type { PageAsked, PageOf } from '../../../schema/services/result.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { type RequestReader, readerOf, requestsSql } from './request-reader.ts';

interface Found {
  id: string;
  study: string;
  events: RequestEvent[];
  state: RequestState;
  institution: InstitutionFacts;
}

/** Requests with their histories, in the order of their ids in `ids`. Two statements, however many they are. */
async function found(sql: Sql, ids: readonly string[]): Promise<Found[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql.query<{
    id: string;
    study: string;
    institution: InstitutionFacts;
    events: RequestEvent[];
  }>(
    `SELECT r.id, s.key AS study, json_build_object('id', i.id, 'name', i.name, 'ror', i.ror, 'country', i.country) AS institution,
       (SELECT json_agg(e.data ORDER BY e.number) FROM request_event e WHERE e.request_id = r.id) AS events
     FROM access_request r JOIN study s ON s.id = r.study_id JOIN institution i ON i.id = r.institution_id
     WHERE r.id = ANY($1::uuid[])`,
    [ids],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    const state = row && foldRequest(row.events ?? []);
    return row && state ? [{ ...row, state }] : [];
  });
}

/** Everybody whom a state or its history names. */
const namedIn = (state: RequestState, events: readonly RequestEvent[]): (string | null)[] => [
  state.applicantId,
  state.assignedTo,
  state.endorsement?.successorId ?? null,
  ...state.collaborators.map(({ accountId }) => accountId),
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
  { study, institution, state, events }: Found,
  as: Reader,
  reader: RequestReader,
  people: ReadonlyMap<string, PersonFacts>,
): AccessRequestFacts {
  const officials = reader.officialOf === state.institutionId ? [reader.accountId] : [];
  return {
    state: stateFor(state, as),
    study,
    institution,
    people,
    seenHash: seenHash(state),
    events: eventsFor(events, state, as).map(([number, event]) => ({
      number,
      type: event.type,
      at: event.at,
      by: people.get(event.by) ?? null,
      text: eventText(event),
      about: people.get(eventAbout(event) ?? '') ?? null,
    })),
    // A token of a script acts for a grant, and gives no commands.
    allowedCommands:
      reader.tokenGrantId === null
        ? allowedCommands(state, { actor: reader.actor, institution: { eligible: true, officials }, coAuthors: [] })
        : [],
    whoActsNext: nextActor(state),
    grant: grantOf(state),
  };
}

async function views(
  sql: Sql,
  reader: RequestReader,
  ids: readonly string[],
  own: boolean,
): Promise<AccessRequestFacts[]> {
  const seen = (await found(sql, ids)).flatMap((one) => {
    const as = readerOf(one.state, reader) ?? (own ? { team: true, official: false, steward: false } : null);
    return as === null ? [] : [{ one, as }];
  });
  const people = await peopleOf(
    sql,
    seen.flatMap(({ one }) => namedIn(one.state, one.events)),
  );
  return seen.map(({ one, as }) => viewOf(one, as, reader, people));
}

/** A request as its reader may see it; null where there is none for them. `acted`: they just did something to it, and see what became of it. */
export async function requestView(
  sql: Sql,
  reader: RequestReader,
  requestId: string,
  acted = false,
): Promise<AccessRequestFacts | null> {
  return isUuid(requestId) ? ((await views(sql, reader, [requestId], acted))[0] ?? null) : null;
}

const encode = (id: string): string => Buffer.from(`request|${id}`).toString('base64url');
/** The id in a cursor; what is none stands before everything, so that nothing follows it. */
const decode = (cursor: string): string => {
  const id = Buffer.from(cursor, 'base64url').toString().replace('request|', '');
  return isUuid(id) ? id : '00000000-0000-0000-0000-000000000000';
};

/** A page of the requests that a reader may see, newest first (ids are ordered by time). */
export async function requestPage(
  sql: Sql,
  reader: RequestReader,
  of: { states: readonly RequestStatus[] | null; mine: boolean },
  { first, after }: PageAsked,
): Promise<PageOf<AccessRequestFacts>> {
  const { where, values } = requestsSql(reader, of.mine);
  const filter = `${where} AND ($6::text[] IS NULL OR r.state = ANY($6))`;
  const { rows } = await sql.query<{ id: string }>(
    `SELECT r.id FROM access_request r WHERE ${filter} AND ($7::uuid IS NULL OR r.id < $7) ORDER BY r.id DESC LIMIT ${Math.trunc(first) + 1}`,
    [...values, of.states, after === null ? null : decode(after)],
  );
  const counted = await sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM access_request r WHERE ${filter}`, [
    ...values,
    of.states,
  ]);
  const nodes = await views(
    sql,
    reader,
    rows.slice(0, first).map(({ id }) => id),
    false,
  );
  return {
    nodes,
    cursors: nodes.map(({ state }) => encode(state.id)),
    hasNextPage: rows.length > first,
    totalCount: counted.rows[0]?.n ?? 0,
  };
}
