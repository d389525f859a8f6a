import { z } from 'zod';
import { openClient } from '../client.ts';
import { CommandFailed, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { table } from '../table.ts';
import { safe, safeLines } from '../terminal.ts';

const PERSON = z.object({ name: z.string() });
const ROW = z.object({
  id: z.string(),
  title: z.string(),
  state: z.string(),
  applicant: PERSON,
  institution: z.object({ name: z.string() }),
  submittedAt: z.string().nullable(),
  whoActsNext: z.string().nullable(),
});
const ROW_FIELDS = 'id title state applicant { name } institution { name } submittedAt whoActsNext';

const LIST = z.object({
  accessRequests: z.object({
    nodes: z.array(ROW),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});

/** As many as the server gives at once. */
const PAGE = 50;

const words = (code: string): string => code.toLowerCase().replaceAll('_', ' ');

/** Lists requests that one may see. @throws CommandFailed */
export async function listRequests(
  io: Io,
  options: { state?: string; waitsFor?: string; limit: string; json?: true },
): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) throw wrongUsage('--limit is a number from 1.');
  const client = openClient(io);
  const rows: z.infer<typeof ROW>[] = [];
  for (let after: string | null = null; ; ) {
    const { accessRequests }: z.infer<typeof LIST> = await client.graphql(
      `query Requests($state: [RequestState!], $waitsFor: NextActor, $first: Int, $after: String) {
        accessRequests(state: $state, waitsFor: $waitsFor, first: $first, after: $after) { nodes { ${ROW_FIELDS} } pageInfo { hasNextPage endCursor } }
      }`,
      {
        state: options.state ? [options.state.toUpperCase()] : null,
        waitsFor: options.waitsFor?.toUpperCase() ?? null,
        first: Math.min(PAGE, limit - rows.length),
        after,
      },
      LIST,
    );
    rows.push(...accessRequests.nodes);
    after = accessRequests.pageInfo.endCursor;
    if (!accessRequests.pageInfo.hasNextPage || rows.length >= limit) break;
  }
  if (options.json) return printJson(io, rows);
  if (rows.length === 0) return io.print('No requests.');
  io.print(
    table(
      ['request', 'title', 'applicant', 'institution', 'state', 'waits for', 'sent in'].map((title) => ({
        title,
        most: 40,
      })),
      rows.map(({ id, title, applicant, institution, state, whoActsNext, submittedAt }) => [
        ...[id, title || '(no title)', applicant.name, institution.name, words(state)],
        ...[whoActsNext === null ? '' : words(whoActsNext), submittedAt?.slice(0, 10) ?? ''],
      ]),
    ),
  );
}

const WHOLE = ROW.extend({
  form: z.object({
    plainSummary: z.string().nullable(),
    items: z.array(z.object({ modality: z.string(), uses: z.array(z.string()) })),
  }),
  lastReason: z.string().nullable(),
  endsAt: z.string().nullable(),
  grant: z.object({ items: z.array(z.object({ modality: z.string(), uses: z.array(z.string()) })) }).nullable(),
  missingTraining: z.array(
    z.object({ person: PERSON, modality: z.string(), training: z.string(), standing: z.string() }),
  ),
  allowedCommands: z.array(z.string()),
  events: z.array(
    z.object({
      at: z.string(),
      type: z.string(),
      by: PERSON.nullable(),
      about: PERSON.nullable(),
      text: z.string().nullable(),
    }),
  ),
});

/** One request whole, with its history. @throws CommandFailed */
export async function showRequest(io: Io, id: string, options: { json?: true }): Promise<void> {
  const { accessRequest: request } = await openClient(io).graphql(
    `query Request($id: ID!) { accessRequest(id: $id) { ${ROW_FIELDS} form { plainSummary items { modality uses } } lastReason endsAt
      grant { items { modality uses } } missingTraining { person { name } modality training standing } allowedCommands
      events { at type by { name } about { name } text } } }`,
    { id },
    z.object({ accessRequest: WHOLE.nullable() }),
  );
  if (request === null)
    throw new CommandFailed('There is no such request that you may see.', { code: 'REQUEST_UNKNOWN' });
  if (options.json) return printJson(io, request);
  const { title, applicant, institution, state, whoActsNext, form, grant, missingTraining, events } = request;
  const data = (items: typeof form.items): string =>
    items.map(({ modality, uses }) => `${modality} (${uses.join(', ')})`).join(', ') || 'nothing yet';
  io.print(safe(`"${title}" by ${applicant.name}, ${institution.name}: ${words(state)}`));
  if (whoActsNext !== null) io.print(`Waits for: ${safe(words(whoActsNext))}`);
  if (form.plainSummary) io.print(safeLines(form.plainSummary));
  io.print(safe(`Asks for: ${data(form.items)}`));
  if (grant !== null)
    io.print(safe(`Granted: ${data(grant.items)}, until ${request.endsAt?.slice(0, 10) ?? 'it ends'}`));
  if (request.lastReason) io.print(safe(`Last reason: ${request.lastReason}`));
  for (const { person, modality, training, standing } of missingTraining)
    io.print(safe(`Training missing: ${person.name} lacks ${words(training)} for ${modality} (${words(standing)})`));
  if (request.allowedCommands.length > 0) io.print(safe(`You may: ${request.allowedCommands.join(', ')}`));
  io.print('History:');
  for (const { at, type, by, about, text } of events)
    io.print(
      safe(
        `  ${at.slice(0, 16).replace('T', ' ')}  ${type}${by ? ` by ${by.name}` : ''}${about ? `, about ${about.name}` : ''}${text ? `: ${text}` : ''}`,
      ),
    );
}
