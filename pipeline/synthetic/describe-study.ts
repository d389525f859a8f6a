import { couplingParameters } from './coupling.ts';
import type { SyntheticStudy } from './study.ts';

const NOTICE =
  'Synthetic data. Every face is drawn and every voice computed by a program; no person is shown or heard, and nothing here is a result about people.';

/** The open datasheet of a synthetic study: what it is, and every parameter by which the pain target shows in it. */
export const SYNTHETIC_DATASHEET = [
  { heading: 'What it holds', text: NOTICE },
  {
    heading: 'How pain shows in it',
    text: `The pain target shows weakly in faces, voices and answers, each with noise that is drawn once for a patient and again for a submission, so that a model does better than chance and worse than perfect:\n${Object.values(
      couplingParameters,
    )
      .map(({ value, meaning }) => `${meaning.replace(/\.$/, '')}: ${value}.`)
      .join('\n')}`,
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
