import type { Random } from './random.ts';

/** What a video is recorded with. */
export type Phone = {
  readonly model: string;
  readonly sampleRate: number;
  /** Held upright, it stores the picture lying down and marks how to turn it. */
  readonly storesLyingDown: boolean;
};

/** A phone or clinic camera by the device of the enrolment. */
export function drawPhone(sourceDevice: string | null, random: Random): Phone {
  const number = random.integer(3, 14);
  if (sourceDevice === 'Clinic Only')
    return { model: `Synthetic Camera ${number}`, sampleRate: 44_100, storesLyingDown: false };
  const apple = sourceDevice === 'iOS';
  return {
    model: `Synthetic ${apple ? 'Handset i' : 'Handset A'}${number}`,
    sampleRate: apple ? 44_100 : 22_050,
    storesLyingDown: random.chance(apple ? 0.45 : 0.3),
  };
}

/** Container metadata as a phone writes it, so that its removal is exercised: none of it may reach a release; the place is a point in the Atlantic where nobody lives. `timestamp` is `YYYYMMDDTHHMMSS`. */
export function phoneMetadata(model: string, timestamp: string, patient: string): Record<string, string> {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/.exec(timestamp) ?? [];
  return {
    creation_time: `${y}-${mo}-${d}T${h}:${mi}:${s}.000000Z`,
    location: '+30.0000-040.0000+000.000/',
    make: 'Synthetic',
    model,
    title: `Synthetic patient ${patient}`,
    comment: `Drawn by a program on ${model}; shows nobody`,
  };
}
