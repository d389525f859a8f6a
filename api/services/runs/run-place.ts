import { sealedPlace } from '../../adapters/objects/sealed-store.ts';

/** Whose key seals what a run has learnt: it is of many patients, so it has one of its own, which goes with any of them. */
export const runOwner = (runId: string): string => `RUN/${runId}`;

/** Where everything of runs lies. */
export const RUNS = sealedPlace('RUN');

/** Where a run's training is remembered until it ends. */
export const trainingFolder = (runId: string): string => `${sealedPlace(runOwner(runId))}training/`;

/** Where a run's checkpoints lie, from before their rows are written. */
export const checkpointFolder = (runId: string): string => `${sealedPlace(runOwner(runId))}checkpoints/`;
