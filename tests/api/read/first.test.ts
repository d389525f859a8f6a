import { afterAll, beforeAll, expect, it } from 'vitest';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { type Reading, startReading } from './support.ts';

let reading: Reading;
let everything: FixturePerson;
beforeAll(async () => {
  reading = await startReading();
  everything = await addResearcher(reading.db.pool, { name: 'everything', studyId: reading.study.studyId });
});
afterAll(() => reading?.stop());

it('answers', async () => {
  const answer = await reading.ask(
    `query Deep { release { id version status publishedAt errata counts { key data } study { key }
      patients(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { id code sex painTarget
        submissions(first: 1) { totalCount edges { cursor node { timestamp recordedAt durationSeconds quality { brightness faceShare } painScores { painNow painTime }
          audioFeatures { chroma mfcc vector } video { url bytes sha256 } spectrogram { url expiresAt range { first } }
          chunks { number startSeconds audioFeatures { chroma } }
          frames(first: 3, after: null) { totalCount pageInfo { hasNextPage } nodes { id number timeSeconds image { url bytes range { first last } } face { score box { x y width height } image { bytes } landmarks { count file { range { first last } } } } } } } } } } }
      splits { number testPatients { code } counts { testPatients trainPatients testSubmissions } disjoint } } }`,
    {},
    everything.actor,
  );
  console.log(JSON.stringify(answer, null, 1));
  console.log(reading.statements.at(-1));
  console.log((await reading.db.pool.query('select * from audit_entry')).rows);
  expect(answer.errors).toBeUndefined();
});
