import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { patientOwner } from '../ingest/drop-item.ts';
import type { WithdrawalDeps } from './withdrawal-deps.ts';

const ENTRY = z.object({
  withdrawal: z.uuid(),
  patient: z.uuid(),
  study: z.string(),
  code: z.string(),
  reason: z.string(),
  at: z.iso.datetime(),
});

/** An erasure that was carried out: ids and the code that the patient had, nothing of the data. */
export type Erased = z.infer<typeof ENTRY>;

/** Where erasures are noted beside the database, so that a backup of it, brought back, is not the last word. */
export const journalPath = (dataDirectory: string): string => join(dataDirectory, 'erasures.jsonl');

/** Adds a line that is on the disk when this is done. The same erasure twice does no harm. */
export async function noteErasure(path: string, entry: Erased): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a', 0o600);
  try {
    // A line that was cut off in the middle stays one of its own.
    await file.write(`\n${JSON.stringify(entry)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function notedErasures(path: string): Promise<Erased[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      return [ENTRY.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

/**
 * Has everybody erased once more whom the database, brought back from a backup, holds again: at each start, before anything is served. Sharing has
 * ended when this returns; the rest is a job. Who is not in it at all is entered as erased, so that no drop brings them back.
 * @returns how many were found
 */
export async function replayErasures(deps: WithdrawalDeps, path: string): Promise<number> {
  const { database, clock, audit, jobs } = deps;
  let found = 0;
  for (const entry of await notedErasures(path)) {
    // A key that came back with a backup does not outlive its end.
    await deps.keys.destroy(patientOwner(entry.study, entry.code));
    const again = await database.transaction(async (sql) => {
      const now = clock.now();
      const { rows: studies } = await sql.query<{ id: string }>('SELECT id FROM study WHERE key = $1', [entry.study]);
      const studyId = studies[0]?.id;
      if (studyId === undefined) return false;
      await sql.query(
        `INSERT INTO patient (id, study_id, code, created_at, updated_at, erased_at) VALUES ($1, $2, $3, $4, $4, $4) ON CONFLICT DO NOTHING`,
        [entry.patient, studyId, entry.code, entry.at],
      );
      const { rows } = await sql.query<{ id: string; erasedAt: Date | null; done: boolean }>(
        `SELECT p.id, p.erased_at AS "erasedAt", EXISTS (SELECT 1 FROM withdrawal w WHERE w.patient_id = p.id AND w.erased_at IS NOT NULL) AS done
         FROM patient p WHERE p.study_id = $1 AND p.code = $2 FOR UPDATE OF p`,
        [studyId, entry.code],
      );
      const patient = rows[0];
      if (patient === undefined || patient.done) return false;
      await sql.query(
        `INSERT INTO withdrawal (id, patient_id, kind, reason, at, notified_at, erasure_ordered_at, erase_after) VALUES ($1, $2, 'ERASE', $3, $4, $5, $5, $5)
         ON CONFLICT (id) DO UPDATE SET notified_at = coalesce(withdrawal.notified_at, $5), erasure_ordered_at = coalesce(withdrawal.erasure_ordered_at, $5),
           erase_after = coalesce(withdrawal.erase_after, $5)`,
        [entry.withdrawal, patient.id, entry.reason, entry.at, now],
      );
      await jobs.add(sql, {
        kind: 'erase-patient',
        payload: { withdrawalId: entry.withdrawal },
        dedupeKey: `erase ${entry.withdrawal}`,
        maxAttempts: 20,
      });
      const detail = { withdrawal: entry.withdrawal, study: entry.study, patient: patient.id, erasedBefore: entry.at };
      await audit.write(sql, { accountId: null, grantId: null, action: 'REPLAY_ERASURE', detail });
      return true;
    });
    if (again) found += 1;
  }
  return found;
}
