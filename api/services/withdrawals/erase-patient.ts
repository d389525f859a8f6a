import { z } from 'zod';
import { refuseStep, stageOf } from '../../../governance/withdrawal.ts';
import type { BaselineResult } from '../../../pipeline/baselines/experiment.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { KeyDestroyed } from '../../adapters/keys/seal-keys.ts';
import { sealedPlace } from '../../adapters/objects/sealed-store.ts';
import { holdJob } from '../../jobs/job-fence.ts';
import { JobFailure, type JobKind } from '../../jobs/job-kind.ts';
import { exportOwner } from '../exports/export-place.ts';
import { patientOwner } from '../ingest/drop-item.ts';
import { runOwner } from '../runs/run-place.ts';
import { sweepTraining } from '../runs/training-memory.ts';
import { unsealedPlaces } from '../sealing/unsealed-places.ts';
import { noteErasure } from './erasure-journal.ts';
import type { WithdrawalDeps } from './withdrawal-deps.ts';
import { readWithdrawal, type WithdrawalRow } from './withdrawal-rows.ts';

const PAYLOAD = z.object({ withdrawalId: z.uuid() });

/**
 * Destroys what there is of a patient, when two stewards have ordered it and the hold is over: every object first, then the rows in one transaction
 * with the proof. May be cut off anywhere and begun again; from its beginning on the withdrawal cannot be taken back.
 */
export const erasePatientKind = (deps: WithdrawalDeps): JobKind<z.infer<typeof PAYLOAD>> => ({
  kind: 'erase-patient',
  payload: PAYLOAD,
  maxAttempts: 20,
  priority: 0,
  async run({ withdrawalId }, { job, signal }) {
    const { database, clock, audit } = deps;
    const row = await readWithdrawal(database, withdrawalId);
    if (row === null) throw new JobFailure('WITHDRAWAL_UNKNOWN', 'there is no such withdrawal');
    const code = refuseStep(row, 'ERASE', clock.now());
    // Taken back meanwhile, or done by an attempt that could not say so.
    if (code === 'ALREADY_TAKEN_BACK' || code === 'ALREADY_DONE') return { erased: stageOf(row) === 'ERASED' };
    if (code !== null) throw new JobFailure(code, 'the erasure may not begin');
    const begun = await database.query<{ begun: boolean }>('SELECT begin_erasure($1, $2) AS begun', [
      withdrawalId,
      clock.now(),
    ]);
    if (begun.rows[0]?.begun !== true) throw new JobFailure('NOT_ORDERED', 'the erasure may not begin');
    // Runs with the patient were ended when they withdrew: what such a run remembered of its training goes.
    await sweepTraining(deps);
    const places = await placesOf(database, row);
    // The keys first: from here on nothing that they sealed is read, here or in a backup.
    for (const owner of places.owners) await deps.keys.destroy(owner);
    const destroyed = await destroyObjects(deps, places, signal);
    const proof = await database.transaction(async (sql) => {
      const results = await scrubResults(sql, row);
      const { rows } = await sql.query<{ done: Record<string, number> }>('SELECT erase_rows($1, $2) AS done', [
        withdrawalId,
        clock.now(),
      ]);
      await holdJob(sql, job);
      const left = await stillThere(deps, places);
      if (left > 0) throw new Error(`${left} objects of an erased patient are still there`);
      // Beside the database before the database says so: a backup of it that is brought back is erased again.
      await noteErasure(deps.journal, {
        ...{
          withdrawal: withdrawalId,
          patient: row.patientId,
          study: row.study,
          code: row.patient,
          reason: row.reason,
        },
        at: clock.now().toISOString(),
      });
      const keysDestroyed = await destroyedOf(deps, places);
      const made = {
        keysDestroyed,
        ...destroyed,
        rows: { ...rows[0]?.done, baseline_run: results },
        objectsLeft: left,
      };
      const at = clock.now();
      await sql.query('SELECT end_erasure($1, $2, $3)', [withdrawalId, at, JSON.stringify(made)]);
      await audit.write(sql, {
        accountId: null,
        grantId: null,
        action: 'ERASE_PATIENT',
        detail: { withdrawal: withdrawalId, study: row.study, patient: row.patientId, job: job.id, proof: made },
      });
      return made;
    });
    return { erased: true, proof };
  },
});

interface Places {
  /** Whose keys sealed them: the patient, exports that name them, runs that have learnt from them. */
  readonly owners: readonly string[];
  readonly prefixes: readonly string[];
  readonly keys: readonly string[];
}

/** Where bytes of the patient lie: what was sent in, what was made of it by any attempt, exports that name them. */
async function placesOf(sql: Sql, { study, patient, patientId }: WithdrawalRow): Promise<Places> {
  const { rows: artifacts } = await sql.query<{ key: string }>(
    `SELECT a.object_key AS key FROM artifact a JOIN recording r ON r.id = a.recording_id JOIN submission s ON s.id = r.submission_id WHERE s.patient_id = $1`,
    [patientId],
  );
  const { rows: made } = await sql.query<{ id: string }>(
    `SELECT i.id FROM ingest_item i JOIN ingest_drop d ON d.id = i.drop_id JOIN patient p ON p.study_id = d.study_id AND p.code = i.patient_code WHERE p.id = $1
     UNION SELECT r.id FROM recording r JOIN submission s ON s.id = r.submission_id WHERE s.patient_id = $1`,
    [patientId],
  );
  const { rows: exports } = await sql.query<{ id: string }>(
    `SELECT subject_id AS id FROM lineage WHERE subject = 'EXPORT' AND patient_id = $1`,
    [patientId],
  );
  const { rows: runs } = await sql.query<{ id: string }>(
    `SELECT DISTINCT c.run_id AS id FROM checkpoint c JOIN lineage l ON l.subject = 'CHECKPOINT' AND l.subject_id = c.id WHERE l.patient_id = $1`,
    [patientId],
  );
  const owners = [
    patientOwner(study, patient),
    ...exports.map(({ id }) => exportOwner(id)),
    ...runs.map(({ id }) => runOwner(id)),
  ];
  return {
    owners,
    prefixes: [
      ...owners.map(sealedPlace),
      // What was stored before there were keys, and is not sealed yet.
      ...unsealedPlaces({
        ...{ study, patient },
        recordings: made.map(({ id }) => id),
        exports: exports.map(({ id }) => id),
      }),
    ],
    keys: artifacts.map(({ key }) => key),
  };
}

async function destroyObjects({ objects }: WithdrawalDeps, { prefixes, keys }: Places, signal: AbortSignal) {
  const destroyed = { objects: 0, bytes: 0 };
  const destroy = async (key: string): Promise<void> => {
    signal.throwIfAborted();
    const bytes = await objects.size(key);
    if (bytes === null) return;
    await objects.remove(key);
    destroyed.objects += 1;
    destroyed.bytes += bytes;
  };
  for (const key of keys) await destroy(key);
  for (const prefix of prefixes) for await (const key of objects.list(prefix)) await destroy(key);
  return destroyed;
}

async function stillThere({ objects }: WithdrawalDeps, { prefixes, keys }: Places): Promise<number> {
  let left = 0;
  for (const key of keys) if ((await objects.size(key)) !== null) left += 1;
  for (const prefix of prefixes) for await (const _ of objects.list(prefix)) left += 1;
  return left;
}

/** How many keys are gone, of which none can be made again. @throws where one can still be used */
async function destroyedOf({ keys }: WithdrawalDeps, { owners }: Places): Promise<number> {
  for (const owner of owners) {
    const found = await keys.find(owner).catch((error: unknown) => error);
    if (!(found instanceof KeyDestroyed)) throw new Error('a key of an erased patient is still there');
  }
  return owners.length;
}

/** Takes the patient's own figures out of results of runs. What they added to means of groups stays: such results are marked. */
async function scrubResults(sql: Sql, { patientId, patient }: WithdrawalRow): Promise<number> {
  const { rows } = await sql.query<{ id: string; result: BaselineResult }>(
    `SELECT b.id, b.result FROM baseline_run b JOIN lineage l ON l.subject = 'RUN' AND l.subject_id = b.id WHERE l.patient_id = $1 AND b.result IS NOT NULL FOR UPDATE OF b`,
    [patientId],
  );
  for (const { id, result } of rows) {
    const folds = result.folds.map((fold) => ({
      ...fold,
      testPatients: fold.testPatients.filter((code) => code !== patient),
    }));
    const others = <One extends { readonly patient: string }>(of: readonly One[]): One[] =>
      of.filter((one) => one.patient !== patient);
    const byPatient = others(result.evaluation.byPatient);
    const lowest = others(result.evaluation.lowest);
    await sql.query('UPDATE baseline_run SET result = $2 WHERE id = $1', [
      id,
      JSON.stringify({ ...result, folds, evaluation: { ...result.evaluation, byPatient, lowest } }),
    ]);
  }
  return rows.length;
}
