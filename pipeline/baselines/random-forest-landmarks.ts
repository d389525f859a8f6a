import { LANDMARK_VALUES } from '../../governance/modality.ts';
import type { FeatureMatrix } from './forest/feature-matrix.ts';
import { type ForestResult, type ForestRunOptions, runForestExperiment } from './forest-experiment.ts';

/** Frames with landmarks, a row each, in order of patient, moment and number. */
export interface LandmarkRows {
  /** Patient of each row. */
  readonly patients: readonly string[];
  readonly matrix: FeatureMatrix;
}

export interface RandomForestLandmarksInput extends ForestRunOptions {
  readonly rows: LandmarkRows;
}

export interface RandomForestLandmarksResult extends ForestResult {
  readonly experiment: 'random-forest-landmarks';
  readonly frames: number;
}

/**
 * Collects frames' landmarks into a matrix, column after column, without holding them twice.
 * @param capacity most rows that will come
 */
export const landmarkCollector = (capacity: number) => {
  // Memory that threads can share: at the paper's size a gigabyte, which nobody should copy.
  const data = new Float32Array(new SharedArrayBuffer(4 * capacity * LANDMARK_VALUES));
  const patients: string[] = [];
  return {
    /**
     * @param record 468 x 3 numbers of one frame
     * @returns false, the frame left out, where one of them is not finite: there is no mesh then
     */
    add(patient: string, record: Float32Array): boolean {
      if (record.length !== LANDMARK_VALUES) throw new RangeError(`A frame has ${LANDMARK_VALUES} numbers`);
      if (patients.length >= capacity) throw new RangeError(`There are more than ${capacity} frames`);
      if (!record.every(Number.isFinite)) return false;
      for (let column = 0; column < LANDMARK_VALUES; column++) {
        data[column * capacity + patients.length] = record[column] as number;
      }
      patients.push(patient);
      return true;
    },
    rows(): LandmarkRows {
      const rows = patients.length;
      // Where fewer came than were announced, columns move together, in place.
      if (rows < capacity) {
        for (let column = 1; column < LANDMARK_VALUES; column++) {
          data.copyWithin(column * rows, column * capacity, column * capacity + rows);
        }
      }
      return { patients, matrix: { rows, columns: LANDMARK_VALUES, data: data.subarray(0, rows * LANDMARK_VALUES) } };
    },
  };
};

/**
 * Experiment 2 of the paper: from the 1,404 landmark numbers of each frame.
 * The rows are used up.
 * @throws what `runForestExperiment` throws
 */
export const runRandomForestLandmarks = async (
  input: RandomForestLandmarksInput,
): Promise<RandomForestLandmarksResult> => {
  const { patients, matrix } = input.rows;
  const result = await runForestExperiment('random-forest-landmarks', patients, matrix, input);
  return { ...result, experiment: 'random-forest-landmarks', frames: patients.length };
};
