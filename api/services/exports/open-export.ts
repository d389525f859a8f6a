import { performance } from 'node:perf_hooks';
import type { AccountActor } from '../../../governance/actor.ts';
import { isModality, type Modality } from '../../../governance/modality.ts';
import type { Clock } from '../../adapters/clock/clock.ts';
import { type Database, named } from '../../adapters/database/database.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { byToken } from '../audit/by-token.ts';
import { loadSituation } from '../read/facts.ts';
import { type Contents, stillHolds } from './contents.ts';
import { decideExport, type ModalityRefusal, reasonCodes } from './export-access.ts';
import { findExport, type StoredExport } from './find-export.ts';
import { selectRows } from './selection.ts';

/** A file of an export as bytes of a stored object: `prefix` first, then the object's from `firstByte` on; `bytes` counts both. */
export interface ExportFile {
  readonly path: string;
  readonly objectKey: string;
  readonly firstByte: number;
  readonly prefix: Uint8Array | null;
  readonly bytes: number;
  readonly sha256: string;
  readonly modality: Modality | null;
}

/** Why an export, or a file of it, is not given now. */
export type Closed =
  /** There is no such export or file, or it is somebody else's. */
  | { readonly ok: false; readonly code: 'NOT_FOUND'; readonly message: string }
  | { readonly ok: false; readonly code: 'NOT_READY'; readonly message: string }
  /** Something of it may be seen no more, or the release was retracted. */
  | { readonly ok: false; readonly code: 'EXPORT_ENDED'; readonly message: string }
  | {
      readonly ok: false;
      readonly code: 'FORBIDDEN';
      readonly message: string;
      readonly refused: readonly ModalityRefusal[];
      readonly reasons: readonly string[];
    };

export const notFound: Closed = { ok: false, code: 'NOT_FOUND', message: 'There is no such export.' };
const notReady: Closed = { ok: false, code: 'NOT_READY', message: 'The export is not made yet.' };
const ended: Closed = {
  ok: false,
  code: 'EXPORT_ENDED',
  message: 'The export has ended, because what may be exported has changed since it was made; ask for a new one.',
};

export interface OpenDeps {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  /** Milliseconds for which an answer to "does it still hold?" is used again, for the many files of one export; well below two seconds. */
  holdMs?: number;
}

const HOLD_MS = 500;
const MOST_REMEMBERED = 64;

/** Whether an export may still be taken: its person's access, asked each time, and what it holds, asked again after half a second. */
export function exportDoor(deps: OpenDeps) {
  const { database } = deps;
  const remembered = new Map<string, { at: number; holds: Promise<boolean> }>();
  // What an export holds never changes once it is ready.
  const contents = new Map<string, Contents>();

  async function contentsOf(of: StoredExport): Promise<Contents | null> {
    const known = contents.get(of.id);
    if (known !== undefined) return known;
    const { rows } = await database.query<{ contents: Contents | null }>(
      `SELECT manifest -> 'contents' AS contents FROM data_export WHERE id = $1`,
      [of.id],
    );
    const found = rows[0]?.contents ?? null;
    if (found !== null) remember(contents, of.id, found);
    return found;
  }

  /** @returns null where it may be taken */
  async function closed(of: StoredExport, actor: AccountActor, now: Date): Promise<Closed | null> {
    const { releaseId, modalities } = of.scope;
    const situation = await loadSituation(database, { accountId: of.accountId, study: { releaseId }, now });
    const release = situation?.releases.find(({ id }) => id === releaseId);
    if (!situation || !release) return notFound;
    const access = decideExport({ ...actor, grantId: of.grantId }, situation, release, modalities, now);
    if (!access.ok) {
      await refusedEntry(deps, of, actor, reasonCodes(access.all));
      const reasons = reasonCodes(access.refused);
      if (access.hidden) return notFound;
      return {
        ok: false,
        code: 'FORBIDDEN',
        message: 'Access does not allow this any more.',
        refused: access.refused,
        reasons,
      };
    }
    if (of.endedAt !== null) return ended;
    const known = remembered.get(of.id);
    const fresh = known !== undefined && performance.now() - known.at < (deps.holdMs ?? HOLD_MS) ? known : undefined;
    const holds =
      fresh?.holds ??
      (async () => {
        const held = await contentsOf(of);
        return held !== null && stillHolds(held, await selectRows(database, of.scope, access.filter, access.timeZone));
      })();
    if (fresh === undefined) {
      remember(remembered, of.id, { at: performance.now(), holds });
      holds.catch(() => remembered.delete(of.id));
    }
    if (await holds) return null;
    await refusedEntry(deps, of, actor, ['EXPORT_ENDED']);
    return ended;
  }

  /** The person's own export, whatever its state; null for anybody else's. */
  async function own(exportId: string, actor: AccountActor): Promise<StoredExport | null> {
    const of = await findExport(database, exportId);
    if (of === null || of.accountId !== actor.accountId) return null;
    // A token that is bound to a grant knows nothing of another's exports.
    const bound = actor.tokenGrantId ?? null;
    return bound !== null && bound !== of.grantId ? null : of;
  }

  return {
    own,
    /** The person's own export, ready and still holding. */
    async ready(exportId: string, actor: AccountActor, now: Date): Promise<{ ok: true; of: StoredExport } | Closed> {
      const of = await own(exportId, actor);
      if (of === null) return notFound;
      if (of.readyAt === null) return notReady;
      return (await closed(of, actor, now)) ?? { ok: true, of };
    },
    /** Asked each time: where a file lies changes when it is sealed. */
    async file(exportId: string, path: string): Promise<ExportFile | null> {
      const { rows } = await database.query<Omit<ExportFile, 'modality'> & { modality: string | null }>(
        named(
          'export_file',
          `SELECT path, object_key AS "objectKey", first_byte AS "firstByte", prefix, bytes, sha256, modality FROM export_file WHERE export_id = $1 AND path = $2`,
        ),
        [exportId, path.replaceAll('\u0000', '\ufffd')],
      );
      const row = rows[0];
      if (row === undefined) return null;
      return { ...row, modality: row.modality !== null && isModality(row.modality) ? row.modality : null };
    },
  };
}

export type ExportDoor = ReturnType<typeof exportDoor>;

function remember<T>(into: Map<string, T>, id: string, value: T): void {
  into.delete(id);
  into.set(id, value);
  const oldest = into.keys().next().value;
  if (into.size > MOST_REMEMBERED && oldest !== undefined) into.delete(oldest);
}

const refusedEntry = (
  { database, audit }: OpenDeps,
  of: StoredExport,
  actor: AccountActor,
  reasons: readonly string[],
): Promise<void> =>
  audit.write(database, {
    accountId: of.accountId,
    grantId: of.grantId,
    action: 'REFUSED',
    detail: { use: 'EXPORT', export: of.id, release: of.scope.releaseId, reasons, ...byToken(actor) },
  });
