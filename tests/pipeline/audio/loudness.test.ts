import { describe, expect, it } from 'vitest';
import { createLoudnessMeter, loudness } from '../../../pipeline/audio/loudness.ts';
import { noise, tone } from './sounds.ts';

describe('loudness', () => {
  it('of a sine is 3.01 dB below its peak', () => {
    const { rmsDbfs, peak, clippedShare, silent } = loudness(tone(441, 1, 44_100, 0.5));
    expect(rmsDbfs).toBeCloseTo(-6.02 - 3.01, 2);
    expect(peak).toBeCloseTo(0.5, 3);
    expect({ clippedShare, silent }).toEqual({ clippedShare: 0, silent: false });
  });

  it('of a full square wave is 0 dB, and all of it is clipped', () => {
    expect(loudness(Int16Array.of(-32768, -32768))).toEqual({ rmsDbfs: 0, peak: 1, clippedShare: 1, silent: false });
    expect(loudness(Int16Array.of(32767, 32766, -32767, 0)).clippedShare).toBe(0.25);
  });

  it('of digital silence, of dither and of nothing is told as silent', () => {
    expect(loudness(new Int16Array(100))).toEqual({ rmsDbfs: null, peak: 0, clippedShare: 0, silent: true });
    expect(loudness(new Int16Array(0))).toEqual({ rmsDbfs: null, peak: 0, clippedShare: 0, silent: true });
    expect(loudness(Int16Array.of(0, 1, -1)).silent).toBe(true);
    expect(loudness(Int16Array.of(0, 2, -1)).silent).toBe(false);
  });

  it('is the same piece by piece', () => {
    const pcm = noise(10_000);
    const meter = createLoudnessMeter();
    for (let at = 0; at < pcm.length; at += 777) meter.add(pcm.subarray(at, at + 777));
    expect(meter.result()).toEqual(loudness(pcm));
  });
});
