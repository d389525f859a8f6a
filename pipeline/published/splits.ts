import { type Fold, foldsOf } from '../labels/folds.ts';
import type { PainClass, PainLevel } from '../labels/pain.ts';

/** A fold of the published cross-validation with its counts (paper, Tables 8 to 11). */
export interface PublishedSplit {
  readonly number: number;
  /** In the order of Table 11. */
  readonly testPatients: readonly string[];
  /** As Table 11 prints them, errors included: labels used for training and evaluation follow Table 6. */
  readonly printedLevels: readonly PainLevel[];
  readonly printedClasses: readonly PainClass[];
  readonly trainFaces: number;
  readonly trainFacesWithLandmarks: number;
  readonly testFaces: number;
  readonly testFacesWithLandmarks: number;
  /** Four-second chunks. */
  readonly trainChunks: number;
  readonly testChunks: number;
  /** Rows of pain scores. */
  readonly trainScores: number;
  readonly testScores: number;
}

/** The ten folds. Nine withhold three patients, the tenth two. */
export const PUBLISHED_SPLITS: readonly PublishedSplit[] = [
  {
    number: 1,
    testPatients: ['0002', '0029', '0021'],
    printedLevels: ['LOW', 'NONE', 'MODERATE'],
    printedClasses: ['PAIN', 'NO_PAIN', 'PAIN'],
    trainFaces: 157269,
    trainFacesWithLandmarks: 153322,
    testFaces: 15742,
    testFacesWithLandmarks: 14741,
    trainChunks: 4486,
    testChunks: 502,
    trainScores: 455,
    testScores: 82,
  },
  {
    number: 2,
    testPatients: ['0028', '0027', '0008'],
    printedLevels: ['LOW', 'NONE', 'MODERATE'],
    printedClasses: ['PAIN', 'NO_PAIN', 'PAIN'],
    trainFaces: 163128,
    trainFacesWithLandmarks: 158310,
    testFaces: 9883,
    testFacesWithLandmarks: 9753,
    trainChunks: 4719,
    testChunks: 269,
    trainScores: 479,
    testScores: 58,
  },
  {
    number: 3,
    testPatients: ['0020', '0025', '0005'],
    printedLevels: ['LOW', 'NONE', 'MODERATE'],
    printedClasses: ['PAIN', 'NO_PAIN', 'PAIN'],
    trainFaces: 163734,
    trainFacesWithLandmarks: 158809,
    testFaces: 9277,
    testFacesWithLandmarks: 9254,
    trainChunks: 4742,
    testChunks: 246,
    trainScores: 505,
    testScores: 32,
  },
  {
    number: 4,
    testPatients: ['0015', '0024', '0023'],
    printedLevels: ['SEVERE', 'NONE', 'SEVERE'],
    printedClasses: ['PAIN', 'NO_PAIN', 'PAIN'],
    trainFaces: 162678,
    trainFacesWithLandmarks: 157865,
    testFaces: 10333,
    testFacesWithLandmarks: 10198,
    trainChunks: 4710,
    testChunks: 278,
    trainScores: 511,
    testScores: 26,
  },
  {
    number: 5,
    testPatients: ['0018', '0017', '0026'],
    printedLevels: ['NONE', 'NONE', 'SEVERE'],
    printedClasses: ['NO_PAIN', 'NO_PAIN', 'PAIN'],
    trainFaces: 156622,
    trainFacesWithLandmarks: 151809,
    testFaces: 16389,
    testFacesWithLandmarks: 16254,
    trainChunks: 4561,
    testChunks: 427,
    trainScores: 497,
    testScores: 40,
  },
  {
    number: 6,
    testPatients: ['0004', '0016', '0019'],
    printedLevels: ['MODERATE', 'NONE', 'SEVERE'],
    printedClasses: ['PAIN', 'NO_PAIN', 'PAIN'],
    trainFaces: 168339,
    trainFacesWithLandmarks: 163578,
    testFaces: 4672,
    testFacesWithLandmarks: 4485,
    trainChunks: 4858,
    testChunks: 130,
    trainScores: 495,
    testScores: 42,
  },
  {
    number: 7,
    testPatients: ['0014', '0022', '0007'],
    printedLevels: ['NONE', 'SEVERE', 'LOW'],
    printedClasses: ['NO_PAIN', 'PAIN', 'NO_PAIN'],
    trainFaces: 145522,
    trainFacesWithLandmarks: 141804,
    testFaces: 27489,
    testFacesWithLandmarks: 26259,
    trainChunks: 4264,
    testChunks: 724,
    trainScores: 449,
    testScores: 88,
  },
  {
    number: 8,
    testPatients: ['0013', '0011', '0012'],
    printedLevels: ['NONE', 'SEVERE', 'NONE'],
    printedClasses: ['NO_PAIN', 'PAIN', 'NO_PAIN'],
    trainFaces: 103418,
    trainFacesWithLandmarks: 100462,
    testFaces: 69593,
    testFacesWithLandmarks: 67601,
    trainChunks: 2841,
    testChunks: 2147,
    trainScores: 425,
    testScores: 112,
  },
  {
    number: 9,
    testPatients: ['0003', '0010', '0006'],
    printedLevels: ['NONE', 'SEVERE', 'SEVERE'],
    printedClasses: ['NO_PAIN', 'PAIN', 'PAIN'],
    trainFaces: 166739,
    trainFacesWithLandmarks: 161816,
    testFaces: 6272,
    testFacesWithLandmarks: 6247,
    trainChunks: 4821,
    testChunks: 167,
    trainScores: 510,
    testScores: 27,
  },
  {
    number: 10,
    testPatients: ['0030', '0001'],
    printedLevels: ['NONE', 'NONE'],
    printedClasses: ['NO_PAIN', 'NO_PAIN'],
    trainFaces: 169650,
    trainFacesWithLandmarks: 164792,
    testFaces: 3361,
    testFacesWithLandmarks: 3271,
    trainChunks: 4890,
    testChunks: 98,
    trainScores: 507,
    testScores: 30,
  },
];

/** The same folds as test and training patients, for our own baselines on ISS. */
export const PUBLISHED_FOLDS: readonly Fold[] = foldsOf(PUBLISHED_SPLITS.map(({ testPatients }) => testPatients));
