import type { Colour } from './colour.ts';
import { clamp, mix, type Random } from './random.ts';

/** The light of one recording. */
export type Lighting = {
  /** What each colour channel is multiplied by; 1 is plain daylight. */
  readonly light: Colour;
  /** -1 from the picture's left, 0 from the front, 1 from the right. */
  readonly side: number;
};

/** Light by the hour of day (0 to 23): daylight is whiter and brighter, lamps are warm; each recording has its own window or lamp. */
export function drawLighting(hour: number, random: Random): Lighting {
  const day = clamp(1 - Math.abs(hour - 13) / 7, 0, 1);
  const strength = clamp(mix(0.78, 1, day) + random.normal(0, 0.06), 0.62, 1.06);
  const warmth = mix(0.16, 0.02, day) * random.uniform(0.6, 1.3);
  return {
    light: [strength, strength * (1 - warmth * 0.5), strength * (1 - warmth)],
    side: random.uniform(-0.9, 0.9),
  };
}
