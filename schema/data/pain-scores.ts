import { dataType, type PartField, type ValueField } from '../planner/data-type.ts';
import { plainOf } from '../planner/json.ts';
import { recordingOf } from '../planner/recording.ts';
import type { Row } from '../planner/row.ts';

/** Alias of the survey that goes with the row's submission; its columns are null where none was given. */
export const surveyOf = (row: Row): string => {
  const recording = recordingOf(row);
  return row
    .nearest('Submission')
    .join('survey', (alias) => `LEFT JOIN survey ${alias} ON ${alias}.recording_id = ${recording}.id`);
};

const score = (column: string, description: string, type: 'Int' | 'Boolean' = 'Int'): ValueField => ({
  kind: 'value',
  type,
  nonNull: true,
  access: 'PAIN_SCORES',
  description,
  json: (row) => plainOf(`${surveyOf(row)}.${column}`),
});

const interference = (what: string): string =>
  `How far pain interfered with ${what}; 0 (not at all) to 10 (completely).`;

const PainScores = dataType({
  name: 'PainScores',
  description: 'The answers of the survey that goes with a check-in.',
  fields: {
    painNow: score('pain_now', 'Pain at this moment; 0 (none) to 10 (the worst).'),
    painTime: score('pain_time', 'Whether there was pain in the time before.', 'Boolean'),
    activity: score('activity', interference('activity in general')),
    mood: score('mood', interference('mood')),
    walking: score('walking', interference('walking')),
    work: score('work', interference('work')),
    relationships: score('relationships', interference('relations with others')),
    sleep: score('sleep', interference('sleep')),
    enjoyment: score('enjoyment', interference('the enjoyment of life')),
  },
});

/** The field that gives them. */
export const painScores: PartField = {
  kind: 'part',
  type: () => PainScores,
  access: 'PAIN_SCORES',
  description: 'Answers of the survey; null where none was given.',
  exists: (row) => `${surveyOf(row)}.recording_id IS NOT NULL`,
};
