import type { RgbImage } from './rgb-image.ts';

/** A rectangle of whole pixels inside a picture. */
export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Weights are integers, 2^22 being one: what leaves room for eight bits and a sum in 32-bit integers. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/** For each place of the result: the first source place, how many, and their weights (`reach` numbers a place). */
interface Taps {
  readonly reach: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
}

/**
 * Cuts a box out of a picture and scales it to size x size, byte for byte as Pillow's `crop(box).resize((size, size),
 * BILINEAR)` before version 13: a triangle filter that widens when the picture shrinks, first along rows, rounded to
 * bytes, then along columns.
 * @param box must lie inside the picture and have an area
 * @returns size x size x 3 bytes
 */
export function cropAndResize(image: RgbImage, box: PixelBox, size: number): Uint8Array {
  const across = triangleTaps(box.width, size);
  const down = triangleTaps(box.height, size);
  return resizeColumns(resizeRows(image, box, size, across), size, down);
}

function resizeRows({ width, rgb }: RgbImage, box: PixelBox, size: number, taps: Taps): Uint8Array {
  const { reach, first, count, weights } = taps;
  const out = new Uint8Array(box.height * size * 3);
  let to = 0;
  for (let y = 0; y < box.height; y++) {
    const row = ((box.y + y) * width + box.x) * 3;
    for (let x = 0; x < size; x++, to += 3) {
      let from = row + first[x]! * 3;
      let at = x * reach;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (const end = at + count[x]!; at < end; at++, from += 3) {
        const weight = weights[at]!;
        red += rgb[from]! * weight;
        green += rgb[from + 1]! * weight;
        blue += rgb[from + 2]! * weight;
      }
      out[to] = red >> PRECISION;
      out[to + 1] = green >> PRECISION;
      out[to + 2] = blue >> PRECISION;
    }
  }
  return out;
}

function resizeColumns(rows: Uint8Array, size: number, taps: Taps): Uint8Array {
  const { reach, first, count, weights } = taps;
  const out = new Uint8Array(size * size * 3);
  const row = size * 3;
  for (let y = 0; y < size; y++) {
    const start = y * reach;
    const end = start + count[y]!;
    const top = first[y]! * row;
    const to = y * row;
    for (let x = 0; x < row; x++) {
      let sum = HALF;
      let from = top + x;
      for (let at = start; at < end; at++, from += row) sum += rows[from]! * weights[at]!;
      out[to + x] = sum >> PRECISION;
    }
  }
  return out;
}

/** Pillow's table for its BILINEAR filter (libImaging/Resample.c). Weights are never negative and sum to about one, so no sum leaves 0..255. */
function triangleTaps(from: number, to: number): Taps {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const reach = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * reach);
  for (let place = 0; place < to; place++) {
    const center = (place + 0.5) * scale;
    const start = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), from);
    const shares = Array.from({ length: end - start }, (_, i) =>
      Math.max(0, 1 - Math.abs((i + start - center + 0.5) / support)),
    );
    const total = shares.reduce((sum, share) => sum + share, 0);
    first[place] = start;
    count[place] = end - start;
    shares.forEach((share, i) => {
      weights[place * reach + i] = Math.trunc((share / total) * 2 ** PRECISION + 0.5);
    });
  }
  return { reach, first, count, weights };
}
