import { rowFilterOf } from '../../../governance/decide.ts';
import type { Decision } from '../../../governance/decision.ts';
import type { PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import {
  LANDMARK_NUMBERS,
  type LandmarkRows,
  landmarkCollector,
} from '../../../pipeline/baselines/random-forest-landmarks.ts';
import { type Fold, foldsOf } from '../../../pipeline/labels/folds.ts';
import type { Database } from '../../adapters/database/database.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import { JobFailure } from '../../jobs/job-kind.ts';
import { type SelectedSubmission, selectRows } from '../exports/selection.ts';

/** What a run on landmarks reads, as far as the row rule lets its holder have it at this moment. */
export interface LandmarkRunRows {
  patients: PatientFacts[];
  folds: Fold[];
  rows: LandmarkRows;
}

const RECORD_BYTES = LANDMARK_NUMBERS * 4;
const SUBMISSIONS_AT_ONCE = 20;

/**
 * Frames with landmarks of a release, in order of patient, moment and number.
 * @param most frames of one submission, taken evenly over it; null for all
 * @throws JobFailure where a stored file is missing; the signal's reason when it is aborted
 */
export async function landmarkRunRows(
  { database, objects }: { database: Database; objects: ObjectStore },
  of: { releaseId: string; labels: Decision; timeZone: string; now: Date },
  most: number | null,
  { signal, progress }: { signal: AbortSignal; progress: (done: number, total: number) => void },
): Promise<LandmarkRunRows> {
  const filter = rowFilterOf(of.labels, of.now);
  if (filter === null) throw new Error('rows of a refused release');
  const scope = { releaseId: of.releaseId, fold: null, part: 'ALL' as const, modalities: ['LANDMARKS' as const] };
  const selection = await selectRows(database, scope, filter, of.timeZone);
  const submissions = selection.submissions.filter(({ patient }) => patient.modalities.has('LANDMARKS'));
  const frames: { submission: SelectedSubmission; objectKey: string; numbers: number[] }[] = [];
  for (let from = 0; from < submissions.length; from += SUBMISSIONS_AT_ONCE) {
    signal.throwIfAborted();
    const some = submissions.slice(from, from + SUBMISSIONS_AT_ONCE);
    const { rows } = await database.query<{ id: string; found: boolean[]; objectKey: string }>(
      `SELECT f.recording_id AS id, f.landmarks_found AS found, a.object_key AS "objectKey"
       FROM frame_record f JOIN artifact a ON a.recording_id = f.recording_id AND a.kind = 'LANDMARKS' WHERE f.recording_id = ANY ($1::uuid[])`,
      [some.map(({ recordingId }) => recordingId)],
    );
    for (const submission of some) {
      const row = rows.find(({ id }) => id === submission.recordingId);
      if (row === undefined) continue;
      const hidden = new Set(submission.hiddenFrames);
      const numbers = row.found.flatMap((found, index) => (found && !hidden.has(index + 1) ? [index + 1] : []));
      frames.push({ submission, objectKey: row.objectKey, numbers: evenly(numbers, most) });
    }
  }
  const collector = landmarkCollector(frames.reduce((sum, { numbers }) => sum + numbers.length, 0));
  for (const [index, { submission, objectKey, numbers }] of frames.entries()) {
    signal.throwIfAborted();
    await collect(objects, objectKey, numbers, (record) => collector.add(submission.patient.code, record));
    progress(index + 1, frames.length);
  }
  const used = new Set(collector.rows().patients);
  const patients = selection.patients.filter(({ code }) => used.has(code));
  const splits = [...new Set(patients.map(({ split }) => split))].sort((a, b) => a - b);
  return {
    patients: patients.map(({ code, painLevel, sex, skinType, sourceDevice }) => ({
      patient: code,
      painLevel,
      sex,
      skinType,
      sourceDevice,
    })),
    folds: foldsOf(splits.map((split) => patients.filter((one) => one.split === split).map(({ code }) => code))).map(
      (fold, index) => ({ ...fold, number: splits[index]! }),
    ),
    rows: collector.rows(),
  };
}

/** Some of a list, at equal distances, the first among them. */
export const evenly = <Item>(items: readonly Item[], most: number | null): Item[] => {
  if (most === null || items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as Item);
};

async function collect(
  objects: ObjectStore,
  key: string,
  numbers: readonly number[],
  add: (record: Float32Array) => void,
): Promise<void> {
  const last = numbers.at(-1);
  if (last === undefined) return;
  const wanted = new Set(numbers);
  let frame = 1;
  let rest = Buffer.alloc(0);
  for await (const part of objects.read(key, { first: 0, last: last * RECORD_BYTES - 1 })) {
    rest = Buffer.concat([rest, part]);
    for (; rest.length >= RECORD_BYTES; rest = rest.subarray(RECORD_BYTES), frame += 1) {
      if (!wanted.has(frame)) continue;
      const record = new Float32Array(LANDMARK_NUMBERS);
      for (let i = 0; i < LANDMARK_NUMBERS; i++) record[i] = rest.readFloatLE(i * 4);
      add(record);
    }
  }
  if (frame <= last)
    throw new JobFailure(
      'ARTIFACT_MISSING',
      'A file of the release is shorter than it was stored; the server’s operators can restore it.',
    );
}
