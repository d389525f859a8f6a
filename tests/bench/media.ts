import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecording } from '../../pipeline/media/decode.ts';
import { encodeVideo } from '../../pipeline/media/encode.ts';
import { rewriteVideo } from '../../pipeline/media/rewrite.ts';

/** A disc that moves over a soft background with a little noise: neither as easy as bars nor as hard as leaves in the wind. */
function* scene(width: number, height: number, count: number): Generator<Uint8Array> {
  let noise = 1;
  for (let number = 0; number < count; number += 1) {
    const rgb = new Uint8Array(width * height * 3);
    const [x0, y0] = [width * (0.5 + 0.2 * Math.sin(number / 9)), height * (0.5 + 0.1 * Math.cos(number / 7))];
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 3) {
        noise = (noise * 1103515245 + 12345) & 0x7fffffff;
        const inside = (x - x0) ** 2 + (y - y0) ** 2 < (height / 4) ** 2;
        const light = (inside ? 190 : 60 + (80 * y) / height) + ((noise >> 16) & 7);
        rgb[at] = light;
        rgb[at + 1] = light * 0.8;
        rgb[at + 2] = light * 0.7;
      }
    }
    yield rgb;
  }
}

/** How fast recordings are decoded, encoded and rewritten, on files that it encodes itself; about ten seconds, one file at a time. */
export async function benchMedia(): Promise<{ what: string; unit: string; value: number }[]> {
  const folder = mkdtempSync(join(tmpdir(), 'iss-bench-media-'));
  const results: { what: string; unit: string; value: number }[] = [];
  const timed = async (work: () => Promise<number>) => {
    const start = performance.now();
    const amount = await work();
    return { amount, seconds: (performance.now() - start) / 1000 };
  };
  try {
    for (const [name, width, height, framesPerSecond, count] of [
      ['240 x 320, 15 fps, 2 s', 240, 320, 15, 30],
      ['640 x 480, 30 fps, 8 s', 640, 480, 30, 240],
    ] as const) {
      const file = join(folder, `${width}.mp4`);
      const pcm = new Int16Array((44100 * count) / framesPerSecond).map((_, i) => 8000 * Math.sin(i / 20));
      const sound = { sampleRate: 44100, channels: 1, pcm };
      const made = await timed(async () => {
        await encodeVideo({ width, height, framesPerSecond }, scene(width, height, count), sound, file);
        return count;
      });
      results.push({ what: `encode ${name}`, unit: 'frames/s', value: made.amount / made.seconds });
      const times: number[] = [];
      let pictures = 0;
      let frames = 0;
      for (let run = 0; run < 5; run += 1) {
        const { seconds } = await timed(async () => {
          for await (const event of decodeRecording(file)) {
            if (event.kind === 'failure') throw new Error(event.reason);
            if (event.kind === 'end') {
              pictures = event.sampledFrames;
              frames = event.videoFrames;
            }
          }
          return pictures;
        });
        times.push(seconds);
      }
      const middle = times.sort((a, b) => a - b)[2]!;
      results.push({ what: `decode to 10 JPEGs a second, ${name}`, unit: 'JPEG/s', value: pictures / middle });
      results.push({ what: `decode to 10 JPEGs a second, ${name}`, unit: 'frames/s', value: frames / middle });
      results.push({ what: `decode with process start, ${name}`, unit: 's/file', value: middle });
      const again = await timed(async () => Number((await rewriteVideo(file, join(folder, 'copy.mp4'))).ok));
      results.push({ what: `released copy, ${name}`, unit: 's/file', value: again.seconds });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}
