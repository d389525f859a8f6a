import { type Sex, type SkinType, sexCode, skinTypeCode } from './demographics.ts';
import { type PainLevel, painCode } from './pain.ts';
import type { SubmissionTimestamp } from './submission-timestamp.ts';
import type { Survey } from './survey.ts';
import { timeframeCode } from './timeframe.ts';

/**
 * The three sets of labels that the paper writes for each split, train and test apart, at two classes or four (appendix D.2.4), under
 * its column names. The arrays that belong to a row (`lm`, `acoustic`) are added by who holds them.
 */
export interface LabelledPatient {
  readonly patient: string;
  readonly painLevel: PainLevel;
  readonly sex: Sex;
  readonly skinType: SkinType;
}

export interface PersonLabels {
  readonly pain_class: number;
  readonly gender: 0 | 1;
  readonly skin: 0 | 1;
}

export interface ImageLabels extends PersonLabels {
  readonly files: string;
}

export interface ImageScoreLabels extends ImageLabels {
  readonly video_date: string;
  readonly subj: string;
  readonly timeframe: number;
  readonly 's1-activity': number;
  readonly 's1-enjoyment': number;
  readonly 's1-mood': number;
  readonly 's1-painnow': number;
  readonly 's1-paintime': number;
  readonly 's1-relationships': number;
  readonly 's1-sleep': number;
  readonly 's1-walking': number;
  readonly 's1-work': number;
  /** 1 where the zeros stand for a survey that was never given. Not in the paper's files. */
  readonly scores_absent: 0 | 1;
}

export interface AudioLabels extends PersonLabels {
  readonly filename: string;
  readonly basename: string;
}

const personLabels = (of: LabelledPatient, classes: 2 | 4): PersonLabels => ({
  pain_class: painCode(of.painLevel, classes),
  gender: sexCode(of.sex),
  skin: skinTypeCode(of.skinType),
});

/** First set: a face crop, by the number of its frame (from 1): `0002_20201129T202256_10.jpg`. */
export const imageLabels = (
  of: LabelledPatient,
  at: SubmissionTimestamp,
  frame: number,
  classes: 2 | 4,
): ImageLabels => ({ files: `${of.patient}_${at.text}_${frame}.jpg`, ...personLabels(of, classes) });

/** Second set: the same with time and the nine scores, in the paper's (alphabetical) order; no survey gives zeros and a flag. */
export const imageScoreLabels = (
  of: LabelledPatient,
  at: SubmissionTimestamp,
  survey: Survey | null,
  frame: number,
  classes: 2 | 4,
): ImageScoreLabels => ({
  ...imageLabels(of, at, frame, classes),
  video_date: at.text,
  subj: of.patient,
  timeframe: timeframeCode(at.timeframe),
  's1-activity': survey?.activity ?? 0,
  's1-enjoyment': survey?.enjoyment ?? 0,
  's1-mood': survey?.mood ?? 0,
  's1-painnow': survey?.painnow ?? 0,
  's1-paintime': Number(survey?.paintime ?? 0),
  's1-relationships': survey?.relationships ?? 0,
  's1-sleep': survey?.sleep ?? 0,
  's1-walking': survey?.walking ?? 0,
  's1-work': survey?.work ?? 0,
  scores_absent: survey === null ? 1 : 0,
});

/** Third set: the spectrogram of a whole recording, or of its chunk of that number (from 0): `chunk_0008_0_20201201T140021.png`. */
export const audioLabels = (
  of: LabelledPatient,
  at: SubmissionTimestamp,
  chunk: number | null,
  classes: 2 | 4,
): AudioLabels => {
  const basename = chunk === null ? at.text : `chunk_${of.patient}_${chunk}_${at.text}`;
  return { filename: `${basename}.png`, ...personLabels(of, classes), basename };
};
