import type { Sex, SkinType } from '../labels/demographics.ts';
import { type Colour, rgb } from './colour.ts';
import { clamp, mix, type Random } from './random.ts';

export const hairStyles = [
  'short',
  'buzz',
  'receding',
  'bald',
  'bob',
  'long',
  'curly',
  'bun',
  'headscarf',
  'cap',
] as const;
export type HairStyle = (typeof hairStyles)[number];

/**
 * What stays the same in a drawn person. Lengths are in units of a hundredth of an average face's width; the origin lies between
 * the eyes, x to the picture's right, y down.
 */
export type FaceShape = {
  /** Years; moves wrinkles and grey hair only. */
  readonly age: number;
  /** 0 lightest to 1 deepest. */
  readonly skinTone: number;
  readonly cheek: number;
  readonly jaw: number;
  readonly chin: number;
  /** y of the chin. */
  readonly length: number;
  readonly eyeDistance: number;
  readonly eyeSize: number;
  /** Height of the outer corner over the inner one. */
  readonly eyeTilt: number;
  readonly iris: Colour;
  readonly browThickness: number;
  readonly browHeight: number;
  readonly noseWidth: number;
  readonly noseLength: number;
  readonly mouthWidth: number;
  readonly lips: number;
  readonly lipTint: number;
  readonly ears: number;
  readonly hair: HairStyle;
  readonly hairColour: Colour;
  readonly beard: 'none' | 'stubble' | 'moustache' | 'full';
  readonly glasses: boolean;
  readonly clothing: Colour;
  readonly scarf: Colour;
};

const hairColours = ['#1d1715', '#2b1f1a', '#3b281d', '#5a3d28', '#7a5634', '#a67c4a', '#8a4b2a'].map(rgb);
const irises = ['#4a3222', '#5b3d27', '#6b5130', '#6e7f5c', '#6f8796', '#5c7fa3'].map(rgb);
const fabrics = ['#47617a', '#7b4b4f', '#55695a', '#8a7a5d', '#3d3f4a', '#6a5a78', '#a3695a', '#c3beb3', '#2f5d62'].map(
  rgb,
);

/** A drawn person of the given sex and Fitzpatrick group. */
export function drawFaceShape(sex: Sex, skinType: SkinType, random: Random): FaceShape {
  const male = sex === 'M';
  const dark = skinType === 'IV_VI';
  const age = Math.round(clamp(random.normal(55, 14), 24, 84));
  const grey = clamp((age - 45) / 35 + random.normal(0, 0.15), 0, 1);
  const pigment = random.pick(hairColours.slice(0, dark ? 3 : hairColours.length));
  const silver = rgb('#b9b4ae');
  const spread = (mean: number, deviation: number): number => mean + deviation * clamp(random.normal(0, 1), -2, 2);
  return {
    age,
    skinTone: dark ? random.uniform(0.52, 0.97) : random.uniform(0.04, 0.44),
    cheek: spread(male ? 51 : 49, 1.5),
    jaw: spread(male ? 41 : 36.5, 1.8),
    chin: spread(male ? 18 : 14, 1.6),
    length: spread(male ? 77 : 73, 2),
    eyeDistance: spread(21.5, 0.7),
    eyeSize: spread(male ? 10.3 : 11, 0.5),
    eyeTilt: spread(0.8, 0.8),
    iris: random.pick(irises.slice(0, dark ? 3 : irises.length)),
    browThickness: spread(male ? 4.6 : 3.2, 0.5),
    browHeight: spread(male ? 13 : 14.5, 0.9),
    noseWidth: spread(dark ? 15 : 12.6, 1.1),
    noseLength: spread(27, 1.3),
    mouthWidth: spread(male ? 20.5 : 19.5, 1.2),
    lips: spread(dark ? 1.25 : 0.95, 0.12),
    lipTint: male ? random.uniform(0.25, 0.4) : random.uniform(0.4, 0.65),
    ears: spread(1, 0.08),
    hair: random.weighted<HairStyle>(
      male
        ? [
            ['short', 5],
            ['buzz', 3],
            ['receding', 3],
            ['bald', 3],
            ['curly', dark ? 2 : 0.5],
            ['cap', 1.5],
          ]
        : [
            ['bob', 4],
            ['long', 4],
            ['curly', dark ? 3 : 1],
            ['bun', 3],
            ['headscarf', 2.5],
            ['buzz', 1],
            ['cap', 1],
          ],
    ),
    hairColour: [
      mix(pigment[0], silver[0], grey * 0.9),
      mix(pigment[1], silver[1], grey * 0.9),
      mix(pigment[2], silver[2], grey * 0.9),
    ],
    beard: male
      ? random.weighted([
          ['none', 6],
          ['stubble', 2.5],
          ['moustache', 1],
          ['full', 1.2],
        ] as const)
      : 'none',
    glasses: random.chance(0.2),
    clothing: random.pick(fabrics),
    scarf: random.pick(fabrics),
  };
}
