import type { Random } from './random.ts';
import { clamp } from './random.ts';

/**
 * How the pain target shows in synthetic data: weakly, through one signal per modality, each with noise that is drawn once per
 * patient (so a model cannot average it away over a patient's frames) and again per submission. Exported as data, because the
 * datasheet of a synthetic study states it.
 */
export const couplingParameters = {
  faceWeight: { value: 0.9, meaning: 'How much of the pain target, on a scale of 0 to 1, shows in the face signal.' },
  facePatientNoise: { value: 0.17, meaning: 'Standard deviation of a patient’s own offset of the face signal.' },
  faceSubmissionNoise: { value: 0.08, meaning: 'Standard deviation of a submission’s offset of the face signal.' },
  voiceWeight: {
    value: 0.85,
    meaning: 'How much of the pain target, on a scale of 0 to 1, shows in the voice signal.',
  },
  voicePatientNoise: { value: 0.2, meaning: 'Standard deviation of a patient’s own offset of the voice signal.' },
  voiceSubmissionNoise: { value: 0.1, meaning: 'Standard deviation of a submission’s offset of the voice signal.' },
  surveyWeight: { value: 0.8, meaning: 'How much of the pain target, on a scale of 0 to 1, shows in the answers.' },
  surveyPatientNoise: { value: 0.2, meaning: 'Standard deviation of a patient’s own offset of the answers.' },
  surveySubmissionNoise: { value: 0.1, meaning: 'Standard deviation of a submission’s offset of the answers.' },
  itemPatientNoise: {
    value: 0.12,
    meaning: 'Standard deviation of a patient’s offset of each single question, on a scale of 0 to 1.',
  },
  itemNoise: { value: 0.08, meaning: 'Standard deviation of each single answer, on a scale of 0 to 1.' },
  browLowering: {
    value: 0.9,
    meaning: 'Brow lowering and furrows, as a share of their full range, at a face signal of 1.',
  },
  lidTightening: { value: 0.62, meaning: 'Narrowing of the eyes, as a share of their opening, at a face signal of 1.' },
  lipCorners: { value: -0.9, meaning: 'Lip corners (1 fully up, -1 fully down) added at a face signal of 1.' },
  noseWrinkle: {
    value: 0.8,
    meaning: 'Depth of the folds beside the nose, as a share of their range, at a face signal of 1.',
  },
  pauseShare: { value: 0.25, meaning: 'Share of speaking time that pauses add at a voice signal of 1.' },
  pitchFlattening: { value: 0.6, meaning: 'Share of the pitch range that is lost at a voice signal of 1.' },
  breathiness: { value: 0.15, meaning: 'Breath noise, relative to the voiced sound, added at a voice signal of 1.' },
} as const satisfies Readonly<Record<string, { readonly value: number; readonly meaning: string }>>;

const modalities = {
  face: { weight: 'faceWeight', patient: 'facePatientNoise', submission: 'faceSubmissionNoise' },
  voice: { weight: 'voiceWeight', patient: 'voicePatientNoise', submission: 'voiceSubmissionNoise' },
  survey: { weight: 'surveyWeight', patient: 'surveyPatientNoise', submission: 'surveySubmissionNoise' },
} as const;

export type CoupledModality = keyof typeof modalities;

/** One number for each coupled modality; about 0 (nothing shows) to 1 (everything shows), not clamped for a patient. */
export type Signals = { readonly [modality in CoupledModality]: number };

/** A patient's signals from the pain target (0 to 10). */
export function patientSignals(worstPain: number, random: Random): Signals {
  const signal = (modality: CoupledModality): number =>
    couplingParameters[modalities[modality].weight].value * (worstPain / 10) +
    random.normal(0, couplingParameters[modalities[modality].patient].value);
  return { face: signal('face'), voice: signal('voice'), survey: signal('survey') };
}

/** The signals of one submission, each within 0 to 1. */
export function submissionSignals(patient: Signals, random: Random): Signals {
  const signal = (modality: CoupledModality): number =>
    clamp(patient[modality] + random.normal(0, couplingParameters[modalities[modality].submission].value), 0, 1);
  return { face: signal('face'), voice: signal('voice'), survey: signal('survey') };
}
