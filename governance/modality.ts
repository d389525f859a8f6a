/** The kinds of data that a release holds, in the order of the API's enum `Modality`. */
export const MODALITIES = [
  'LABELS',
  'PAIN_SCORES',
  'AUDIO_FEATURES',
  'BASELINES',
  'LANDMARKS',
  'SPECTROGRAMS',
  'VIDEO',
  'FRAMES',
  'FACES',
  'AUDIO',
] as const;

export type Modality = (typeof MODALITIES)[number];

/** Classes of material, from open to what shows a person. Only the controlled ones ask for anything. */
export const MODALITY_CLASSES = ['open', 'labels', 'features', 'biometric', 'identifiable'] as const;

export type ModalityClass = (typeof MODALITY_CLASSES)[number];
export type ControlledClass = Exclude<ModalityClass, 'open'>;

/**
 * Which class a modality belongs to. Spectrograms stand with the voice they came from: speech was recovered from the
 * exact kind that the paper uses (128 Mel bands, hop 512, 80 dB).
 */
export const CLASS_OF: Readonly<Record<Modality, ControlledClass>> = {
  LABELS: 'labels',
  PAIN_SCORES: 'labels',
  AUDIO_FEATURES: 'features',
  BASELINES: 'features',
  LANDMARKS: 'biometric',
  SPECTROGRAMS: 'identifiable',
  VIDEO: 'identifiable',
  FRAMES: 'identifiable',
  FACES: 'identifiable',
  AUDIO: 'identifiable',
};

/** The class whose requirements a modality has to meet. */
export const classOf = (modality: Modality): ControlledClass => CLASS_OF[modality];

/** True for data that shows or sounds like a person. */
export const isIdentifiable = (modality: Modality): boolean => CLASS_OF[modality] === 'identifiable';

const names: ReadonlySet<string> = new Set(MODALITIES);

/** Narrows a word from outside to a modality. */
export const isModality = (word: string): word is Modality => names.has(word);

/** Frames that are taken of a second of film (paper, section 4). Frame n (from 1) is the time from (n - 1) / 10 to n / 10 seconds. */
export const FRAMES_PER_SECOND = 10;

/** Points of a face's mesh (MediaPipe Face Mesh), each x, y and z. */
export const LANDMARK_POINTS = 468;
export const LANDMARK_VALUES = LANDMARK_POINTS * 3;
/** Bytes of one frame's record in a landmark file: little-endian float32, NaN where there is no mesh. */
export const LANDMARK_RECORD_BYTES = LANDMARK_VALUES * 4;
