import type { PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import type { Fold } from '../../../pipeline/labels/folds.ts';
import { ReleaseScope } from '../../../schema/planner/release-scope.ts';
import { SqlScope } from '../../../schema/planner/sql.ts';
import type { RunPreviewFold } from '../../../schema/services/runs.ts';
import type { CheckedRun } from './check-run.ts';
import { LANDMARK_SIZES, NETWORK_SIZES } from './presets.ts';
import { painRunRows } from './run-rows.ts';
import { hasPart, patientsAndFolds, type Reading, recordingPacks, selectForRun } from './run-selection.ts';

interface Counted {
  readonly patients: readonly PatientFacts[];
  readonly folds: readonly Fold[];
  /** Patient of each row. */
  readonly rows: readonly string[];
}

/** Training and test of each fold that a run would have now, counted without opening a picture. */
export async function previewFolds(reading: Reading, checked: CheckedRun): Promise<RunPreviewFold[]> {
  const { patients, folds, rows } = await countRows(reading, checked);
  const perPatient = new Map<string, number>();
  for (const patient of rows) perPatient.set(patient, (perPatient.get(patient) ?? 0) + 1);
  return folds
    .filter(({ number }) => checked.fold === null || number === checked.fold)
    .map(({ number, testPatients }) => {
      const testRows = testPatients.reduce((sum, code) => sum + (perPatient.get(code) ?? 0), 0);
      return {
        fold: number,
        trainPatients: patients.length - testPatients.length,
        testPatients: testPatients.length,
        trainRows: rows.length - testRows,
        testRows,
      };
    });
}

async function countRows(reading: Reading, checked: CheckedRun): Promise<Counted> {
  const { release, experiment, decisions, timeZone, now } = checked;
  if (experiment.key === 'random-forest-pain') {
    const scope = new ReleaseScope(new SqlScope(), release, decisions, timeZone, now);
    const { patients, folds, submissions } = await painRunRows(reading.database, scope, now);
    return { patients, folds, rows: submissions.map(({ patient }) => patient) };
  }
  const of = { releaseId: release.id, labels: decisions.LABELS, timeZone, now };
  const modalities = experiment.reads.filter((modality) => modality !== 'LABELS');
  const selected = await selectForRun(reading, of, modalities);
  const rows = experiment.key === 'static-audio' ? chunkRows : frameRows;
  const counted = await rows(reading, checked, selected.submissions);
  return { ...patientsAndFolds(selected, counted), rows: counted };
}

type Submissions = Awaited<ReturnType<typeof selectForRun>>['submissions'];

async function frameRows(reading: Reading, { experiment, preset }: CheckedRun, all: Submissions): Promise<string[]> {
  const { key, reads } = experiment;
  const sizes =
    key === 'random-forest-landmarks' ? LANDMARK_SIZES[preset] : preset === 'paper' ? null : NETWORK_SIZES[preset];
  const most = sizes?.frames ?? Number.POSITIVE_INFINITY;
  const rows: string[] = [];
  for await (const { submission, landmarksFound, pack } of recordingPacks(
    reading,
    all,
    ['FACES', 'LANDMARKS'],
    NEVER,
  )) {
    const [faces, landmarks] = [pack('FACES'), pack('LANDMARKS')];
    if ((reads.includes('FACES') && !faces) || (reads.includes('LANDMARKS') && !landmarks)) continue;
    const hidden = new Set(submission.hiddenFrames);
    let count = 0;
    for (let number = 1; number <= submission.frameCount && count < most; number++) {
      if (hidden.has(number)) continue;
      if (reads.includes('LANDMARKS') && landmarksFound[number - 1] !== true) continue;
      if (reads.includes('FACES') && faces && !hasPart(faces, number - 1)) continue;
      count++;
    }
    for (let row = 0; row < count; row++) rows.push(submission.patient.code);
  }
  return rows;
}

async function chunkRows(reading: Reading, _: CheckedRun, all: Submissions): Promise<string[]> {
  const recordings = all.map(({ recordingId }) => recordingId);
  const { rows: chunks } = await reading.database.query<{ id: string; number: number }>(
    'SELECT recording_id AS id, number FROM chunk WHERE recording_id = ANY ($1::uuid[]) AND audio_vector IS NOT NULL',
    [recordings],
  );
  const numbers = new Map<string, number[]>();
  for (const { id, number } of chunks) numbers.set(id, [...(numbers.get(id) ?? []), number]);
  const rows: string[] = [];
  for await (const { submission, pack } of recordingPacks(reading, all, ['CHUNK_SPECTROGRAM_PICTURES'], NEVER)) {
    const pictures = pack('CHUNK_SPECTROGRAM_PICTURES');
    if (!pictures) continue;
    const hidden = new Set(submission.hiddenChunks);
    for (const number of numbers.get(submission.recordingId) ?? [])
      if (!hidden.has(number) && hasPart(pictures, number)) rows.push(submission.patient.code);
  }
  return rows;
}

const NEVER = new AbortController().signal;
