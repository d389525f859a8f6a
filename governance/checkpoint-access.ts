import type { Modality } from './modality.ts';

/** What a checkpoint asks for: results, and everything that its run has read, since it may hold some of it. */
export const checkpointNeeds = (reads: readonly Modality[]): readonly Modality[] => ['BASELINES', ...reads];
