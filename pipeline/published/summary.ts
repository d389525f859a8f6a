/** A total of the published data set (paper, Table 4 and the text around it). */
export interface PublishedMeasure {
  readonly measure: string;
  readonly value: number;
  readonly unit: 'count' | 'seconds' | 'minutes';
}

export const PUBLISHED_SUMMARY: readonly PublishedMeasure[] = [
  { measure: 'patients', value: 29, unit: 'count' },
  { measure: 'videos', value: 509, unit: 'count' },
  { measure: 'frames', value: 189999, unit: 'count' },
  { measure: 'face_images', value: 173011, unit: 'count' },
  { measure: 'face_images_with_landmarks', value: 168063, unit: 'count' },
  { measure: 'chunks_4s', value: 4988, unit: 'count' },
  { measure: 'duration', value: 316, unit: 'minutes' },
  { measure: 'average_videos_per_patient', value: 17.55, unit: 'count' },
  { measure: 'average_frames_per_patient', value: 6551, unit: 'count' },
  { measure: 'average_duration_per_patient', value: 655, unit: 'seconds' },
  { measure: 'average_duration_per_video', value: 37.32, unit: 'seconds' },
  { measure: 'shortest_average_video', value: 3.52, unit: 'seconds' },
  { measure: 'longest_average_video', value: 135.59, unit: 'seconds' },
  { measure: 'frames_none', value: 100984, unit: 'count' },
  { measure: 'frames_low', value: 11784, unit: 'count' },
  { measure: 'frames_moderate', value: 25999, unit: 'count' },
  { measure: 'frames_severe', value: 51232, unit: 'count' },
  { measure: 'patients_none', value: 13, unit: 'count' },
  { measure: 'patients_low', value: 4, unit: 'count' },
  { measure: 'patients_moderate', value: 4, unit: 'count' },
  { measure: 'patients_severe', value: 8, unit: 'count' },
  { measure: 'target_enrolment', value: 112, unit: 'count' },
  { measure: 'target_enrolment_adults', value: 90, unit: 'count' },
  { measure: 'target_enrolment_children', value: 22, unit: 'count' },
  { measure: 'expected_extra_videos', value: 1456, unit: 'count' },
  { measure: 'expected_extra_frames', value: 543733, unit: 'count' },
];

/**
 * Value of a measure of the summary, in its unit.
 * @throws RangeError if there is no such measure
 */
export const publishedMeasure = (measure: string): number => {
  const row = PUBLISHED_SUMMARY.find((one) => one.measure === measure);
  if (row === undefined) throw new RangeError(`No published measure ${measure}`);
  return row.value;
};
