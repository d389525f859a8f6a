import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ChainProblem } from '../../../governance/audit.ts';
import {
  type CheckpointKey,
  type CheckpointText,
  checkpointText,
  type NoteFile,
  parseKeyLine,
  type ReadCheckpoints,
  readCheckpoints,
  signNote,
} from '../../../governance/checkpoint.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database } from '../../adapters/database/database.ts';
import { journalEnd, refuseCut } from '../backup/endings-journal.ts';
import { readAuditChain } from './audit-chain.ts';
import type { AuditLog } from './audit-log.ts';
import { changeKey, type KeyRing, makeKeyRing } from './checkpoint-keys.ts';

/** Far more than a note has. */
const MOST_BYTES = 64 * 1024;

/** The log is not the one that was signed last: nothing more is signed until somebody has looked. */
export class CheckpointRefused extends Error {
  override name = 'CheckpointRefused';
  readonly problems: readonly ChainProblem[];
  constructor(problems: readonly ChainProblem[]) {
    super('the log does not go on from the last checkpoint: run iss audit verify');
    this.problems = problems;
  }
}

/** Notes of a folder, by name. @throws Error where the folder cannot be read */
export async function readNotes(folder: string): Promise<NoteFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.note')).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size } = await stat(path);
      return { name, note: size > MOST_BYTES ? '' : await readFile(path, 'utf8') };
    }),
  );
}

/** Key lines of a file; what is none of them is left out. */
export async function readKeyFile(path: string): Promise<CheckpointKey[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  return lines.map(parseKeyLine).filter((key): key is CheckpointKey => key !== null);
}

const keysOf = (ring: KeyRing): CheckpointKey[] =>
  ring.lines.map(parseKeyLine).filter((key): key is CheckpointKey => key !== null);

/** Checkpoints of a folder, by the keys of this server. */
async function ownCheckpoints(folder: string, ring: KeyRing): Promise<ReadCheckpoints> {
  return readCheckpoints(await readNotes(folder), keysOf(ring));
}

/** Where the notes of a server go. */
export const checkpointFolder = (config: { dataDirectory: string; ISS_CHECKPOINT_DIR?: string | undefined }): string =>
  resolve(config.ISS_CHECKPOINT_DIR ?? join(config.dataDirectory, 'checkpoints'));

export interface CheckpointDeps {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  dataDirectory: string;
  random: Ids['random'];
  /** Where the notes go: to be carried to the auditor. */
  folder: string;
  /** The journal of endings, whose end is signed, too. */
  journal: string;
}

/**
 * Proves what came since the last checkpoint, signs the present end of the log and of the journal of endings, and writes the note. Whoever rewrites the log finds nobody here who signs it.
 * @param only 'when-new': none where nothing was written since but the entry of the last checkpoint
 * @returns the checkpoint and its file; null where there was nothing to sign. @throws CheckpointRefused, JournalRefused where the journal was cut
 */
export async function makeCheckpoint(
  deps: CheckpointDeps,
  only: 'always' | 'when-new' = 'always',
): Promise<{ checkpoint: CheckpointText; file: string } | null> {
  const { database, clock, audit, folder } = deps;
  const ring = await makeKeyRing(deps.dataDirectory, deps.random);
  await openFolder(folder, ring);
  const { checkpoints } = await ownCheckpoints(folder, ring);
  const last = checkpoints.at(-1) ?? null;
  await refuseCut(deps.journal, checkpoints);
  const { line, head } = await journalEnd(deps.journal);
  const grown = line > (last?.endings?.line ?? 0);
  if (last !== null) await sameAsSigned(database, last);
  const report = await readAuditChain(database, { start: last ?? { size: 0, head: '' } });
  if (!report.whole) throw new CheckpointRefused(report.problems);
  const size = (last?.size ?? 0) + report.entries;
  if (size === 0 || (only === 'when-new' && last !== null && !grown && size <= last.size + 1)) return null;
  const at = clock.now().toISOString();
  const checkpoint = { log: ring.log, size, head: report.head, at, endings: { line, head } };
  const stamp = checkpoint.at.replace(/[-:]|\.\d+/g, '');
  const file = join(folder, `checkpoint-${String(size).padStart(12, '0')}-${stamp}.note`);
  await keepFile(file, signNote(checkpointText(checkpoint), ring.log, [ring.secret]));
  await audit.write(database, {
    accountId: null,
    grantId: null,
    action: 'AUDIT_CHECKPOINT',
    detail: { size, head: checkpoint.head, key: ring.key.id },
  });
  return { checkpoint, file };
}

/** The entry that was signed last still has the link that was signed. @throws CheckpointRefused */
async function sameAsSigned(database: Database, { size, head }: CheckpointText): Promise<void> {
  const { rows } = await database.query<{ hash: string }>('SELECT hash FROM audit_link WHERE position = $1', [size]);
  if (rows[0]?.hash === head) return;
  throw new CheckpointRefused([
    rows[0] === undefined
      ? { kind: 'REMOVED', from: size, to: size }
      : { kind: 'CHECKPOINT', size, from: 1, last: size, standsAt: null },
  ]);
}

/** Changes the key, after a checkpoint by the old one. @returns the new ring */
export async function changeCheckpointKey(deps: CheckpointDeps): Promise<KeyRing> {
  const { database, clock, audit, folder } = deps;
  await makeCheckpoint(deps);
  const before = await makeKeyRing(deps.dataDirectory, deps.random);
  const size = (await ownCheckpoints(folder, before)).checkpoints.at(-1)?.size ?? 0;
  const ring = await changeKey(deps.dataDirectory, deps.random, { size, at: clock.now() }, (note, next) =>
    keepFile(join(folder, `key-${String(size).padStart(12, '0')}-${next.id}.note`), note),
  );
  await openFolder(folder, ring);
  await audit.write(database, {
    accountId: null,
    grantId: null,
    action: 'AUDIT_KEY_CHANGED',
    detail: { size, before: before.key.id, key: ring.key.id },
  });
  return ring;
}

/** The folder, with the public keys in it; an auditor compares the first with the one that they were given by hand. */
async function openFolder(folder: string, ring: KeyRing): Promise<void> {
  await mkdir(folder, { recursive: true });
  await keepFile(join(folder, 'public-keys.txt'), `${ring.lines.join('\n')}\n`);
}

/** Whole or not at all. */
async function keepFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  await writeFile(fresh, text, { flush: true });
  await rename(fresh, path);
}

/** Makes a checkpoint now and every so often while there is something new. */
export function scheduleCheckpoints(
  deps: CheckpointDeps,
  everyMs: number,
  onError: (error: Error) => void,
): { stop(): Promise<void> } {
  let round: Promise<unknown> | undefined;
  const go = (): void => {
    round ??= makeCheckpoint(deps, 'when-new')
      .catch(onError)
      .finally(() => {
        round = undefined;
      });
  };
  const timer = setInterval(go, everyMs);
  go();
  return {
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}
