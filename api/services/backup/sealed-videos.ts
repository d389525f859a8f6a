import { hkdfSync } from 'node:crypto';
import { z } from 'zod';
import { KeyDestroyed, type SealKeys } from '../../adapters/keys/seal-keys.ts';
import { createSealer } from '../../auth/seal.ts';
import { patientOwner } from '../ingest/drop-item.ts';

/** In the place of the videos where they can be read no more, and their patient is not erased: whichever of that patient comes. */
export const ANY_VIDEO = '*';

const NOTED = z.looseObject({ study: z.string(), code: z.string(), videos: z.array(z.string()) });
const SEALED = z.looseObject({ study: z.string(), code: z.string(), sealedVideos: z.string() });
type Random = (bytes: number) => Buffer;
const sealerOf = (key: Buffer, random: Random) =>
  createSealer(Buffer.from(hkdfSync('sha256', key, '', 'iss: videos of the journal', 32)), random);

/** A patient's key; null where it was destroyed, is missing or damaged. */
async function usable(find: () => Promise<Buffer | null>): Promise<Buffer | 'destroyed' | null> {
  try {
    return await find();
  } catch (error) {
    return error instanceof KeyDestroyed ? 'destroyed' : null;
  }
}

/**
 * What the journal, which is never erased, holds of a noted row: the hashes of a patient's videos under that patient's key (AES-256-GCM), so that an
 * erasure takes them too. Where the key cannot be used, they are left out; a replay then takes any video of the patient for one of them.
 */
export async function withVideosSealed(
  { keys, random }: { keys: SealKeys; random: Random },
  row: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const noted = NOTED.safeParse(row);
  if (!noted.success || noted.data.videos.length === 0) return row;
  const { videos, ...rest } = noted.data;
  const owner = patientOwner(rest.study, rest.code);
  const key = await usable(() => keys.make(owner));
  if (key === 'destroyed') return rest;
  return { ...rest, sealedVideos: key === null ? '' : sealerOf(key, random).seal(JSON.stringify(videos), owner) };
}

/** A row of the journal with its videos in clear; none of a patient whose key was destroyed. Rows of older journals have them so already. */
export async function withVideos(keys: SealKeys, row: Record<string, unknown>): Promise<Record<string, unknown>> {
  const read = SEALED.safeParse(row);
  if (!read.success) return row;
  const { sealedVideos, ...rest } = read.data;
  const owner = patientOwner(rest.study, rest.code);
  const key = await usable(() => keys.find(owner));
  if (key === 'destroyed') return { ...rest, videos: [] };
  // Another key of the same patient: what it was is not to be known, so all of theirs is meant.
  const text = key === null ? undefined : sealerOf(key, never).open(sealedVideos, owner);
  return { ...rest, videos: text === undefined ? [ANY_VIDEO] : z.array(z.string()).parse(JSON.parse(text)) };
}

/** To open takes no chance. */
const never: Random = () => {
  throw new Error('nothing is sealed here');
};
