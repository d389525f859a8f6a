import { GraphQLError } from 'graphql/index.js';
import { builder } from './builder.ts';
import { PageInfo } from './data/register.ts';
import { seen } from './errors.ts';
import { pageAsked } from './page.ts';
import { Person } from './person.ts';
import type {
  AccessLogEntryFacts,
  AuditEntryFacts,
  AuditPage,
  FileHoldingFacts,
  StrangerRefusalFacts,
  UseGroupFacts,
} from './services/audit.ts';
import { Grant } from './viewer.ts';

const AuditEntry = builder.objectRef<AuditEntryFacts>('AuditEntry').implement({
  description: 'An entry of the log: what was done, by whom, under which grant.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    position: t.expose('position', {
      type: 'SafeInt',
      nullable: true,
      description: 'Its place in the chain, from 1; null for the tenth of a second until it is sealed.',
    }),
    at: t.expose('at', { type: 'DateTime', description: "When, by the server's clock." }),
    action: t.exposeString('action', { description: 'What was done, as a word.' }),
    account: t.exposeID('accountId', {
      nullable: true,
      description: 'Id of the account; null for the program itself.',
    }),
    by: t.field({ type: Person, nullable: true, description: 'Who it was.', resolve: ({ by }) => by }),
    grant: t.exposeID('grantId', { nullable: true, description: 'Id of the grant that was acted for.' }),
    text: t.exposeString('text', {
      description: 'All that it says, as canonical JSON (RFC 8785). What people wrote is in it as they wrote it.',
    }),
    hash: t.exposeString('hash', { description: 'SHA-256 of the text.' }),
    link: t.exposeString('link', {
      nullable: true,
      description: 'SHA-256 of the link before and the hash, each as 64 hexadecimal digits; null until it is sealed.',
    }),
  }),
});

const AccessLogEntry = builder.objectRef<AccessLogEntryFacts>('AccessLogEntry').implement({
  description: 'One use of the data of a grant.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    action: t.exposeString('action', { description: 'What was done, as a word.' }),
    name: t.exposeString('name', { nullable: true, description: 'Name of who it was; null for the program itself.' }),
    modalities: t.stringList({
      description: 'Kinds of data that were given.',
      resolve: ({ modalities }) => [...modalities],
    }),
    patients: t.exposeInt('patients', {
      nullable: true,
      description: 'Number of patients whose data was given; null where it was not noted.',
    }),
    rows: t.exposeInt('rows', {
      nullable: true,
      description: 'Number of rows; null where it was not noted, and of runs.',
    }),
  }),
});

const AccessGroup = builder.objectRef<UseGroupFacts>('AccessGroup').implement({
  description:
    'Uses of data that are of one kind, by one person on one day: a strip of pictures is one row here, and one entry for each picture in the log.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id: lists of entries are narrowed to a group by it.' }),
    day: t.expose('day', { type: 'Date', description: 'The day, in UTC.' }),
    name: t.exposeString('name', { nullable: true, description: 'Name of who it was; null for the program itself.' }),
    action: t.exposeString('action', {
      description: 'What was done, as a word; DOWNLOAD for files, from first byte to last.',
    }),
    kind: t.exposeString('kind', { nullable: true, description: 'Of files: what they are.' }),
    submission: t.exposeID('submission', {
      nullable: true,
      description: 'Of files: id of the check-in in the log.',
    }),
    modalities: t.stringList({
      description: 'Kinds of data that were given.',
      resolve: ({ modalities }) => [...modalities],
    }),
    entries: t.exposeInt('entries', { description: 'How often.' }),
    bytes: t.float({
      nullable: true,
      description: 'Bytes of the files that were taken; null where it was not noted.',
      resolve: ({ bytes }) => bytes,
    }),
    firstAt: t.expose('firstAt', { type: 'DateTime', description: 'The first time.' }),
    lastAt: t.expose('lastAt', { type: 'DateTime', description: 'The last time.' }),
  }),
});

const StrangerRefusal = builder.objectRef<StrangerRefusalFacts>('StrangerRefusal').implement({
  description:
    'Refusals of people who were not signed in: counted by the minute, and not in the log, which they could fill.',
  fields: (t) => ({
    minute: t.expose('minute', { type: 'DateTime', description: 'The minute that begins then.' }),
    kind: t.exposeString('kind', { description: 'What was refused.' }),
    count: t.exposeInt('count', { description: 'How often.' }),
  }),
});

const FileHolding = builder.objectRef<FileHoldingFacts>('FileHolding').implement({
  description: 'Something that held a file with certain bytes, and who could take it there.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'EXPORT, RECORDING (a file by itself), or MODEL (weights of a run).' }),
    id: t.exposeID('id', { description: 'Of the export, the check-in in the log, or the run.' }),
    name: t.exposeString('name', {
      description:
        'Path in the export; what it is of the recording (ORIGINAL: as it came from the clinic); or the network and fold.',
    }),
    by: t.field({ type: Person, nullable: true, description: 'Who could take it there.', resolve: ({ by }) => by }),
    grant: t.exposeID('grantId', { nullable: true, description: 'Id of the grant that was acted for.' }),
    release: t.exposeString('release', { nullable: true, description: 'Version of the release.' }),
    since: t.expose('since', { type: 'DateTime', description: 'From when on it was there.' }),
    until: t.expose('until', { type: 'DateTime', nullable: true, description: 'When the export ended, if it has.' }),
    bytes: t.float({ description: 'Size of the file.', resolve: ({ bytes }) => Number(bytes) }),
    takenAt: t.expose('takenAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was first taken; null where the log knows of no time.',
    }),
    taken: t.exposeInt('taken', { description: 'How often it was taken.' }),
  }),
});

/** A connection without a count of all its rows: of millions that would take longer than the page. */
const uncounted = <Value extends object>(name: string, node: ReturnType<typeof builder.objectRef<Value>>) =>
  builder.objectRef<AuditPage<Value> & { readonly continued: boolean }>(`${name}Connection`).implement({
    description: `A page of a list of ${name}.`,
    fields: (t) => ({
      nodes: t.field({ type: [node], description: 'The rows.', resolve: ({ nodes }) => [...nodes] as never }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'Where the page stands.',
        resolve: ({ cursors, hasNextPage, continued }) => ({
          hasNextPage,
          hasPreviousPage: continued,
          startCursor: cursors[0] ?? null,
          endCursor: cursors.at(-1) ?? null,
        }),
      }),
    }),
  });

const AuditEntryPage = uncounted('AuditEntry', AuditEntry as never);
const AccessLogPage = uncounted('AccessLogEntry', AccessLogEntry as never);
const AccessGroupPage = uncounted('AccessGroup', AccessGroup as never);
const GROUP = 'Of this group of `accessGroups` alone.';

const Order = builder.enumType('AuditOrder', {
  description: 'In which order of time.',
  values: {
    NEWEST_FIRST: { description: 'The last first.' },
    OLDEST_FIRST: { description: 'The first first.' },
  } as const,
});

const Filter = builder.inputType('AuditFilter', {
  description: 'Which entries: all that is given has to fit.',
  fields: (t) => ({
    account: t.string({ description: 'Who: id, username or address of an account.' }),
    grant: t.id({ description: 'The grant that was acted for.' }),
    action: t.stringList({ description: 'What was done: any of these words.' }),
    release: t.string({
      description: 'The release that it is about: its id, or its version in the study of this server.',
    }),
    request: t.id({ description: 'The access request that it is about.' }),
    from: t.field({ type: 'DateTime', description: 'At or after.' }),
    to: t.field({ type: 'DateTime', description: 'Before.' }),
  }),
});

const MOST_ACTIONS = 20;

builder.queryFields((t) => ({
  auditEntries: t.field({
    type: AuditEntryPage,
    nullable: true,
    description: 'The log, for stewards and auditors. That somebody has looked is an entry itself.',
    args: {
      filter: t.arg({ type: Filter, description: 'Which entries; all unless given.' }),
      order: t.arg({ type: Order, defaultValue: 'NEWEST_FIRST', description: 'The last first unless given.' }),
      first: t.arg.int({ description: 'How many at most; a setting says how many there may be.' }),
      after: t.arg.string({ description: 'Cursor of the entry after which to begin.' }),
      group: t.arg.id({ description: GROUP }),
    },
    resolve: async (_, { filter, order, group, ...page }, { audits }) => {
      const asked = pageAsked(page);
      if ((filter?.action?.length ?? 0) > MOST_ACTIONS)
        throw new GraphQLError(`At most ${MOST_ACTIONS} actions are looked for at once.`, {
          extensions: { code: 'BAD_USER_INPUT' },
        });
      const wanted = {
        account: filter?.account ?? null,
        grant: filter?.grant ?? null,
        actions: filter?.action ?? null,
        release: filter?.release ?? null,
        request: filter?.request ?? null,
        from: filter?.from ?? null,
        to: filter?.to ?? null,
      };
      const answer = seen(await audits.entries(wanted, order ?? 'NEWEST_FIRST', asked, group ?? null));
      return { ...answer, continued: asked.after !== null };
    },
  }),
  accessGroups: t.field({
    type: AccessGroupPage,
    nullable: true,
    description:
      'Who saw what, one row for what is of a kind, the newest first; for stewards and auditors. That somebody has looked is an entry itself.',
    args: {
      account: t.arg.string({ description: 'Who: id, username or address of an account.' }),
      grant: t.arg.id({ description: 'The grant that was acted for.' }),
      from: t.arg({ type: 'DateTime', description: 'At or after.' }),
      to: t.arg({ type: 'DateTime', description: 'Before.' }),
      first: t.arg.int({ description: 'How many at most; a setting says how many there may be.' }),
      after: t.arg.string({ description: 'Cursor of the group after which to begin.' }),
    },
    resolve: async (_, { account, grant, from, to, ...page }, { audits }) => {
      const asked = pageAsked(page);
      const filter = { account: account ?? null, grant: grant ?? null, from: from ?? null, to: to ?? null };
      return { ...seen(await audits.groups(filter, asked)), continued: asked.after !== null };
    },
  }),
  fileTrace: t.field({
    type: [FileHolding],
    nullable: true,
    description:
      'Which exports, recordings and runs held a file with these bytes, and who took it; for stewards and auditors. That somebody has looked is an entry itself.',
    args: { sha256: t.arg.string({ required: true, description: 'SHA-256 of the file, in hexadecimal digits.' }) },
    resolve: async (_, { sha256 }, { audits }) => [...seen(await audits.fileTrace(sha256))],
  }),
  strangerRefusals: t.field({
    type: [StrangerRefusal],
    nullable: true,
    description:
      'What was refused to people who were not signed in, newest first, of a day unless said; for stewards and auditors.',
    args: {
      from: t.arg({ type: 'DateTime', description: 'At or after; a day before the end unless given.' }),
      to: t.arg({ type: 'DateTime', description: 'Until; now unless given.' }),
    },
    resolve: async (_, { from, to }, { audits }) => [...seen(await audits.strangerRefusals(from ?? null, to ?? null))],
  }),
}));

builder.objectField(Grant, 'accessLog', (t) =>
  t.field({
    type: AccessLogPage,
    nullable: true,
    description:
      'Who has seen what under this grant, newest first; for its members. That somebody has looked is an entry itself.',
    args: {
      first: t.arg.int({ description: 'How many at most; a setting says how many there may be.' }),
      after: t.arg.string({ description: 'Cursor of the entry after which to begin.' }),
      group: t.arg.id({ description: GROUP }),
    },
    resolve: async ({ id }, { group, ...page }, { audits }) => {
      const asked = pageAsked(page);
      return { ...seen(await audits.accessLog(id, asked, group ?? null)), continued: asked.after !== null };
    },
  }),
);

builder.objectField(Grant, 'accessGroups', (t) =>
  t.field({
    type: AccessGroupPage,
    nullable: true,
    description:
      'The same with one row for what is of a kind, by one person on one day; for its members. That somebody has looked is an entry itself.',
    args: {
      first: t.arg.int({ description: 'How many at most; a setting says how many there may be.' }),
      after: t.arg.string({ description: 'Cursor of the group after which to begin.' }),
    },
    resolve: async ({ id }, page, { audits }) => {
      const asked = pageAsked(page);
      return { ...seen(await audits.accessGroups(id, asked)), continued: asked.after !== null };
    },
  }),
);
