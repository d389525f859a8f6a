import type { Seen } from './result.ts';
import type { IntervalFacts } from './scores.ts';

/** A mean over the patients of a group. */
export interface GroupMean {
  readonly mean: number | null;
  readonly interval: IntervalFacts | null;
}

/** A group that may be told; smaller ones, and what they could be worked out from, are in no list. */
export interface ToldGroup {
  readonly by: 'SEX' | 'SKIN_TYPE' | 'DEVICE';
  readonly group: string;
  readonly patients: number;
}

export interface GroupQualityFacts extends ToldGroup {
  readonly faceFound: GroupMean;
  readonly landmarksLost: GroupMean;
  readonly brightness: GroupMean;
  readonly contrast: GroupMean;
  readonly sharpness: GroupMean;
  readonly loudness: GroupMean;
  readonly clipping: GroupMean;
}

export interface GroupAccuracyOf extends ToldGroup {
  readonly accuracy: GroupMean;
}

/** A baseline's newest run over all folds and everybody in the release. Whose it was is not told. */
export interface GroupBaselineFacts {
  readonly experiment: string;
  readonly classes: number;
  readonly preset: string;
  readonly seed: number;
  readonly comparable: string | null;
  readonly patients: number;
  readonly overall: GroupMean;
  readonly groups: readonly GroupAccuracyOf[];
}

export interface GroupFiguresFacts {
  readonly study: string;
  readonly release: string;
  readonly quality: readonly GroupQualityFacts[];
  readonly baselines: readonly GroupBaselineFacts[];
}

export interface GroupFiguresService {
  /** Null where there is no such release. */
  figures(study: string | null, release: string | null): Promise<Seen<GroupFiguresFacts | null>>;
}
