import { couplingParameters } from './coupling.ts';
import type { SyntheticStudy } from './study.ts';

const NOTICE =
  'Synthetic data. Every face is drawn and every voice computed by a program; no person is shown or heard, and nothing here is a result about people.';

const share = (value: number): string => `${Math.round(Math.abs(value) * 100)} %`;
const spread = (value: number): string => `± ${share(value)}`;

/** Each parameter by which the pain target shows, as somebody reads it who made none of it: of what it is a number, and with which unit. */
const PLAINLY = {
  faceWeight: ['face', 'How much of the pain target shows', share],
  facePatientNoise: ['face', 'Chance from patient to patient (standard deviation)', spread],
  faceSubmissionNoise: ['face', 'Chance from check-in to check-in (standard deviation)', spread],
  browLowering: ['face', 'Brows are lowered and furrowed, of their full range', share],
  lidTightening: ['face', 'Eyes are narrowed, of their opening', share],
  lipCorners: ['face', 'Corners of the mouth are drawn down, of their full range', share],
  noseWrinkle: ['face', 'Folds beside the nose deepen, of their full range', share],
  voiceWeight: ['voice', 'How much of the pain target shows', share],
  voicePatientNoise: ['voice', 'Chance from patient to patient (standard deviation)', spread],
  voiceSubmissionNoise: ['voice', 'Chance from check-in to check-in (standard deviation)', spread],
  pauseShare: ['voice', 'Pauses are added, of the speaking time', share],
  pitchFlattening: ['voice', 'Range of the pitch is lost', share],
  breathiness: ['voice', 'Noise of breath is added, of the voiced sound', share],
  surveyWeight: ['answers', 'How much of the pain target shows', share],
  surveyPatientNoise: ['answers', 'Chance from patient to patient (standard deviation)', spread],
  surveySubmissionNoise: ['answers', 'Chance from check-in to check-in (standard deviation)', spread],
  itemPatientNoise: ['answers', 'Chance of each question for a patient (standard deviation)', spread],
  itemNoise: ['answers', 'Chance of each single answer (standard deviation)', spread],
} as const satisfies Readonly<
  Record<
    keyof typeof couplingParameters,
    readonly ['face' | 'voice' | 'answers', what: string, text: (value: number) => string]
  >
>;

const figuresOf = (part: 'face' | 'voice' | 'answers') =>
  Object.entries(couplingParameters).flatMap(([name, { value }]) => {
    const [of, what, text] = PLAINLY[name as keyof typeof PLAINLY];
    return of === part ? [{ what, value: text(value) }] : [];
  });

/** The open datasheet of a synthetic study: what it is, and every parameter by which the pain target shows in it. */
export const SYNTHETIC_DATASHEET = [
  { heading: 'What it holds', text: NOTICE },
  {
    heading: 'How pain shows in it',
    text:
      'Each patient has a pain target from 0 to 10. It shows weakly in the face, in the voice and in the answers: each is a signal between 0 % (no pain shows) and 100 % (all of it shows). ' +
      'Chance is added once for a patient, so that a model cannot average it away, and again for each check-in. A model therefore does better than guessing, and worse than perfect.',
  },
  {
    heading: 'In the face',
    text: 'A stronger signal lowers the brows, narrows the eyes, draws the mouth down and deepens the folds beside the nose. The changes below are those of a full signal.',
    figures: figuresOf('face'),
  },
  {
    heading: 'In the voice',
    text: 'A stronger signal adds pauses and breath and flattens the melody. The changes below are those of a full signal.',
    figures: figuresOf('voice'),
  },
  {
    heading: 'In the answers',
    text: 'The answers of the survey rise with the signal; each question and each answer differs a little by chance.',
    figures: figuresOf('answers'),
  },
] as const;

/** The file study.json of a drop: what it is, how it was made, and with which parameters. Contains no time, so it is the same for the same study. */
export function studyJson(study: SyntheticStudy): string {
  const { generatorVersion, settings, patients, submissions, folds } = study;
  const description = {
    synthetic: true,
    notice: NOTICE,
    generator: { name: 'iss synthetic study', version: generatorVersion },
    settings,
    patients: patients.length,
    submissions: submissions.length,
    seconds: Math.round(submissions.reduce((sum, { frames, framesPerSecond }) => sum + frames / framesPerSecond, 0)),
    codes: 'Codes begin at 9001; no patient of a real study has such a code.',
    coupling: couplingParameters,
    folds: folds.map(({ number, testPatients }) => ({ number, testPatients })),
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}

/** The file README.md of a drop. */
export function studyReadme(study: SyntheticStudy): string {
  const { settings, generatorVersion, patients, submissions } = study;
  const published =
    'Sex, skin type, pain level, device and folds are those of the published patients (0001 is 9001 here)';
  const like =
    'like' in settings
      ? `${published}, and so are the number of recordings and ${settings.scale === 1 ? 'their lengths' : `a ${settings.scale}th of their lengths`}; everything else is made up.`
      : settings.patients === 'demo'
        ? `${published}; everything else is made up.`
        : 'Patients are spread evenly over the sixteen cohorts of the study’s design.';
  const length = 'like' in settings ? '' : ` of about ${settings.seconds} s`;
  const rows = Object.entries(couplingParameters).map(
    ([name, { value, meaning }]) => `| ${name} | ${value} | ${meaning} |`,
  );
  return `# A synthetic study drop

${NOTICE}

${patients.length} patients, ${submissions.length} submissions${length}, made by version ${generatorVersion} of the generator from seed ${settings.seed}; the same seed gives the same pictures and sounds.
${like} Videos carry the kind of metadata that a phone leaves (time, a place in the Atlantic, a model), so that its removal can be seen.

The pain target shows weakly in faces, voices and answers, with noise for each patient. The parameters, also in study.json:

| parameter | value | meaning |
|---|---|---|
${rows.join('\n')}
`;
}
