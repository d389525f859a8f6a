import type { AccountActor } from '../../../governance/actor.ts';
import type { Json } from '../../../governance/canonical.ts';
import { decide } from '../../../governance/decide.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { ReleaseRecord } from '../../../schema/context.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { JobQueue } from '../../adapters/queue/queue.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { byToken } from '../audit/by-token.ts';
import { loadSituation } from '../read/facts.ts';
import { readSetting } from '../settings/setting-commands.ts';
import { listStudies } from '../study.ts';
import { decideExport, type ExportAccess, withLabels } from './export-access.ts';
import {
  type ExportRefusal,
  foldNeeded,
  foldUnknown,
  forbidden,
  modalitiesEmpty,
  nothingToExport,
  releaseUnknown,
  studyUnknown,
  tooManyWaiting,
} from './export-refusal.ts';
import { foldsIn } from './make/label-files.ts';
import { type Part, selectRows } from './selection.ts';

export interface RequestDeps {
  database: Database;
  clock: Clock;
  ids: Ids;
  audit: AuditLog;
  jobs: JobStore;
  queue: JobQueue;
  /** The study meant when none is named. */
  defaultStudy: string;
}

export interface ExportRequest {
  readonly actor: AccountActor;
  readonly study?: string;
  /** A version; the newest published one without. */
  readonly release?: string;
  readonly fold: number | null;
  readonly part: Part;
  readonly modalities: readonly Modality[];
}

export type RequestResult = { readonly ok: true; readonly exportId: string; readonly jobId: string } | ExportRefusal;

/** Before bulk, since a person waits. */
const PRIORITY = 10;
const MAX_ATTEMPTS = 4;

/** Decides EXPORT of everything asked for, then writes the export and its job in one transaction and says that there is work. Refusals are logged. */
export async function requestExport(deps: RequestDeps, request: ExportRequest): Promise<RequestResult> {
  const { database, clock } = deps;
  const { actor, fold, part } = request;
  const now = clock.now();
  const key = request.study ?? deps.defaultStudy;
  const situation = await loadSituation(database, { accountId: actor.accountId, study: { key }, now });
  if (situation === null) {
    const studies = (await listStudies(database)).map((study) => study.key);
    return refuse(deps, request, null, studyUnknown(studies));
  }
  if (request.modalities.length === 0) return refuse(deps, request, null, modalitiesEmpty());
  // A draft is, to whoever may not know of it, a version that does not exist, whatever else is missing.
  const known = situation.releases.filter(
    (one) => decide(actor, 'VIEW_RELEASE', { kind: 'release', release: one }, situation.facts, now).allow,
  );
  const release = releaseOf(known, request.release);
  if (release === null) return refuse(deps, request, null, releaseUnknown(known.map(({ version }) => version)));
  const modalities = withLabels(request.modalities);
  const access = decideExport(actor, situation, release, modalities, now);
  if (!access.ok) {
    const refusal = access.hidden ? releaseUnknown(known.map(({ version }) => version)) : forbidden(access.refused);
    return refuse(deps, request, access, refusal);
  }
  const scope = { releaseId: release.id, fold, part, modalities };
  const selection = await selectRows(database, scope, access.filter, access.timeZone);
  const folds = foldsIn(selection.patients);
  if (fold !== null && !folds.includes(fold)) return refuse(deps, request, access, foldUnknown(fold, folds));
  if (fold === null && part !== 'ALL') return refuse(deps, request, access, foldNeeded(part, folds));
  if (selection.submissions.length === 0) return refuse(deps, request, access, nothingToExport());

  const exportId = deps.ids.uuid();
  const made = await database.transaction(async (sql) => {
    // One at a time of one person, so that what is counted is all there is.
    await sql.query('SELECT 1 FROM account WHERE id = $1 FOR UPDATE', [actor.accountId]);
    const most = await readSetting(sql, 'waitingExportsPerPerson');
    if ((await waitingOf(sql, actor)) >= most) return { most };
    const id = await deps.jobs.add(sql, {
      kind: 'export',
      payload: { exportId },
      accountId: actor.accountId,
      grantId: access.grantId,
      tokenId: actor.tokenId ?? null,
      priority: PRIORITY,
      maxAttempts: MAX_ATTEMPTS,
    });
    await sql.query(
      `INSERT INTO data_export (id, job_id, account_id, grant_id, release_id, fold, part, modalities, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [exportId, id, actor.accountId, access.grantId, release.id, fold, part, modalities, now],
    );
    await deps.audit.write(sql, {
      accountId: actor.accountId,
      grantId: access.grantId,
      action: 'REQUEST_EXPORT',
      detail: {
        export: exportId,
        job: id,
        study: key,
        release: release.id,
        version: release.version,
        fold,
        part,
        modalities,
        ...byToken(actor),
      },
    });
    return { jobId: id };
  });
  if ('most' in made) return refuse(deps, request, access, tooManyWaiting(made.most));
  await deps.queue.announce(made.jobId);
  return { ok: true, exportId, jobId: made.jobId };
}

async function waitingOf(sql: Sql, { accountId }: AccountActor): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `SELECT count(*)::integer AS n FROM data_export JOIN job ON job.id = job_id
     WHERE data_export.account_id = $1 AND job.state IN ('QUEUED', 'RUNNING')`,
    [accountId],
  );
  return rows[0]!.n;
}

/** The release of a version, or the newest published one. */
function releaseOf(releases: readonly ReleaseRecord[], version: string | undefined): ReleaseRecord | null {
  const found = releases.find((release) =>
    version === undefined ? release.state === 'PUBLISHED' : release.version === version,
  );
  return found ?? null;
}

async function refuse(
  { database, audit }: RequestDeps,
  { actor, study, release, fold, part, modalities }: ExportRequest,
  access: ExportAccess | null,
  refusal: ExportRefusal,
): Promise<ExportRefusal> {
  const refused: Json =
    access?.ok === false
      ? Object.fromEntries(access.all.map((one) => [one.modality, one.reasons.map(({ code }) => code)]))
      : {};
  await audit.write(database, {
    accountId: actor.accountId,
    grantId: access?.ok === true ? access.grantId : (actor.tokenGrantId ?? null),
    action: 'REFUSED',
    detail: {
      command: 'requestExport',
      code: refusal.code,
      study: study ?? null,
      release: release ?? null,
      fold,
      part,
      modalities,
      refused,
      ...byToken(actor),
    },
  });
  return refusal;
}
