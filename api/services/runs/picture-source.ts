import { rgbOf } from '../../../pipeline/baselines/network/picture-embedding.ts';
import { transformPicture } from '../../../pipeline/baselines/network/picture-transform.ts';
import type { SeededRandom } from '../../../pipeline/labels/seeded-random.ts';
import { type Pack, partOf, type Reading } from './run-selection.ts';

/** A picture that is read whenever it is its turn, varied where it is learned from. */
export type PictureReader = (random: SeededRandom | null) => Promise<Float32Array>;

/** Pictures of one recording that have something in them. */
export interface WantedPictures {
  readonly recordingId: string;
  /** Kind of the stored file that they are packed in. */
  readonly kind: string;
  readonly pack: Pack;
  /** Numbers of parts, from 0. */
  readonly parts: readonly number[];
}

/** What a network reads of pictures: numbers, or how to read the pixels, in the order of the parts. */
export type PictureSource = (
  wanted: WantedPictures,
  signal: AbortSignal,
) => Promise<readonly (Float32Array | PictureReader)[]>;

/** The pictures themselves, as the paper's networks read them. */
export const wholePictures =
  (reading: Reading): PictureSource =>
  async ({ pack, parts }) =>
    parts.map((part) => async (random) => transformPicture(await rgbOf(await pictureOf(reading, pack, part)), random));

/** The file of one picture. @throws Error where it is gone */
export async function pictureOf(reading: Reading, pack: Pack, part: number): Promise<Uint8Array> {
  const picture = await partOf(reading, pack, part);
  if (picture === null) throw new Error('a picture that was there is not');
  return picture;
}
