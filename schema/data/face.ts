import { LANDMARK_POINTS, LANDMARK_RECORD_BYTES } from '../../governance/modality.ts';
import { dataType, type ValueField } from '../planner/data-type.ts';
import { constant, floatOf, plainOf } from '../planner/json.ts';
import { artifactOf } from '../planner/recording.ts';
import type { FileColumns, Row } from '../planner/row.ts';
import { SignedFile } from './signed-file.ts';

const packed = (row: Row, kind: string, low: string, high: string): FileColumns => {
  const artifact = artifactOf(row, kind);
  return {
    artifactId: `${artifact}.id`,
    part: row.column('number'),
    contentType: "'image/jpeg'",
    bytes: `(${row.column(high)} - ${row.column(low)})`,
    sha256: null,
    range: { first: row.column(low), last: `(${row.column(high)} - 1)` },
  };
};

/** Frame `number` of a pack of pictures, whose offsets are the frame row's columns `low` and `high`. */
export const frameImage = (row: Row): Row => row.withFile(packed(row, 'FRAMES', 'frame_low', 'frame_high'));
/** The face of frame `number`, out of the pack of faces. */
export const faceImage = (row: Row): Row => row.withFile(packed(row, 'FACES', 'face_low', 'face_high'));

const landmarkRecord = (row: Row): Row => {
  const number = row.column('number');
  return row.withFile({
    artifactId: `${artifactOf(row, 'LANDMARKS')}.id`,
    part: number,
    contentType: "'application/octet-stream'",
    bytes: String(LANDMARK_RECORD_BYTES),
    sha256: null,
    range: {
      first: `(${number}::bigint - 1) * ${LANDMARK_RECORD_BYTES}`,
      last: `${number}::bigint * ${LANDMARK_RECORD_BYTES} - 1`,
    },
  });
};

const side = (column: string, description: string): ValueField => ({
  kind: 'value',
  type: 'Int',
  nonNull: true,
  access: 'LANDMARKS',
  description,
  json: (row) => plainOf(row.column(column)),
});

const FaceBox = dataType({
  name: 'FaceBox',
  description: 'Where a face lies, in pixels of the upright frame.',
  fields: {
    x: side('box_x', 'Left edge, pixels from the left.'),
    y: side('box_y', 'Upper edge, pixels from the top.'),
    width: side('box_width', 'Width in pixels.'),
    height: side('box_height', 'Height in pixels.'),
  },
});

export const Landmarks = dataType({
  name: 'Landmarks',
  description: 'The mesh of a face: 468 points (x, y, z), x and y as shares of the face crop, z on the scale of x.',
  fields: {
    count: {
      kind: 'value',
      type: 'Int',
      nonNull: true,
      access: 'LANDMARKS',
      description: 'Number of points.',
      json: () => constant(LANDMARK_POINTS),
    },
    points: {
      kind: 'value',
      type: 'Float',
      list: 'two',
      nonNull: true,
      access: 'LANDMARKS',
      cost: 20,
      description: 'The points as [x, y, z]. For many frames the file is a hundred times as fast.',
      json: (row, _, { slot }) =>
        slot({ kind: 'landmarks', as: 'points' }, [`${artifactOf(row, 'LANDMARKS')}.object_key`, row.column('number')]),
    },
    base64: {
      kind: 'value',
      type: 'String',
      nonNull: true,
      access: 'LANDMARKS',
      cost: 5,
      description: 'The same as base64 of 1,404 little-endian float32.',
      json: (row, _, { slot }) =>
        slot({ kind: 'landmarks', as: 'base64' }, [`${artifactOf(row, 'LANDMARKS')}.object_key`, row.column('number')]),
    },
    file: {
      kind: 'part',
      type: () => SignedFile,
      nonNull: true,
      access: 'LANDMARKS',
      description: 'The same as a file of 1,404 little-endian float32.',
      exists: () => null,
      scope: landmarkRecord,
    },
  },
});

export const Face = dataType({
  name: 'Face',
  description: 'The most prominent face of a frame.',
  fields: {
    image: {
      kind: 'part',
      type: () => SignedFile,
      access: 'FACES',
      description: 'The face cut out and scaled to 160 x 160 pixels, as JPEG.',
      exists: (row) => `${row.column('face_high')} > ${row.column('face_low')}`,
      scope: faceImage,
    },
    box: {
      kind: 'part',
      type: () => FaceBox,
      access: 'LANDMARKS',
      description: 'Where it lies in the frame.',
      exists: (row) => `${row.column('box_x')} IS NOT NULL`,
    },
    score: {
      kind: 'value',
      type: 'Float',
      access: 'LANDMARKS',
      description: "The detector's confidence; 0 to 1.",
      json: (row) => floatOf(row.column('score')),
    },
    landmarks: {
      kind: 'part',
      type: () => Landmarks,
      access: 'LANDMARKS',
      description: 'Its mesh; null where none was found.',
      exists: (row) => `${row.column('landmarks_found')} AND ${artifactOf(row, 'LANDMARKS')}.id IS NOT NULL`,
    },
  },
});
