import { PainClassEnum, PainLevelEnum, SexEnum, SkinTypeEnum } from '../enums.ts';
import { dataType, type ValueField } from '../planner/data-type.ts';
import { plainOf, textOf, wordOf } from '../planner/json.ts';
import { nodeIdSql } from '../planner/node-id.ts';
import { submissionRows } from './patient-rows.ts';
import { Submission } from './submission.ts';

const label = (column: string, type: unknown, description: string): ValueField => ({
  kind: 'value',
  type,
  access: 'LABELS',
  description,
  json: (row) => (type === 'String' ? textOf : wordOf)(row.column(column)),
});

export const Patient = dataType({
  name: 'Patient',
  description: 'A patient as a release holds them.',
  node: 'P',
  counted: 'patients',
  patientCode: (row) => `to_json(${row.column('code')})::text`,
  fields: {
    id: {
      kind: 'value',
      type: 'ID',
      nonNull: true,
      access: 'LABELS',
      description: 'Opaque id for `node`.',
      json: (row) => wordOf(nodeIdSql('P', row.scope.id(), row.column('patient_id'))),
    },
    code: label('code', 'String', 'The name of the patient in this dataset.'),
    sex: label('sex', SexEnum, 'Sex as the study recorded it; sensitive.'),
    skinType: label('skin_type', SkinTypeEnum, 'Fitzpatrick skin type, self-reported; sensitive.'),
    ageGroup: label('age_group', 'String', 'Age group.'),
    painTarget: {
      kind: 'value',
      type: 'Int',
      access: 'PAIN_SCORES',
      description: 'Worst pain that the patient expects to report, set at enrolment and fixed; 0 to 10.',
      json: (row) => plainOf(row.column('pain_target')),
    },
    painLevel: label('pain_level', PainLevelEnum, 'Pain target in four levels.'),
    painClass: label('pain_class', PainClassEnum, 'Pain target in two classes.'),
    cohort: label('cohort', 'String', 'Cohort 1A to 4D: pain level, then skin type and sex.'),
    sourceDevice: label('source_device', 'String', 'Device that recorded the videos.'),
    submissions: {
      kind: 'connection',
      type: () => Submission,
      access: 'LABELS',
      description: 'Check-ins, oldest first.',
      sort: 'submission',
      keys: ['timestamp', 'uuid'],
      source: (row) => submissionRows(row),
    },
    submission: {
      kind: 'one',
      type: () => Submission,
      access: 'LABELS',
      description: 'The check-in of a timestamp.',
      args: { timestamp: { type: 'String', required: true, description: 'Timestamp, YYYYMMDDTHHMMSS.' } },
      source: (row, { timestamp }) =>
        submissionRows(row, (alias) => [
          `to_char(${alias}.recorded_at, 'YYYYMMDD"T"HH24MISS') = ${row.scope.sql.param(String(timestamp), 'text')}`,
        ]),
    },
  },
});
