import { z } from 'zod';
import type { Client, RequestOptions } from './client.ts';
import { CommandFailed } from './exit.ts';
import { safe } from './terminal.ts';

/** Files of a page: their tickets live for minutes, so pages are small. */
const PAGE = 200;

const PROGRESS = z
  .object({
    stage: z.string(),
    done: z.number(),
    total: z.number(),
    rate: z.number().nullish(),
    secondsLeft: z.number().nullish(),
    loss: z.number().nullish(),
  })
  .nullable();

const FAILURE = z.object({ code: z.string(), message: z.string(), reasons: z.array(z.unknown()).nullish() }).nullable();

/** How a job stands, as exports and runs tell it. */
export const JOB_SHAPE = { id: z.string(), state: z.string(), progress: PROGRESS, error: FAILURE };
export const JOB_FIELDS =
  'id state progress { stage done total rate secondsLeft loss } error { code message reasons { code subject sentence whoActsNext } }';

const HEAD = z.object({
  ...JOB_SHAPE,
  fileCount: z.number().nullable(),
  bytes: z.number().nullable(),
  manifestSha256: z.string().nullable(),
});
export type ExportHead = z.infer<typeof HEAD>;

const FILE = z.object({
  path: z.string(),
  bytes: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  file: z.object({ url: z.string(), expiresAt: z.iso.datetime() }).nullable(),
});
export type ListedFile = z.infer<typeof FILE>;

export interface ListedPage {
  files: ListedFile[];
  /** Cursor of the next page; null after the last. */
  next: string | null;
}

const HEAD_QUERY = `query Export($id: ID!) { export(id: $id) { ${JOB_FIELDS} fileCount bytes manifestSha256 } }`;
const PAGE_QUERY = `query ExportFiles($id: ID!, $first: Int!, $after: String) {
  export(id: $id) {
    files(first: $first, after: $after) {
      nodes { path bytes sha256 file { url expiresAt } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

const unknownExport = (id: string): CommandFailed =>
  new CommandFailed(`There is no export ${safe(id)} of yours.`, { code: 'EXPORT_UNKNOWN' });

/** How an export stands. @throws CommandFailed where there is none */
export async function readExport(client: Client, id: string, options?: RequestOptions): Promise<ExportHead> {
  const answer = await client.graphql(HEAD_QUERY, { id }, z.object({ export: HEAD.nullable() }), options);
  if (!answer.export) throw unknownExport(id);
  return answer.export;
}

/** What was given, as the server signs it; null where a server does not. @throws CommandFailed */
export async function readReceiptNote(client: Client, id: string): Promise<string | null> {
  const shape = z.object({ export: z.object({ receipt: z.string().nullable() }).nullable() });
  const answer = await client.graphql('query Receipt($id: ID!) { export(id: $id) { receipt } }', { id }, shape, {
    patience: 30,
  });
  return answer.export?.receipt ?? null;
}

/** A page of its files, with fresh tickets. @throws CommandFailed */
export async function readPage(client: Client, id: string, after: string | null): Promise<ListedPage> {
  const shape = z.object({
    export: z
      .object({
        files: z
          .object({
            nodes: z.array(FILE),
            pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
          })
          .nullable(),
      })
      .nullable(),
  });
  const answer = await client.graphql(PAGE_QUERY, { id, first: PAGE, after }, shape, { patience: 30 });
  if (!answer.export) throw unknownExport(id);
  if (!answer.export.files) throw new CommandFailed(`Export ${safe(id)} has no files yet.`, { code: 'NOT_READY' });
  const { nodes, pageInfo } = answer.export.files;
  return { files: nodes, next: pageInfo.hasNextPage ? pageInfo.endCursor : null };
}
