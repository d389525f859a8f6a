import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeVideo } from '../../pipeline/media/encode.ts';
import { randomFor } from '../../pipeline/synthetic/random.ts';
import { record } from '../../pipeline/synthetic/recording.ts';
import { type SyntheticSubmission, syntheticStudy } from '../../pipeline/synthetic/study.ts';
import { drawVoiceShape, speak } from '../../pipeline/synthetic/voice.ts';

/** Milliseconds of processor time, all threads, that `work` takes. */
const cpuMilliseconds = async (work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** Cost of the synthetic study, in processor time so that a busy machine does not change it much. Takes about 5 s. */
export async function benchSynthetic(): Promise<{ what: string; unit: string; value: number }[]> {
  const study = syntheticStudy({ seed: 1 });
  const patients = new Map(study.patients.map((patient) => [patient.code, patient]));
  const sample = study.submissions.filter((_, i) => i % 12 === 0);
  const frames = sample.reduce((sum, submission) => sum + submission.frames, 0);
  const all = study.submissions.reduce((sum, submission) => sum + submission.frames, 0);
  const recordingOf = (submission: SyntheticSubmission) => record(1, patients.get(submission.patient)!, submission);
  const folder = await mkdtemp(join(tmpdir(), 'bench-synthetic-'));
  const draw = async (): Promise<void> => {
    for (const submission of sample) for await (const _ of recordingOf(submission).frames);
  };
  const make = async (): Promise<void> => {
    for (const submission of sample) {
      const { shape, frames: drawn, sound } = recordingOf(submission);
      await encodeVideo(shape, drawn, sound, join(folder, 'video.mp4'));
    }
  };
  try {
    await make(); // warms up
    const drawn = await cpuMilliseconds(draw);
    const made = await cpuMilliseconds(make);
    const random = randomFor(1, 'bench');
    const voice = drawVoiceShape('F', random);
    const started = performance.now();
    speak(voice, { seconds: 60, sampleRate: 22_050, signal: 0.3, loudness: 0.5 }, random);
    const spoken = performance.now() - started;
    return [
      { what: 'synthetic frame drawn, sound included', unit: 'CPU ms', value: drawn / frames },
      { what: 'synthetic frame drawn and encoded, sound included', unit: 'CPU ms', value: made / frames },
      {
        what: `synthetic demo study, ${all} frames, extrapolated`,
        unit: 'CPU s',
        value: (made / frames) * (all / 1000),
      },
      { what: 'synthetic voice', unit: 'seconds of sound per second', value: 60_000 / spoken },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
