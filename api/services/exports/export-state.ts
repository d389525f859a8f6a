import type { AccountActor } from '../../../governance/actor.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { Database } from '../../adapters/database/database.ts';
import type { JobProgress, JobState } from '../../jobs/job.ts';
import type { ManifestHead } from './manifest-format.ts';
import type { Part } from './selection.ts';

/** How far an export is. */
export interface ExportState {
  readonly id: string;
  readonly jobId: string;
  readonly state: JobState;
  readonly progress: JobProgress | null;
  /** Why it ended without files; `reasons` where access did not allow it. */
  readonly error: { readonly code: string; readonly message: string; readonly reasons?: readonly string[] } | null;
  readonly grantId: string;
  readonly study: string;
  readonly synthetic: boolean;
  readonly release: string;
  readonly fold: number | null;
  readonly part: Part;
  readonly modalities: readonly Modality[];
  /** Null until it is ready, as all that follows. */
  readonly counts: ManifestHead['counts'] | null;
  readonly fileCount: number | null;
  readonly bytes: number | null;
  readonly manifestSha256: string | null;
  readonly createdAt: Date;
  readonly readyAt: Date | null;
}

const SELECT = `SELECT e.id, e.job_id AS "jobId", j.state, j.progress, j.error, e.grant_id AS "grantId", s.key AS study, s.synthetic, r.version AS release, e.fold, e.part, e.modalities,
    e.manifest #> '{head,counts}' AS counts, e.file_count AS "fileCount", e.bytes, e.manifest_sha256 AS "manifestSha256", e.created_at AS "createdAt", e.ready_at AS "readyAt"
  FROM data_export e JOIN job j ON j.id = e.job_id JOIN release r ON r.id = e.release_id JOIN study s ON s.id = r.study_id`;

const MOST = 500;

/** Reads of exports' states; whose they are is asked by the caller. */
export function exportStates({ database }: { database: Database }) {
  return {
    async one(exportId: string): Promise<ExportState | null> {
      const { rows } = await database.query<ExportState & Record<string, unknown>>(`${SELECT} WHERE e.id = $1`, [
        exportId,
      ]);
      return rows[0] ?? null;
    },
    /** A person's own, newest first; those of the token's grant alone, where it is bound to one. */
    async of(actor: AccountActor, first: number): Promise<ExportState[]> {
      const limit = Math.max(1, Math.min(MOST, Math.trunc(first)));
      const { rows } = await database.query<ExportState & Record<string, unknown>>(
        `${SELECT} WHERE e.account_id = $1 AND ($2::uuid IS NULL OR e.grant_id = $2) ORDER BY e.created_at DESC, e.id DESC LIMIT ${limit}`,
        [actor.accountId, actor.tokenGrantId ?? null],
      );
      return rows;
    },
  };
}
