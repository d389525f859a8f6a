import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { type Reading, startReading } from './support.ts';

let reading: Reading;
let person: FixturePerson;
beforeAll(async () => {
  reading = await startReading({ patients: 3, submissions: 1, frames: 10 });
  person = await addResearcher(reading.db.pool, { name: 'everything', studyId: reading.study.studyId });
});
afterAll(() => reading?.stop());

const NASTY = [
  "'",
  "''; DROP TABLE patient; --",
  '$1',
  '\\',
  '\u0000',
  '\u0001' + '0\u0003',
  'é\u{1f600}',
  '\ud800',
  '%s',
  '$' + '{x}',
  '"',
  '\n',
];

describe('what comes from outside', () => {
  it('never changes the text of a statement, whatever a string holds', async () => {
    const query =
      'query ($code: String!, $filter: PatientFilter) { release { patient(code: $code) { code } patients(filter: $filter) { totalCount } } }';
    const textOf = async (code: string): Promise<string> => {
      const answer = await reading.ask(query, { code, filter: { cohort: code, codes: [code] } }, person.actor);
      expect(answer.errors).toBeUndefined();
      expect(answer.data.release).toEqual({ patient: null, patients: { totalCount: 0 } });
      return reading.statements[1]!;
    };
    const usual = await textOf('nobody');
    for (const word of NASTY) expect(await textOf(word)).toBe(usual);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (word) => {
        expect(await textOf(word)).toBe(usual);
      }),
      { numRuns: 40 },
    );
  });

  it('reaches no name of the statement: aliases are keys of JSON and nothing else', async () => {
    const name = fc.stringMatching(/^[_A-Za-z][_0-9A-Za-z]{0,12}$/);
    const names = [
      't1',
      'j',
      'k1',
      'data',
      'logged',
      'patients',
      'codes',
      'null',
      'true',
      'x',
      'constructor',
      'prototype',
      'toString',
      '__proto',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.oneof(name, fc.constantFrom(...names)), { minLength: 4, maxLength: 4 }),
        async ([a, b, c, d]) => {
          const answer = await reading.ask(
            `{ ${a}: release { ${b}: patients(first: 1) { ${c}: nodes { ${d}: code } } } }`,
            {},
            person.actor,
          );
          expect(answer).toEqual({ data: { [a!]: { [b!]: { [c!]: [{ [d!]: '9001' }] } } } });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is refused with a sentence where it cannot be: pages, cursors, numbers', async () => {
    const refused = async (query: string): Promise<unknown> =>
      (await reading.ask(query, {}, person.actor)).errors?.map(({ message }) => message);
    expect(await refused('{ release { patients(first: 501) { totalCount } } }')).toEqual([
      'patients: first is between 0 and 500.',
    ]);
    expect(await refused('{ release { patients(first: -1) { totalCount } } }')).toEqual([
      'patients: first is between 0 and 500.',
    ]);
    expect(await refused('{ release { patients(after: "x\'") { totalCount } } }')).toEqual([
      'patients: after is not a cursor of this list.',
    ]);
    expect(
      await refused('{ release { patients(first: 99999999999) { totalCount } } }').catch(() => ['validation']),
    ).toEqual(['validation']);
    const frames = await reading.ask('{ release { patients(first: 1) { edges { cursor } } } }', {}, person.actor);
    const { cursor } = frames.data.release.patients.edges[0];
    expect(
      await refused(`{ release { patient(code: "9001") { submissions(after: "${cursor}") { totalCount } } } }`),
    ).toEqual(['submissions: after is not a cursor of this list.']);
    for (const split of [0, -1, 40_000, 2 ** 31 - 1, -(2 ** 31)]) {
      const answer = await reading.ask(
        'query ($n: Int!) { release { split(number: $n) { number } patients(filter: { split: $n, painTargetAtLeast: $n }) { totalCount } } }',
        { n: split },
        person.actor,
      );
      expect(answer.errors).toBeUndefined();
      expect(answer.data.release.split).toBeNull();
    }
  });

  it('cannot pass itself off as a slot: what a table holds stays text', async () => {
    const evil = '\u00010\u0003 \u0001999\u0003 "\\ \' $1';
    await reading.db.pool.query('ALTER TABLE release_patient DISABLE TRIGGER USER');
    await reading.db.pool.query("UPDATE release_patient SET age_group = $1 WHERE code = '9001'", [evil]);
    const answer = await reading.ask(
      '{ release { patient(code: "9001") { ageGroup submissions { nodes { video { url } } } } } }',
      {},
      person.actor,
    );
    expect(answer.data.release.patient.ageGroup).toBe(evil);
    expect(answer.data.release.patient.submissions.nodes[0].video.url).toMatch(/^\/files\//);
  });

  it('keeps numbers that JSON has none of out of the answer', async () => {
    await reading.db.pool.query("UPDATE recording SET duration_seconds = 'NaN', audio_vector[3] = 'Infinity'");
    const answer = await reading.ask(
      '{ release { patient(code: "9001") { submissions { nodes { durationSeconds audioFeatures { spectralBandwidth vector } } } } } }',
      {},
      person.actor,
    );
    const [submission] = answer.data.release.patient.submissions.nodes;
    expect(submission.durationSeconds).toBeNull();
    expect(submission.audioFeatures.vector[2]).toBeNull();
  });
});
