import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseKeyLine, readCheckpoints, trustedKeys } from '../../../governance/checkpoint.ts';
import { BackupRefused } from '../../adapters/backup/encrypted-stream.ts';
import { systemClock, systemIds } from '../../adapters/clock/clock.ts';
import { connectDatabase } from '../../adapters/database/database.ts';
import { fileKeys } from '../../adapters/keys/file-keys.ts';
import type { Config } from '../../config.ts';
import { DataDirectoryRefused, keyFolder, readSecrets, sealingKeys } from '../../data-directory.ts';
import { jobStore } from '../../jobs/job-store.ts';
import { auditLog } from '../../services/audit/audit-log.ts';
import { makeKeyRing } from '../../services/audit/checkpoint-keys.ts';
import { checkpointFolder, readNotes } from '../../services/audit/checkpoints.ts';
import { endingsPath, headAt, JournalRefused, journalEnd } from '../../services/backup/endings-journal.ts';
import { type Replayed, replayJournal } from '../../services/backup/replay-journal.ts';
import { openSystem } from '../../services/backup/system.ts';
import { journalPath } from '../../services/withdrawals/erasure-journal.ts';
import { settingsOf } from '../beside-server.ts';
import { CommandFailed } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { counted, safe } from '../terminal.ts';

interface Options {
  json?: true;
}
const HOUR_MS = 3600_000;

/** Opens a restored system: what has ended since its backup ends once more. */
export const replay = (io: Io, folder: string, options: Options): Promise<void> =>
  told(() => replayInto(io, settingsOf(io), folder, options));

/** @throws CommandFailed where nothing waits for it, JournalRefused */
export async function replayInto(io: Io, config: Config, folder: string, options: Options): Promise<void> {
  const source = endingsPath(resolve(folder));
  const own = endingsPath(checkpointFolder(config));
  await refuseFork(source, own);
  const ring = await makeKeyRing(config.dataDirectory, systemIds.random);
  const known = ring.lines.map(parseKeyLine).filter((key) => key !== null);
  const notes = await readNotes(resolve(folder));
  const { checkpoints } = readCheckpoints(notes, known);
  const system = await openSystem(config);
  const database = connectDatabase(system.ownerUrl, { poolSize: 2, statementTimeoutMs: HOUR_MS });
  try {
    const done = await replayJournal(
      {
        ...{ database, clock: systemClock, ids: systemIds, audit: auditLog(systemClock, systemIds) },
        jobs: jobStore(database, systemClock, systemIds),
        journal: journalPath(config.dataDirectory),
        keys: fileKeys(keyFolder(config), sealingKeys(await readSecrets(config.dataDirectory))),
        // Before the system opens: from here on the journal is its own.
        adopt: () => adopt(source, own),
      },
      source,
      trustedKeys(notes, known),
      checkpoints,
    );
    if (done === null)
      throw new CommandFailed('Nothing waits for a replay: the system was not restored, or is open already.', {
        code: 'NOT_RESTORED',
      });
    say(io, done, options);
  } finally {
    await database.close();
    await system.close();
  }
}

function say(
  io: Io,
  { replayed, lines, last, cutOff }: { replayed: Replayed; lines: number; last: string; cutOff: boolean },
  options: Options,
): void {
  if (options.json) {
    printJson(io, { lines, last, cutOff, replayed });
    return;
  }
  const kinds = Object.entries(replayed).sort(([one], [other]) => (one < other ? -1 : 1));
  io.print(`Replayed ${counted(lines, 'line')} of the journal, whose last is of ${last}. The system is open.`);
  for (const [kind, { done, nothing }] of kinds)
    io.print(`  ${safe(kind)}: ${done} ended${nothing > 0 ? `, ${nothing} with nothing to end in the backup` : ''}`);
  if (cutOff)
    io.note(
      'Half a line stands behind the last one. Where the journal was copied while it was written, what ended then is missing: compare with a newer copy, and end it again by hand.',
    );
}

/** @throws JournalRefused where a journal that stands here already is not the beginning of the other */
async function refuseFork(source: string, own: string): Promise<void> {
  if (source === own) return;
  const here = await journalEnd(own);
  if ((await headAt(source, here.line)) !== here.head)
    throw new JournalRefused(`${own} holds lines that ${source} has not: name the folder with the newest copy`);
}

async function adopt(source: string, own: string): Promise<void> {
  if (source === own) return;
  await mkdir(dirname(own), { recursive: true, mode: 0o700 });
  const fresh = join(dirname(own), 'endings.jsonl.new');
  const { wholeBytes } = await journalEnd(source);
  await writeFile(fresh, (await readFile(source)).subarray(0, wholeBytes), { mode: 0o600, flush: true });
  await rename(fresh, own);
}

/** Refusals as an operator reads them. */
export async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const known = [BackupRefused, JournalRefused, DataDirectoryRefused].some((kind) => error instanceof kind);
    if (!known) throw error;
    throw new CommandFailed(`${(error as Error).message}.`, { code: 'REFUSED', cause: error });
  }
}
