import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chunkBounds } from '../../../pipeline/audio/chunks.ts';
import { parseEnrolment } from '../../../pipeline/labels/enrolment.ts';
import { decodeRecording } from '../../../pipeline/media/decode.ts';
import { PUBLISHED_COHORTS } from '../../../pipeline/published/cohorts.ts';
import { PUBLISHED_PATIENTS, PUBLISHED_PATIENTS_WITH_DATA } from '../../../pipeline/published/patients.ts';
import { PUBLISHED_SPLITS } from '../../../pipeline/published/splits.ts';
import { publishedMeasure } from '../../../pipeline/published/summary.ts';
import { demoCode } from '../../../pipeline/synthetic/cohort.ts';
import { dropSize } from '../../../pipeline/synthetic/drop.ts';
import { publishedLengths, type RecordingLength } from '../../../pipeline/synthetic/published-shape.ts';
import { randomFor } from '../../../pipeline/synthetic/random.ts';
import { enrolmentCsv, type SyntheticStudy, studyLikeIss } from '../../../pipeline/synthetic/study.ts';
import { makeSubmission } from '../../../pipeline/synthetic/submission-files.ts';

const whole = studyLikeIss({ seed: 1, scale: 1 });
const lengths = (published: string, scale = 1): RecordingLength[] => {
  const patient = PUBLISHED_PATIENTS.find((one) => one.patient === published)!;
  return publishedLengths(patient, scale, randomFor(1, demoCode(published), 'lengths'));
};
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe('the plan of a study with the published shape', () => {
  test.each(PUBLISHED_PATIENTS_WITH_DATA)('has videos, frames and chunks of $patient as in Table 6', (published) => {
    const planned = lengths(published.patient).map(({ counted }) => counted);
    expect(planned).toHaveLength(published.videos!);
    expect(sum(planned.map(({ frames }) => frames))).toBe(published.frames);
    expect(sum(planned.map(({ chunks }) => chunks))).toBe(published.chunks4s);
    // 0004 and 0017 have more than ten frames a second, which no sampling at ten gives.
    const apart = Math.abs(sum(planned.map(({ seconds }) => seconds)) - published.seconds!);
    expect(apart).toBeLessThan({ '0004': 0.21, '0017': 0.21 }[published.patient] ?? 0.01);
    for (const { seconds, chunks } of planned) expect(chunkBounds(seconds)).toHaveLength(chunks);
  });

  test('has the published totals, one unreadable recording of 9009, and about 190,000 frames', () => {
    const readable = whole.submissions.filter((one) => one.readable);
    expect(readable).toHaveLength(publishedMeasure('videos'));
    expect(sum(readable.map(({ frames }) => frames))).toBe(publishedMeasure('frames'));
    expect(whole.submissions.filter((one) => !one.readable).map(({ patient }) => patient)).toEqual(['9009']);
    expect(dropSize(whole).frames).toBeGreaterThan(189_999);
  });

  test('enrols the cohorts of Table 2 and withholds the patients of Table 11', () => {
    const parsed = parseEnrolment(Buffer.from(enrolmentCsv(whole)));
    if (!parsed.ok) throw new Error('refused');
    for (const { cohort, enrolled } of PUBLISHED_COHORTS)
      expect([cohort, parsed.value.filter((one) => one.cohort === cohort).length]).toEqual([cohort, enrolled]);
    for (const { number, testPatients } of PUBLISHED_SPLITS)
      expect(parsed.value.filter(({ split }) => split === number).map(({ patient }) => patient)).toEqual(
        testPatients.map(demoCode).sort(),
      );
    expect(parsed.value.find(({ patient }) => patient === '9009')).toMatchObject({ split: null, synthetic: true });
  });

  test('scaled has as many recordings, each as much shorter', () => {
    const small = studyLikeIss({ seed: 1, scale: 50 });
    expect(small.submissions.map(({ patient }) => patient)).toEqual(whole.submissions.map(({ patient }) => patient));
    const frames = small.submissions.map((one) => one.frames);
    expect(sum(frames)).toBeGreaterThan(189_999 / 50 - 200);
    expect(sum(frames)).toBeLessThan(189_999 / 50 + 400);
    expect(Math.min(...frames)).toBe(2);
  });

  test.each([0, 0.5, Number.NaN])('knows no scale of %s', (scale) => {
    expect(() => studyLikeIss({ seed: 1, scale })).toThrow(RangeError);
  });
});

describe('recordings with the published shape', () => {
  let drop: string;
  beforeAll(async () => {
    drop = await mkdtemp(join(tmpdir(), 'like-iss-'));
  });
  afterAll(() => rm(drop, { recursive: true }));

  const made = async (study: SyntheticStudy, index: number): Promise<string> => {
    const submission = study.submissions[index]!;
    const patient = study.patients.find(({ code }) => code === submission.patient)!;
    await makeSubmission({ seed: study.seed, patient, submission, drop });
    return join(drop, 'submissions', submission.patient, submission.timestamp, 'narrative.mp4');
  };
  const counts = async (file: string) => {
    let frames = 0;
    for await (const event of decodeRecording(file)) {
      if (event.kind === 'frame') frames += 1;
      if (event.kind === 'failure') return { refused: event.code };
      if (event.kind === 'end') {
        const seconds = event.info.durationSeconds!;
        return { frames, seconds, chunks: chunkBounds(seconds).length };
      }
    }
    throw new Error('the decoder said no end');
  };

  // Short ones of each kind: fewer frames than ten a second (0006, 0018), more (0004, 0017), about as many.
  test.each([
    '0006',
    '0017',
    '0019',
    '0028',
  ])('of %s are counted by the decoder as they were planned', async (published) => {
    const at = whole.submissions.findIndex(({ patient }) => patient === demoCode(published));
    const planned = lengths(published).map(({ counted }) => counted);
    const shortest = planned
      .map((one, i) => ({ ...one, i }))
      .sort((a, b) => a.frames - b.frames)
      .slice(0, published === '0006' ? 1 : 3);
    for (const { i, frames, seconds, chunks } of shortest) {
      const found = await counts(await made(whole, at + i));
      expect(found).toMatchObject({ frames, chunks });
      expect(Math.abs(found.seconds! - seconds)).toBeLessThan(0.006);
    }
  });

  test('cannot be read where they stand for 0009', async () => {
    const at = whole.submissions.findIndex((one) => !one.readable);
    expect(await counts(await made(whole, at))).toEqual({ refused: 'TRUNCATED' });
  });
});
