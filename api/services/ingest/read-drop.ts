import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DropItemOffer } from './drop-item.ts';
import { sha256OfFile } from './file-sink.ts';

export interface LocalItem extends DropItemOffer {
  videoPath: string | null;
  surveyPath: string | null;
}

export interface LocalDrop {
  enrolment: Uint8Array;
  items: LocalItem[];
  /** Entries that belong to no drop, with what is odd about them. */
  strange: { path: string; problem: string }[];
}

/** The folder is no study drop. */
export class NotADrop extends Error {
  override name = 'NotADrop';
}

/**
 * Reads the outline of a drop: `enrolment.csv` and `submissions/<patient>/<timestamp>/` with `narrative.mp4` and perhaps `survey.csv`, each with its
 * SHA-256. Links are not followed. @throws NotADrop naming what is missing
 */
export async function readDrop(folder: string, onHashed?: (done: number, total: number) => void): Promise<LocalDrop> {
  const enrolment = await readFile(join(folder, 'enrolment.csv')).catch((error: NodeJS.ErrnoException) => {
    throw new NotADrop(
      error.code === 'ENOENT'
        ? `${folder} has no enrolment.csv, so it is no study drop`
        : `${join(folder, 'enrolment.csv')} cannot be read: ${error.code}`,
    );
  });
  const root = join(folder, 'submissions');
  const strange: LocalDrop['strange'] = [];
  const folders: { patient: string; timestamp: string; path: string }[] = [];
  for (const patient of await subfolders(root, strange, true))
    for (const timestamp of await subfolders(join(root, patient), strange, false))
      folders.push({ patient, timestamp, path: join(root, patient, timestamp) });
  const items: LocalItem[] = [];
  for (const [index, { patient, timestamp, path }] of folders.entries()) {
    await tellMisnamed(path, strange);
    const video = await plainFile(join(path, 'narrative.mp4'), strange);
    const survey = await plainFile(join(path, 'survey.csv'), strange);
    items.push({
      patient,
      timestamp,
      videoPath: video?.path ?? null,
      surveyPath: survey?.path ?? null,
      videoSha256: video ? await sha256OfFile(video.path) : null,
      videoBytes: video?.bytes ?? 0,
      surveySha256: survey ? await sha256OfFile(survey.path) : null,
    });
    onHashed?.(index + 1, folders.length);
  }
  return { enrolment, items, strange };
}

async function subfolders(folder: string, strange: LocalDrop['strange'], required: boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (required)
      throw new NotADrop(
        error.code === 'ENOENT' ? `there is no folder ${folder}` : `${folder} cannot be read: ${error.code}`,
      );
    throw error;
  });
  for (const entry of entries)
    if (!entry.isDirectory() && entry.name !== '.DS_Store')
      strange.push({ path: join(folder, entry.name), problem: 'is not a folder, and is left alone' });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function plainFile(path: string, strange: LocalDrop['strange']): Promise<{ path: string; bytes: number } | null> {
  const found = await lstat(path).catch(() => null);
  if (!found) return null;
  if (found.isFile()) return { path, bytes: found.size };
  strange.push({ path, problem: 'is no plain file, and is left alone' });
  return null;
}

const NAMES = ['narrative.mp4', 'survey.csv'];

/** A name that is nearly right would pass for a missing survey or video without a word. */
async function tellMisnamed(folder: string, strange: LocalDrop['strange']): Promise<void> {
  for (const name of await readdir(folder)) {
    const meant = NAMES.find((right) => name !== right && name.toLowerCase().split('.')[0] === right.split('.')[0]);
    if (meant) strange.push({ path: join(folder, name), problem: `is not read: the name must be ${meant}` });
  }
}

/** A file as a stream of 1 MiB pieces. */
export const streamOf = (path: string): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: 1 << 20 });
