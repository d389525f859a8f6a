import { cropAndResize, type PixelBox } from '../../faces/pillow-resize.ts';
import type { RgbImage } from '../../faces/rgb-image.ts';
import type { SeededRandom } from '../../labels/seeded-random.ts';

/** Side of the pictures that the paper's networks read, in pixels. */
export const PICTURE_SIDE = 224;

/** Mean and standard deviation of ImageNet's red, green and blue, of 0 to 1 (torchvision). */
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;

/** torchvision's defaults of RandomResizedCrop: share of the area, and width to height. */
const AREA = [0.08, 1] as const;
const RATIO = [3 / 4, 4 / 3] as const;
const TRIES = 10;

const between = (random: SeededRandom, low: number, high: number): number =>
  low + (random.next() / 2 ** 32) * (high - low);

/** Python's round: halves go to the even neighbour. */
const round = (x: number): number => {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
};

/**
 * The box of torchvision's RandomResizedCrop (`get_params`): ten tries at an area and a ratio whose logarithm is uniform, then the
 * largest box in the middle whose ratio is allowed. The stream of random numbers is ours, not torch's.
 */
export const randomCrop = (width: number, height: number, random: SeededRandom): PixelBox => {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = width * height * between(random, ...AREA);
    const ratio = Math.exp(between(random, Math.log(RATIO[0]), Math.log(RATIO[1])));
    const across = round(Math.sqrt(area * ratio));
    const down = round(Math.sqrt(area / ratio));
    if (across < 1 || across > width || down < 1 || down > height) continue;
    const y = random.below(height - down + 1);
    return { x: random.below(width - across + 1), y, width: across, height: down };
  }
  return middleCrop(width, height);
};

const middleCrop = (width: number, height: number): PixelBox => {
  const ratio = width / height;
  const across = ratio > RATIO[1] ? Math.max(1, round(height * RATIO[1])) : width;
  const down = ratio < RATIO[0] ? Math.max(1, round(width / RATIO[0])) : height;
  return { x: Math.floor((width - across) / 2), y: Math.floor((height - down) / 2), width: across, height: down };
};

/**
 * A picture as ResNet-50 reads it: scaled to 224 x 224 as Pillow does, 0 to 1, less ImageNet's mean, by its deviation.
 * @param random in training: a random resized crop, then flipped in half of all cases (torchvision); null in evaluation: the whole
 * picture, stretched where it is oblong
 * @returns 3 x 224 x 224, channels first
 */
export const transformPicture = (image: RgbImage, random: SeededRandom | null): Float32Array => {
  const { width, height } = image;
  const box = random === null ? { x: 0, y: 0, width, height } : randomCrop(width, height, random);
  const flipped = random !== null && random.next() < 2 ** 31;
  return normalised(cropAndResize(image, box, PICTURE_SIDE), PICTURE_SIDE, flipped);
};

/** ImageNet's normalisation of size x size x 3 bytes, channels first. */
export const normalised = (rgb: Uint8Array, size: number, flipped = false): Float32Array => {
  const plane = size * size;
  const out = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const [mean, deviation] = [MEAN[channel] as number, DEVIATION[channel] as number];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const from = (y * size + (flipped ? size - 1 - x : x)) * 3 + channel;
        out[channel * plane + y * size + x] = ((rgb[from] as number) / 255 - mean) / deviation;
      }
    }
  }
  return out;
};
