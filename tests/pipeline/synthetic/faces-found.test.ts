import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaceChain, type FaceChain } from '../../../pipeline/faces/face-chain.ts';
import { record } from '../../../pipeline/synthetic/recording.ts';
import { type SyntheticSubmission, syntheticStudy } from '../../../pipeline/synthetic/study.ts';

const study = syntheticStudy({ seed: 1 });

describe('a drawn face before the face chain', () => {
  let chain: FaceChain;
  beforeAll(async () => {
    chain = await createFaceChain();
  });
  afterAll(() => chain.close());

  /** Every `step`th frame of a recording, upright: found, and found with landmarks. */
  const look = async (submission: SyntheticSubmission, step: number, tone?: number) => {
    const own = study.patients.find(({ code }) => code === submission.patient)!;
    const face = tone === undefined ? own.face : { ...own.face, skinTone: tone };
    const patient = { ...own, face, phone: { ...own.phone, storesLyingDown: false } };
    const seen: { t: number; face: boolean; landmarks: boolean }[] = [];
    let i = 0;
    for await (const rgb of record(study.seed, patient, submission).frames) {
      const t = i / submission.framesPerSecond;
      if (i++ % step !== 0) continue;
      const found = await chain.find({ width: submission.width, height: submission.height, rgb });
      seen.push({ t, face: found !== null, landmarks: found?.landmarks != null });
    }
    return seen;
  };

  test.each([0, 0.15, 0.3, 0.45, 0.55, 0.7, 0.85, 1])('is found with its landmarks at skin tone %d', async (tone) => {
    const present = study.submissions.filter(({ absence }) => absence === null);
    const seen = [];
    for (let i = 0; i < present.length; i += 12) seen.push(...(await look(present[i]!, 10, tone)));
    expect(seen.length).toBeGreaterThan(30);
    expect(seen.filter(({ landmarks }) => landmarks).length / seen.length).toBeGreaterThan(0.97);
  });

  test('is not found while its person is away or the lens is covered, and is found before', async () => {
    for (const kind of ['LEFT_THE_PICTURE', 'LENS_COVERED'] as const) {
      const submission = study.submissions.find(({ absence }) => absence?.kind === kind)!;
      const { from, to } = submission.absence!;
      const seen = await look(submission, 1);
      const gone = seen.filter(({ t }) => t > from + 0.25 && t < to - 0.25);
      expect(gone.length).toBeGreaterThan(0);
      expect(gone.every(({ face }) => !face)).toBe(true);
      expect(seen.filter(({ t }) => t < from).every(({ landmarks }) => landmarks)).toBe(true);
    }
  });
});
