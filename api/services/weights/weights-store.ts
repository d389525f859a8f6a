import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KNOWN_WEIGHTS, type KnownWeights } from '../../../pipeline/weights/known-weights.ts';
import { recogniseWeights } from '../../../pipeline/weights/recognise-weights.ts';

const NOTE = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1),
  licence: z.string(),
  origin: z.string(),
  /** Who added them has said where they come from; otherwise `origin` is where such weights are to be had. */
  originStated: z.boolean().default(false),
  addedAt: z.iso.datetime(),
});

/** What is known of weights that a user has added: where they come from and what may be done with them. */
export type StoredWeights = z.infer<typeof NOTE>;

/** Other weights of the kind are there already. */
export class WeightsThere extends Error {
  override name = 'WeightsThere';
}

type Key = KnownWeights['key'];
const folderOf = (dataDirectory: string): string => join(dataDirectory, 'models');
const notePath = (dataDirectory: string, key: Key): string => join(folderOf(dataDirectory), `${key}.json`);

/** Where weights of a kind lie, whether or not they are there: a safetensors file. */
export const weightsPath = (dataDirectory: string, key: Key): string =>
  join(folderOf(dataDirectory), `${key}.safetensors`);

/** A note that is damaged says nothing: one would stand in the way of every run with weights, and of adding them anew. */
function noteOf(text: string): StoredWeights | null {
  try {
    return NOTE.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Weights that the user has added, by kind; of a file that was laid there by hand, without its note, nothing is known and it is left out. */
export async function storedWeights(dataDirectory: string): Promise<ReadonlyMap<Key, StoredWeights>> {
  const found = new Map<Key, StoredWeights>();
  for (const { key } of KNOWN_WEIGHTS) {
    const text = await readFile(notePath(dataDirectory, key), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    const note = text === null ? null : noteOf(text);
    if (note !== null) found.set(key, note);
  }
  return found;
}

/**
 * Keeps weights in the data folder: what they are is told by their tensors, each of which is looked at; nothing is kept of a file that is refused.
 * @param file its bytes
 * @throws SafetensorsError naming what is wrong with it, WeightsThere where others of the kind are there and are not to be replaced
 */
export async function addWeights(
  dataDirectory: string,
  file: Uint8Array,
  about: { licence?: string; origin?: string; replace?: boolean; now: Date },
): Promise<{ kind: KnownWeights; stored: StoredWeights; already: boolean }> {
  const kind = recogniseWeights(file);
  const sha256 = createHash('sha256').update(file).digest('hex');
  const there = (await storedWeights(dataDirectory)).get(kind.key);
  if (there?.sha256 === sha256) return { kind, stored: there, already: true };
  if (there !== undefined && !about.replace)
    throw new WeightsThere(`Other weights of ${kind.title} are there (SHA-256 ${there.sha256.slice(0, 16)}…).`);
  const stored: StoredWeights = {
    sha256,
    bytes: file.byteLength,
    licence: about.licence ?? kind.licence,
    origin: about.origin ?? kind.origin,
    originStated: about.origin !== undefined,
    addedAt: about.now.toISOString(),
  };
  await mkdir(folderOf(dataDirectory), { recursive: true, mode: 0o700 });
  // The note comes last: without it there are no weights.
  await rm(notePath(dataDirectory, kind.key), { force: true });
  await writeWhole(weightsPath(dataDirectory, kind.key), file);
  await writeWhole(notePath(dataDirectory, kind.key), Buffer.from(`${JSON.stringify(stored, null, 2)}\n`));
  return { kind, stored, already: false };
}

/** A file that has its name only once all of it is on the disk. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    const handle = await open(part, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
