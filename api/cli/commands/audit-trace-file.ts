import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openClient } from '../client.ts';
import { CommandFailed, systemFailure } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { hashOf } from '../part-file.ts';
import { table } from '../table.ts';

const HOLDING = z.object({
  kind: z.string(),
  id: z.string(),
  name: z.string(),
  by: z.object({ name: z.string() }).nullable(),
  grant: z.string().nullable(),
  release: z.string().nullable(),
  since: z.string(),
  until: z.string().nullable(),
  bytes: z.number(),
  takenAt: z.string().nullable(),
  taken: z.number(),
});
const ANSWER = z.object({ fileTrace: z.array(HOLDING) });
const QUERY = `query FileTrace($sha256: String!) {
  fileTrace(sha256: $sha256) { kind id name by { name } grant release since until bytes takenAt taken }
}`;

/**
 * The SHA-256 that is meant: of a file, of the manifest.json in a folder that was pulled, or the one that is written.
 * @returns null where it is none of them
 */
export async function sha256Meant(what: string): Promise<string | null> {
  if (/^[0-9a-f]{64}$/i.test(what)) return what.toLowerCase();
  const found = await lstat(what).catch(() => null);
  const file = found?.isDirectory() ? join(what, 'manifest.json') : what;
  if (!found?.isFile() && !found?.isDirectory()) return null;
  try {
    return (await hashOf(file)).digest('hex');
  } catch (error) {
    throw systemFailure(error, file) ?? error;
  }
}

/** Prints which exports, recordings and runs held a file with these bytes, and who took it from there. @throws CommandFailed */
export async function traceFile(io: Io, sha256: string, options: { json?: true }): Promise<void> {
  const { fileTrace } = await openClient(io).graphql(QUERY, { sha256 }, ANSWER);
  if (fileTrace.length === 0)
    throw new CommandFailed(
      `No export, recording or run of this portal held a file of SHA-256 ${sha256}. One changed byte gives another: trace the manifest.json beside it, or files of the same folder.`,
      { code: 'NOTHING' },
    );
  if (options.json) {
    for (const holding of fileTrace) printJson(io, { sha256, ...holding });
    return;
  }
  const minute = (at: string | null): string => (at === null ? '' : `${at.slice(0, 16).replace('T', ' ')}Z`);
  const rows = fileTrace.map(({ kind, id, name, by, grant, release, since, until, takenAt, taken }) => [
    ...[kind, id, name, by?.name ?? '', release ?? '', grant ?? ''],
    ...[minute(since), minute(until), taken > 0 ? `${minute(takenAt)} (${taken})` : 'never'],
  ]);
  const titles = ['what', 'id', 'name', 'who', 'release', 'grant', 'since', 'until', 'first taken'];
  const columns = titles.map((title) => (title === 'name' ? { title, most: 60 } : { title }));
  io.print(`SHA-256 ${sha256}`);
  io.print(table(columns, rows));
}
