import { SURVEY_ITEMS, type Survey, surveyNumbers } from '../../../../pipeline/labels/survey.ts';
import { patientsOfPart } from '../selection.ts';
import { csvText } from './csv.ts';
import { eachWith, type Making, submissionsWith } from './export-builder.ts';
import type { MadeFile } from './export-sink.ts';
import { type Column, parquetBytes, type Row } from './parquet.ts';
import { PATHS } from './paths.ts';

/** A row of `survey` as JSON. */
export interface SurveyRow {
  pain_now: number;
  pain_time: boolean;
  activity: number;
  mood: number;
  walking: number;
  work: number;
  relationships: number;
  sleep: number;
  enjoyment: number;
}

export const surveyOf = ({ pain_now, pain_time, ...rest }: SurveyRow): Survey => ({
  painnow: pain_now,
  paintime: pain_time,
  activity: rest.activity,
  mood: rest.mood,
  walking: rest.walking,
  work: rest.work,
  relationships: rest.relationships,
  sleep: rest.sleep,
  enjoyment: rest.enjoyment,
});

interface Found {
  recordingId: string;
  survey: SurveyRow;
}

const SQL = `SELECT recording_id AS "recordingId", to_json(survey) AS survey FROM survey WHERE recording_id = ANY ($1::uuid[])`;

export const SURVEY_TABLE: readonly Column[] = [
  { name: 'patient', type: 'STRING' },
  { name: 'timestamp', type: 'STRING' },
  ...SURVEY_ITEMS.map((name): Column => ({ name, type: 'INT32' })),
  { name: 'absent', type: 'BOOLEAN' },
];

export const PAIN_TARGETS: readonly Column[] = [
  { name: 'patient', type: 'STRING' },
  { name: 'pain_target', type: 'INT32' },
];

/**
 * PAIN_SCORES: the nine answers of each submission, as numbers (yes 1, no 0), and each patient's fixed pain target. In the table a survey that was not
 * given is zeros with a flag, as the paper did; there is no file of its own for it, since that could not say so.
 */
export async function makeSurveyFiles(making: Making): Promise<void> {
  const { sink, scope, selection } = making;
  const patients = patientsOfPart(selection, scope.part).filter(({ modalities }) => modalities.has('PAIN_SCORES'));
  await sink.add(
    { path: 'surveys/pain_targets.parquet', modality: 'PAIN_SCORES' },
    parquetBytes(PAIN_TARGETS, [patients.map(({ code, painTarget }): Row => [code, painTarget])]),
  );
  await sink.add(
    { path: 'surveys/surveys.parquet', modality: 'PAIN_SCORES' },
    parquetBytes(SURVEY_TABLE, rows(making)),
  );
  await sink.pack('surveys.pack', targets(making));
}

async function* rows(making: Making): AsyncGenerator<Row[]> {
  for await (const { submission, rows } of eachWith<Found>(
    making,
    'surveys',
    submissionsWith(making, 'PAIN_SCORES'),
    SQL,
  )) {
    const survey = rows[0] === undefined ? null : surveyOf(rows[0].survey);
    yield [[submission.patient.code, submission.at.text, ...surveyNumbers(survey), survey === null]];
  }
}

async function* targets(making: Making): AsyncGenerator<MadeFile & { body: Uint8Array }> {
  for await (const { submission, rows } of eachWith<Found>(
    making,
    'survey files',
    submissionsWith(making, 'PAIN_SCORES'),
    SQL,
  ))
    for (const { survey } of rows)
      yield {
        path: PATHS.targets(submission),
        modality: 'PAIN_SCORES',
        submissionId: submission.id,
        body: Buffer.from(csvText(SURVEY_ITEMS, [surveyNumbers(surveyOf(survey))])),
      };
}
