import type { Modality } from '../../../governance/modality.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { writeLineage } from '../lineage.ts';

/** What a fold has learnt, as it lies in the object store. */
export interface StoredCheckpoint {
  readonly fold: number;
  readonly epoch: number;
  readonly objectKey: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a fold's checkpoint into the books, with whom it was made, in the transaction that keeps the run's result. Who asks for
 * it needs a grant for all of `reads`, and everybody of `patients` still to share these with them (`heldBack`).
 * @param of.patients ids of those whom the run has read: learnt from, or withheld
 * @returns false where somebody of them has withdrawn meanwhile: then it must not come to be
 */
export async function keepCheckpoint(
  sql: Sql,
  of: StoredCheckpoint & {
    readonly id: string;
    readonly runId: string;
    readonly reads: readonly Modality[];
    readonly patients: readonly string[];
    readonly at: Date;
  },
): Promise<boolean> {
  const { id, patients } = of;
  if (!(await writeLineage(sql, { subject: 'CHECKPOINT', id, patients }))) return false;
  await sql.query(
    `INSERT INTO checkpoint (id, run_id, fold, epoch, object_key, bytes, sha256, reads, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, of.runId, of.fold, of.epoch, of.objectKey, of.bytes, of.sha256, [...of.reads], of.at],
  );
  return true;
}
