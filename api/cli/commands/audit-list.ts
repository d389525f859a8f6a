import { z } from 'zod';
import { isLocalDate } from '../../../governance/calendar.ts';
import { entryDetail } from '../../services/audit/entry-facts.ts';
import { type Client, openClient } from '../client.ts';
import { CommandFailed, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { table } from '../table.ts';
import { sha256Meant, traceFile } from './audit-trace-file.ts';

export interface FilterOptions {
  account?: string;
  grant?: string;
  action?: string;
  release?: string;
  request?: string;
  from?: string;
  to?: string;
}

const ENTRY = z.object({
  id: z.string(),
  position: z.number().nullable(),
  at: z.string(),
  action: z.string(),
  by: z.object({ name: z.string() }).nullable(),
  grant: z.string().nullable(),
  text: z.string(),
});
type Entry = z.infer<typeof ENTRY>;
const PAGE_INFO = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });
const PAGE = z.object({ auditEntries: z.object({ nodes: z.array(ENTRY), pageInfo: PAGE_INFO }) });

const QUERY = `query AuditEntries($filter: AuditFilter, $order: AuditOrder!, $first: Int!, $after: String) {
  auditEntries(filter: $filter, order: $order, first: $first, after: $after) {
    nodes { id position at action by { name } grant text }
    pageInfo { hasNextPage endCursor }
  }
}`;

const ACCESS = `query AccessLog($first: Int!) {
  viewer { grants { id accessLog(first: $first) { nodes { at action name modalities patients rows } } } }
}`;

const MOST_PAGE = 500;

/** A day, or an instant. @throws CommandFailed */
export function instantOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (!isLocalDate(text.slice(0, 10)) || Number.isNaN(time.getTime()))
    throw wrongUsage(`--${name} is a day or an instant: 2026-03-01 or 2026-03-01T09:30:00Z.`);
  return time.toISOString();
}

const numberOf = (text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw wrongUsage('--first is a number of entries, 1 or more.');
  return Number(text);
};

const filterOf = ({ account, grant, action, release, request, from, to }: FilterOptions) => ({
  ...{ account, grant, release, request, from: instantOf('from', from), to: instantOf('to', to) },
  ...(action !== undefined && { action: action.split(',').map((word) => word.trim().toUpperCase()) }),
});

async function entriesOf(
  client: Client,
  filter: Record<string, unknown>,
  order: 'NEWEST_FIRST' | 'OLDEST_FIRST',
  most: number,
): Promise<{ entries: Entry[]; more: boolean }> {
  const entries: Entry[] = [];
  for (let after: string | null = null; ; ) {
    const first = Math.min(MOST_PAGE, most - entries.length);
    const page: z.infer<typeof PAGE> = await client.graphql(QUERY, { filter, order, first, after }, PAGE);
    entries.push(...page.auditEntries.nodes);
    const { hasNextPage, endCursor } = page.auditEntries.pageInfo;
    if (!hasNextPage || entries.length >= most) return { entries, more: hasNextPage };
    after = endCursor;
  }
}

/** Prints entries of the log. @throws CommandFailed */
export async function auditList(
  io: Io,
  options: FilterOptions & { oldest?: true; first: string; json?: true },
): Promise<void> {
  const order = options.oldest ? 'OLDEST_FIRST' : 'NEWEST_FIRST';
  const { entries, more } = await entriesOf(openClient(io), filterOf(options), order, numberOf(options.first));
  print(io, entries, options.json);
  if (more && !options.json) io.note('There are more: --first asks for a longer list.');
}

/** Prints all that is about one thing, whatever it is, oldest first; of a file, where it came from. @throws CommandFailed */
export async function auditTrace(io: Io, what: string, options: { first: string; json?: true }): Promise<void> {
  const sha256 = await sha256Meant(what);
  if (sha256 !== null) return traceFile(io, sha256, options);
  const client = openClient(io);
  const most = numberOf(options.first);
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(what);
  const filters = isId ? ['request', 'grant', 'release', 'account'] : ['account', 'release'];
  const found = new Map<string, Entry>();
  let more = false;
  for (const name of filters) {
    const page = await entriesOf(client, { [name]: what }, 'OLDEST_FIRST', most);
    more ||= page.more;
    for (const entry of page.entries) found.set(entry.id, entry);
  }
  if (found.size === 0) throw new CommandFailed('The log says nothing of it.', { code: 'NOTHING' });
  const entries = [...found.values()].sort((one, other) => one.at.localeCompare(other.at)).slice(0, most);
  print(io, entries, options.json);
  if (more && !options.json) io.note('There are more: --first asks for a longer list.');
}

function print(io: Io, entries: readonly Entry[], json: true | undefined): void {
  if (json) {
    for (const entry of entries) printJson(io, entry);
    return;
  }
  if (entries.length === 0) {
    io.print('No entry fits.');
    return;
  }
  const rows = entries.map(({ position, at, action, by, text }) => {
    const said = entryDetail(text);
    const counts = [
      said.patients === null ? '' : `${said.patients} patients`,
      said.rows === null ? '' : `${said.rows} rows`,
      said.bytes === null ? '' : `${said.bytes} bytes`,
    ].filter((one) => one !== '');
    const what = [said.command ?? '', said.modalities.join(' '), counts.join(', '), said.reasons.join(' ')];
    return [
      position === null ? '' : String(position),
      `${at.slice(0, 19).replace('T', ' ')}Z`,
      by?.name ?? 'system',
      action,
      what.filter((one) => one !== '').join('; '),
    ];
  });
  const columns = [
    { title: 'entry', align: 'right' as const },
    { title: 'at' },
    { title: 'who', most: 30 },
    { title: 'action' },
    { title: 'what', most: 100 },
  ];
  io.print(table(columns, rows));
}

/** Prints who used the data of a grant that one is a member of. @throws CommandFailed */
export async function auditAccess(io: Io, grant: string, options: { first: string; json?: true }): Promise<void> {
  const use = z.object({
    at: z.string(),
    action: z.string(),
    name: z.string().nullable(),
    modalities: z.array(z.string()),
    patients: z.number().nullable(),
    rows: z.number().nullable(),
  });
  const shape = z.object({
    viewer: z
      .object({
        grants: z.array(z.object({ id: z.string(), accessLog: z.object({ nodes: z.array(use) }).nullable() })),
      })
      .nullable(),
  });
  const client = openClient(io);
  const { viewer } = await client.graphql(ACCESS, { first: Math.min(MOST_PAGE, numberOf(options.first)) }, shape);
  const found = viewer?.grants.find(({ id }) => id === grant);
  if (!found?.accessLog) throw new CommandFailed('You are no member of such a grant.', { code: 'NO_GRANT' });
  const { nodes } = found.accessLog;
  if (options.json) {
    for (const node of nodes) printJson(io, node);
    return;
  }
  const titles = ['at', 'who', 'action', 'modalities', 'patients', 'rows'];
  const text = (value: number | null): string => (value === null ? '' : String(value));
  io.print(
    table(
      titles.map((title) => ({ title })),
      nodes.map(({ at, name, action, modalities, patients, rows }) => [
        ...[`${at.slice(0, 19).replace('T', ' ')}Z`, name ?? 'system', action],
        ...[modalities.join(' '), text(patients), text(rows)],
      ]),
    ),
  );
}
