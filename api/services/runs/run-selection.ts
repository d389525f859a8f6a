import { rowFilterOf } from '../../../governance/decide.ts';
import type { Decision } from '../../../governance/decision.ts';
import { LANDMARK_RECORD_BYTES, LANDMARK_VALUES, type Modality } from '../../../governance/modality.ts';
import type { PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import { type Fold, foldsOf } from '../../../pipeline/labels/folds.ts';
import type { Database } from '../../adapters/database/database.ts';
import { type ObjectStore, readWhole } from '../../adapters/objects/object-store.ts';
import { JobFailure } from '../../jobs/job-kind.ts';
import { type SelectedPatient, type SelectedSubmission, selectRows } from '../exports/selection.ts';

/** What rows of a run are read with. */
export interface Reading {
  readonly database: Database;
  readonly objects: ObjectStore;
}

/** A release as the run's holder may see it at this moment. */
export interface SeenRelease {
  readonly releaseId: string;
  readonly labels: Decision;
  readonly timeZone: string;
  readonly now: Date;
}

/** How far reading is, and when it has to stop. */
export interface ReadingWatch {
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number) => void;
}

export interface SelectedRun {
  readonly patients: readonly SelectedPatient[];
  /** Submissions whose patients allow all of the kinds of data. */
  readonly submissions: readonly SelectedSubmission[];
}

/** Patients and submissions of a release that may be seen with all of these kinds of data. */
export async function selectForRun(
  { database }: Reading,
  of: SeenRelease,
  modalities: readonly Modality[],
): Promise<SelectedRun> {
  const filter = rowFilterOf(of.labels, of.now);
  if (filter === null) throw new Error('rows of a refused release');
  const scope = { releaseId: of.releaseId, fold: null, part: 'ALL' as const, modalities };
  const { patients, submissions } = await selectRows(database, scope, filter, of.timeZone);
  const allows = ({ modalities: allowed }: SelectedPatient): boolean => modalities.every((one) => allowed.has(one));
  return { patients: patients.filter(allows), submissions: submissions.filter(({ patient }) => allows(patient)) };
}

/** Patients with rows, and the release's folds as far as they hold them; a fold keeps its number where another has lost all. */
export function patientsAndFolds(
  { patients }: SelectedRun,
  rows: readonly string[],
): { patients: PatientFacts[]; folds: Fold[] } {
  const used = new Set(rows);
  const present = patients.filter(({ code }) => used.has(code));
  const splits = [...new Set(present.map(({ split }) => split))].sort((a, b) => a - b);
  const groups = splits.map((split) => present.filter((one) => one.split === split).map(({ code }) => code));
  return {
    patients: present.map(({ code, painLevel, sex, skinType, sourceDevice }) => ({
      patient: code,
      ...{ painLevel, sex, skinType, sourceDevice },
    })),
    folds: foldsOf(groups).map((fold, index) => ({ ...fold, number: splits[index]! })),
  };
}

/** Some of a list, at equal distances, the first among them; all for null. */
export const evenly = <Item>(items: readonly Item[], most: number | null): Item[] => {
  if (most === null || items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as Item);
};

/** A stored file of a recording. */
export interface Pack {
  readonly objectKey: string;
  /** Where its parts begin, then its end; null where it has none. */
  readonly offsets: readonly number[] | null;
}

export interface RecordingPacks {
  readonly submission: SelectedSubmission;
  /** Which frames have landmarks, from frame 1; empty where nothing is recorded. */
  readonly landmarksFound: readonly boolean[];
  readonly pack: (kind: string) => Pack | undefined;
}

const AT_ONCE = 20;

/** Submissions with where their stored files lie, some dozens at a time. */
export async function* recordingPacks(
  { database }: Reading,
  submissions: readonly SelectedSubmission[],
  kinds: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<RecordingPacks> {
  for (let from = 0; from < submissions.length; from += AT_ONCE) {
    signal.throwIfAborted();
    const some = submissions.slice(from, from + AT_ONCE);
    const recordings = some.map(({ recordingId }) => recordingId);
    const [packs, found] = await Promise.all([
      database.query<{ id: string; kind: string; objectKey: string; offsets: number[] | null }>(
        `SELECT recording_id AS id, kind, object_key AS "objectKey", to_json(offsets) AS offsets FROM artifact WHERE recording_id = ANY ($1::uuid[]) AND kind = ANY ($2)`,
        [recordings, [...kinds]],
      ),
      database.query<{ id: string; found: boolean[] }>(
        'SELECT recording_id AS id, landmarks_found AS found FROM frame_record WHERE recording_id = ANY ($1::uuid[])',
        [recordings],
      ),
    ]);
    for (const submission of some) {
      const own = packs.rows.filter(({ id }) => id === submission.recordingId);
      yield {
        submission,
        landmarksFound: found.rows.find(({ id }) => id === submission.recordingId)?.found ?? [],
        pack: (kind) => own.find((one) => one.kind === kind),
      };
    }
  }
}

/** One part of a packed file; null where it is empty. Parts are numbered from 0. */
export async function partOf(
  { objects }: Reading,
  { objectKey, offsets }: Pack,
  part: number,
): Promise<Uint8Array | null> {
  const [first, end] = [offsets?.[part], offsets?.[part + 1]];
  if (first === undefined || end === undefined || end === first) return null;
  return readWhole(objects, objectKey, { first, last: end - 1 });
}

/** True where a packed file has something of that number. */
export const hasPart = ({ offsets }: Pack, part: number): boolean =>
  (offsets?.[part + 1] ?? 0) > (offsets?.[part] ?? Number.POSITIVE_INFINITY);

/**
 * Landmarks of some frames, one reading of the file for all.
 * @param numbers frames from 1, ascending
 * @throws JobFailure where the file ends before them
 */
export async function* landmarksOf(
  { objects }: Reading,
  { objectKey }: Pack,
  numbers: readonly number[],
): AsyncGenerator<Float32Array> {
  const last = numbers.at(-1);
  if (last === undefined) return;
  const wanted = new Set(numbers);
  let frame = 1;
  let rest = Buffer.alloc(0);
  for await (const part of objects.read(objectKey, { first: 0, last: last * LANDMARK_RECORD_BYTES - 1 })) {
    rest = Buffer.concat([rest, part]);
    for (; rest.length >= LANDMARK_RECORD_BYTES; rest = rest.subarray(LANDMARK_RECORD_BYTES), frame += 1) {
      if (!wanted.has(frame)) continue;
      const record = new Float32Array(LANDMARK_VALUES);
      for (let i = 0; i < LANDMARK_VALUES; i++) record[i] = rest.readFloatLE(i * 4);
      yield record;
    }
  }
  if (frame <= last)
    throw new JobFailure(
      'ARTIFACT_MISSING',
      'A file of the release is shorter than it was stored; the server’s operators can restore it.',
    );
}
