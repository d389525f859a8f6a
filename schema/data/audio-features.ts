import { dataType, type PartField, type ValueField } from '../planner/data-type.ts';
import { floatOf, floatsOf } from '../planner/json.ts';
import { recordingOf } from '../planner/recording.ts';
import type { Row } from '../planner/row.ts';

/** The 25 numbers of a chunk, or else of the whole recording. */
const vectorOf = (row: Row): string =>
  row.type === 'Chunk' ? row.column('audio_vector') : `${recordingOf(row)}.audio_vector`;

const element = (index: number, description: string): ValueField => ({
  kind: 'value',
  type: 'Float',
  nonNull: true,
  access: 'AUDIO_FEATURES',
  description,
  json: (row) => floatOf(`(${vectorOf(row)})[${index}]`),
});

const AudioFeatures = dataType({
  name: 'AudioFeatures',
  description: 'Twenty-five numbers of a sound at 22,050 Hz, each a mean over its frames (window 2048, hop 512).',
  fields: {
    chroma: element(1, 'Chroma of the short-time Fourier transform, mean over the twelve pitch classes; 0 to 1.'),
    spectralCentroid: element(2, 'Spectral centroid in Hz.'),
    spectralBandwidth: element(3, 'Spectral bandwidth in Hz.'),
    spectralRolloff: element(4, 'Frequency in Hz below which 85 % of the energy lies.'),
    zeroCrossingRate: element(5, 'Share of neighbouring samples with a change of sign; 0 to 1.'),
    mfcc: {
      kind: 'value',
      type: 'Float',
      list: 'one',
      nonNull: true,
      access: 'AUDIO_FEATURES',
      description: 'Mel-frequency cepstral coefficients 1 to 20.',
      json: (row) => floatsOf(`(${vectorOf(row)})[6:25]`),
    },
    vector: {
      kind: 'value',
      type: 'Float',
      list: 'one',
      nonNull: true,
      access: 'AUDIO_FEATURES',
      description: 'All twenty-five in the order above.',
      json: (row) => floatsOf(vectorOf(row)),
    },
  },
});

/** The field that gives them, of a recording or a chunk. */
export const audioFeatures = (description: string): PartField => ({
  kind: 'part',
  type: () => AudioFeatures,
  access: 'AUDIO_FEATURES',
  description,
  whole: true,
  exists: (row) => `${vectorOf(row)} IS NOT NULL`,
});
