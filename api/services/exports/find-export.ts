import type { Modality } from '../../../governance/modality.ts';
import { named, type Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../uuid.ts';
import type { ExportScope, Part } from './selection.ts';

/** An export as it stands in the database, with what it is of. */
export interface StoredExport {
  readonly id: string;
  readonly jobId: string;
  readonly accountId: string;
  readonly username: string;
  readonly grantId: string;
  readonly scope: ExportScope;
  readonly version: string;
  readonly digest: string | null;
  readonly study: { readonly id: string; readonly key: string; readonly title: string; readonly synthetic: boolean };
  readonly createdAt: Date;
  readonly readyAt: Date | null;
  /** When it ended for good; its files are gone, or go. */
  readonly endedAt: Date | null;
}

interface ExportRow extends Omit<StoredExport, 'scope' | 'study'> {
  releaseId: string;
  fold: number | null;
  part: Part;
  modalities: Modality[];
  study: StoredExport['study'];
}

/** @returns null where there is no such export, and for what is no id */
export async function findExport(sql: Sql, exportId: string): Promise<StoredExport | null> {
  if (!isUuid(exportId)) return null;
  const { rows } = await sql.query<ExportRow & Record<string, unknown>>(
    named(
      'export',
      `SELECT e.id, e.job_id AS "jobId", e.account_id AS "accountId", a.username, e.grant_id AS "grantId", e.release_id AS "releaseId", e.fold, e.part, e.modalities,
       r.version, r.digest, json_build_object('id', s.id, 'key', s.key, 'title', s.title, 'synthetic', s.synthetic) AS study,
       e.created_at AS "createdAt", e.ready_at AS "readyAt", e.ended_at AS "endedAt"
     FROM data_export e JOIN release r ON r.id = e.release_id JOIN study s ON s.id = r.study_id JOIN account a ON a.id = e.account_id WHERE e.id = $1`,
    ),
    [exportId],
  );
  if (!rows[0]) return null;
  const { releaseId, fold, part, modalities, ...rest } = rows[0];
  return { ...rest, scope: { releaseId, fold, part, modalities } };
}
