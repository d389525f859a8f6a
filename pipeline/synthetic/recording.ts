import type { Sound, VideoShape } from '../media/encode.ts';
import { drawFrames } from './frames.ts';
import { drawMotion } from './motion.ts';
import { phoneMetadata } from './phone.ts';
import { randomFor } from './random.ts';
import type { SyntheticPatient, SyntheticSubmission } from './study.ts';
import { speak } from './voice.ts';

/** What `encodeVideo` takes. */
export type Recording = {
  readonly shape: VideoShape;
  readonly frames: AsyncGenerator<Uint8Array>;
  readonly sound: Sound;
};

/** Pictures and sound of a submission, exactly the same for the same seed, patient and submission; frames are drawn as they are asked for. */
export function record(seed: number, patient: SyntheticPatient, submission: SyntheticSubmission): Recording {
  const { timestamp, frames, framesPerSecond, soundSeconds, width, height, signals } = submission;
  const seconds = frames / framesPerSecond;
  const sampleRate = patient.phone.sampleRate;
  const speech = speak(
    patient.voice,
    { seconds: soundSeconds, sampleRate, signal: signals.voice, loudness: submission.loudness },
    randomFor(seed, patient.code, timestamp, 'voice'),
  );
  const motion = drawMotion(signals.face, seconds, speech, randomFor(seed, patient.code, timestamp, 'motion'));
  const lying = patient.phone.storesLyingDown;
  return {
    shape: {
      width: lying ? height : width,
      height: lying ? width : height,
      framesPerSecond,
      rotation: lying ? 90 : 0,
      metadata: phoneMetadata(patient.phone.model, timestamp, patient.code),
    },
    frames: drawFrames(patient, submission, motion),
    sound: { sampleRate, channels: 1, pcm: speech.pcm },
  };
}
