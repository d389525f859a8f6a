import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedPath } from '../../support/shared.ts';
import { decoded } from './recordings.ts';

const table = (...parts: string[]) => {
  const [head = '', ...rows] = readFileSync(sharedPath(...parts), 'utf8')
    .trim()
    .split('\n');
  const names = head.split('\t');
  return rows.map((row) => Object.fromEntries(row.split('\t').map((cell, i) => [names[i] ?? '', cell])));
};
const narrative = (video: string) => sharedPath('real', 'incoming', 'submissions', video, 'narrative.mp4');

describe.skipIf(!hasShared)('the real drop beside the checkout (skipped where shared/ is absent)', () => {
  const videos = hasShared
    ? table('golden', 'faces', 'agreement.tsv').filter((row) => row.frames_at_10fps !== '0')
    : [];
  const golden = hasShared ? table('golden', 'faces', 'frames.tsv') : [];
  const sounds = new Map(
    (hasShared ? table('golden', 'audio', 'video_features.tsv') : []).map((row) => [row.video, row]),
  );

  test.each(
    videos.map((row) => [row.video!, Number(row.frames_at_10fps)]),
  )('%s gives %d pictures, coloured as the reference, and the same number of samples', async (video, count) => {
    const { end, info, frames } = await decoded(narrative(video));
    expect(end?.sampledFrames).toBe(count);
    expect(end?.videoFrames).toBe(info?.video?.promisedFrames);
    expect(info?.video?.variableFrameRate).toBe(false);
    const sound = sounds.get(video);
    expect({ samples: end?.audioSamples, rate: info?.audio?.sampleRate, channels: info?.audio?.channels }).toEqual(
      sound?.wav_samples
        ? {
            samples: Number(sound.wav_samples),
            rate: Number(sound.wav_rate),
            channels: Number(sound.wav_channels),
          }
        : { samples: 0, rate: undefined, channels: undefined },
    );
    for (const row of golden.filter((one) => one.video === video)) {
      const frame = frames[Number(row.frame) - 1]!;
      expect([frame.number, frame.width, frame.height]).toEqual([row.frame, row.width, row.height].map(Number));
      const { channels } = await sharp(frame.jpeg).stats();
      // To the last digit of the reference: the same pixels, as far as a mean can tell.
      for (const [i, name] of ['mean_r', 'mean_g', 'mean_b'].entries()) {
        expect(Math.abs(channels[i]!.mean - Number(row[name]))).toBeLessThan(0.00051);
      }
    }
  });

  test('0105 has no sound track; 0104 has a silent one', async () => {
    const without = videos.find((row) => row.video!.startsWith('0105'))!.video!;
    const silent = videos.find((row) => row.video!.startsWith('0104'))!.video!;
    expect((await decoded(narrative(without))).info?.audio).toBeNull();
    expect((await decoded(narrative(silent))).values).toBe(2 * 317440);
  });

  test('0106 is unreadable, and the decoder says why', async () => {
    const { failure } = await decoded(narrative('0106/20210113T101000'));
    expect(failure?.code).toBe('TRUNCATED');
    expect(failure?.reason).toContain('its index cannot be read');
    expect(failure?.reason).toContain('moov atom not found');
  });
});
