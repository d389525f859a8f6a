import type { EvidenceDetails, IncidentDetails, IncidentEventDetails } from '../../../schema/services/safety.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { peopleOf } from '../people.ts';

interface Row
  extends Omit<IncidentDetails, 'reportedBy' | 'reportedLate' | 'events' | 'evidence'>,
    Record<string, unknown> {
  reportedById: string;
}

interface EventRow extends Record<string, unknown> {
  incidentId: string;
  type: string;
  at: Date;
  actorId: string;
  data: { text?: string; whom?: string[]; at?: string; halt?: string | null };
}

interface EvidenceRow extends Omit<EvidenceDetails, 'gatheredBy'>, Record<string, unknown> {
  incidentId: string;
  gatheredById: string;
}

const MOST_LISTED = 200;

/** What an event says, in one text. */
const textOf = ({ data: { text = '', whom, at, halt } }: EventRow): string =>
  [text, whom && `Notified ${at}: ${whom.join('; ')}`, halt && `Halt ${halt}`].filter(Boolean).join('\n');

/** Incidents, newest first. @param whole with what stewards did and gathered; without, as whoever reported it sees it */
export async function readIncidents(
  sql: Sql,
  where: string,
  values: unknown[],
  whole: boolean,
): Promise<IncidentDetails[]> {
  const { rows } = await sql.query<Row>(
    `SELECT i.id, i.kind, i.summary, i.state, i.grant_id AS "grantId", i.discovered_at AS "discoveredAt", i.reported_at AS "reportedAt", i.due_at AS "dueAt",
       i.reported_by AS "reportedById" FROM incident i WHERE ${where} ORDER BY i.reported_at DESC, i.id DESC LIMIT ${MOST_LISTED}`,
    values,
  );
  const found = rows.map(({ id }) => id);
  const events = whole
    ? await sql.query<EventRow>(
        `SELECT incident_id AS "incidentId", type, at, actor_id AS "actorId", data FROM incident_event WHERE incident_id = ANY($1) ORDER BY incident_id, number`,
        [found],
      )
    : { rows: [] };
  const evidence = whole
    ? await sql.query<EvidenceRow>(
        `SELECT id, incident_id AS "incidentId", grants, accounts, from_at AS "from", until_at AS "until", entries, sha256, gathered_at AS "gatheredAt",
           gathered_by AS "gatheredById" FROM incident_evidence WHERE incident_id = ANY($1) ORDER BY gathered_at, id`,
        [found],
      )
    : { rows: [] };
  const people = await peopleOf(sql, [
    ...rows.map(({ reportedById }) => reportedById),
    ...events.rows.map(({ actorId }) => actorId),
    ...evidence.rows.map(({ gatheredById }) => gatheredById),
  ]);
  return rows.map(({ reportedById, ...row }) => ({
    ...row,
    reportedLate: row.dueAt !== null && row.reportedAt > row.dueAt,
    reportedBy: people.get(reportedById) ?? null,
    events: events.rows
      .filter(({ incidentId }) => incidentId === row.id)
      .map(
        (event): IncidentEventDetails => ({
          type: event.type,
          at: event.at,
          by: people.get(event.actorId) ?? null,
          text: textOf(event),
        }),
      ),
    evidence: evidence.rows
      .filter(({ incidentId }) => incidentId === row.id)
      .map(({ incidentId: _, gatheredById, ...one }) => ({ ...one, gatheredBy: people.get(gatheredById) ?? null })),
  }));
}
