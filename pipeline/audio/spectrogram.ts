import { type AnalysisOptions, frameCount } from './analysis-settings.ts';
import { MEL_BANDS, melPower, toDecibels } from './mel.ts';
import { forEachPowerFrame } from './power-frames.ts';

/** Row-major band x frame: band b of frame f is at b * frames + f; band 0 is the lowest. */
export interface MelSpectrogram {
  readonly bands: 128;
  readonly frames: number;
  /** dB against the loudest value of the whole signal: 0 down to -80; all 0 for silence. */
  readonly data: Float32Array;
  /** The same before the logarithm. */
  readonly power: Float32Array;
}

/**
 * Mel spectrogram of mono sound at 22,050 Hz: n_fft 2,048, hop 512, 128 bands, power, Slaney's scale and norm, then dB against the
 * maximum with a floor 80 dB below (librosa's `melspectrogram` and `power_to_db(ref=max)`). `analyseAudio` gives it together with the features.
 * @throws RangeError if there is no sample or one that is not finite
 */
export function melSpectrogramDb(y: Float32Array, { padMode = 'constant' }: AnalysisOptions = {}): MelSpectrogram {
  const mel = new Float64Array(MEL_BANDS * frameCount(y.length));
  forEachPowerFrame(y, padMode, (power, frame) => melPower(power, mel, frame * MEL_BANDS));
  return melInDecibels(mel).spectrogram;
}

/** The spectrogram of mel power given frame by frame, which is turned into dB against 1.0 in place (the MFCC's scale). */
export function melInDecibels(mel: Float64Array): { spectrogram: MelSpectrogram; absolute: Float64Array } {
  const frames = mel.length / MEL_BANDS;
  const power = transposed(mel, frames, 0);
  const top = toDecibels(mel);
  return { spectrogram: { bands: MEL_BANDS, frames, data: transposed(mel, frames, top), power }, absolute: mel };
}

/** Frame by frame to band by band, less `offset`. */
function transposed(values: Float64Array, frames: number, offset: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let f = 0, from = 0; f < frames; f++) {
    for (let to = f; to < out.length; to += frames, from++) out[to] = values[from]! - offset;
  }
  return out;
}
