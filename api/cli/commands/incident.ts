import { z } from 'zod';
import { INCIDENT_KINDS } from '../../../governance/incident.ts';
import { openClient } from '../client.ts';
import { confirm } from '../confirm.ts';
import { type Io, printJson } from '../io.ts';
import { mutate, uncut } from '../mutation.ts';
import { oneOf } from '../options.ts';
import { table } from '../table.ts';
import { safe } from '../terminal.ts';
import { instantOf } from './token.ts';

const INCIDENT = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.string(),
  summary: z.string(),
  grantId: z.string().nullable(),
  discoveredAt: z.string(),
  reportedAt: z.string(),
  dueAt: z.string().nullable(),
  reportedLate: z.boolean(),
});
const FIELDS = 'id kind state summary grantId discoveredAt reportedAt dueAt reportedLate';

/** Reports an incident, after a question. @throws CommandFailed */
export async function reportIncident(
  io: Io,
  options: { kind: string; summary: string; discovered?: string; grant?: string; yes?: true; json?: true },
): Promise<void> {
  const client = openClient(io);
  const kind = oneOf('--kind', options.kind.toUpperCase(), INCIDENT_KINDS);
  const discoveredAt = options.discovered === undefined ? io.now().toISOString() : instantOf(options.discovered);
  await confirm(io, {
    sentence: `This reports an incident to the data stewards at ${client.server}.`,
    word: 'report',
    yes: !!options.yes,
  });
  const { incident } = await mutate(
    client,
    {
      name: 'reportIncident',
      success: `... on ReportIncidentSuccess { incident { ${FIELDS} } }`,
      shape: z.object({ incident: INCIDENT }),
    },
    { kind, summary: options.summary, discoveredAt, grantId: options.grant ?? null },
    uncut(),
  );
  if (options.json) return printJson(io, incident);
  const due =
    incident.dueAt === null ? '' : ` It was due by ${incident.dueAt}${incident.reportedLate ? ', and is late' : ''}.`;
  io.print(`Reported as ${safe(incident.id)}; the stewards are told.${safe(due)}`);
}

/** Lists incidents: one's own, or all for stewards. @throws CommandFailed */
export async function listIncidents(io: Io, options: { state?: string; json?: true }): Promise<void> {
  const { incidents } = await openClient(io).graphql(
    `query Incidents($state: IncidentState) { incidents(state: $state) { ${FIELDS} } }`,
    { state: options.state?.toUpperCase() ?? null },
    z.object({ incidents: z.array(INCIDENT).nullable() }),
  );
  const all = incidents ?? [];
  if (options.json) return printJson(io, all);
  if (all.length === 0) return io.print('No incidents.');
  const rows = all.map((one) => [
    one.id,
    one.state,
    one.kind,
    one.reportedAt.slice(0, 16),
    one.reportedLate ? 'late' : '',
    one.summary,
  ]);
  const titles = ['incident', 'state', 'kind', 'reported', '', 'summary'];
  io.print(
    table(
      titles.map((title) => ({ title, most: 60 })),
      rows,
    ),
  );
}
