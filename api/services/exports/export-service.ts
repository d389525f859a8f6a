import { basename } from 'node:path';
import { z } from 'zod';
import type { AccountActor } from '../../../governance/actor.ts';
import { signReceipt } from '../../../governance/receipt.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import type { Job } from '../../jobs/job.ts';
import { jobActor } from '../../jobs/job-actor.ts';
import type { JobKind } from '../../jobs/job-kind.ts';
import { byToken } from '../audit/by-token.ts';
import type { KeyRing } from '../audit/checkpoint-keys.ts';
import type { Opener } from '../files/file-access.ts';
import type { ExportTicket, TicketOffice } from '../files/ticket.ts';
import { loadSituation } from '../read/facts.ts';
import { decideExport, jobReasons, reasonCodes } from './export-access.ts';
import { type ExportState, exportStates } from './export-state.ts';
import { findExport } from './find-export.ts';
import { type MadeExport, makeExport } from './make/make-export.ts';
import type { ManifestHead } from './manifest-format.ts';
import { type Closed, type ExportFile, exportDoor, notFound } from './open-export.ts';
import { type ExportRequest, type RequestDeps, type RequestResult, requestExport } from './request-export.ts';

export interface ExportDeps extends RequestDeps {
  objects: ObjectStore;
  tickets: TicketOffice;
  publicUrl: string;
  /** What receipts are signed with: the keys of the log. */
  receiptKeys: () => Promise<KeyRing>;
  /** See `exportDoor`. */
  holdMs?: number;
  /** See `makeExport`. */
  lookMs?: number;
}

/** A file of an export with a short-lived address of it. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly modality: string | null;
  readonly url: string;
  readonly expiresAt: Date;
}

export type FilesResult =
  | {
      readonly ok: true;
      readonly files: readonly ListedFile[];
      readonly total: number /** For the next page; null on the last. */;
      readonly after: string | null;
    }
  | Closed;

const MOST_FILES = 500;
const PAYLOAD = z.object({ exportId: z.string() });

/** Sanctioned exports: asked for, made by a job under the same policy, taken file by file while access lasts. */
export function exportService(deps: ExportDeps) {
  const { database, clock, jobs, queue, audit } = deps;
  const door = exportDoor(deps);
  const states = exportStates(deps);
  const logged = new Set<string>();

  /** Asked before the job starts and again and again while it runs, as the person and under the grant that it is for. */
  async function refusals(job: Job, { exportId }: z.infer<typeof PAYLOAD>): Promise<string[]> {
    const now = clock.now();
    const of = await findExport(database, exportId);
    if (of === null) return [];
    const { releaseId, modalities } = of.scope;
    const situation = await loadSituation(database, { accountId: of.accountId, study: { releaseId }, now });
    const release = situation?.releases.find(({ id }) => id === releaseId);
    if (!situation || !release) return [];
    const actor = jobActor(of, job);
    const access = decideExport(actor, situation, release, modalities, now);
    if (access.ok) return [];
    if (!logged.has(job.id)) {
      logged.add(job.id);
      const detail = {
        use: 'EXPORT',
        job: job.id,
        export: of.id,
        release: releaseId,
        reasons: reasonCodes(access.all),
        ...byToken(actor),
      };
      await audit.write(database, { accountId: of.accountId, grantId: of.grantId, action: 'REFUSED', detail });
    }
    return jobReasons(access.refused);
  }

  async function open(
    exportId: string,
    path: string,
    actor: AccountActor,
    now: Date,
  ): Promise<{ ok: true; file: ExportFile } | Closed> {
    const ready = await door.ready(exportId, actor, now);
    if (!ready.ok) return ready;
    const file = await door.file(exportId, path);
    return file === null ? notFound : { ok: true, file };
  }

  const openTicket: Opener<ExportTicket> = async (ticket, actor) => {
    const opened = await open(ticket.exportId, ticket.path, actor, clock.now());
    if (!opened.ok) {
      if (opened.code === 'NOT_FOUND') return null;
      return { kind: 'refused', reasons: opened.code === 'FORBIDDEN' ? opened.reasons : [opened.code] };
    }
    const { file } = opened;
    return {
      kind: 'file',
      ticketId: ticket.id,
      who: { accountId: ticket.accountId, grantId: ticket.grantId },
      about: { export: ticket.exportId, path: file.path, modality: file.modality, ...byToken(actor) },
      name: basename(file.path),
      contentType: 'application/octet-stream',
      bytes: file.bytes,
      sha256: file.sha256,
      etag: file.sha256.slice(0, 32),
      inline: false,
      objectKey: file.objectKey,
      firstByte: file.firstByte,
      ...(file.prefix && { prefix: file.prefix }),
      stillAllowed: async () => (await door.ready(ticket.exportId, actor, clock.now())).ok,
    };
  };

  return {
    /** Asks for an export; a refusal is a value with a literal code, and is logged. */
    request: (request: ExportRequest): Promise<RequestResult> => requestExport(deps, request),

    /** How far the person's own export is; null for one that does not exist or is somebody else's. */
    async state(exportId: string, actor: AccountActor): Promise<ExportState | null> {
      return (await door.own(exportId, actor)) === null ? null : states.one(exportId);
    },

    /** The person's own exports, newest first. */
    list: (actor: AccountActor, first = 50): Promise<ExportState[]> => states.of(actor, first),

    /** A page of the export's files by path, each with a ticket for this person. @param after the path after which the page begins */
    async files(exportId: string, actor: AccountActor, after: string | null = null, first = 100): Promise<FilesResult> {
      const ready = await door.ready(exportId, actor, clock.now());
      if (!ready.ok) return ready;
      const limit = Math.max(1, Math.min(MOST_FILES, Math.trunc(first)));
      const { rows } = await database.query<Omit<ListedFile, 'url' | 'expiresAt'> & Record<string, unknown>>(
        `SELECT path, bytes, sha256, modality FROM export_file WHERE export_id = $1 AND ($2::text IS NULL OR path > $2) ORDER BY path LIMIT ${limit + 1}`,
        [exportId, after?.replaceAll('\u0000', '\ufffd') ?? null],
      );
      const page = rows.slice(0, limit);
      const { accountId, grantId } = ready.of;
      const files = page.map((row): ListedFile => {
        const ticket = deps.tickets.issue({ kind: 'export', accountId, grantId, exportId, path: row.path });
        return { path: row.path, bytes: row.bytes, sha256: row.sha256, modality: row.modality, ...ticket };
      });
      const state = await states.one(exportId);
      return {
        ok: true,
        files,
        total: state?.fileCount ?? files.length,
        after: rows.length > limit ? (page.at(-1)?.path ?? null) : null,
      };
    },

    /** What the person was given, signed: the same text each time, also after the export has ended. Null until it is made. */
    async receipt(exportId: string, actor: AccountActor): Promise<string | null> {
      const of = await door.own(exportId, actor);
      if (of === null || of.readyAt === null) return null;
      const { rows } = await database.query<{ head: ManifestHead; manifest: string; files: number; bytes: number }>(
        `SELECT manifest -> 'head' AS head, manifest_sha256 AS manifest, file_count AS files, bytes FROM data_export WHERE id = $1`,
        [of.id],
      );
      const { head, manifest, files, bytes } = rows[0]!;
      const { state, stateDigest } = head.release;
      // Exports of the first version did not note the state's digest.
      if (stateDigest === undefined) return null;
      const { log, secret } = await deps.receiptKeys();
      return signReceipt(
        {
          ...{ export: of.id, grant: of.grantId, holder: of.username },
          ...{ release: state, state: stateDigest, content: head.contentDigest, manifest, files, bytes },
          at: of.readyAt.toISOString(),
        },
        log,
        secret,
      );
    },

    /** Ends the making of the person's own export. @returns false where there is nothing to end */
    async cancel(exportId: string, actor: AccountActor): Promise<boolean> {
      const of = await door.own(exportId, actor);
      const job = of && (await jobs.get(of.jobId));
      if (!of || !job || (job.state !== 'QUEUED' && job.state !== 'RUNNING')) return false;
      await database.transaction(async (sql) => {
        await jobs.cancel(sql, job.id);
        await audit.write(sql, {
          accountId: actor.accountId,
          grantId: of.grantId,
          action: 'CANCEL_EXPORT',
          detail: { export: exportId, job: job.id, ...byToken(actor) },
        });
      });
      await queue.announce(job.id);
      return true;
    },

    open,
    openTicket,

    jobKinds(): JobKind[] {
      const kind: JobKind<z.infer<typeof PAYLOAD>> = {
        kind: 'export',
        payload: PAYLOAD,
        maxAttempts: 4,
        priority: 10,
        refusals,
        run: ({ exportId }, context): Promise<MadeExport> => makeExport(deps, exportId, context),
      };
      // The runner parses each payload with its kind's own schema before it hands it over.
      return [kind as JobKind as JobKind<unknown>];
    },
  };
}

export type ExportService = ReturnType<typeof exportService>;
