import { dataType, type ValueField } from '../planner/data-type.ts';
import { floatOf, plainOf } from '../planner/json.ts';
import { recordingOf } from '../planner/recording.ts';

const column = (name: string, type: 'Int' | 'Float', description: string): ValueField => ({
  kind: 'value',
  type,
  access: 'LABELS',
  description,
  json: (row) => (type === 'Int' ? plainOf : floatOf)(`${recordingOf(row)}.${name}`),
});

/** A mean over the recording, which tells of a quarantined part of it as of the rest. */
const measured = (path: string, description: string): ValueField => ({
  kind: 'value',
  type: 'Float',
  access: 'LABELS',
  description,
  whole: true,
  json: (row) =>
    floatOf(
      `CASE WHEN jsonb_typeof(${recordingOf(row)}.quality #> '{${path}}') = 'number' THEN (${recordingOf(row)}.quality #>> '{${path}}')::float8 END`,
    ),
});

export const Quality = dataType({
  name: 'Quality',
  description: 'Figures of a recording that help to see bias (paper, ethics appendix).',
  fields: {
    width: column('width', 'Int', 'Width of the upright frame in pixels.'),
    height: column('height', 'Int', 'Height of the upright frame in pixels.'),
    rotation: column('rotation', 'Int', 'Degrees by which the phone said to turn the picture.'),
    frameRate: column('frame_rate', 'Float', 'Frames a second of the original video.'),
    brightness: measured('brightness', 'Mean luma, 0 (black) to 255 (white).'),
    contrast: measured('contrast', 'Standard deviation of luma.'),
    sharpness: measured('sharpness', 'Variance of the Laplacian of luma; low where out of focus.'),
    loudness: measured('loudnessDbfs', 'Root mean square of the sound in dB of full scale.'),
    clipping: measured('clippedShare', 'Share of samples at full scale; 0 to 1.'),
    faceShare: {
      kind: 'value',
      type: 'Float',
      access: 'LANDMARKS',
      description: 'Share of frames with a face; 0 to 1.',
      whole: true,
      json: (row) => floatOf(`(${recordingOf(row)}.face_count::float8 / nullif(${recordingOf(row)}.frame_count, 0))`),
    },
  },
});
