import type { Modality } from '../../governance/modality.ts';

/** One variable of the data set, in our own words. */
export interface DictionaryEntry {
  /** As in exports and label files. */
  readonly name: string;
  /** null for what has no unit: names, codes, shares. */
  readonly unit: string | null;
  /** What a grant must name for it to be read. */
  readonly modality: Modality;
  readonly description: string;
}

const score = (name: string, interferes: string): DictionaryEntry => ({
  name,
  unit: 'points, 0-10',
  modality: 'PAIN_SCORES',
  description: `How far pain interferes with ${interferes}: 0 not at all, 10 completely. Asked with every submission.`,
});

const LABELS: readonly DictionaryEntry[] = [
  {
    name: 'patient',
    unit: null,
    modality: 'LABELS',
    description: 'Code of the patient; it stands for no name or number outside the study.',
  },
  {
    name: 'sex',
    unit: null,
    modality: 'LABELS',
    description: 'M or F as enrolled; in label files 0 and 1 (there named gender).',
  },
  {
    name: 'skin_type',
    unit: null,
    modality: 'LABELS',
    description: 'Fitzpatrick group the patient chose: I-III (code 1) or IV-VI (code 0). Neither race nor ethnicity.',
  },
  {
    name: 'age_group',
    unit: null,
    modality: 'LABELS',
    description: 'ADULT or PEDIATRIC (12 to 17 years) at enrolment.',
  },
  {
    name: 'source_device',
    unit: null,
    modality: 'LABELS',
    description: 'What the patient records with, such as iOS, Android or a device of the clinic; empty where unknown.',
  },
  {
    name: 'cohort',
    unit: null,
    modality: 'LABELS',
    description: 'One of sixteen, 1A to 4D: the digit is the pain level, the letter skin type and sex.',
  },
  {
    name: 'pain_level',
    unit: null,
    modality: 'LABELS',
    description:
      'Level of the pain target: NONE 0, LOW 1, MODERATE 2, SEVERE 3. One per patient, the label at four classes.',
  },
  {
    name: 'pain_class',
    unit: null,
    modality: 'LABELS',
    description: 'NO_PAIN 0 or PAIN 1, every level above NONE being PAIN; in label files of four classes, the level.',
  },
  {
    name: 'video_date',
    unit: 'local wall time',
    modality: 'LABELS',
    description:
      'When the submission was recorded, YYYYMMDDTHHMMSS without a zone. Released dates are moved by whole days per patient.',
  },
  {
    name: 'timeframe',
    unit: null,
    modality: 'LABELS',
    description:
      'Part of the day by the hour: early_am 05-07 (0), reg_am 08-11 (1), early_pm 12-16 (2), reg_pm 17-20 (3), early_nite 21-23 (4), late_nite 00-04 (5).',
  },
  { name: 'duration', unit: 'seconds', modality: 'LABELS', description: 'Length of the narrative.' },
  { name: 'status', unit: null, modality: 'LABELS', description: 'Whether the video could be processed, or why not.' },
  {
    name: 'quality',
    unit: null,
    modality: 'LABELS',
    description:
      'Resolution, frame rate, brightness, contrast, sharpness, loudness, clipping, share of frames with a face: to look for bias by device or light.',
  },
  {
    name: 'chunk',
    unit: 'seconds',
    modality: 'LABELS',
    description:
      'Start and end of a stretch of four seconds, not overlapping; the last one of a recording may be shorter.',
  },
  {
    name: 'split',
    unit: null,
    modality: 'LABELS',
    description: 'Fold that withholds the patient for testing, 1 to 10. A fold trains on everybody else.',
  },
];

const SCORES: readonly DictionaryEntry[] = [
  {
    name: 'pain_target',
    unit: 'points, 0-10',
    modality: 'PAIN_SCORES',
    description:
      'Worst pain of the thirty days before enrolment, reported once by the patient; what models are to predict, as a level.',
  },
  {
    name: 'painnow',
    unit: 'points, 0-10',
    modality: 'PAIN_SCORES',
    description: 'Pain at the moment of the submission: 0 none, 10 the worst imaginable.',
  },
  {
    name: 'paintime',
    unit: null,
    modality: 'PAIN_SCORES',
    description: 'Whether pain from the cancer has lasted over three months: yes 1, no 0.',
  },
  score('activity', 'activity in general'),
  score('mood', 'mood'),
  score('walking', 'walking'),
  score('work', 'work, at home or elsewhere'),
  score('relationships', 'relations with other people'),
  score('sleep', 'sleep'),
  score('enjoyment', 'the enjoyment of life'),
  {
    name: 'scores_absent',
    unit: null,
    modality: 'PAIN_SCORES',
    description:
      'True where a submission came without a questionnaire; label files then hold zeros, as the paper’s did.',
  },
];

const AUDIO: readonly DictionaryEntry[] = [
  {
    name: 'chroma',
    unit: null,
    modality: 'AUDIO_FEATURES',
    description:
      'Energy by pitch class from a short-time Fourier transform, over the twelve classes and all frames of the sound.',
  },
  { name: 'spectral_centroid', unit: 'Hz', modality: 'AUDIO_FEATURES', description: 'Centre of mass of the spectrum.' },
  {
    name: 'spectral_bandwidth',
    unit: 'Hz',
    modality: 'AUDIO_FEATURES',
    description: 'Spread of the spectrum around its centroid.',
  },
  {
    name: 'spectral_rolloff',
    unit: 'Hz',
    modality: 'AUDIO_FEATURES',
    description: 'Frequency below which 85 % of the spectrum’s magnitude lies.',
  },
  {
    name: 'zero_crossing_rate',
    unit: 'share of samples',
    modality: 'AUDIO_FEATURES',
    description: 'How often the signal changes its sign.',
  },
  {
    name: 'mfcc_1 … mfcc_20',
    unit: null,
    modality: 'AUDIO_FEATURES',
    description: 'Mel-frequency cepstral coefficients: the coarse shape of the spectrum, as a listener would hear it.',
  },
];

const MEDIA: readonly DictionaryEntry[] = [
  {
    name: 'video',
    unit: null,
    modality: 'VIDEO',
    description: 'The narrative as MP4, written anew without the phone’s metadata.',
  },
  {
    name: 'frames',
    unit: '10 per second',
    modality: 'FRAMES',
    description: 'Pictures of the narrative as JPEG, numbered from 1.',
  },
  {
    name: 'faces',
    unit: '160 x 160 pixels',
    modality: 'FACES',
    description: 'The most prominent face of a frame, cropped and scaled; frames without one are listed.',
  },
  {
    name: 'landmarks',
    unit: 'share of the face crop',
    modality: 'LANDMARKS',
    description: '468 points of the face as x, y, z in float32, one record a frame; NaN where no face was found.',
  },
  {
    name: 'face_box',
    unit: 'pixels',
    modality: 'LANDMARKS',
    description: 'Where in the frame the face lies, with the detector’s score.',
  },
  {
    name: 'audio',
    unit: '22,050 Hz, mono',
    modality: 'AUDIO',
    description: 'The narrative’s sound as PCM WAV, whole and in chunks.',
  },
  {
    name: 'spectrogram',
    unit: 'dB',
    modality: 'SPECTROGRAMS',
    description:
      'Mel spectrogram of 128 bands, 0 dB at its maximum and -80 dB at the floor, as numbers and as a picture.',
  },
  {
    name: 'accuracy',
    unit: 'share',
    modality: 'BASELINES',
    description:
      'Share of a patient’s frames, chunks or rows that the model of the fold withholding them predicted right; means over groups of patients.',
  },
];

/** Every variable of a release, by modality. */
export const DATA_DICTIONARY: readonly DictionaryEntry[] = [...LABELS, ...SCORES, ...AUDIO, ...MEDIA];
