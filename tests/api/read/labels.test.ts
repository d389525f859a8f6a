import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audioLabels, imageScoreLabels, type LabelledPatient } from '../../../pipeline/labels/label-sets.ts';
import { parseSubmissionTimestamp } from '../../../pipeline/labels/submission-timestamp.ts';
import type { Survey } from '../../../pipeline/labels/survey.ts';
import { addResearcher, EVERYTHING } from '../../support/person-fixture.ts';
import { type Reading, startReading } from './support.ts';

let reading: Reading;
beforeAll(async () => {
  reading = await startReading({ patients: 8, submissions: 2, frames: 45, folds: 4 });
});
afterAll(() => reading.stop());

const IMAGE = `files painClass gender skin videoDate subj timeframe s1Activity s1Enjoyment s1Mood s1Painnow s1Paintime s1Relationships s1Sleep s1Walking s1Work scoresAbsent`;
const AUDIO = 'filename painClass gender skin basename subj acoustic';

/** The labels of one side of a split, as a script takes them: patient by patient, page by page where there are many. */
const ask = async (
  classes: 'FOUR' | 'TWO',
  side: 'testPatients' | 'trainPatients',
  who: Awaited<ReturnType<typeof addResearcher>>,
) => {
  const answer = await reading.ask(
    `{ release { split(number: 1) { ${side} { code sex skinType painLevel submissions(first: 10) { nodes { timestamp painScores { painNow painTime activity mood walking work relationships sleep enjoyment }
       frames(first: 100) { nodes { number face { landmarks { count } } } } audioFeatures { vector } chunks { number audioFeatures { vector } } audioStatus
       imageLabels(classes: ${classes}, first: 500) { totalCount nodes { ${IMAGE} landmarks { count } } }
       audioLabels(classes: ${classes}) { ${AUDIO} } chunkLabels(classes: ${classes}) { ${AUDIO} } } } } } } }`,
    {},
    who.actor,
  );
  expect(answer.errors).toBeUndefined();
  return answer.data.release.split[side];
};

describe('labels by GraphQL', () => {
  it.each([
    ['FOUR', 'testPatients'],
    ['TWO', 'testPatients'],
    ['FOUR', 'trainPatients'],
    ['TWO', 'trainPatients'],
  ] as const)('of %s classes, %s of a split, are those that the paper and exports write', async (words, side) => {
    const classes = words === 'FOUR' ? 4 : 2;
    const who = await addResearcher(reading.db.pool, { name: `all-${words}-${side}`, studyId: reading.study.studyId });
    const patients = await ask(words, side, who);
    expect(patients).toHaveLength(side === 'testPatients' ? 2 : 6);
    let absent = 0;
    let soundless = 0;
    for (const { code, sex, skinType, painLevel, submissions } of patients) {
      const of: LabelledPatient = { patient: code, sex, skinType, painLevel };
      for (const one of submissions.nodes) {
        const at = parseSubmissionTimestamp(one.timestamp)!;
        const { painScores: given } = one;
        const survey: Survey | null = given && { ...given, painnow: given.painNow, paintime: given.painTime };
        if (survey === null) absent += 1;
        const expected = one.frames.nodes
          .filter(({ face }: { face: { landmarks: unknown } | null }) => face?.landmarks)
          .map(({ number }: { number: number }) => {
            const labels = imageScoreLabels(of, at, survey, number, classes);
            return [
              ...[
                labels.files,
                labels.pain_class,
                labels.gender,
                labels.skin,
                labels.video_date,
                labels.subj,
                labels.timeframe,
              ],
              ...[
                labels['s1-activity'],
                labels['s1-enjoyment'],
                labels['s1-mood'],
                labels['s1-painnow'],
                labels['s1-paintime'],
              ],
              ...[
                labels['s1-relationships'],
                labels['s1-sleep'],
                labels['s1-walking'],
                labels['s1-work'],
                labels.scores_absent,
              ],
              { count: 468 },
            ];
          });
        expect(expected).toHaveLength(43); // of 45 frames one has no face, another no mesh
        expect(one.imageLabels.nodes.map((row: object) => Object.values(row))).toEqual(expected);
        expect(one.imageLabels.totalCount).toBe(43);
        const sound = (chunk: number | null, vector: number[] | null) => {
          const { filename, pain_class, gender, skin, basename } = audioLabels(of, at, chunk, classes);
          return { filename, painClass: pain_class, gender, skin, basename, subj: code, acoustic: vector };
        };
        if (one.audioStatus === 'NONE') {
          soundless += 1;
          expect([one.audioLabels, one.chunkLabels]).toEqual([null, []]);
          continue;
        }
        expect(one.audioLabels).toEqual(sound(null, one.audioFeatures.vector));
        expect(one.chunkLabels).toEqual(
          one.chunks.map((chunk: { number: number; audioFeatures: { vector: number[] } }) =>
            sound(chunk.number, chunk.audioFeatures.vector),
          ),
        );
      }
    }
    // The first patient's first submission has no survey, their last no sound.
    expect([absent, soundless]).toEqual(side === 'testPatients' ? [1, 1] : [0, 0]);
  });

  it('come in pages, each row once', async () => {
    const who = await addResearcher(reading.db.pool, { name: 'pager', studyId: reading.study.studyId });
    const code = reading.study.patients[2]!.code;
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const answer = await reading.ask(
        `query ($after: String) { release { patient(code: "${code}") { submissions(first: 1) { nodes { imageLabels(classes: TWO, first: 10, after: $after) { pageInfo { hasNextPage endCursor } nodes { files } } } } } } }`,
        { after },
        who.actor,
      );
      const page = answer.data.release.patient.submissions.nodes[0].imageLabels;
      seen.push(...page.nodes.map(({ files }: { files: string }) => files));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(seen).toHaveLength(43);
    expect(new Set(seen).size).toBe(43);
  });

  it('give each column to who may read it: no list of faces without LANDMARKS, no scores without PAIN_SCORES, no sound numbers without AUDIO_FEATURES', async () => {
    const { studyId } = reading.study;
    const without = async (...modalities: string[]) => {
      const access = Object.fromEntries(Object.entries(EVERYTHING).filter(([name]) => !modalities.includes(name)));
      const { actor } = await addResearcher(reading.db.pool, { name: `no-${modalities.join('-')}`, studyId, access });
      const answer = await reading.ask(
        `{ release { patients(first: 1) { nodes { submissions(first: 1) { nodes { imageLabels(classes: TWO, first: 1) { nodes { files painClass s1Mood } } audioLabels(classes: TWO) { filename acoustic } } } } } } }`,
        {},
        actor,
      );
      return {
        row: answer.data.release.patients.nodes[0].submissions.nodes[0],
        codes: answer.errors?.map(({ extensions }) => extensions?.modality),
      };
    };
    const faceless = await without('LANDMARKS');
    expect(faceless.row.imageLabels).toBeNull();
    expect(faceless.row.audioLabels.acoustic).toHaveLength(25);
    expect(faceless.codes).toEqual(['LANDMARKS']);
    const unscored = await without('PAIN_SCORES', 'AUDIO_FEATURES');
    expect(unscored.row.imageLabels.nodes[0]).toMatchObject({ painClass: expect.any(Number), s1Mood: null });
    expect(unscored.row.audioLabels.acoustic).toBeNull();
    expect(unscored.codes).toEqual(expect.arrayContaining(['PAIN_SCORES', 'AUDIO_FEATURES']));
  });
});
