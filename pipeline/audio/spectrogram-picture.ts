import { perceptualColours } from './colour-map.ts';
import { DYNAMIC_RANGE_DB } from './mel.ts';
import type { MelSpectrogram } from './spectrogram.ts';

const COLOURS = perceptualColours();

/** One pixel for each frame and band; 8-bit r, g, b, row by row from the top. */
export interface SpectrogramPicture {
  /** Frames. */
  readonly width: number;
  /** Bands. */
  readonly height: number;
  readonly rgb: Uint8Array;
}

/**
 * The spectrogram as a picture: time to the right, the lowest band at the bottom. The scale is the same for every recording: -80 dB
 * (against its own loudest value) is colour 0, 0 dB colour 255, evenly in between.
 */
export function spectrogramPicture({
  bands,
  frames,
  data,
}: Pick<MelSpectrogram, 'bands' | 'frames' | 'data'>): SpectrogramPicture {
  const rgb = new Uint8Array(bands * frames * 3);
  for (let band = 0, from = 0; band < bands; band++) {
    for (let f = 0, to = (bands - 1 - band) * frames * 3; f < frames; f++, from++, to += 3) {
      const share = Math.min(1, Math.max(0, 1 + data[from]! / DYNAMIC_RANGE_DB));
      const colour = Math.round(share * 255) * 3;
      rgb[to] = COLOURS[colour]!;
      rgb[to + 1] = COLOURS[colour + 1]!;
      rgb[to + 2] = COLOURS[colour + 2]!;
    }
  }
  return { width: frames, height: bands, rgb };
}
