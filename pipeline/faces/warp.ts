import type { RgbImage } from './rgb-image.ts';

/** A square of the picture in pixels, turned clockwise by `rotation` radians about its centre. */
export interface Region {
  readonly centerX: number;
  readonly centerY: number;
  readonly size: number;
  readonly rotation: number;
}

/** What lies outside the picture: black, or its edge continued. */
export type Border = 'zero' | 'replicate';

/** 1.5 x 2^52: adding and taking it away rounds a double to the nearest whole number, halves to even. */
const ROUNDER = 6755399441055744;

/**
 * Reads a region of a picture as a square for a network. As OpenCV's warpPerspective does it for MediaPipe: pixel i of
 * the result is taken at i / size of the region (no half-pixel shift), positions are rounded to 1/32 pixel, and the
 * interpolated value to a byte.
 * @param size width and height of the result
 * @param levels what each byte value becomes
 * @param out 3 x size x size, overwritten: all red, all green, all blue
 */
export function warpRegion(
  image: RgbImage,
  region: Region,
  size: number,
  border: Border,
  levels: Float32Array,
  out: Float32Array,
): void {
  const { width, height, rgb } = image;
  const step = (32 * region.size) / size;
  const stepX = Math.cos(region.rotation) * step;
  const stepY = Math.sin(region.rotation) * step;
  const startX = 32 * region.centerX - ((stepX - stepY) * size) / 2;
  const startY = 32 * region.centerY - ((stepY + stepX) * size) / 2;
  const row = width * 3;
  const plane = size * size;
  let to = 0;
  for (let y = 0; y < size; y++) {
    const rowX = startX - stepY * y;
    const rowY = startY + stepX * y;
    for (let x = 0; x < size; x++, to++) {
      const atX = (rowX + stepX * x + ROUNDER - ROUNDER) | 0;
      const atY = (rowY + stepY * x + ROUNDER - ROUNDER) | 0;
      const left = atX >> 5;
      const top = atY >> 5;
      const right = atX & 31;
      const down = atY & 31;
      const weight11 = right * down;
      const weight10 = (down << 5) - weight11;
      const weight01 = (right << 5) - weight11;
      const weight00 = 1024 - (down << 5) - weight01;
      if (left >= 0 && top >= 0 && left < width - 1 && top < height - 1) {
        const a = top * row + left * 3;
        const b = a + row;
        out[to] =
          levels[
            (rgb[a]! * weight00 + rgb[a + 3]! * weight01 + rgb[b]! * weight10 + rgb[b + 3]! * weight11 + 512) >> 10
          ]!;
        out[to + plane] =
          levels[
            (rgb[a + 1]! * weight00 + rgb[a + 4]! * weight01 + rgb[b + 1]! * weight10 + rgb[b + 4]! * weight11 + 512) >>
              10
          ]!;
        out[to + 2 * plane] =
          levels[
            (rgb[a + 2]! * weight00 + rgb[a + 5]! * weight01 + rgb[b + 2]! * weight10 + rgb[b + 5]! * weight11 + 512) >>
              10
          ]!;
        continue;
      }
      const zero = border === 'zero';
      const x0 = left < 0 ? 0 : left >= width ? width - 1 : left;
      const x1 = left < -1 ? 0 : left >= width - 1 ? width - 1 : left + 1;
      const y0 = top < 0 ? 0 : top >= height ? height - 1 : top;
      const y1 = top < -1 ? 0 : top >= height - 1 ? height - 1 : top + 1;
      const inX0 = !zero || x0 === left ? 1 : 0;
      const inX1 = !zero || x1 === left + 1 ? 1 : 0;
      const inY0 = !zero || y0 === top ? 1 : 0;
      const inY1 = !zero || y1 === top + 1 ? 1 : 0;
      for (let channel = 0; channel < 3; channel++) {
        const value =
          rgb[y0 * row + x0 * 3 + channel]! * weight00 * inX0 * inY0 +
          rgb[y0 * row + x1 * 3 + channel]! * weight01 * inX1 * inY0 +
          rgb[y1 * row + x0 * 3 + channel]! * weight10 * inX0 * inY1 +
          rgb[y1 * row + x1 * 3 + channel]! * weight11 * inX1 * inY1;
        out[to + channel * plane] = levels[(value + 512) >> 10]!;
      }
    }
  }
}

/** The 256 byte values spread evenly from `low` to `high`. */
export function byteLevels(low: number, high: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => Math.fround((value * (high - low)) / 255) + low);
}
