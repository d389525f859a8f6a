import { skinTypeLabel } from '../labels/demographics.ts';
import { ENROLMENT_COLUMNS } from '../labels/enrolment.ts';
import type { Fold } from '../labels/folds.ts';
import type { Survey } from '../labels/survey.ts';
import { type Cohort, demoCohort, type Enrolled, likeIssCohort, publishedOf, stratifiedCohort } from './cohort.ts';
import { patientSignals, type Signals, submissionSignals } from './coupling.ts';
import { drawFaceShape, type FaceShape } from './face-shape.ts';
import { drawLighting, type Lighting } from './lighting.ts';
import { drawPhone, type Phone } from './phone.ts';
import { publishedLengths, type RecordingLength } from './published-shape.ts';
import { type Random, randomFor } from './random.ts';
import { drawRoom, type Room } from './room.ts';
import { drawSurvey, drawSurveyHabit } from './survey.ts';
import { drawTimetable } from './timetable.ts';
import { drawVoiceShape, type VoiceShape } from './voice.ts';

/** Raised whenever the same seed gives other frames, sounds or answers than before. */
export const GENERATOR_VERSION = 1;

export type SyntheticSettings = {
  /** 0 to 2^32 - 1. */
  readonly seed: number;
  /** Left out: the demo, 29 patients like the published ones. Else that many, spread over the sixteen cohorts. */
  readonly patients?: number;
  /** 1 to 90; 5 unless given. */
  readonly submissionsPerPatient?: number;
  /** Middle length of a recording; each is up to a tenth longer or shorter. 2 unless given. */
  readonly seconds?: number;
};

/** A study with the shape of the published one: its patients, devices, folds, number of recordings, and their lengths divided by `scale`. */
export type LikeIss = { readonly seed: number; readonly like: 'iss'; readonly scale: number };

/** A made-up person and the phone they use. */
export type SyntheticPatient = Enrolled & {
  /** ISO date. */
  readonly enrolledOn: string;
  /** Number of the fold that withholds the patient; null where there are no folds. */
  readonly split: number | null;
  readonly face: FaceShape;
  readonly voice: VoiceShape;
  readonly room: Room;
  readonly phone: Phone;
  readonly signals: Signals;
};

/** A stretch without a face: the person leaves the picture, or a hand covers the lens. Seconds from the start. */
export type Absence = {
  readonly kind: 'LEFT_THE_PICTURE' | 'LENS_COVERED';
  readonly from: number;
  readonly to: number;
};

/** One recording to be made. */
export type SyntheticSubmission = {
  readonly patient: string;
  /** `YYYYMMDDTHHMMSS`. */
  readonly timestamp: string;
  /** null for a patient who answers none. */
  readonly survey: Survey | null;
  /** Pictures of the recording. */
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Pixels of the upright picture. */
  readonly width: number;
  readonly height: number;
  readonly lighting: Lighting;
  /** Pixels per unit of FaceShape, and where the middle between the eyes rests, in pixels. */
  readonly camera: { readonly unit: number; readonly x: number; readonly y: number };
  readonly turn: { readonly yaw: number; readonly pitch: number };
  /** Peak of the sound relative to full scale. */
  readonly loudness: number;
  readonly signals: Signals;
  readonly absence: Absence | null;
  /** Length of the sound. */
  readonly soundSeconds: number;
  /** False for a file that is cut off before its index ends, as those of the published patient 0009 could not be read. */
  readonly readable: boolean;
};

/** Everything that a synthetic study consists of; plain data. */
export type SyntheticStudy = {
  readonly seed: number;
  readonly generatorVersion: number;
  readonly settings: (Required<Omit<SyntheticSettings, 'patients'>> & { readonly patients: number | 'demo' }) | LikeIss;
  readonly patients: readonly SyntheticPatient[];
  readonly submissions: readonly SyntheticSubmission[];
  readonly folds: readonly Fold[];
};

/** Share of submissions with a stretch without a face. */
const ABSENCES = 0.07;

/** The plan of a synthetic study, the same for the same settings. Throws RangeError for a setting out of its range. */
export function syntheticStudy(settings: SyntheticSettings): SyntheticStudy {
  const { seed, submissionsPerPatient = 5, seconds = 2 } = settings;
  if (!(seconds >= 0.5 && seconds <= 600)) throw new RangeError(`A recording lasts 0.5 to 600 s, not ${seconds}`);
  const cohort = settings.patients === undefined ? demoCohort(seed) : stratifiedCohort(settings.patients, seed);
  return planned(cohort, { seed, submissionsPerPatient, seconds, patients: settings.patients ?? 'demo' }, () =>
    Array<null>(submissionsPerPatient).fill(null),
  );
}

/**
 * The plan of a study with the published shape (Tables 6, 7 and 11), 0009 among them with one recording that cannot be read. At a scale of 1 it has
 * about 190,000 frames. Throws RangeError for a scale below 1.
 */
export function studyLikeIss({ seed, scale }: { seed: number; scale: number }): SyntheticStudy {
  return planned(likeIssCohort(seed), { seed, like: 'iss', scale }, ({ code }) => {
    const published = publishedOf(code);
    return published.videos === null ? [null] : publishedLengths(published, scale, randomFor(seed, code, 'lengths'));
  });
}

/** @param lengthsOf a length for each recording of a patient; null where it follows from the settings */
function planned(
  cohort: Cohort,
  settings: SyntheticStudy['settings'],
  lengthsOf: (patient: Enrolled) => readonly (RecordingLength | null)[],
): SyntheticStudy {
  const { seed } = settings;
  const seconds = 'seconds' in settings ? settings.seconds : 2;
  const splitOf = new Map(
    cohort.folds.flatMap((fold) => fold.testPatients.map((code) => [code, fold.number] as const)),
  );

  const patients: SyntheticPatient[] = [];
  const submissions: SyntheticSubmission[] = [];
  for (const enrolled of cohort.patients) {
    const of = (what: string): Random => randomFor(seed, enrolled.code, what);
    const lengths = lengthsOf(enrolled);
    const { enrolledOn, timestamps } = drawTimetable(lengths.length, of('timetable'));
    const patient: SyntheticPatient = {
      ...enrolled,
      enrolledOn,
      split: splitOf.get(enrolled.code) ?? null,
      face: drawFaceShape(enrolled.sex, enrolled.skinType, of('face')),
      voice: drawVoiceShape(enrolled.sex, of('voice')),
      room: drawRoom(of('room')),
      phone: drawPhone(enrolled.sourceDevice, of('phone')),
      signals: patientSignals(enrolled.painTarget, of('signals')),
    };
    const habit = drawSurveyHabit(of('habit'));
    patients.push(patient);
    for (const [i, timestamp] of timestamps.entries()) {
      const random = randomFor(seed, enrolled.code, timestamp);
      const signals = submissionSignals(patient.signals, random);
      const survey = drawSurvey(signals.survey, habit, random);
      submissions.push({
        ...drawRecording(patient.code, timestamp, lengths[i] ?? seconds, random),
        signals,
        survey: patient.answersSurvey ? survey : null,
        readable: enrolled.readable,
      });
    }
  }
  return {
    seed,
    generatorVersion: GENERATOR_VERSION,
    settings,
    patients,
    submissions,
    folds: cohort.folds,
  };
}

function drawRecording(
  patient: string,
  timestamp: string,
  wanted: RecordingLength | number,
  random: Random,
): Omit<SyntheticSubmission, 'signals' | 'survey' | 'readable'> {
  const { frames, framesPerSecond, soundSeconds } = typeof wanted === 'number' ? about(wanted, random) : wanted;
  const length = frames / framesPerSecond;
  const camera = { unit: random.uniform(1.12, 1.38), x: random.uniform(110, 130), y: random.uniform(132, 152) };
  return {
    patient,
    timestamp,
    frames,
    framesPerSecond,
    soundSeconds,
    width: 240,
    height: 320,
    lighting: drawLighting(Number(timestamp.slice(9, 11)), random),
    camera,
    turn: { yaw: random.normal(0, 0.08), pitch: random.normal(0, 0.04) },
    loudness: random.uniform(0.15, 0.85),
    absence: random.chance(ABSENCES) ? drawAbsence(length, random) : null,
  };
}

function about(seconds: number, random: Random): Omit<RecordingLength, 'counted'> {
  const framesPerSecond = 15;
  const frames = Math.max(1, Math.round(seconds * random.uniform(0.9, 1.1) * framesPerSecond));
  return { frames, framesPerSecond, soundSeconds: frames / framesPerSecond };
}

function drawAbsence(length: number, random: Random): Absence {
  const kind = random.pick(['LEFT_THE_PICTURE', 'LENS_COVERED'] as const);
  const from = random.uniform(0.1, 0.5) * length;
  return { kind, from, to: from + random.uniform(0.25, 0.45) * length };
}

/** The file enrolment.csv of a drop, with the fold that withholds each patient as `split`, and marked as made up so that no study of people takes it. */
export function enrolmentCsv(study: SyntheticStudy): string {
  const rows = study.patients.map(({ code, sex, skinType, painTarget, sourceDevice, enrolledOn, split }) =>
    [code, sex, skinTypeLabel(skinType), painTarget, sourceDevice ?? '', enrolledOn, split ?? '', 'YES'].join(','),
  );
  return `${[...ENROLMENT_COLUMNS, 'split', 'synthetic'].join(',')}\n${rows.join('\n')}\n`;
}
