import { sexCode, skinTypeCode, skinTypeLabel } from '../../../../pipeline/labels/demographics.ts';
import { painClassCode, painLevelCode } from '../../../../pipeline/labels/pain.ts';
import { timeframeCode, timeframeLabel } from '../../../../pipeline/labels/timeframe.ts';
import { patientsOfPart, sideOf } from '../selection.ts';
import { eachWith, type Making } from './export-builder.ts';
import { type Column, parquetBytes, type Row } from './parquet.ts';

const text = (name: string, nullable = false): Column => ({ name, type: 'STRING', nullable });
const whole = (name: string, nullable = false): Column => ({ name, type: 'INT32', nullable });
const real = (name: string): Column => ({ name, type: 'DOUBLE', nullable: true });

const PATIENTS = [
  text('patient'),
  text('sex'),
  whole('sex_code'),
  text('skin_type'),
  whole('skin_code'),
  text('age_group', true),
  text('pain_level'),
  whole('pain_level_code'),
  text('pain_class'),
  whole('pain_class_code'),
  text('cohort'),
  text('source_device', true),
  whole('split'),
  text('part'),
];

const SUBMISSIONS = [
  text('patient'),
  text('timestamp'),
  text('recorded_at'),
  text('timeframe'),
  whole('timeframe_code'),
  text('setting'),
  text('part'),
  real('duration_seconds'),
  whole('frames'),
  whole('chunks'),
  text('audio_status', true),
  whole('width', true),
  whole('height', true),
  whole('rotation', true),
  real('frame_rate'),
  real('brightness'),
  real('contrast'),
  real('sharpness'),
  real('loudness_dbfs'),
  real('clipped_share'),
];

const CHUNKS = [
  text('patient'),
  text('timestamp'),
  whole('chunk'),
  real('start_seconds'),
  real('end_seconds'),
  whole('first_frame'),
  whole('last_frame'),
  text('part'),
];

/** Columns of the tables, by the name of their file. */
export const LABEL_TABLES = {
  patients: PATIENTS,
  submissions: SUBMISSIONS,
  chunks: CHUNKS,
  splits: [whole('fold'), text('patient'), text('part')],
} as const satisfies Readonly<Record<string, readonly Column[]>>;

/** Tables of LABELS: who, when, which parts of the narrative, which fold. Nothing that another kind of data tells, such as which frames have a face. */
export async function makeLabelFiles(making: Making): Promise<void> {
  const { sink } = making;
  const add = (name: keyof typeof LABEL_TABLES, rows: AsyncIterable<Row[]> | Row[][]) =>
    sink.add({ path: `labels/${name}.parquet`, modality: 'LABELS' }, parquetBytes(LABEL_TABLES[name], rows));
  await add('patients', [patientRows(making)]);
  await add('submissions', submissionRows(making));
  await add('chunks', chunkRows(making));
  await add('splits', [splitRows(making)]);
}

const patientRows = ({ selection, scope }: Making): Row[] =>
  patientsOfPart(selection, scope.part).map((patient) => [
    patient.code,
    patient.sex,
    sexCode(patient.sex),
    skinTypeLabel(patient.skinType),
    skinTypeCode(patient.skinType),
    patient.ageGroup,
    patient.painLevel,
    painLevelCode(patient.painLevel),
    patient.painClass,
    painClassCode(patient.painClass),
    patient.cohort,
    patient.sourceDevice,
    patient.split,
    patient.side,
  ]);

/** Of the exported fold, or of every fold: who is on which side. */
const splitRows = ({ selection, scope }: Making): Row[] => {
  const folds = scope.fold === null ? foldsIn(selection.patients) : [scope.fold];
  return folds.flatMap((fold) => selection.patients.map(({ code, split }): Row => [fold, code, sideOf(split, fold)]));
};

/** Numbers of the folds of these patients, in order. */
export const foldsIn = (patients: readonly { readonly split: number }[]): number[] =>
  [...new Set(patients.map(({ split }) => split))].sort((a, b) => a - b);

interface RecordingRow {
  recordingId: string;
  cells: (string | number | null)[];
}

/** Figures of a recording's quality that are means over it: the last columns of the table. */
const MEANS = ['brightness', 'contrast', 'sharpness', 'loudnessDbfs', 'clippedShare'];

async function* submissionRows(making: Making): AsyncGenerator<Row[]> {
  const figure = (name: string): string =>
    `CASE WHEN jsonb_typeof(quality -> '${name}') = 'number' THEN (quality ->> '${name}')::float8 END`;
  const sql = `SELECT id AS "recordingId", json_build_array(duration_seconds, frame_count, chunk_count, audio_status, width, height, rotation, frame_rate,
      ${MEANS.map(figure).join(', ')}) AS cells
    FROM recording WHERE id = ANY ($1::uuid[])`;
  const { submissions } = making.selection;
  for await (const { submission, rows } of eachWith<RecordingRow>(making, 'labels', submissions, sql)) {
    const { patient, at, timeframe, setting } = submission;
    const when = [at.text, at.local, timeframeLabel(timeframe), timeframeCode(timeframe), setting];
    // Means over a recording, of which a part is in quarantine, tell of that part, too.
    const seen = (cells: RecordingRow['cells']) =>
      submission.whole ? cells : cells.map((cell, i) => (i < cells.length - MEANS.length ? cell : null));
    yield rows.map(({ cells }) => [patient.code, ...when, patient.side, ...seen(cells)]);
  }
}

interface ChunkRow {
  recordingId: string;
  number: number;
  start: number;
  end: number;
  firstFrame: number;
  lastFrame: number;
}

async function* chunkRows(making: Making): AsyncGenerator<Row[]> {
  const sql = `SELECT recording_id AS "recordingId", number, start_seconds AS start, end_seconds AS end, first_frame AS "firstFrame", last_frame AS "lastFrame"
    FROM chunk WHERE recording_id = ANY ($1::uuid[]) ORDER BY recording_id, number`;
  const { submissions } = making.selection;
  for await (const { submission, rows } of eachWith<ChunkRow>(making, 'chunks', submissions, sql)) {
    const { patient, at, hiddenChunks } = submission;
    yield rows
      .filter(({ number }) => !hiddenChunks.includes(number))
      .map(({ number, start, end, firstFrame, lastFrame }) => [
        patient.code,
        at.text,
        number,
        start,
        end,
        firstFrame,
        lastFrame,
        patient.side,
      ]);
  }
}
