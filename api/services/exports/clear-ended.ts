import { z } from 'zod';
import type { Clock } from '../../adapters/clock/clock.ts';
import type { Database } from '../../adapters/database/database.ts';
import type { SealKeys } from '../../adapters/keys/seal-keys.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import type { JobKind } from '../../jobs/job-kind.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import { unsealedExport } from '../sealing/unsealed-places.ts';
import { hasStoppedSharing } from '../withdrawals/stopped-sharing.ts';
import { exportOwner, exportPlace } from './export-place.ts';

export interface ClearDeps {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly keys: SealKeys;
  readonly clock: Clock;
  readonly jobs: JobStore;
}

const KIND = 'clear-exports';
/** A grant that ran out may be renewed, which prolongs it, for so long (governance.md); its exports are closed meanwhile, but not yet removed. */
const RENEWAL_DAYS = 31;
const KEYS_AT_ONCE = 1000;

/**
 * Exports that have ended for good and whose files still lie there: made without success, of a retracted release, of a grant that will not live again,
 * or with a patient who has withdrawn. What may come back (a quarantine lifted, a training renewed) ends none. $1 is now.
 */
const ENDED = `FROM data_export e JOIN job j ON j.id = e.job_id JOIN data_grant g ON g.id = e.grant_id JOIN release r ON r.id = e.release_id
  WHERE e.cleared_at IS NULL AND j.state NOT IN ('QUEUED', 'RUNNING') AND (
    e.ready_at IS NULL OR j.state <> 'SUCCEEDED' OR r.status = 'RETRACTED' OR g.state IN ('REVOKED', 'CLOSED')
    OR g.ends_at < $1::timestamptz - make_interval(days => ${RENEWAL_DAYS})
    OR EXISTS (SELECT 1 FROM jsonb_array_elements(e.manifest #> '{contents,patients}') p
               WHERE ${hasStoppedSharing("(p ->> 'id')::uuid")}))`;

/** Removes the files of every export that has ended for good; may be cut off anywhere and begun again. @returns how many exports */
export async function clearEndedExports(deps: ClearDeps, signal?: AbortSignal): Promise<number> {
  const { database, clock } = deps;
  const { rows } = await database.query<{ id: string }>(`SELECT e.id ${ENDED} ORDER BY e.created_at LIMIT 10000`, [
    clock.now(),
  ]);
  for (const { id } of rows) {
    signal?.throwIfAborted();
    // From here on it is closed, whatever becomes of the rest.
    const ended = await database.transaction(async (sql) => {
      const { rows: still } = await sql.query(`SELECT e.id ${ENDED} AND e.id = $2 FOR UPDATE OF e, j`, [
        clock.now(),
        id,
      ]);
      if (still.length === 0) return false;
      await sql.query('UPDATE data_export SET ended_at = coalesce(ended_at, $2) WHERE id = $1', [id, clock.now()]);
      await sql.query('DELETE FROM export_file WHERE export_id = $1', [id]);
      return true;
    });
    if (!ended) continue;
    await removeObjects(deps, id);
    await database.query('UPDATE data_export SET cleared_at = $2 WHERE id = $1', [id, clock.now()]);
  }
  return rows.length;
}

/** Objects made for the export alone: never one that an artifact or another export's row points at. With the last goes the key that sealed them. */
async function removeObjects({ database, objects, keys }: ClearDeps, exportId: string): Promise<void> {
  let found: string[] = [];
  const remove = async (): Promise<void> => {
    if (found.length === 0) return;
    const { rows } = await database.query<{ key: string }>(
      `SELECT k.key FROM unnest($1::text[]) k(key) WHERE NOT EXISTS (SELECT 1 FROM artifact a WHERE a.object_key = k.key)
         AND NOT EXISTS (SELECT 1 FROM export_file f WHERE f.object_key = k.key)`,
      [found],
    );
    found = [];
    for (const { key } of rows) await objects.remove(key);
  };
  for (const place of [exportPlace(exportId), unsealedExport(exportId)])
    for await (const key of objects.list(place)) {
      found.push(key);
      if (found.length >= KEYS_AT_ONCE) await remove();
    }
  await remove();
  for await (const _ of objects.list(exportPlace(exportId))) return;
  await keys.destroy(exportOwner(exportId));
}

/** Asks for a clearing, where none is under way. */
export const askForClearing = ({ jobs, database }: Pick<ClearDeps, 'jobs' | 'database'>): Promise<string> =>
  jobs.add(database, { kind: KIND, payload: {}, priority: -10, dedupeKey: KIND });

/** The job that clears, on behalf of the server itself. */
export const clearExportsKind = (deps: ClearDeps): JobKind => ({
  kind: KIND,
  payload: z.object({}),
  maxAttempts: 3,
  priority: -10,
  run: async (_payload, { signal }) => ({ exports: await clearEndedExports(deps, signal) }),
});
