import { AudioStatusEnum, PainClassesEnum, RecordingStatusEnum, SettingEnum, TimeframeEnum } from '../enums.ts';
import { dataType, type PartField } from '../planner/data-type.ts';
import { floatOf, type Json, localTimeOf, plainOf, textOf, wordOf } from '../planner/json.ts';
import { nodeIdSql } from '../planner/node-id.ts';
import { recordingOf } from '../planner/recording.ts';
import type { Row } from '../planner/row.ts';
import { audioFeatures } from './audio-features.ts';
import { Chunk, chunkRows } from './chunk.ts';
import { Frame } from './frame.ts';
import { frameRows } from './frame-rows.ts';
import { AudioLabels, chunkLabelRows, ImageLabels, imageLabelRows, recordingLabelRows } from './label-rows.ts';
import { painScores } from './pain-scores.ts';
import { Patient } from './patient.ts';
import { Quality } from './quality.ts';
import { artifactFile } from './signed-file.ts';

const recorded = (json: (sql: string) => Json, column: string) => (row: Row) => json(`${recordingOf(row)}.${column}`);

const CLASSES = {
  classes: { type: PainClassesEnum, required: true, description: 'Classes that the labels tell apart.' },
} as const;

const quality: PartField = {
  kind: 'part',
  type: () => Quality,
  access: 'LABELS',
  description: 'Figures to look for bias by device or light.',
  exists: () => null,
};

export const Submission = dataType({
  name: 'Submission',
  description: 'A check-in: one narrative video with a survey. Its dates are moved by a secret whole number of days.',
  node: 'U',
  counted: 'submissions',
  fields: {
    id: {
      kind: 'value',
      type: 'ID',
      nonNull: true,
      access: 'LABELS',
      description: 'Opaque id for `node`.',
      json: (row) => wordOf(nodeIdSql('U', row.scope.id(), row.column('submission_id'))),
    },
    timestamp: {
      kind: 'value',
      type: 'String',
      access: 'LABELS',
      description: 'When it was recorded as the study writes it, YYYYMMDDTHHMMSS, in local wall time.',
      json: (row) => wordOf(`to_char(${row.column('recorded_at')}, 'YYYYMMDD"T"HH24MISS')`),
    },
    recordedAt: {
      kind: 'value',
      type: 'LocalDateTime',
      access: 'LABELS',
      description: 'The same as ISO 8601 without a zone.',
      json: (row) => localTimeOf(row.column('recorded_at')),
    },
    timeframe: {
      kind: 'value',
      type: TimeframeEnum,
      access: 'LABELS',
      description: 'Part of the day.',
      json: (row) => wordOf(row.column('timeframe')),
    },
    setting: {
      kind: 'value',
      type: SettingEnum,
      access: 'LABELS',
      description: 'Where it was made.',
      json: (row) => wordOf(row.column('setting')),
    },
    durationSeconds: {
      kind: 'value',
      type: 'Float',
      access: 'LABELS',
      description: 'Length of the narrative in seconds.',
      json: recorded(floatOf, 'duration_seconds'),
    },
    status: {
      kind: 'value',
      type: RecordingStatusEnum,
      access: 'LABELS',
      description: 'Whether the pipeline could use the video.',
      json: recorded(wordOf, 'status'),
    },
    reason: {
      kind: 'value',
      type: 'String',
      access: 'LABELS',
      description: 'Why it could not; null where it could.',
      json: recorded(textOf, 'reason'),
    },
    audioStatus: {
      kind: 'value',
      type: AudioStatusEnum,
      access: 'LABELS',
      description: 'Whether the video has sound.',
      json: recorded(wordOf, 'audio_status'),
    },
    frameCount: {
      kind: 'value',
      type: 'Int',
      access: 'LABELS',
      description: 'Number of frames of the recording.',
      json: recorded(plainOf, 'frame_count'),
    },
    faceCount: {
      kind: 'value',
      type: 'Int',
      access: 'LANDMARKS',
      description: 'Number of frames with a face.',
      json: recorded(plainOf, 'face_count'),
      whole: true,
    },
    painScores,
    video: artifactFile('VIDEO', 'VIDEO', 'The narrative, encoded anew without the metadata of the phone.'),
    audio: artifactFile('AUDIO', 'AUDIO', 'Its sound as PCM wav.'),
    spectrogram: artifactFile('SPECTROGRAMS', 'SPECTROGRAM_PICTURE', 'Mel spectrogram in dB as a picture.'),
    spectrogramArray: artifactFile('SPECTROGRAMS', 'SPECTROGRAM', 'Mel spectrogram in dB as float32, [128][frames].'),
    landmarks: artifactFile(
      'LANDMARKS',
      'LANDMARKS',
      'Landmarks of all frames: 468 x 3 float32 each, one after the other.',
    ),
    audioFeatures: audioFeatures('Twenty-five numbers of its sound; null where there is none.'),
    quality,
    frames: {
      kind: 'connection',
      type: () => Frame,
      access: 'LABELS',
      description: 'Its frames, by number.',
      args: {
        faceDetected: {
          type: 'Boolean',
          description: 'Only frames with a face, or only frames without one.',
          access: 'LANDMARKS',
        },
      },
      sort: 'frame',
      keys: ['integer'],
      source: frameRows,
    },
    frame: {
      kind: 'one',
      type: () => Frame,
      access: 'LABELS',
      description: 'One of its frames.',
      args: { number: { type: 'Int', required: true, description: 'Number of the frame, from 1.' } },
      source: (row, args) => frameRows(row, args, null),
    },
    chunks: {
      kind: 'list',
      type: () => Chunk,
      access: 'LABELS',
      description: 'Its stretches of four seconds, by number.',
      expected: 10,
      source: (row) => chunkRows(row),
    },
    imageLabels: {
      kind: 'connection',
      type: () => ImageLabels,
      access: 'LANDMARKS',
      description: "The paper's first and second sets of labels: its frames with landmarks, by number.",
      args: CLASSES,
      sort: 'image labels',
      keys: ['integer'],
      source: imageLabelRows,
    },
    audioLabels: {
      kind: 'one',
      type: () => AudioLabels,
      access: 'LABELS',
      description: "The paper's third set of labels, of the whole recording; null where it has no sound.",
      args: CLASSES,
      source: recordingLabelRows,
    },
    chunkLabels: {
      kind: 'list',
      type: () => AudioLabels,
      access: 'LABELS',
      description: "The paper's third set of labels, of its chunks of four seconds; none where it has no sound.",
      expected: 10,
      args: CLASSES,
      source: chunkLabelRows,
    },
    patient: {
      kind: 'part',
      type: () => Patient,
      access: 'LABELS',
      description: 'Whose it is.',
      exists: () => null,
      scope: (row) => row.nearest('Patient'),
    },
  },
});
