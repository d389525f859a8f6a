import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../../governance/canonical.ts';
import {
  type CheckpointKey,
  type CheckpointText,
  type JournalPlace,
  openNote,
  signNote,
} from '../../../governance/checkpoint.ts';
import type { Clock } from '../../adapters/clock/clock.ts';
import type { Database } from '../../adapters/database/database.ts';
import type { SealKeys } from '../../adapters/keys/seal-keys.ts';
import type { KeyRing } from '../audit/checkpoint-keys.ts';
import { withVideosSealed } from './sealed-videos.ts';

const LOCK = 72707371;
const BATCH = 500;
const ENDING = z.object({ kind: z.string(), row: z.record(z.string(), z.unknown()) });
const LINE = z.object({
  journal: z.literal('iss endings 1'),
  line: z.number().int().min(1),
  /** SHA-256 of the line before; empty for the first. */
  before: z.string(),
  at: z.iso.datetime(),
  endings: z.array(ENDING),
});
/** Something that has ended: the table's name and what was noted of its row. */
export type Ending = z.infer<typeof ENDING>;
export type JournalLine = z.infer<typeof LINE>;

/** The journal cannot be replayed; the message says why. */
export class JournalRefused extends Error {
  override name = 'JournalRefused';
}

/** Beside the signed checkpoints, which are carried away and mirrored. */
export const endingsPath = (checkpointFolder: string): string => join(checkpointFolder, 'endings.jsonl');

/** The end of a journal, by its last whole line; a line that was cut off was never acknowledged. */
export async function journalEnd(path: string): Promise<JournalPlace & { wholeBytes: number }> {
  const text = await textOf(path);
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const last = whole.slice(0, -1).split('\n').at(-1) ?? '';
  const wholeBytes = Buffer.byteLength(whole);
  if (last === '') return { line: 0, head: '', wholeBytes };
  const read = parsedLine(last);
  if (read === null) throw new JournalRefused(`${path} is damaged: its last line is none of ours`);
  return { line: read.line, head: sha256(last), wholeBytes };
}

/**
 * Lines of a journal, each proved to follow the one before and to be signed.
 * @param keys of the server, and those that they handed over to
 * @throws JournalRefused
 */
export async function readJournal(path: string, keys: readonly CheckpointKey[]): Promise<JournalLine[]> {
  const text = await textOf(path);
  const lines: JournalLine[] = [];
  let before = '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const one of whole.split('\n').filter(Boolean)) {
    const number = lines.length + 1;
    const read = parsedLine(one);
    if (read === null || read.line !== number || read.before !== before)
      throw new JournalRefused(`${path} is damaged: line ${number} does not follow the one before`);
    if (!openNote(JSON.parse(one) as string, keys)?.signers.length)
      throw new JournalRefused(`${path}: line ${number} is not signed by a key of this log`);
    lines.push(read);
    before = sha256(one);
  }
  return lines;
}

/**
 * A journal as signed checkpoints say that it had come: cut behind the last of them it may be, before it not.
 * @throws JournalRefused, naming the lines that are missing
 */
export async function refuseCut(path: string, checkpoints: readonly CheckpointText[]): Promise<void> {
  const named = checkpoints.flatMap(({ endings, at }) => (endings ? [{ ...endings, at }] : []));
  if (named.length === 0) return;
  const heads = headsOf(await textOf(path));
  const furthest = named.reduce((one, other) => (other.line > one.line ? other : one));
  const here = heads.length - 1;
  if (here < furthest.line) {
    const missing = here + 1 === furthest.line ? `line ${here + 1} is` : `lines ${here + 1} to ${furthest.line} are`;
    throw new JournalRefused(
      `${path} was cut short: it ends at line ${here}, and a checkpoint of ${furthest.at} has signed line ${furthest.line}, so ${missing} missing: find the newest copy`,
    );
  }
  const other = named.find(({ line, head }) => heads[line] !== head);
  if (other)
    throw new JournalRefused(
      `${path} is not the journal that was signed: line ${other.line} is another than in the checkpoint of ${other.at}`,
    );
}

/** Whether half a line stands behind the last whole one: a server that was killed had not answered it, but a copy may have been cut off there. */
export async function endsInHalf(path: string): Promise<boolean> {
  const text = await textOf(path);
  return text !== '' && !text.endsWith('\n');
}

/** By number of the line, from 0, before the first. */
const headsOf = (text: string): string[] => [
  '',
  ...text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map(sha256),
];

/** SHA-256 of a line of a journal, to be compared with what a backup says; empty for line 0, null where there is no such line. */
export async function headAt(path: string, line: number): Promise<string | null> {
  if (line === 0) return '';
  const found = (await textOf(path)).split('\n').filter(Boolean)[line - 1];
  return found === undefined ? null : sha256(found);
}

function parsedLine(one: string): JournalLine | null {
  try {
    const note = z.string().parse(JSON.parse(one));
    return LINE.parse(JSON.parse(note.slice(0, note.indexOf('\n'))));
  } catch {
    return null;
  }
}

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });

export interface EndingsJournal {
  /** Everything that had ended when this was called is on the disk when it is done. @returns how many endings were written */
  flush(): Promise<number>;
  /** Begins the journal where there is none: a folder without one is then never taken for it. */
  begin(): Promise<void>;
}

/**
 * Carries endings from the database, where they were noted in the transaction that they describe, to the journal: one signed line for what there is. A
 * crash between the two writes them again, which changes nothing.
 */
export function endingsJournal(deps: {
  database: Database;
  clock: Clock;
  path: string;
  ring: () => Promise<KeyRing>;
  /** Under which what names a patient's videos is written: who is erased takes it along. */
  keys: SealKeys;
  random: (bytes: number) => Buffer;
}): EndingsJournal {
  const { database, path } = deps;
  let known: (JournalPlace & { wholeBytes: number }) | null = null;
  let last: Promise<unknown> = Promise.resolve();

  async function place(): Promise<JournalPlace & { wholeBytes: number }> {
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    if (known === null || known.wholeBytes !== size) known = await journalEnd(path);
    return known;
  }

  async function flushOnce(begin = false): Promise<number> {
    return database.transaction(async (sql) => {
      await sql.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      const { rows } = await sql.query<{ id: number; kind: string; row: Record<string, unknown> }>(
        `SELECT id, kind, "row" FROM ending ORDER BY id LIMIT ${BATCH}`,
      );
      const { line, head, wholeBytes } = await place();
      if (rows.length === 0 && !(begin && line === 0)) return 0;
      const ring = await deps.ring();
      const endings: Ending[] = [];
      for (const { kind, row } of rows) endings.push({ kind, row: await withVideosSealed(deps, row) });
      const text = JSON.stringify({
        ...{ journal: 'iss endings 1', line: line + 1, before: head, at: deps.clock.now().toISOString() },
        endings,
      } satisfies JournalLine);
      const note = JSON.stringify(signNote(`${text}\n`, ring.log, [ring.secret]));
      known = null;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(path, 'a+', 0o600);
      try {
        // What a crash left of a line that was never acknowledged.
        await file.truncate(wholeBytes);
        await file.write(`${note}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      known = { line: line + 1, head: sha256(note), wholeBytes: wholeBytes + Buffer.byteLength(note) + 1 };
      await sql.query('DELETE FROM ending WHERE id = ANY($1::bigint[])', [rows.map(({ id }) => id)]);
      return rows.length;
    });
  }

  async function flush(): Promise<number> {
    const { rows } = await database.query('SELECT 1 FROM ending LIMIT 1');
    if (rows.length === 0) return 0;
    for (let written = 0; ; ) {
      const now = await flushOnce();
      written += now;
      if (now < BATCH) return written;
    }
  }

  /** One after the other, each with what there is when its turn comes. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  }

  return {
    flush: () => inTurn(flush),
    begin: () => inTurn(async () => void (await flushOnce(true))),
  };
}
