import { AV_NOPTS_VALUE } from 'node-av/constants';
import { Refusal } from './messages.mjs';

/**
 * Decides whether all that the index promises was there. Tolerance per track: 1 % of its time, at least half a second, at its end;
 * 1 % of its packets, at least one, that gave no frame or a damaged one.
 * @param {number | null} seconds of the container, which stands for the tracks where they state none (Matroska)
 */
export function makeCompleteness(seconds) {
  /** @type {string | null} */
  let readError = null;
  /** @type {string[]} */
  const missing = [];
  /** @type {string[]} */
  const damaged = [];
  let latest = 0;
  let someStated = false;
  return {
    /** @param {string} reason */
    readError(reason) {
      readError = reason;
    },
    /**
     * @param {'video' | 'sound'} name
     * @param {import('node-av/lib').Stream} stream
     * @param {{ packets: number, discarded: number, frames: number, damaged: number }} counts
     * @param {number} endSeconds where the last frame ends
     * @param {boolean} oneFrameEach whether each packet gives a frame
     */
    track(name, stream, counts, endSeconds, oneFrameEach) {
      latest = Math.max(latest, endSeconds);
      const unit = stream.timeBase.num / stream.timeBase.den;
      if (stream.duration !== AV_NOPTS_VALUE && stream.duration > 0n) {
        someStated = true;
        const lasts = Number(stream.duration) * unit;
        const start = stream.startTime === AV_NOPTS_VALUE ? 0 : Number(stream.startTime) * unit;
        if (start + lasts - endSeconds > Math.max(0.5, 0.01 * lasts)) {
          missing.push(
            `${endSeconds.toFixed(2)} of ${(start + lasts).toFixed(2)} s of the ${name} (${frames(name, stream, counts)})`,
          );
        }
      }
      const lost = oneFrameEach ? Math.max(0, counts.packets - counts.discarded - counts.frames) : 0;
      const bad = Math.max(lost, counts.damaged);
      if (bad > Math.max(1, 0.01 * counts.packets)) {
        damaged.push(`${bad} of ${counts.packets} pieces of the ${name} could not be decoded`);
      }
    },
    /** What is wrong, or null. */
    problem() {
      if (!someStated && seconds !== null && seconds - latest > Math.max(0.5, 0.01 * seconds)) {
        missing.push(`${latest.toFixed(2)} of ${seconds.toFixed(2)} s`);
      }
      const detail = readError === null ? '' : ` The decoder says: ${readError}.`;
      if (missing.length > 0) {
        return new Refusal(
          'TRUNCATED',
          `The recording is cut off: only ${missing.join(', ')} could be decoded.${detail}`,
        );
      }
      if (readError !== null) return new Refusal('DAMAGED', `The recording cannot be read to its end.${detail}`);
      if (damaged.length > 0) return new Refusal('DAMAGED', `The recording is damaged: ${damaged.join(', ')}.`);
      return null;
    },
  };
}

/**
 * @param {string} name
 * @param {import('node-av/lib').Stream} stream
 * @param {{ frames: number }} counts
 */
function frames(name, stream, counts) {
  return name === 'video' && stream.nbFrames > 0n
    ? `${counts.frames} of ${stream.nbFrames} frames`
    : `${counts.frames} frames`;
}
