import { describe, expect, test } from 'vitest';
import { pictureQuality } from '../../../pipeline/media/picture-quality.ts';

/** A grey picture from its rows. */
const picture = (rows: number[][]) => ({
  width: rows[0]!.length,
  height: rows.length,
  rgb: Uint8Array.from(rows.flat().flatMap((grey) => [grey, grey, grey])),
});

describe('quality of a picture', () => {
  test('an even grey has its brightness, no contrast, no sharpness', () => {
    const { brightness, contrast, sharpness } = pictureQuality(
      picture([
        [7, 7, 7],
        [7, 7, 7],
        [7, 7, 7],
      ]),
    );
    expect(brightness).toBeCloseTo(7, 5);
    expect(contrast).toBeCloseTo(0, 5);
    expect(sharpness).toBeCloseTo(0, 5);
  });

  test('half black and half white: mean 127.5, standard deviation 127.5', () => {
    const { brightness, contrast } = pictureQuality(
      picture([
        [0, 255],
        [255, 0],
      ]),
    );
    expect(brightness).toBeCloseTo(127.5, 3);
    expect(contrast).toBeCloseTo(127.5, 3);
  });

  test('a ramp has no second derivative; a lone bright point has a large one', () => {
    const ramp = Array.from({ length: 5 }, () => [0, 10, 20, 30, 40]);
    expect(pictureQuality(picture(ramp)).sharpness).toBeCloseTo(0, 4);
    const point = [
      [0, 0, 0, 0],
      [0, 100, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ];
    // The Laplacian of the four inner pixels is -400, 100, 100, 0: mean -50, mean square 45,000.
    expect(pictureQuality(picture(point)).sharpness).toBeCloseTo(45_000 - 2_500, 1);
  });

  test('green counts for more than red, and red for more than blue', () => {
    const one = (rgb: number[]) => pictureQuality({ width: 1, height: 1, rgb: Uint8Array.from(rgb) }).brightness;
    expect([one([100, 0, 0]), one([0, 100, 0]), one([0, 0, 100])].map((value) => Math.round(value * 10) / 10)).toEqual([
      29.9, 58.7, 11.4,
    ]);
  });

  test('bytes that do not fit the size are refused', () => {
    expect(() => pictureQuality({ width: 2, height: 2, rgb: new Uint8Array(11) })).toThrow(RangeError);
  });
});
