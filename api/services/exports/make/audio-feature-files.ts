import { AUDIO_FEATURE_NAMES } from '../../../../pipeline/audio/features.ts';
import { csvText } from './csv.ts';
import { eachWith, type Making, submissionsWith } from './export-builder.ts';
import type { MadeFile } from './export-sink.ts';
import { type Column, parquetBytes, type Row } from './parquet.ts';
import { PATHS } from './paths.ts';

interface Found {
  recordingId: string;
  number: number | null;
  vector: number[];
}

const FEATURES = AUDIO_FEATURE_NAMES.map((name): Column => ({ name, type: 'DOUBLE' }));
const WHERE: Column[] = [
  { name: 'patient', type: 'STRING' },
  { name: 'timestamp', type: 'STRING' },
];
export const RECORDING_FEATURES: readonly Column[] = [...WHERE, ...FEATURES];
export const CHUNK_FEATURES: readonly Column[] = [...WHERE, { name: 'chunk', type: 'INT32' }, ...FEATURES];
const RECORDINGS = `SELECT id AS "recordingId", NULL AS number, audio_vector AS vector FROM recording WHERE id = ANY ($1::uuid[]) AND audio_vector IS NOT NULL`;
const CHUNKS = `SELECT recording_id AS "recordingId", number, audio_vector AS vector FROM chunk WHERE recording_id = ANY ($1::uuid[]) AND audio_vector IS NOT NULL
  ORDER BY recording_id, number`;

/** AUDIO_FEATURES: the 25 numbers in the design's order, of recordings and of chunks. What has no sound has no row. */
export async function makeAudioFeatureFiles(making: Making): Promise<void> {
  const { sink } = making;
  const modality = 'AUDIO_FEATURES';
  await sink.add(
    { path: 'audio_features/recordings.parquet', modality },
    parquetBytes(RECORDING_FEATURES, recordingRows(making)),
  );
  await sink.add({ path: 'audio_features/chunks.parquet', modality }, parquetBytes(CHUNK_FEATURES, chunkRows(making)));
  await sink.pack('audio-features.pack', patientTables(making));
}

async function* recordingRows(making: Making): AsyncGenerator<Row[]> {
  const submissions = submissionsWith(making, 'AUDIO_FEATURES');
  for await (const { submission, rows } of eachWith<Found>(making, 'audio features', submissions, RECORDINGS)) {
    const { patient, at, whole } = submission;
    if (whole) yield rows.map(({ vector }) => [patient.code, at.text, ...vector]);
    // A mean over the whole recording cannot be taken apart again.
    else if (rows.length > 0)
      making.leftOut.push({ path: `${PATHS.audioFeatures(patient.code)}#${at.text}`, modality: 'AUDIO_FEATURES' });
  }
}

async function* chunkRows(making: Making): AsyncGenerator<Row[]> {
  const submissions = submissionsWith(making, 'AUDIO_FEATURES');
  for await (const { submission, rows } of eachWith<Found>(making, 'chunk features', submissions, CHUNKS)) {
    const { patient, at, hiddenChunks } = submission;
    yield rows
      .filter(({ number }) => !hiddenChunks.includes(number ?? 0))
      .map(({ number, vector }) => [patient.code, at.text, number, ...vector]);
  }
}

/** One table for each patient, a row for each submission. */
async function* patientTables(making: Making): AsyncGenerator<MadeFile & { body: Uint8Array }> {
  const submissions = submissionsWith(making, 'AUDIO_FEATURES').filter(({ whole }) => whole);
  let code: string | undefined;
  let table: (string | number)[][] = [];
  const made = (): (MadeFile & { body: Uint8Array })[] => {
    const rows = table;
    table = [];
    if (code === undefined || rows.length === 0) return [];
    const body = Buffer.from(csvText(['timestamp', ...AUDIO_FEATURE_NAMES], rows));
    return [{ path: PATHS.audioFeatures(code), modality: 'AUDIO_FEATURES', body }];
  };
  for await (const { submission, rows } of eachWith<Found>(making, 'audio feature files', submissions, RECORDINGS)) {
    if (submission.patient.code !== code) yield* made();
    code = submission.patient.code;
    for (const { vector } of rows) table.push([submission.at.text, ...vector]);
  }
  yield* made();
}
