import { couplingParameters } from './coupling.ts';
import type { Expression } from './face-pose.ts';
import { clamp, type Random } from './random.ts';
import type { Speech } from './voice.ts';

/** Where the head is in a picture, against its place of rest: pixels per unit of FaceShape, radians, share. */
export type HeadMotion = { readonly dx: number; readonly dy: number; readonly roll: number; readonly scale: number };

export type Moment = { readonly expression: Expression; readonly head: HeadMotion };

/** A slow wandering between about -1 and 1: three sines with their own rates and phases. */
function wander(random: Random): (t: number) => number {
  const waves = [0.25, 0.6, 1.1].map((rate, i) => ({
    rate: rate * random.uniform(0.8, 1.25),
    phase: random.uniform(0, 2 * Math.PI),
    size: [0.55, 0.3, 0.15][i]!,
  }));
  return (t) => waves.reduce((sum, { rate, phase, size }) => sum + size * Math.sin(2 * Math.PI * rate * t + phase), 0);
}

/**
 * How a person moves in one recording: t in seconds to the face and head of that moment. Blinks every two to five seconds, the mouth
 * with the sound, and pain as the face signal (0 to 1, coupling.ts) lets it show.
 */
export function drawMotion(faceSignal: number, seconds: number, speech: Speech, random: Random): (t: number) => Moment {
  const blinks: number[] = [];
  for (let t = random.uniform(0.2, 2.5); t < seconds; t += random.uniform(2, 5)) blinks.push(t);
  const [x, y, roll, near, brow, mood] = [0, 1, 2, 3, 4, 5].map(() => wander(random)) as [
    (t: number) => number,
    (t: number) => number,
    (t: number) => number,
    (t: number) => number,
    (t: number) => number,
    (t: number) => number,
  ];
  const restingMood = random.normal(0.15, 0.2);
  const p = couplingParameters;
  return (t) => {
    const blink = blinks.reduce((shut, at) => Math.max(shut, 1 - Math.abs(t - at) / 0.13), 0);
    const open = 0.95 - p.lidTightening.value * faceSignal + 0.05 * brow(t);
    const mouth = speech.opening[clamp(Math.round(t * 100), 0, speech.opening.length - 1)] ?? 0;
    return {
      expression: {
        eyes: clamp(open * (1 - blink), 0, 1),
        mouth: clamp(mouth * 0.85, 0, 1),
        browsDown: clamp(p.browLowering.value * faceSignal + 0.12 * brow(t), 0, 1),
        lipCorners: clamp(restingMood + p.lipCorners.value * faceSignal + 0.15 * mood(t), -1, 1),
        noseWrinkle: clamp(p.noseWrinkle.value * faceSignal, 0, 1),
      },
      head: { dx: 4 * x(t), dy: 2.5 * y(t) + 1.2 * mouth, roll: 0.045 * roll(t), scale: 1 + 0.018 * near(t) },
    };
  };
}
