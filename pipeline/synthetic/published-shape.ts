import type { PublishedPatient } from '../published/patients.ts';
import type { Random } from './random.ts';

/** How long a recording is: its pictures, how fast they follow each other, and how long its sound lasts. */
export interface RecordingLength {
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly soundSeconds: number;
  /** What the pipeline must count in it: pictures at ten a second, seconds, and chunks of four seconds. */
  readonly counted: { readonly frames: number; readonly seconds: number; readonly chunks: number };
}

const CHUNK_FRAMES = 40;
/** Frames that the last chunk of a recording may lack, so that it holds some sound and no rounding makes one more. */
const LEAST_LACKING = 2;
const MOST_LACKING = 36;
/** Sound ends before the pictures, since AAC is padded to whole frames and would lengthen the file. */
const SOUND_ENDS_BEFORE = 0.06;
/** Sampling at ten a second rounds to the nearest: beyond half a frame another number of pictures comes out. */
const MOST_ROUNDED = 0.45;

/**
 * Lengths of a published patient's recordings, made up so that their number, frames, seconds and four-second chunks sum to Table 6: to the
 * frame and chunk, and in seconds to 0.01 s a recording (where the paper has more than ten frames a second, to 0.2 s a patient). A `scale` of
 * fifty makes each recording a fiftieth as long, of two pictures at least; then only the number of recordings is the published one.
 * @throws RangeError for a patient without recordings or a scale below 1
 */
export function publishedLengths(patient: PublishedPatient, scale: number, random: Random): RecordingLength[] {
  const { videos, frames, seconds, chunks4s } = patient;
  if (videos === null || frames === null || seconds === null || chunks4s === null)
    throw new RangeError(`No recording of patient ${patient.patient} is known`);
  if (!(scale >= 1)) throw new RangeError(`A scale is 1 or more, not ${scale}`);
  const chunks = withSum(videos, chunks4s, 1, Number.POSITIVE_INFINITY, random);
  const lacking = withSum(videos, chunks4s * CHUNK_FRAMES - frames, LEAST_LACKING, MOST_LACKING, random);
  const lengths = chunks.map((count, i) => count * CHUNK_FRAMES - (lacking[i] as number));
  if (scale > 1) return lengths.map((length) => evenLength(Math.max(2, Math.round(length / scale))));

  // Hundredths of a second by which the frames of a recording exceed ten a second; negative where they fall short.
  const excess = frames * 10 - Math.round(seconds * 100);
  const each = Math.trunc(excess / videos);
  return lengths.map((length, i) => {
    const own = each + (i < Math.abs(excess - each * videos) ? Math.sign(excess) : 0);
    return unevenLength(length, own / 10, chunks[i] as number);
  });
}

const evenLength = (frames: number): RecordingLength => ({
  frames,
  framesPerSecond: 10,
  soundSeconds: frames / 10 - SOUND_ENDS_BEFORE,
  counted: { frames, seconds: frames / 10, chunks: Math.ceil(frames / CHUNK_FRAMES) },
});

/** @param excess frames above ten a second */
function unevenLength(frames: number, excess: number, chunks: number): RecordingLength {
  const pictures = (frames - Math.max(-MOST_ROUNDED, Math.min(MOST_ROUNDED, excess))) / 10;
  const seconds = Math.max(pictures, (frames - excess) / 10);
  return {
    frames,
    // As encodeVideo keeps it, to a thousandth.
    framesPerSecond: Math.round((1000 * frames) / pictures) / 1000,
    soundSeconds: seconds > pictures ? seconds : seconds - SOUND_ENDS_BEFORE,
    counted: { frames, seconds, chunks },
  };
}

/**
 * `count` whole numbers from `least` to `most` with that sum, unevenly drawn.
 * @throws RangeError where there are none
 */
function withSum(count: number, sum: number, least: number, most: number, random: Random): number[] {
  if (sum < count * least || sum > count * most) throw new RangeError(`${count} numbers cannot sum to ${sum}`);
  const weights = Array.from({ length: count }, () => random.uniform(0.3, 1.7));
  const whole = weights.reduce((a, b) => a + b, 0);
  const rest = sum - count * least;
  const drawn = weights.map((weight) => Math.min(most, least + Math.floor((rest * weight) / whole)));
  // What rounding and the limit left over goes to whoever has room, one by one.
  for (let left = sum - drawn.reduce((a, b) => a + b, 0), i = 0; left > 0; i = (i + 1) % count) {
    if ((drawn[i] as number) >= most) continue;
    drawn[i] = (drawn[i] as number) + 1;
    left -= 1;
  }
  return drawn;
}
