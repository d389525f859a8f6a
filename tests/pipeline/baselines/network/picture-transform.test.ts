import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  normalised,
  PICTURE_SIDE,
  randomCrop,
  transformPicture,
} from '../../../../pipeline/baselines/network/picture-transform.ts';
import { cropAndResize } from '../../../../pipeline/faces/pillow-resize.ts';
import type { RgbImage } from '../../../../pipeline/faces/rgb-image.ts';
import type { SeededRandom } from '../../../../pipeline/labels/seeded-random.ts';
import { seededRandom } from '../../../../pipeline/labels/seeded-random.ts';
import { parityWith } from '../../../support/parity.ts';
import { hasShared, sharedPath } from '../../../support/shared.ts';
import { integerOf } from './formula.ts';
import { goldenRows } from './golden.ts';

/** The formula's picture (golden/README.md, resize). */
const picture = (name: string, width: number, height: number): RgbImage => ({
  width,
  height,
  rgb: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return (3 * x + 5 * y + 40 * (i % 3) + (integerOf(name, i) & 31)) & 255;
  }),
});
const small = picture('image160x160', 160, 160);

/** Words given one after the other; `below` takes the remainder. */
const told = (...words: number[]): SeededRandom & { left(): number } => {
  const next = (): number => {
    const word = words.shift();
    if (word === undefined) throw new Error('asked once too often');
    return word;
  };
  return { next, below: (bound) => next() % bound, left: () => words.length };
};

describe.skipIf(!hasShared)('resizing and normalising, beside Pillow and torchvision (needs shared)', () => {
  it.each([
    ['up', 'resize_up_224x224x3.u8', small, { x: 0, y: 0, width: 160, height: 160 }],
    ['crop', 'resize_crop_224x224x3.u8', small, { x: 29, y: 11, width: 83, height: 97 }],
    [
      'down',
      'resize_down_pillow9_224x224x3.u8',
      picture('image320x240', 240, 320),
      { x: 0, y: 0, width: 240, height: 320 },
    ],
  ] as const)('%s: every byte, and its normalised numbers', (name, file, image, box) => {
    const bytes = cropAndResize(image, box, 224);
    const theirs = readFileSync(sharedPath('golden', 'networks', file));
    expect(bytes).toHaveLength(theirs.length);
    // Every byte is Pillow's: half a grey is beyond it.
    const same = parityWith(`networks/${file}`, 'bytes', 0.5);
    bytes.forEach((byte, at) => {
      same.add(byte - theirs[at]!);
    });
    same.end();
    const numbers = normalised(bytes, 224);
    // Of Pillow 13, whose order of passes is another, one grey of 255 lies between the two.
    const tolerance = name === 'down' ? 1 / 255 / 0.224 + 1e-6 : 1e-6;
    const samples = goldenRows('resize_samples.tsv').filter((row) => row.case === name);
    expect(samples).toHaveLength(50);
    const parity = parityWith('networks/resize_samples.tsv', `${name}: normalised`, tolerance);
    for (const { y, x, channel, normalised_f32 } of samples) {
      const at = (Number(channel) * 224 + Number(y)) * 224 + Number(x);
      parity.add((numbers[at] as number) - Number(normalised_f32));
    }
    parity.end();
  });
});

describe('the transform of the paper’s networks', () => {
  it('takes the whole picture, unturned, in evaluation', () => {
    const whole = { x: 0, y: 0, width: 160, height: 160 };
    expect(transformPicture(small, null)).toEqual(normalised(cropAndResize(small, whole, PICTURE_SIDE), PICTURE_SIDE));
  });

  it('crops and then flips by the words of its stream, in this order: area, ratio, top, left, flip', () => {
    const half = 2 ** 31;
    // Area 0.54 of 25,600 at ratio 1: 118 x 118; 43 places each way.
    const random = told(half, half, 50, 45, 0);
    const box = { x: 2, y: 7, width: 118, height: 118 };
    const flipped = transformPicture(small, random);
    expect(random.left()).toBe(0);
    expect(flipped).toEqual(normalised(cropAndResize(small, box, 224), 224, true));
    const straight = transformPicture(small, told(half, half, 50, 45, half));
    expect(straight[0]).toBe(flipped[223]);
    expect(straight).not.toEqual(flipped);
  });

  it('draws boxes within the picture, of the areas and ratios allowed, one half flipped', () => {
    const random = seededRandom(3);
    const areas: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const { x, y, width, height } = randomCrop(200, 150, random);
      expect(x >= 0 && y >= 0 && x + width <= 200 && y + height <= 150).toBe(true);
      expect(width / height).toBeGreaterThan(0.73);
      expect(width / height).toBeLessThan(1.36);
      areas.push((width * height) / 30_000);
    }
    expect(Math.min(...areas)).toBeGreaterThan(0.075);
    expect(Math.min(...areas)).toBeLessThan(0.1);
    expect(Math.max(...areas)).toBeGreaterThan(0.95);
    expect(areas.filter((area) => area < 0.5).length / 2000).toBeGreaterThan(0.42);
  });

  it('takes the middle after ten tries that do not fit', () => {
    const never = { next: () => 2 ** 32 - 1, below: () => 0 };
    expect(randomCrop(1000, 10, never)).toEqual({ x: 493, y: 0, width: 13, height: 10 });
    expect(randomCrop(10, 1000, never)).toEqual({ x: 0, y: 493, width: 10, height: 13 });
    let asked = 0;
    const next = (): number => {
      asked += 1;
      return 2 ** 32 - 1;
    };
    const counting = { next, below: () => 0 };
    expect(randomCrop(160, 160, counting)).toEqual({ x: 0, y: 0, width: 160, height: 160 });
    expect(asked).toBe(20);
  });
});
