import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { SafetensorsError } from '../../../pipeline/baselines/network/safetensors.ts';
import type { KnownWeights } from '../../../pipeline/weights/known-weights.ts';
import { publishedWeights } from '../../../pipeline/weights/published-weights.ts';
import { storedWeights, weightsPath } from './weights-store.ts';

type Key = KnownWeights['key'];

/** Weights that are there, and what is known of them. */
export interface WeightsInUse {
  readonly key: Key;
  readonly sha256: string;
  /** The published weights that they were found to be, tensor by tensor; null where that is not known. */
  readonly published: string | null;
  /** Where they come from as who added them says; null where nobody has said. */
  readonly stated: string | null;
}

/**
 * Says which weights of a kind are there. A file is read and hashed once, and again only where another one lies in its place (by inode, size and time).
 * @param read how a file is read
 */
export function weightsLooker(read: (path: string) => Promise<Uint8Array> = readFile) {
  const known = new Map<string, { of: string; facts: Promise<Pick<WeightsInUse, 'sha256' | 'published'>> }>();
  return async (dataDirectory: string, key: Key): Promise<WeightsInUse | null> => {
    const path = weightsPath(dataDirectory, key);
    const there = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (there === null) return null;
    const of = `${there.ino} ${there.size} ${there.mtimeNs}`;
    let found = known.get(path);
    if (found?.of !== of) {
      found = { of, facts: read(path).then((file) => factsOf(key, file)) };
      known.set(path, found);
      // What could not be read is tried again.
      found.facts.catch(() => known.delete(path));
    }
    const facts = await found.facts;
    const note = (await storedWeights(dataDirectory)).get(key);
    return { key, ...facts, stated: note?.sha256 === facts.sha256 && note.originStated ? note.origin : null };
  };
}

/** The one of this process. */
export const weightsThere = weightsLooker();

function factsOf(key: Key, file: Uint8Array): Pick<WeightsInUse, 'sha256' | 'published'> {
  return { sha256: createHash('sha256').update(file).digest('hex'), published: nameOf(key, file) };
}

function nameOf(key: Key, file: Uint8Array): string | null {
  try {
    const published = publishedWeights(file);
    return published?.key === key ? published.name : null;
  } catch (error) {
    // A damaged file is refused by whoever trains with it, with what is wrong.
    if (error instanceof SafetensorsError) return null;
    throw error;
  }
}

/**
 * The file itself, for who works with it.
 * @throws Error where it is not any more what was looked at
 */
export async function readWeights(dataDirectory: string, { key, sha256 }: WeightsInUse): Promise<Uint8Array> {
  const file = await readFile(weightsPath(dataDirectory, key));
  if (createHash('sha256').update(file).digest('hex') !== sha256)
    throw new Error(`the weights ${key} were replaced while a run began with them`);
  return file;
}

/** How far weights are known, as a sentence's part for the record of a result. */
export const weightsSaid = ({ published, stated }: WeightsInUse): string =>
  published ??
  (stated === null
    ? 'of an origin that nobody has stated, not verified'
    : `as stated by the operator (${stated}), not verified`);
