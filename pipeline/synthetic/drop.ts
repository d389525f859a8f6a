import { mkdir, readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { studyJson, studyReadme } from './describe-study.ts';
import { enrolmentCsv, type SyntheticStudy } from './study.ts';
import { isMade, makeSubmission, type SubmissionTask, writeWhole } from './submission-files.ts';
import { makeInWorkers } from './worker-pool.ts';

/** How far a drop is. `done` counts what was there before. */
export type DropProgress = { readonly stage: 'VIDEOS'; readonly done: number; readonly total: number };

export type DropOptions = {
  readonly onProgress?: (progress: DropProgress) => void;
  readonly signal?: AbortSignal;
  /** Processes that draw and encode; 0 works in this one. Unless given, two, or as many as there are cores if that is fewer. */
  readonly workers?: number;
};

/** The folder holds something else, which is left as it is. */
export class DropFolderTaken extends Error {
  override readonly name = 'DropFolderTaken';
}

/** Bytes of a picture and of a second of sound, as they come out of the encoders (seen: 780 to 1,050 and 8,000). */
const FRAME_BYTES = 1_000;
const SOUND_BYTES_A_SECOND = 8_500;

/** About how many bytes the drop of a study takes, and how many frames have to be drawn for it. */
export function dropSize({ submissions }: SyntheticStudy): { bytes: number; frames: number } {
  const frames = submissions.reduce((sum, one) => sum + one.frames, 0);
  const seconds = submissions.reduce((sum, { soundSeconds }) => sum + soundSeconds, 0);
  // Two files and two folders a submission, a block each.
  return { bytes: frames * FRAME_BYTES + seconds * SOUND_BYTES_A_SECOND + submissions.length * 16_384, frames };
}

/**
 * Writes the study as a drop in the form of the collection app: enrolment.csv, submissions/<patient>/<timestamp>/narrative.mp4 and
 * survey.csv; and README.md and study.json, which say that it is synthetic. Resumable: finished submissions are kept, and enrolment.csv
 * comes last, so an unfinished drop is no drop. Gives how many submissions were made and how many were there already.
 *
 * Throws DropFolderTaken for a folder with other content, SubmissionFailed where a worker process fails, the signal's reason when
 * aborted (at once between frames), and the errors of the file system.
 */
export async function writeDrop(
  study: SyntheticStudy,
  directory: string,
  { onProgress, signal, workers = Math.min(2, availableParallelism()) }: DropOptions = {},
): Promise<{ made: number; kept: number }> {
  signal?.throwIfAborted();
  const about = studyJson(study);
  await claim(directory, about);
  await writeWhole(join(directory, 'study.json'), about);
  await writeWhole(join(directory, 'README.md'), studyReadme(study));

  const patients = new Map(study.patients.map((patient) => [patient.code, patient]));
  const missing: SubmissionTask[] = [];
  for (const submission of study.submissions) {
    const task = { seed: study.seed, patient: patients.get(submission.patient)!, submission, drop: directory };
    if (!(await isMade(task))) missing.push(task);
  }
  const total = study.submissions.length;
  const kept = total - missing.length;
  let done = kept;
  onProgress?.({ stage: 'VIDEOS', done, total });
  const onMade = (): void => onProgress?.({ stage: 'VIDEOS', done: ++done, total });
  if (workers > 0) {
    await makeInWorkers(missing, workers, onMade, signal);
  } else {
    for (const task of missing) {
      signal?.throwIfAborted();
      await makeSubmission(task, signal);
      onMade();
    }
  }
  await writeWhole(join(directory, 'enrolment.csv'), enrolmentCsv(study));
  return { made: missing.length, kept };
}

/** A folder that is new, empty or holds this very study; anything else might be a real drop. */
async function claim(directory: string, about: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const entries = (await readdir(directory)).filter((name) => !name.endsWith('.part'));
  if (entries.length === 0) return;
  const present = await readFile(join(directory, 'study.json'), 'utf8').catch(() => null);
  if (present === about) return;
  const what =
    present === null ? 'files that are no synthetic study' : 'another synthetic study, or one of another version';
  throw new DropFolderTaken(`${directory} holds ${what}; choose an empty folder`);
}
