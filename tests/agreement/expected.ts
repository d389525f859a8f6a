import type { Modality } from '../../governance/modality.ts';
import type { Use } from '../../governance/use.ts';
import type { FixtureSubmission, StudyFixture } from '../support/study-fixture.ts';
import { may, type Part, released, type Sight, visible, type Who } from './opinion.ts';
import { FRAMES, PATIENTS, type Version, type World } from './world.ts';

/** Numbers as ranges, `1-9 11-45`, so that what differs between two long lists can be read. */
export function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; ) {
    let end = i;
    while (numbers[end + 1] === (numbers[end] ?? 0) + 1) end++;
    parts.push(i === end ? `${numbers[i]}` : `${numbers[i]}-${numbers[end]}`);
    i = end + 1;
  }
  return parts.join(' ') || 'none';
}

export const frameSpan = (number: number): Part => [(number - 1) / 10, number / 10];

export const submissionOf = (study: StudyFixture, patient: string, at: number): FixtureSubmission => {
  const found = study.patients.find(({ code }) => code === patient)?.submissions[at];
  if (found === undefined) throw new Error(`no submission ${patient}/${at}`);
  return found;
};

export const frameNumbers = Array.from({ length: FRAMES }, (_, i) => i + 1);

/** Of each chunk (from 0) its seconds, as the fixture cuts them. */
export const chunkSpan = (number: number): Part => [number * 4, Math.min(number * 4 + 4, FRAMES / 10)];

export interface View {
  readonly world: World;
  readonly version: Version;
  readonly use: Use;
  readonly who: Who;
}

/** What somebody should see of a release under one use: asks the second opinion once for each modality. */
export function viewOf({ world, version, use, who }: View) {
  const sights = new Map<Modality, Sight | null>();
  const sightOf = (modality: Modality): Sight | null => {
    if (!sights.has(modality)) sights.set(modality, may(world, use, modality, version, who));
    return sights.get(modality) ?? null;
  };
  const shows = (modality: Modality, patient: string, at: number | null, part: Part): boolean => {
    const sight = sightOf(modality);
    return sight !== null && visible(world, sight, modality, version, patient, at, part);
  };
  return {
    may: (modality: Modality): boolean => sightOf(modality) !== null,
    shows,
    patients: (): string[] => PATIENTS.filter((patient) => shows('LABELS', patient, null, null)),
    submissions: (patient: string): number[] =>
      [0, 1].filter(
        (at) =>
          released(version, patient, at) && shows('LABELS', patient, null, null) && shows('LABELS', patient, at, null),
      ),
  };
}

export type Viewing = ReturnType<typeof viewOf>;

/** What the queries should answer about one submission that may be seen. */
export function submissionLines(view: Viewing, study: StudyFixture, patient: string, at: number): string[] {
  const { noFace, noMesh, survey, sound, chunks } = submissionOf(study, patient, at);
  const name = `${patient}/${at}`;
  const whole = (modality: Modality): boolean => view.shows(modality, patient, at, 'all');
  const line = (what: string, shown: boolean): string[] => (shown ? [`${name} ${what}`] : []);
  const frames = frameNumbers.filter((n) => view.shows('LABELS', patient, at, frameSpan(n)));
  const faces = frames.filter((n) => view.shows('LANDMARKS', patient, at, frameSpan(n)) && !noFace.includes(n));
  const seenChunks = Array.from({ length: chunks }, (_, n) => n).filter((n) =>
    view.shows('LABELS', patient, at, chunkSpan(n)),
  );
  const list = (what: string, numbers: readonly number[]): string => `${name} ${what} ${ranges(numbers)}`;
  return [
    name,
    ...line('scores', survey && view.shows('PAIN_SCORES', patient, at, null)),
    ...line('video', whole('VIDEO')),
    ...line('audio', sound && whole('AUDIO')),
    ...line('spectrogram', sound && whole('SPECTROGRAMS')),
    ...line('spectrogramArray', sound && whole('SPECTROGRAMS')),
    ...line('landmarks', whole('LANDMARKS')),
    ...line('faceCount', whole('LANDMARKS')),
    ...line('faceShare', whole('LANDMARKS')),
    ...line('brightness', whole('LABELS')),
    ...line('frameRate', true),
    ...line('audioFeatures', sound && whole('AUDIO_FEATURES')),
    `${name} ${frames.length} frames`,
    list('frames', frames),
    list(
      'images',
      frames.filter((n) => view.shows('FRAMES', patient, at, frameSpan(n))),
    ),
    list('faces', faces),
    list(
      'face images',
      faces.filter((n) => view.shows('FACES', patient, at, frameSpan(n))),
    ),
    list(
      'meshes',
      faces.filter((n) => !noMesh.includes(n)),
    ),
    list('chunks', seenChunks),
    list(
      'chunk features',
      seenChunks.filter((n) => sound && view.shows('AUDIO_FEATURES', patient, at, chunkSpan(n))),
    ),
  ];
}

/** What the queries should answer about a patient who may be seen. */
export const patientLines = (view: Viewing, study: StudyFixture, patient: string): string[] => [
  patient,
  ...(view.shows('PAIN_SCORES', patient, null, null) ? [`${patient} painTarget`] : []),
  `${patient} ${view.submissions(patient).length} submissions`,
  ...view.submissions(patient).flatMap((at) => submissionLines(view, study, patient, at)),
];

export const releaseLines = (view: Viewing, study: StudyFixture): string[] =>
  view.patients().flatMap((patient) => patientLines(view, study, patient));
