import { describe, expect, test } from 'vitest';
import { cropBox } from '../../../pipeline/faces/crop-box.ts';
import { meshBox, widenedBox } from '../../../pipeline/faces/mesh-detector.ts';
import { cropAndResize } from '../../../pipeline/faces/pillow-resize.ts';
import { byteLevels, warpRegion } from '../../../pipeline/faces/warp.ts';
import { suppressWeighted } from '../../../pipeline/faces/weighted-suppression.ts';

const LEVELS = Float32Array.from({ length: 256 }, (_, value) => value);

/** A picture whose red is given row by row; green and blue are 1 and 2 more. */
function picture(width: number, reds: readonly number[]) {
  return { width, height: reds.length / width, rgb: Uint8Array.from(reds.flatMap((red) => [red, red + 1, red + 2])) };
}

/** The triangle filter by its formula, in doubles: along rows, rounded, along columns, rounded. */
function plainlyResized(rgb: Uint8Array, width: number, height: number, size: number): number[] {
  const blend = (from: number, place: number, value: (i: number) => number): number => {
    const scale = from / size;
    const weights = Array.from({ length: from }, (_, i) =>
      Math.max(0, 1 - Math.abs(i + 0.5 - (place + 0.5) * scale) / Math.max(scale, 1)),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return Math.round(weights.reduce((sum, weight, i) => sum + weight * value(i), 0) / total);
  };
  return Array.from({ length: size * size * 3 }, (_, at) => {
    const [row, column, channel] = [Math.floor(at / 3 / size), Math.floor(at / 3) % size, at % 3];
    return blend(height, row, (y) => blend(width, column, (x) => rgb[(y * width + x) * 3 + channel]!));
  });
}

describe('a region as the networks see it', () => {
  const image = picture(4, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150]);
  const whole = { centerX: 2, centerY: 2, size: 4, rotation: 0 };
  const reds = (region: typeof whole, size: number, border: 'zero' | 'replicate') => {
    const out = new Float32Array(3 * size * size);
    warpRegion(image, region, size, border, LEVELS, out);
    return [...out.subarray(0, size * size)];
  };

  test('the whole picture at its own size is the picture, plane by plane', () => {
    const out = new Float32Array(48);
    warpRegion(image, whole, 4, 'zero', LEVELS, out);
    const red = Array.from({ length: 16 }, (_, i) => 10 * i);
    expect([...out]).toEqual([...red, ...red.map((value) => value + 1), ...red.map((value) => value + 2)]);
  });

  test('at half size it takes every second pixel, because positions are not shifted by half a pixel', () => {
    expect(reds(whole, 2, 'zero')).toEqual([0, 20, 80, 100]);
  });

  test('between pixels it interpolates and rounds halves up', () => {
    expect(reds({ ...whole, centerX: 2.25, size: 2 }, 1, 'zero')).toEqual([53]); // 50 + 10 / 4 = 52.5
  });

  test('positions are rounded to 1/32 pixel, halves to even', () => {
    const steep = picture(2, [0, 160, 0, 160]); // 5 for each 1/32
    const at = (steps: number) => {
      const out = new Float32Array(3);
      warpRegion(steep, { centerX: 1 + steps / 32, centerY: 1, size: 2, rotation: 0 }, 1, 'zero', LEVELS, out);
      return out[0];
    };
    expect([0.4, 0.6, 2.5, 3.5].map(at)).toEqual([0, 5, 10, 20]);
  });

  test('outside lies black, or the edge continued', () => {
    const beyond = { centerX: 0, centerY: 2, size: 4, rotation: 0 };
    expect(reds(beyond, 4, 'zero')).toEqual([0, 0, 0, 10, 0, 0, 40, 50, 0, 0, 80, 90, 0, 0, 120, 130]);
    expect(reds(beyond, 4, 'replicate')).toEqual([0, 0, 0, 10, 40, 40, 40, 50, 80, 80, 80, 90, 120, 120, 120, 130]);
    const halfOut = { centerX: 0.5, centerY: 2.5, size: 2, rotation: 0 };
    expect(reds(halfOut, 1, 'zero')).toEqual([30]); // half of (40 + 80) / 2
    expect(reds(halfOut, 1, 'replicate')).toEqual([60]);
    const far = { centerX: 900, centerY: -900, size: 4, rotation: 1 };
    expect(reds(far, 2, 'zero')).toEqual([0, 0, 0, 0]);
    expect(reds(far, 2, 'replicate')).toEqual([30, 30, 30, 30]);
  });

  test('turned by a quarter, its top row runs down the right side', () => {
    const quarter = reds({ ...whole, rotation: Math.PI / 2 }, 4, 'replicate');
    expect(quarter.slice(0, 4)).toEqual([30, 70, 110, 150]);
  });

  test('a picture of one pixel is that pixel everywhere', () => {
    const out = new Float32Array(12);
    warpRegion(picture(1, [77]), { centerX: 0.5, centerY: 0.5, size: 1, rotation: 0 }, 2, 'replicate', LEVELS, out);
    expect([...out.subarray(0, 4)]).toEqual([77, 77, 77, 77]);
  });

  test('bytes spread from -1 to 1', () => {
    const levels = byteLevels(-1, 1);
    expect([levels[0], levels[255]]).toEqual([-1, 1]);
    expect(levels[128]).toBeCloseTo(1 / 255, 6);
  });
});

describe('the crop', () => {
  test('limits the box to the picture and cuts it off to whole pixels', () => {
    expect(cropBox([-3.7, 10.9, 50.7, 60.99], 100, 70)).toEqual({ x: 0, y: 10, width: 50, height: 50 });
    expect(cropBox([90.5, 10.9, 120.7, 99], 100, 70)).toEqual({ x: 90, y: 10, width: 10, height: 60 });
  });

  test.each([
    ['outside', [120, 10, 140, 30]],
    ['above', [10, -30, 40, -2]],
    ['narrower than a pixel', [10.2, 10, 10.9, 40]],
    ['not a number', [Number.NaN, 0, 10, 10]],
  ] as const)('is none for a box that is %s', (_, corners) => {
    expect(cropBox(corners, 100, 60)).toBeNull();
  });

  test('of its own size is copied', () => {
    const image = picture(3, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...cropAndResize(image, { x: 1, y: 1, width: 2, height: 2 }, 2)]).toEqual([
      5, 6, 7, 6, 7, 8, 8, 9, 10, 9, 10, 11,
    ]);
  });

  test('shrinks with a filter that takes every pixel into account, rows first and rounded between', () => {
    const image = picture(2, [0, 101, 1, 1]);
    // Rows: 50.5 -> 51 and 1; then (51 + 1) / 2.
    expect(cropAndResize(image, { x: 0, y: 0, width: 2, height: 2 }, 1)[0]).toBe(26);
  });

  test.each([
    [41, 67],
    [9, 30],
    [16, 5],
  ])('of %i x %i pixels is what plain arithmetic gives, but for some ties', (width, height) => {
    const image = picture(
      width,
      Array.from({ length: width * height }, (_, i) => (i * i * 7 + (i % 13) * 31) % 254),
    );
    const found = cropAndResize(image, { x: 0, y: 0, width, height }, 16);
    const expected = plainlyResized(image.rgb, width, height, 16);
    expect(found.filter((value, i) => value !== expected[i]).length).toBeLessThan(8);
  });

  test('grows by interpolation between pixel centres', () => {
    const image = picture(2, [0, 100, 0, 100]);
    const red = cropAndResize(image, { x: 0, y: 0, width: 2, height: 2 }, 4).filter((_, i) => i % 3 === 0);
    expect([...red.subarray(0, 4)]).toEqual([0, 25, 75, 100]);
  });

  test('reaches only a little beyond the mesh, most at the forehead, and the same on both sides', () => {
    const mesh = Float32Array.of(100, 50, 0, 300, 250, 9, 200, 100, -3);
    expect(meshBox(mesh)).toEqual([100, 50, 300, 250]);
    const [x0, y0, x1, y1] = widenedBox(mesh);
    expect(x0).toBeCloseTo(98.8);
    expect(y0).toBeCloseTo(23);
    expect(x1).toBeCloseTo(301.2);
    expect(y1).toBeCloseTo(250.8);
  });
});

describe('suppression that blends', () => {
  const face = (score: number, x0: number, y0: number, x1: number, y1: number) => ({
    score,
    places: Float64Array.of(x0, y0, x1, y1, (x0 + x1) / 2, (y0 + y1) / 2),
  });

  test('boxes of one face become their mean by score, with the best one’s score', () => {
    const merged = suppressWeighted([face(0.6, 10, 0, 110, 100), face(0.9, 0, 0, 100, 100)], 0.3);
    expect(merged).toEqual([{ score: 0.9, places: Float64Array.of(4, 0, 104, 100, 54, 50) }]);
  });

  test('boxes apart stay two faces, the more certain first', () => {
    const [first, second] = suppressWeighted([face(0.6, 0, 0, 50, 50), face(0.8, 200, 0, 250, 50)], 0.3);
    expect([first!.score, second!.score]).toEqual([0.8, 0.6]);
  });

  test('no boxes are no faces, and one without area does not go on for ever', () => {
    expect(suppressWeighted([], 0.3)).toEqual([]);
    expect(suppressWeighted([face(0.9, 5, 5, 5, 5)], 0.3)).toEqual([]);
  });
});
