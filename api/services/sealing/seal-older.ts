import { z } from 'zod';
import type { Database } from '../../adapters/database/database.ts';
import { KeyDestroyed } from '../../adapters/keys/seal-keys.ts';
import { ChecksumDiffers, ObjectMissing, type ObjectStore } from '../../adapters/objects/object-store.ts';
import { sealedPlace } from '../../adapters/objects/sealed-store.ts';
import { type JobContext, type JobKind, JobPostponed } from '../../jobs/job-kind.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import { exportPlace } from '../exports/export-place.ts';
import { patientOwner } from '../ingest/drop-item.ts';
import { UNSEALED } from './unsealed-places.ts';

export interface SealDeps {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly jobs: JobStore;
  readonly clock: { now(): Date };
}

const SEAL = 'seal-older';
const CLEAR = 'clear-unsealed';
const AT_ONCE = 100;
const POSTPONE_MS = 30_000;
const CLEAR_PAYLOAD = z.object({ before: z.iso.datetime() });

/** Asks at a start that what was stored before patients had keys is sealed; nothing where there is nothing of it. */
export async function askForSealing({ database, objects, jobs }: SealDeps): Promise<string | null> {
  for (const place of Object.values(UNSEALED))
    for await (const _ of objects.list(place))
      return jobs.add(database, { kind: SEAL, payload: {}, priority: -10, dedupeKey: SEAL });
  return null;
}

/**
 * Seals what was stored before patients had keys: each object is stored again under its owner's key, its checksum proved, then its rows name the new
 * place. The old ones stay readable until every job that may have read their names has ended. May be cut off anywhere and begun again.
 */
export const sealOlderKind = (deps: SealDeps): JobKind => ({
  kind: SEAL,
  payload: z.object({}),
  maxAttempts: 20,
  priority: -10,
  async run(_payload, context) {
    const sealed = { artifacts: 0, exports: 0, sources: 0, kept: 0 };
    await sealNamed(deps, context, sealed);
    await sealSources(deps, context, sealed);
    const before = deps.clock.now().toISOString();
    await deps.jobs.add(deps.database, { kind: CLEAR, payload: { before }, priority: -10, dedupeKey: CLEAR });
    return sealed;
  },
});

type Counts = { artifacts: number; exports: number; sources: number; kept: number };

/** What artifacts and files of exports name. */
async function sealNamed(deps: SealDeps, { signal, progress }: JobContext, sealed: Counts): Promise<void> {
  const { database } = deps;
  for (let after = ''; ; ) {
    const { rows } = await database.query<{ key: string; study: string | null; code: string; sha256: string | null }>(
      `(SELECT DISTINCT ON (a.object_key COLLATE "C") a.object_key AS key, t.key AS study, p.code, a.sha256 FROM artifact a JOIN recording r ON r.id = a.recording_id
        JOIN submission s ON s.id = r.submission_id JOIN patient p ON p.id = s.patient_id JOIN study t ON t.id = p.study_id
        WHERE a.object_key ^@ '${UNSEALED.artifacts}' AND a.object_key COLLATE "C" > $1 ORDER BY a.object_key COLLATE "C" LIMIT ${AT_ONCE})
       UNION ALL (SELECT DISTINCT f.object_key COLLATE "C", NULL, '', NULL FROM export_file f
        WHERE f.object_key ^@ '${UNSEALED.exports}' AND f.object_key COLLATE "C" > $1 ORDER BY 1 LIMIT ${AT_ONCE})
       ORDER BY 1 LIMIT ${AT_ONCE}`,
      [after],
    );
    const done: { was: string; now: string }[] = [];
    for (const { key, study, code, sha256 } of rows) {
      signal.throwIfAborted();
      // `exports/<id>/…` and `artifacts/<study>/…`.
      const [, second = '', ...rest] = key.split('/');
      const place = study === null ? exportPlace(second) : `${sealedPlace(patientOwner(study, code))}artifacts/`;
      const now = `${place}${rest.join('/')}`;
      if (!(await seal(deps, key, now, sha256))) sealed.kept += 1;
      else {
        done.push({ was: key, now });
        sealed[study === null ? 'exports' : 'artifacts'] += 1;
      }
    }
    await database.query('SELECT name_sealed_objects($1, $2)', [
      done.map(({ was }) => was),
      done.map(({ now }) => now),
    ]);
    progress({ stage: 'sealing', done: sealed.artifacts + sealed.exports, total: 0 });
    if (rows.length < AT_ONCE) return;
    after = rows.at(-1)!.key;
  }
}

async function sealSources(deps: SealDeps, { signal }: JobContext, sealed: Counts): Promise<void> {
  for await (const key of deps.objects.list(UNSEALED.sources)) {
    signal.throwIfAborted();
    const now = sealedSource(key);
    if (now === null || !(await seal(deps, key, now, sha256InName(key)))) sealed.kept += 1;
    else sealed.sources += 1;
  }
}

/** @returns false where it stays as it is: it is missing or damaged, as a check of its release says, or its owner was erased */
async function seal({ objects }: SealDeps, was: string, now: string, sha256: string | null): Promise<boolean> {
  try {
    await objects.put(now, objects.read(was), sha256 === null ? undefined : { sha256 });
    return true;
  } catch (error) {
    if (error instanceof ObjectMissing || error instanceof ChecksumDiffers || error instanceof KeyDestroyed)
      return false;
    throw error;
  }
}

/** Removes what was sealed from its old place, and what nothing names there, once no job runs that may read it. */
export const clearUnsealedKind = (deps: SealDeps): JobKind<z.infer<typeof CLEAR_PAYLOAD>> => ({
  kind: CLEAR,
  payload: CLEAR_PAYLOAD,
  maxAttempts: 20,
  priority: -10,
  async run({ before }, { job, signal }) {
    const { database, objects } = deps;
    const { rows: reading } = await database.query(
      `SELECT 1 FROM job WHERE state = 'RUNNING' AND started_at <= $1 AND id <> $2 LIMIT 1`,
      [before, job.id],
    );
    if (reading.length > 0) throw new JobPostponed(POSTPONE_MS);
    let removed = 0;
    for (const place of [UNSEALED.artifacts, UNSEALED.exports]) {
      let keys: string[] = [];
      const remove = async (): Promise<void> => {
        const { rows } = await database.query<{ key: string }>(
          `SELECT k.key FROM unnest($1::text[]) k(key) WHERE NOT EXISTS (SELECT 1 FROM artifact a WHERE a.object_key = k.key)
             AND NOT EXISTS (SELECT 1 FROM export_file f WHERE f.object_key = k.key)`,
          [keys],
        );
        keys = [];
        for (const { key } of rows) {
          signal.throwIfAborted();
          await objects.remove(key);
          removed += 1;
        }
      };
      for await (const key of objects.list(place)) if (keys.push(key) >= AT_ONCE) await remove();
      await remove();
    }
    for await (const key of objects.list(UNSEALED.sources)) {
      signal.throwIfAborted();
      const now = sealedSource(key);
      if (now === null || (await objects.size(now)) !== (await objects.size(key))) continue;
      await objects.remove(key);
      removed += 1;
    }
    return { removed };
  },
});

/** Where a source of `sources/<study>/<patient>/…` belongs; null for what is none. */
function sealedSource(key: string): string | null {
  const [, study, patient, ...rest] = key.split('/');
  return study === undefined || patient === undefined || rest.length === 0
    ? null
    : `${sealedPlace(patientOwner(study, patient))}sources/${rest.join('/')}`;
}

const sha256InName = (key: string): string | null => /([0-9a-f]{64})\.\w+$/.exec(key)?.[1] ?? null;
