import { clamp, mix } from './random.ts';

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

export const rgb = (hex: string): Colour => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];

export const css = (colour: Colour): string =>
  `#${colour
    .map((value) =>
      Math.round(clamp(value, 0, 255))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

export const blend = (from: Colour, to: Colour, share: number): Colour => [
  mix(from[0], to[0], share),
  mix(from[1], to[1], share),
  mix(from[2], to[2], share),
];

/** The colour under a light, or in a shade, of the given strength per channel (1: unchanged). */
export const lit = (colour: Colour, light: Colour): Colour => [
  colour[0] * light[0],
  colour[1] * light[1],
  colour[2] * light[2],
];

const skinStops: readonly (readonly [number, Colour])[] = [
  [0, rgb('#f7dccb')],
  [0.2, rgb('#eec6a8')],
  [0.4, rgb('#dcab87')],
  [0.52, rgb('#c48f67')],
  [0.65, rgb('#a9734c')],
  [0.8, rgb('#855637')],
  [0.9, rgb('#67432c')],
  [1, rgb('#4d3122')],
];

/** Skin from the lightest (0) to the deepest (1) tone, in daylight. Fitzpatrick I-III lie below 0.48, IV-VI above. */
export function skinColour(tone: number): Colour {
  const at = clamp(tone, 0, 1);
  const above = Math.max(
    1,
    skinStops.findIndex(([stop]) => stop >= at),
  );
  const [low, lowColour] = skinStops[above - 1]!;
  const [high, highColour] = skinStops[above]!;
  return blend(lowColour, highColour, (at - low) / (high - low));
}
