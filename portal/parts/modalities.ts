import type { Modality, Use } from '../operations/researcher.ts';

/** Every kind of data, in the order of what it asks for, with a name and a sentence. */
export const MODALITY_TEXT: Readonly<Record<Modality, { name: string; text: string; asks: string }>> = {
  LABELS: {
    name: 'Labels',
    text: 'Patient code, sex, skin type, age group, pain level; when and how each recording was made; the folds.',
    asks: 'labels',
  },
  PAIN_SCORES: {
    name: 'Pain scores',
    text: 'The answers of each short pain survey and the patient’s pain target.',
    asks: 'labels',
  },
  AUDIO_FEATURES: {
    name: 'Audio features',
    text: '25 numbers of each recording and chunk, such as its centre of pitch (spectral centroid) and the shape of its sound (MFCC).',
    asks: 'features',
  },
  BASELINES: { name: 'Baselines', text: 'Results of runs of the published models.', asks: 'features' },
  LANDMARKS: {
    name: 'Landmarks',
    text: '468 points of the face, in three dimensions, for each frame with a face.',
    asks: 'biometric',
  },
  SPECTROGRAMS: {
    name: 'Spectrograms',
    text: 'Pictures of the sound: loudness over time in 128 bands from low to high. Speech can be recovered from them, so they count as identifiable.',
    asks: 'identifiable',
  },
  VIDEO: { name: 'Video', text: 'The recordings themselves: a face and a voice.', asks: 'identifiable' },
  FRAMES: { name: 'Frames', text: 'Ten pictures of each second of video.', asks: 'identifiable' },
  FACES: { name: 'Faces', text: 'The face of each frame, 160 × 160 pixels.', asks: 'identifiable' },
  AUDIO: { name: 'Audio', text: 'The voice as a wav file.', asks: 'identifiable' },
};

export const MODALITIES = Object.keys(MODALITY_TEXT) as Modality[];

export const USE_TEXT: Readonly<Record<Use, { name: string; text: string }>> = {
  READ: { name: 'Look at and query', text: 'in this portal and by the API' },
  RUN: { name: 'Run baselines', text: 'on the server: results leave, data does not' },
  EXPORT: { name: 'Export', text: 'take a copy away' },
};
export const USES = Object.keys(USE_TEXT) as Use[];

export const TRAINING_TEXT: Readonly<Record<string, string>> = {
  HUMAN_SUBJECTS: 'Human subjects',
  GLOBAL_PRIVACY: 'Global privacy',
  INFORMATION_SECURITY: 'Information security',
  HIPAA: 'HIPAA',
  SOCIAL_BEHAVIORAL: 'Social and behavioral research',
  CONFLICTS_OF_INTEREST: 'Conflicts of interest',
};
