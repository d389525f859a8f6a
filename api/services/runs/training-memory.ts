import { metadataOf } from '../../../pipeline/baselines/network/safetensors.ts';
import {
  checkpointFile,
  outcomeFile,
  readOutcomeFile,
  readStateFile,
  stateFile,
  type TrainingMemory,
} from '../../../pipeline/baselines/network/training-state.ts';
import type { Database } from '../../adapters/database/database.ts';
import { type ObjectStore, readWhole } from '../../adapters/objects/object-store.ts';
import type { StoredCheckpoint } from './keep-checkpoint.ts';
import { checkpointFolder, RUNS, trainingFolder } from './run-place.ts';

export interface RunMemory extends TrainingMemory {
  /** Checkpoints of the folds that have been finished, by this attempt or an earlier one. */
  checkpoints(): Promise<readonly StoredCheckpoint[]>;
}

/**
 * Remembers a run's training in the object store: a state for each epoch, of which the last whole one stays, then the fold's
 * predictions and its checkpoint. An object appears whole or not at all, so a process may be killed anywhere.
 * @param identity everything that the result follows from; what an attempt with another one has left is not taken up
 */
export function runMemory(objects: ObjectStore, runId: string, identity: string): RunMemory {
  const folder = trainingFolder(runId);
  const kept = new Map<number, StoredCheckpoint>();
  const outcomeKey = (fold: number): string => `${folder}fold-${fold}.outcome`;
  const checkpointKey = (fold: number): string => `${checkpointFolder(runId)}fold-${fold}.safetensors`;
  const states = async (fold: number): Promise<string[]> => {
    const keys: string[] = [];
    for await (const key of objects.list(`${folder}fold-${fold}/`)) keys.push(key);
    return keys.sort().reverse();
  };
  /** In place of what another attempt may have left there. */
  const put = async (key: string, file: Uint8Array) => {
    await objects.remove(key);
    return objects.put(key, file);
  };
  const found = async (key: string): Promise<Buffer | null> =>
    (await objects.size(key)) === null ? null : readWhole(objects, key);

  return {
    async state(fold, network) {
      for (const key of await states(fold)) {
        const state = readStateFile(network, await readWhole(objects, key), identity);
        if (state !== null) return state;
      }
      return null;
    },
    async outcome(fold) {
      const file = await found(outcomeKey(fold));
      const outcome = file && readOutcomeFile(file, identity);
      // Of a fold whose checkpoint is gone nothing is taken up.
      if (!outcome || (await objects.size(checkpointKey(fold))) === null) return null;
      kept.set(fold, outcomeCheckpoint(fold, file, checkpointKey(fold)));
      return outcome;
    },
    async keepState(fold, state, network) {
      const before = await states(fold);
      // Names in the order of their numbers.
      const key = `${folder}fold-${fold}/epoch-${String(state.epoch).padStart(4, '0')}`;
      await put(key, stateFile(network, state, identity));
      for (const earlier of before) if (earlier !== key) await objects.remove(earlier);
    },
    async keepOutcome(fold, outcome, { epoch, tensors }, network) {
      const key = checkpointKey(fold);
      const stored = await put(key, checkpointFile(network, tensors, { fold: String(fold), epoch: String(epoch) }));
      await put(outcomeKey(fold), outcomeFile(outcome, identity, { epoch: String(epoch), ...words(stored) }));
      kept.set(fold, { fold, epoch, objectKey: key, ...stored });
      for (const earlier of await states(fold)) await objects.remove(earlier);
    },
    checkpoints: async () => [...kept.values()].sort((a, b) => a.fold - b.fold),
  };
}

const words = ({ bytes, sha256 }: { bytes: number; sha256: string }) => ({ bytes: String(bytes), sha256 });

function outcomeCheckpoint(fold: number, file: Uint8Array, objectKey: string): StoredCheckpoint {
  const { epoch, bytes, sha256 } = metadataOf(file);
  return { fold, epoch: Number(epoch), objectKey, bytes: Number(bytes), sha256: sha256 ?? '' };
}

/** Forgets a run's training: its result is there, or will never be. */
export async function forgetTraining(objects: ObjectStore, runId: string): Promise<void> {
  for await (const key of objects.list(trainingFolder(runId))) await objects.remove(key);
}

/**
 * Forgets the training of runs that have ended, however they did: a process that was killed could not. Checkpoints of runs
 * without a result go with it.
 * @returns how many runs were cleared
 */
export async function sweepTraining({
  database,
  objects,
}: {
  database: Database;
  objects: ObjectStore;
}): Promise<number> {
  const ids = new Set<string>();
  for await (const key of objects.list(RUNS)) {
    const [runId, kind] = key.slice(RUNS.length).split('/');
    if (kind === 'training') ids.add(runId as string);
  }
  const { rows } = await database.query<{ id: string; result: boolean }>(
    `SELECT b.id, b.result IS NOT NULL AS result FROM baseline_run b JOIN job j ON j.id = b.job_id
     WHERE b.id = ANY ($1::uuid[]) AND j.state NOT IN ('QUEUED', 'RUNNING')`,
    [[...ids]],
  );
  for (const { id, result } of rows) {
    await forgetTraining(objects, id);
    if (!result) for await (const key of objects.list(checkpointFolder(id))) await objects.remove(key);
  }
  return rows.length;
}
