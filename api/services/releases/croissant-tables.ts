import type { Modality } from '../../../governance/modality.ts';
import { CHUNK_FEATURES, RECORDING_FEATURES } from '../exports/make/audio-feature-files.ts';
import { LABEL_TABLES } from '../exports/make/label-files.ts';
import { LANDMARK_INDEX } from '../exports/make/landmark-files.ts';
import type { Column } from '../exports/make/parquet.ts';
import { PAIN_TARGETS, SURVEY_TABLE } from '../exports/make/survey-files.ts';

export const PARQUET = 'application/x-parquet';

/** A table of an export, as its columns are written. */
export interface Table {
  readonly id: string;
  readonly path: string;
  readonly modality: Modality;
  readonly columns: readonly Column[];
  readonly description: string;
}

/** Tables of an export that do not depend on the fold. */
export const TABLES: readonly Table[] = [
  ...Object.entries(LABEL_TABLES).map(
    ([name, columns]): Table => ({
      ...{ id: name, path: `labels/${name}.parquet`, modality: 'LABELS', columns },
      description: {
        patients: 'A row for each patient.',
        submissions: 'A row for each submission: when, how long, what the recording is like.',
        chunks: 'Four-second chunks of each narrative.',
        splits: 'Who is on which side of which fold; no patient is on both.',
      }[name] as string,
    }),
  ),
  {
    ...{ id: 'surveys', path: 'surveys/surveys.parquet', modality: 'PAIN_SCORES', columns: SURVEY_TABLE },
    description: 'The nine answers of each submission; where absent is true they are zeros that stand for nothing.',
  },
  {
    ...{ id: 'pain_targets', path: 'surveys/pain_targets.parquet', modality: 'PAIN_SCORES', columns: PAIN_TARGETS },
    description: 'The pain target of each patient, 0 to 10, fixed at enrolment.',
  },
  {
    ...{ id: 'audio_features', path: 'audio_features/recordings.parquet', modality: 'AUDIO_FEATURES' },
    columns: RECORDING_FEATURES,
    description: 'Twenty-five features of each recording, means over its frames.',
  },
  {
    ...{ id: 'chunk_audio_features', path: 'audio_features/chunks.parquet', modality: 'AUDIO_FEATURES' },
    columns: CHUNK_FEATURES,
    description: 'The same features of each four-second chunk.',
  },
  {
    ...{ id: 'landmark_index', path: 'landmarks/index.parquet', modality: 'LANDMARKS', columns: LANDMARK_INDEX },
    description: 'Each frame: its face and mesh found or not, and where its 468 points begin in the file of landmarks.',
  },
];

/** Files that are no tables, by the kind of data: id, encoding, pattern, what they are. */
export const FILES: Readonly<Partial<Record<Modality, readonly (readonly [string, string, string, string])[]>>> = {
  LANDMARKS: [
    [
      'landmark-files',
      'application/octet-stream',
      'landmarks/*/*.f32',
      'Little-endian float32 [frames][468][x, y, z], normalised to the 160 x 160 face; NaN where no mesh was found.',
    ],
  ],
  SPECTROGRAMS: [
    ['spectrogram-pictures', 'image/png', 'audio/*.png', 'Mel spectrograms as pictures, of recordings and of chunks.'],
    ['spectrogram-arrays', 'application/octet-stream', 'audio/*.f32', 'The same in dB: float32 [128][frames].'],
  ],
  VIDEO: [['videos', 'video/mp4', 'video/*/*.mp4', 'The narratives.']],
  FRAMES: [['frames', 'image/jpeg', 'frames/*/*/*.jpg', 'Ten frames a second, numbered from 1.']],
  FACES: [['faces', 'image/jpeg', 'crops/*/*.jpg', 'The face of each frame that has one, 160 x 160.']],
  AUDIO: [['sound', 'audio/wav', 'audio/*.wav', 'The sound of each narrative, whole and in chunks.']],
};
