import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { RgbImage } from '../../../pipeline/faces/rgb-image.ts';
import { decodeRecording } from '../../../pipeline/media/decode.ts';
import { sharedPath } from '../../support/shared.ts';

/** A row of a reference table by its column names. */
export type Row = Readonly<Record<string, string>>;

/** A frame of a real video beside its row of the reference table. */
export interface GoldenFrame {
  readonly row: Row;
  readonly image: RgbImage;
  /** Whether mean red, green and blue are the row's, so that these are the very pixels that the reference saw. */
  readonly samePixels: boolean;
}

export function goldenTable(...path: string[]): Row[] {
  const [head, ...rows] = readFileSync(sharedPath('golden', 'faces', ...path), 'utf8')
    .trimEnd()
    .split('\n');
  const names = head!.split('\t');
  return rows.map((row) => Object.fromEntries(row.split('\t').map((value, i) => [names[i]!, value])));
}

/** Rows of 468 x 3 landmarks. */
export function goldenLandmarks(file: string): Float32Array[] {
  const bytes = Uint8Array.from(readFileSync(sharedPath('golden', 'faces', file)));
  const rows = bytes.length / (468 * 3 * 4);
  return Array.from({ length: rows }, (_, row) => new Float32Array(bytes.buffer, row * 468 * 3 * 4, 468 * 3));
}

export async function readPicture(file: string | Uint8Array): Promise<RgbImage> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
}

/** The frames of frames.tsv, decoded from the real videos by the project's own decoder, in the table's order. */
export async function* goldenFrames(): AsyncGenerator<GoldenFrame> {
  const rows = goldenTable('frames.tsv');
  for (const video of new Set(rows.map((row) => row.video!))) {
    const wanted = new Map(rows.filter((row) => row.video === video).map((row) => [Number(row.frame), row]));
    for await (const event of decodeRecording(sharedPath('real', 'incoming', 'submissions', video, 'narrative.mp4'))) {
      if (event.kind === 'failure') throw new Error(`${video}: ${event.reason}`);
      const row = event.kind === 'frame' ? wanted.get(event.number) : undefined;
      if (event.kind !== 'frame' || row === undefined) continue;
      const image = await readPicture(event.jpeg);
      const samePixels = meanColours(image).every(
        (mean, i) => Math.abs(mean - Number(row[`mean_${'rgb'[i]}`])) < 0.001,
      );
      yield { row, image, samePixels };
    }
  }
}

function meanColours({ width, height, rgb }: RgbImage): number[] {
  const sums = [0, 0, 0];
  for (let i = 0; i < rgb.length; i++) sums[i % 3] = sums[i % 3]! + rgb[i]!;
  return sums.map((sum) => sum / (width * height));
}
