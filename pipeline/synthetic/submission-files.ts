import { mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeVideo } from '../media/encode.ts';
import { record } from './recording.ts';
import type { SyntheticPatient, SyntheticSubmission } from './study.ts';
import { surveyCsv } from './survey.ts';

/** One submission of a drop to be made: all that it depends on, and where it goes. Plain data, so that it can go to a worker. */
export type SubmissionTask = {
  readonly seed: number;
  readonly patient: SyntheticPatient;
  readonly submission: SyntheticSubmission;
  /** Folder of the drop. */
  readonly drop: string;
};

/** Bytes: within the index, which stands in front. */
const CUT_OFF_AT = 600;

const folderOf = ({ drop, submission }: SubmissionTask): string =>
  join(drop, 'submissions', submission.patient, submission.timestamp);
const videoOf = (task: SubmissionTask): string => join(folderOf(task), 'narrative.mp4');
const unfinishedOf = (task: SubmissionTask): string => `${videoOf(task)}.part`;

/** True when the submission is there: its video gets its name last, once everything else is written. */
export const isMade = (task: SubmissionTask): Promise<boolean> =>
  stat(videoOf(task)).then(
    (found) => found.isFile(),
    () => false,
  );

/**
 * Writes survey.csv (where there are answers) and narrative.mp4. Stopped by `signal` it throws the signal's reason and leaves no video.
 * Throws what `encodeVideo` and the file system throw.
 */
export async function makeSubmission(task: SubmissionTask, signal?: AbortSignal): Promise<void> {
  const { seed, patient, submission } = task;
  await mkdir(folderOf(task), { recursive: true });
  if (submission.survey !== null) await writeWhole(join(folderOf(task), 'survey.csv'), surveyCsv(submission.survey));
  const { shape, frames, sound } = record(seed, patient, submission);
  await encodeVideo(shape, untilAborted(frames, signal), sound, unfinishedOf(task));
  if (!submission.readable) await truncate(unfinishedOf(task), CUT_OFF_AT);
  await rename(unfinishedOf(task), videoOf(task));
}

/** Removes what a worker that was ended left of a video, where it can; the next run writes over what stays. */
export const removeUnfinished = (task: SubmissionTask): Promise<void> =>
  rm(unfinishedOf(task), { force: true }).catch(() => undefined);

/** Writes a file so that it is either whole or not there; a file with this content stays untouched. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const present = await readFile(path, 'utf8').catch(() => null);
  if (present === text) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

async function* untilAborted(frames: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
  for await (const frame of frames) {
    signal?.throwIfAborted();
    yield frame;
  }
}
