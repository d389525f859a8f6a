import type { Modality } from '../../operations/researcher.ts';

/** What lies in portal/public/sample: one submission of the demo study, release 1.0.0. */
export const SAMPLES: readonly { modality: Modality; file: string; form: string; bytes: number }[] = [
  { modality: 'LABELS', file: 'labels.json', form: 'patient and submission as JSON', bytes: 417 },
  {
    modality: 'PAIN_SCORES',
    file: 'pain-scores.json',
    form: 'answers of one survey and the pain target as JSON',
    bytes: 232,
  },
  { modality: 'AUDIO_FEATURES', file: 'audio-features.json', form: '25 numbers as JSON', bytes: 652 },
  {
    modality: 'LANDMARKS',
    file: 'landmarks.f32',
    form: 'little-endian float32 [frame][468][x, y, z], normalised to the face crop',
    bytes: 106704,
  },
  { modality: 'SPECTROGRAMS', file: 'spectrogram.png', form: '128 Mel bands over time as a picture', bytes: 13272 },
  { modality: 'VIDEO', file: 'video.mp4', form: 'MP4, H.264 and AAC', bytes: 43529 },
  { modality: 'FRAMES', file: 'frame.jpg', form: 'one of ten frames a second', bytes: 8245 },
  { modality: 'FACES', file: 'face.jpg', form: '160 × 160 pixels', bytes: 8455 },
  { modality: 'AUDIO', file: 'audio.wav', form: 'mono WAV', bytes: 172076 },
];
