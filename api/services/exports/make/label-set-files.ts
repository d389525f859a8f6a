import { basename } from 'node:path';
import { LANDMARK_RECORD_BYTES } from '../../../../governance/modality.ts';
import { AUDIO_FEATURE_NAMES } from '../../../../pipeline/audio/features.ts';
import { audioLabels, imageScoreLabels, type LabelledPatient } from '../../../../pipeline/labels/label-sets.ts';
import type { SelectedPatient, SelectedSubmission, Side } from '../selection.ts';
import { eachWith, type Making, sidesOf, submissionsWith } from './export-builder.ts';
import { type Cell, type Column, type ColumnType, parquetBytes, type Row } from './parquet.ts';
import { PATHS } from './paths.ts';
import { type SurveyRow, surveyOf } from './survey-files.ts';

const CLASSES = [4, 2] as const;

const SCORES = 'activity enjoyment mood painnow paintime relationships sleep walking work'.split(' ');

const column = (name: string, type: ColumnType, nullable = false): Column => ({ name, type, nullable });
const PERSON = ['pain_class', 'gender', 'skin'].map((name) => column(name, 'INT32'));
/** In place of the paper's array: the file with the landmarks and where those of the frame begin in it. */
const MESH = [column('lm', 'STRING'), column('lm_offset', 'INT32')];
const SET_1 = [column('files', 'STRING'), ...PERSON, ...MESH];
const SET_2 = (scores: boolean): Column[] => [
  column('files', 'STRING'),
  ...PERSON,
  column('video_date', 'STRING'),
  column('subj', 'STRING'),
  column('timeframe', 'INT32'),
  ...(scores ? [...SCORES.map((name) => column(`s1-${name}`, 'INT32')), column('scores_absent', 'INT32')] : []),
  ...MESH,
];
const SET_3 = (acoustic: boolean): Column[] => [
  column('filename', 'STRING'),
  ...PERSON,
  column('basename', 'STRING'),
  column('subj', 'STRING'),
  ...(acoustic ? [column('acoustic', 'DOUBLES', true)] : []),
];

/**
 * The paper's three sets of labels (appendix D.2.4), of four classes and of two, training and testing apart. The first two list frames with landmarks
 * and come with LANDMARKS; the scores of the second with PAIN_SCORES; the acoustic column of the third with AUDIO_FEATURES. `subj` of the third is ours.
 */
export async function makeLabelSetFiles(making: Making): Promise<void> {
  const { scope, sink } = making;
  const scores = scope.modalities.includes('PAIN_SCORES');
  const acoustic = scope.modalities.includes('AUDIO_FEATURES');
  for (const side of sidesOf(scope))
    for (const classes of CLASSES) {
      const add = (set: string, modality: 'LABELS' | 'LANDMARKS', columns: Column[], rows: AsyncIterable<Row[]>) =>
        sink.add({ path: `labels/${set}_${classes}_${side}.parquet`, modality }, parquetBytes(columns, rows));
      if (scope.modalities.includes('LANDMARKS')) {
        await add('set1', 'LANDMARKS', SET_1, imageRows(making, side, SET_1, classes));
        await add('set2', 'LANDMARKS', SET_2(scores), imageRows(making, side, SET_2(scores), classes));
      }
      await add('set3', 'LABELS', SET_3(acoustic), recordingRows(making, side, SET_3(acoustic), classes));
      await add('set3_chunks', 'LABELS', SET_3(acoustic), chunkRows(making, side, SET_3(acoustic), classes));
    }
}

const labelled = ({ code, painLevel, sex, skinType }: SelectedPatient): LabelledPatient => ({
  patient: code,
  painLevel,
  sex,
  skinType,
});

const cells = (columns: readonly Column[], labels: object): Row =>
  columns.map(({ name }) => (labels as Record<string, Cell>)[name] ?? null);

const ofSide = (submissions: readonly SelectedSubmission[], side: Side): SelectedSubmission[] =>
  submissions.filter(({ patient }) => patient.side === side);

interface FrameRow {
  recordingId: string;
  found: boolean[];
  survey: SurveyRow | null;
}

/** Both sets of images; columns that a set does not have are not asked for. */
async function* imageRows(
  making: Making,
  side: Side,
  columns: readonly Column[],
  classes: 2 | 4,
): AsyncGenerator<Row[]> {
  const asked = columns.some(({ name }) => name === 'scores_absent');
  const sql = `SELECT f.recording_id AS "recordingId", f.landmarks_found AS found, ${asked ? 'to_json(s)' : 'NULL'} AS survey
    FROM frame_record f ${asked ? 'LEFT JOIN survey s ON s.recording_id = f.recording_id' : ''} WHERE f.recording_id = ANY ($1::uuid[])`;
  const [files, offset] = ['files', 'lm_offset'].map((name) => columns.findIndex((one) => one.name === name)) as [
    number,
    number,
  ];
  const submissions = ofSide(submissionsWith(making, 'LANDMARKS'), side);
  for await (const { submission, rows } of eachWith<FrameRow>(making, 'image labels', submissions, sql)) {
    const { patient, at } = submission;
    const hidden = new Set(submission.hiddenFrames);
    const lm = PATHS.landmarks(submission);
    for (const { found, survey } of rows) {
      const given = survey !== null && patient.modalities.has('PAIN_SCORES') ? surveyOf(survey) : null;
      // What is the same for all frames of a recording is worked out once: there are hundreds of thousands.
      const row = [...cells(columns, { ...imageScoreLabels(labelled(patient), at, given, 1, classes), lm })];
      yield found.flatMap((has, i): Row[] => {
        const frame = i + 1;
        if (!has || hidden.has(frame)) return [];
        const own = row.slice();
        own[files] = basename(PATHS.crop(submission, frame));
        own[offset] = i * LANDMARK_RECORD_BYTES;
        return [own];
      });
    }
  }
}

interface SoundRow {
  recordingId: string;
  number: number | null;
  vector: number[] | null;
}

async function* recordingRows(
  making: Making,
  side: Side,
  columns: readonly Column[],
  classes: 2 | 4,
): AsyncGenerator<Row[]> {
  const acoustic = columns.some(({ name }) => name === 'acoustic');
  const sql = `SELECT id AS "recordingId", NULL AS number, ${acoustic ? 'audio_vector' : 'NULL'} AS vector
    FROM recording WHERE id = ANY ($1::uuid[]) AND audio_status <> 'NONE'`;
  const submissions = ofSide(making.selection.submissions, side);
  for await (const { submission, rows } of eachWith<SoundRow>(making, 'audio labels', submissions, sql))
    yield rows.map(({ vector }) => soundRow(submission, null, submission.whole ? vector : null, columns, classes));
}

async function* chunkRows(
  making: Making,
  side: Side,
  columns: readonly Column[],
  classes: 2 | 4,
): AsyncGenerator<Row[]> {
  const acoustic = columns.some(({ name }) => name === 'acoustic');
  const sql = `SELECT k.recording_id AS "recordingId", k.number, ${acoustic ? 'k.audio_vector' : 'NULL'} AS vector
    FROM chunk k JOIN recording r ON r.id = k.recording_id WHERE k.recording_id = ANY ($1::uuid[]) AND r.audio_status <> 'NONE' ORDER BY k.recording_id, k.number`;
  const submissions = ofSide(making.selection.submissions, side);
  for await (const { submission, rows } of eachWith<SoundRow>(making, 'chunk labels', submissions, sql))
    yield rows
      .filter(({ number }) => !submission.hiddenChunks.includes(number ?? 0))
      .map(({ number, vector }) => soundRow(submission, number, vector, columns, classes));
}

function soundRow(
  { patient, at }: SelectedSubmission,
  chunk: number | null,
  vector: number[] | null,
  columns: readonly Column[],
  classes: 2 | 4,
): Row {
  const acoustic = patient.modalities.has('AUDIO_FEATURES') && vector?.length === AUDIO_FEATURE_NAMES.length;
  return cells(columns, {
    ...audioLabels(labelled(patient), at, chunk, classes),
    subj: patient.code,
    acoustic: acoustic ? vector : null,
  });
}
