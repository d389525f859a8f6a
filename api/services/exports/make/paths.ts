import type { SelectedSubmission } from '../selection.ts';

type Of = Pick<SelectedSubmission, 'at'> & { readonly patient: { readonly code: string } };

/** Paths of an export's files: the paper's own (appendix D), so that scripts written for its layout find them. */
export const PATHS = {
  manifest: 'manifest.json',
  readme: 'README.md',
  croissant: 'croissant.json',
  /** Frames are numbered from 1. */
  frame: ({ patient, at }: Of, number: number): string => `frames/${patient.code}/${at.text}/${number}.jpg`,
  crop: ({ patient, at }: Of, number: number): string =>
    `crops/${patient.code}/${patient.code}_${at.text}_${number}.jpg`,
  /** The paper names no place for the videos. */
  video: ({ patient, at }: Of): string => `video/${patient.code}/${at.text}.mp4`,
  audio: ({ patient, at }: Of): string => `audio/${patient.code}/${at.text}/${at.text}.wav`,
  spectrogram: ({ patient, at }: Of, as: 'png' | 'f32'): string => `audio/${patient.code}/${at.text}.${as}`,
  /** Chunks are numbered from 0. */
  chunk: ({ patient, at }: Of, number: number, as: 'wav' | 'png' | 'f32'): string =>
    `audio/${patient.code}/${at.text}/chunk_${patient.code}_${number}_${at.text}.${as}`,
  landmarks: ({ patient, at }: Of): string => `landmarks/${patient.code}/${at.text}.f32`,
  targets: ({ patient, at }: Of): string => `surveys/${patient.code}/${at.text}/targets.csv`,
  audioFeatures: (code: string): string => `audio_features/${code}/audio_features.csv`,
} as const;
