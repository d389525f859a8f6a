import { analyseAudio } from '../../pipeline/audio/analyse-audio.ts';
import { toMono22050 } from '../../pipeline/audio/resample.ts';

const SECONDS = 11;

/**
 * Seconds of sound handled in a second of wall time on one thread, and CPU seconds for each: the 25 features with the spectrogram, and
 * the way from a phone's 44,100 and 48,000 Hz stereo to 22,050 Hz mono. A voice-like sound from a formula; the median of five runs; about
 * 2 s in all on an idle machine. librosa needed 0.0098 to 0.0116 CPU seconds for the 25 features alone.
 */
export async function benchAudio(): Promise<{ what: string; unit: string; value: number }[]> {
  const mono = toMono22050(voice(48_000), 2, 48_000);
  return [
    ...rate('audio.25_features_and_spectrogram', () => analyseAudio(mono)),
    ...[44_100, 48_000].flatMap((hz) => {
      const pcm = voice(hz);
      return rate(`audio.resample_${hz}_stereo`, () => toMono22050(pcm, 2, hz));
    }),
  ];
}

function rate(what: string, run: () => unknown): { what: string; unit: string; value: number }[] {
  for (let i = 0; i < 4; i++) run();
  const runs = Array.from({ length: 5 }, () => {
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (let i = 0; i < 3; i++) run();
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    return { rate: (3 * SECONDS * 1000) / wall, cost: (user + system) / 1e6 / (3 * SECONDS) };
  });
  const median = (values: number[]): number => values.sort((a, b) => a - b)[2]!;
  return [
    { what, unit: 'audio second/s', value: median(runs.map((r) => r.rate)) },
    { what: `${what}.cpu`, unit: 'CPU s/audio second', value: median(runs.map((r) => r.cost)) },
  ];
}

/** Stereo: a glottal-like pulse train whose pitch wanders, in syllables. */
function voice(hz: number): Int16Array {
  const pcm = new Int16Array(SECONDS * hz * 2);
  let phase = 0;
  for (let i = 0; i < SECONDS * hz; i++) {
    const t = i / hz;
    phase += (130 + 25 * Math.sin(2 * Math.PI * 0.7 * t)) / hz;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 2.3 * t)) ** 0.5;
    let value = 0;
    for (let k = 1; k <= 20; k++) value += Math.cos(2 * Math.PI * k * phase) / k;
    pcm[2 * i] = Math.round(6000 * syllable * value);
    pcm[2 * i + 1] = Math.round(5000 * syllable * value);
  }
  return pcm;
}
