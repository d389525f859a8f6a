import { FRAMES_PER_SECOND } from '../../governance/modality.ts';
import { type Args, dataType, type Source, type ValueField } from '../planner/data-type.ts';
import { floatsOf, plainOf, textOf, wordOf } from '../planner/json.ts';
import { artifactOf, recordingOf, spansOf } from '../planner/recording.ts';
import type { Row } from '../planner/row.ts';
import { Landmarks } from './face.ts';
import { surveyOf } from './pain-scores.ts';

/** Words in the order of their codes in the paper's label files (appendix D.2), from 0; a test holds them against those of exports. */
const LEVELS = ['NONE', 'LOW', 'MODERATE', 'SEVERE'];
const CLASSES = ['NO_PAIN', 'PAIN'];
const TIMEFRAMES = ['EARLY_AM', 'REG_AM', 'EARLY_PM', 'REG_PM', 'EARLY_NITE', 'LATE_NITE'];
const SEXES = ['M', 'F'];
const SKIN_TYPES = ['IV_VI', 'I_III'];

const coded = (sql: string, words: readonly string[]): string =>
  `CASE ${sql} ${words.map((word, code) => `WHEN '${word}' THEN ${code}`).join(' ')} END`;

const timestampOf = (row: Row): string =>
  `to_char(${row.nearest('Submission').column('recorded_at')}, 'YYYYMMDD"T"HH24MISS')`;
const patientOf = (row: Row, column: string): string => row.nearest('Patient').column(column);
const classOf = (row: Row, { classes }: Args): string =>
  classes === 2 ? coded(patientOf(row, 'pain_class'), CLASSES) : coded(patientOf(row, 'pain_level'), LEVELS);

const person = (name: string, description: string, sql: (row: Row) => string): Record<string, ValueField> => ({
  [name]: { kind: 'value', type: 'Int', access: 'LABELS', description, json: (row) => plainOf(sql(row)) },
});

/** `pain_class`, `gender` and `skin`, which stand in all three sets. */
const PERSON: Record<string, ValueField> = {
  ...person('painClass', 'Code of the class: 0-3 for NONE, LOW, MODERATE, SEVERE; 0 NO_PAIN, 1 PAIN at two.', (row) =>
    row.column('pain_class'),
  ),
  ...person('gender', 'Sex: M 0, F 1.', (row) => coded(patientOf(row, 'sex'), SEXES)),
  ...person('skin', 'Skin type: I-III 1, IV-VI 0.', (row) => coded(patientOf(row, 'skin_type'), SKIN_TYPES)),
};

const score = (column: string, description: string): ValueField => ({
  kind: 'value',
  type: 'Int',
  access: 'PAIN_SCORES',
  description: `${description} 0 where no survey was given.`,
  json: (row) => plainOf(`coalesce(${surveyOf(row)}.${column}::int, 0)`),
});

export const ImageLabels = dataType({
  name: 'ImageLabels',
  description:
    "A row of the paper's first and second sets of labels: a face crop with landmarks (`files, pain_class, gender, skin, lm`), and with it time and scores (`video_date, subj, timeframe, s1-activity … s1-work`).",
  counted: 'frames',
  fields: {
    files: {
      kind: 'value',
      type: 'String',
      access: 'LANDMARKS',
      description: 'Name of the face crop, `0002_20201129T202256_10.jpg`.',
      json: (row) =>
        textOf(`${patientOf(row, 'code')} || '_' || ${timestampOf(row)} || '_' || ${row.column('number')} || '.jpg'`),
    },
    ...PERSON,
    landmarks: {
      kind: 'part',
      type: () => Landmarks,
      access: 'LANDMARKS',
      description: "The paper's `lm`: its mesh.",
      exists: (row) => `${artifactOf(row, 'LANDMARKS')}.id IS NOT NULL`,
    },
    videoDate: {
      kind: 'value',
      type: 'String',
      access: 'LABELS',
      description: 'When the video was made, `20201129T202256`.',
      json: (row) => wordOf(timestampOf(row)),
    },
    subj: {
      kind: 'value',
      type: 'String',
      access: 'LABELS',
      description: 'Code of the patient.',
      json: (row) => textOf(patientOf(row, 'code')),
    },
    ...person('timeframe', 'Part of the day, 0 (early morning, 05-07) to 5 (late night, 00-04).', (row) =>
      coded(row.nearest('Submission').column('timeframe'), TIMEFRAMES),
    ),
    s1Activity: score('activity', 'Interference with activity, 0-10.'),
    s1Enjoyment: score('enjoyment', 'Interference with enjoyment of life, 0-10.'),
    s1Mood: score('mood', 'Interference with mood, 0-10.'),
    s1Painnow: score('pain_now', 'Pain at this moment, 0-10.'),
    s1Paintime: score('pain_time', 'Whether there was pain in the time before: 0 or 1.'),
    s1Relationships: score('relationships', 'Interference with relations, 0-10.'),
    s1Sleep: score('sleep', 'Interference with sleep, 0-10.'),
    s1Walking: score('walking', 'Interference with walking, 0-10.'),
    s1Work: score('work', 'Interference with work, 0-10.'),
    scoresAbsent: {
      kind: 'value',
      type: 'Int',
      access: 'PAIN_SCORES',
      description: '1 where the zeros stand for a survey that was never given. Not in the paper.',
      json: (row) => plainOf(`(${surveyOf(row)}.recording_id IS NULL)::int`),
    },
  },
});

export const AudioLabels = dataType({
  name: 'AudioLabels',
  description:
    "A row of the paper's third set of labels, of a whole recording or of a chunk of it: `filename, pain_class, gender, skin, basename, acoustic`.",
  fields: {
    filename: {
      kind: 'value',
      type: 'String',
      access: 'LABELS',
      description: 'Name of the spectrogram, `20201201T140021.png` or `chunk_0008_0_20201201T140021.png`.',
      json: (row) => textOf(`${baseOf(row)} || '.png'`),
    },
    ...PERSON,
    basename: {
      kind: 'value',
      type: 'String',
      access: 'LABELS',
      description: 'The same without its ending.',
      json: (row) => textOf(baseOf(row)),
    },
    subj: {
      kind: 'value',
      type: 'String',
      access: 'LABELS',
      description: "Code of the patient. Not in the paper's third set.",
      json: (row) => textOf(patientOf(row, 'code')),
    },
    acoustic: {
      kind: 'value',
      type: 'Float',
      list: 'one',
      access: 'AUDIO_FEATURES',
      description: 'Its twenty-five audio features; null where there are none.',
      json: (row) => floatsOf(row.column('vector')),
    },
  },
});

const baseOf = (row: Row): string =>
  `CASE WHEN ${row.column('number')} IS NULL THEN ${timestampOf(row)} ELSE 'chunk_' || ${patientOf(row, 'code')} || '_' || ${row.column('number')} || '_' || ${timestampOf(row)} END`;

/** Frames of a submission that have landmarks and may be seen. */
export const imageLabelRows = (submission: Row, args: Args): Source => {
  const alias = submission.scope.sql.alias();
  const recording = recordingOf(submission);
  const frames = submission.join(
    'frame_record',
    (name) => `LEFT JOIN frame_record ${name} ON ${name}.recording_id = ${recording}.id`,
  );
  const visible = submission.scope.rows.spanCondition(spansOf(submission), {
    from: `(${alias}.number - 1) / ${FRAMES_PER_SECOND}.0`,
    to: `${alias}.number / ${FRAMES_PER_SECOND}.0`,
  });
  return {
    columns: { number: `${alias}.number::integer`, pain_class: classOf(submission, args) },
    from: () => `unnest(${frames}.landmarks_found) WITH ORDINALITY AS ${alias}(found, number)`,
    where: [`${alias}.found`, visible],
    order: [`${alias}.number::integer`],
  };
};

/** The whole recording, where it has sound. */
export const recordingLabelRows = (submission: Row, args: Args): Source => {
  const recording = recordingOf(submission);
  const whole = submission.scope.rows.wholeCondition(spansOf(submission));
  return {
    columns: {
      number: 'NULL::integer',
      pain_class: classOf(submission, args),
      vector: `CASE WHEN ${whole} THEN ${recording}.audio_vector END`,
    },
    from: () => '(VALUES (0)) AS one(place)',
    where: [`${recording}.audio_status <> 'NONE'`],
    order: [],
  };
};

/** The chunks of a recording that has sound, of those that may be seen. */
export const chunkLabelRows = (submission: Row, args: Args): Source => {
  const alias = submission.scope.sql.alias();
  const recording = recordingOf(submission);
  const visible = submission.scope.rows.spanCondition(spansOf(submission), {
    from: `${alias}.start_seconds`,
    to: `${alias}.end_seconds`,
  });
  return {
    columns: {
      number: `${alias}.number`,
      pain_class: classOf(submission, args),
      vector: `${alias}.audio_vector`,
    },
    from: () => `chunk ${alias}`,
    where: [`${alias}.recording_id = ${recording}.id`, `${recording}.audio_status <> 'NONE'`, visible],
    order: [`${alias}.number`],
  };
};
