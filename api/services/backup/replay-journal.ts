import type { CheckpointKey, CheckpointText } from '../../../governance/checkpoint.ts';
import type { Database } from '../../adapters/database/database.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { type Ending, endsInHalf, headAt, JournalRefused, readJournal, refuseCut } from './endings-journal.ts';
import { REPLAYS, type ReplayDeps } from './replay-endings.ts';

/** Of each kind of ending: how many were carried out, and how many had nothing to end. */
export type Replayed = Record<string, { done: number; nothing: number }>;

interface Open {
  id: string;
  line: number;
  head: string;
}

/** The restore whose journal has not been replayed; null where the system is open. */
export async function openRestore(database: Pick<Database, 'query'>): Promise<Open | null> {
  const { rows } = await database.query<Open & Record<string, unknown>>(
    'SELECT id, journal_line AS line, journal_head AS head FROM restored WHERE replayed_at IS NULL ORDER BY restored_at LIMIT 1',
  );
  return rows[0] ?? null;
}

/**
 * Carries out everything that has ended since the backup, as the journal says, in one transaction, and opens the system. Mail that waited is in doubt: it
 * may have been sent since.
 * @param path of the journal's newest copy @param keys that its lines may be signed with @param checkpoints that lie beside it, and where it had come
 * @returns null where nothing waits for a replay; `cutOff` where half a line stands behind the last @throws JournalRefused where it is not the journal of that system, ends before the backup or before the
 *   last checkpoint, or is damaged
 */
export async function replayJournal(
  deps: ReplayDeps & { database: Database; audit: AuditLog; adopt: () => Promise<void> },
  path: string,
  keys: readonly CheckpointKey[],
  checkpoints: readonly CheckpointText[],
): Promise<{ replayed: Replayed; lines: number; last: string; cutOff: boolean } | null> {
  const { database, audit, clock } = deps;
  const restore = await openRestore(database);
  if (restore === null) return null;
  const lines = await readJournal(path, keys);
  if (lines.length < Math.max(1, restore.line))
    throw new JournalRefused(
      `${path} ends at line ${lines.length}, and line ${restore.line} stood in it when the backup was made: find the newest copy`,
    );
  if ((await headAt(path, restore.line)) !== restore.head)
    throw new JournalRefused(`${path} is not the journal of the system that the backup was made of`);
  await refuseCut(path, checkpoints);
  const endings = lines.slice(restore.line).flatMap((line) => line.endings);
  const unknown = endings.find(({ kind }) => REPLAYS[kind] === undefined);
  if (unknown)
    throw new JournalRefused(
      `${path} holds an ending of ${unknown.kind}, which this version does not know: take a newer one`,
    );
  const replayed = await database.transaction(async (sql) => {
    // One at a time, and once.
    await sql.query('SELECT 1 FROM restored WHERE id = $1 FOR UPDATE', [restore.id]);
    const counts: Replayed = {};
    for (const ending of endings) await replayOne(ending, counts);
    await sql.query(
      `UPDATE outbox SET state = 'IN_DOUBT', error = 'restored from a backup: it may have been sent since' WHERE state IN ('WAITING', 'SENDING')`,
    );
    await sql.query('UPDATE restored SET replayed_at = $2, replayed = $3 WHERE id = $1', [
      restore.id,
      clock.now(),
      JSON.stringify(counts),
    ]);
    await audit.write(sql, {
      accountId: null,
      grantId: null,
      action: 'REPLAY_ENDINGS',
      detail: { restore: restore.id, from: restore.line, to: lines.length, endings: endings.length, replayed: counts },
    });
    await deps.adopt();
    return counts;

    async function replayOne({ kind, row }: Ending, counts: Replayed): Promise<void> {
      const done = await REPLAYS[kind]!(sql, row, deps);
      counts[kind] ??= { done: 0, nothing: 0 };
      counts[kind][done ? 'done' : 'nothing'] += 1;
    }
  });
  return { replayed, lines: lines.length - restore.line, last: lines.at(-1)!.at, cutOff: await endsInHalf(path) };
}
