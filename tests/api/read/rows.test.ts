import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOfDay } from '../../../governance/calendar.ts';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import { MODALITIES, type Modality } from '../../../governance/modality.ts';
import {
  grantFilter,
  type RowFacts,
  rowVisible,
  type Span,
  WHOLE,
  type WithdrawalKind,
} from '../../../governance/rows.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { FIXTURE_NOW, type FixtureSubmission, fixtureId } from '../../support/study-fixture.ts';
import { type Reading, startReading } from './support.ts';

const PURPOSE = ['HMB', 'NCU', 'IRB'];
const FRAMES = 45;
let reading: Reading;
let person: FixturePerson;
beforeAll(async () => {
  reading = await startReading({ patients: 4, submissions: 2, frames: FRAMES });
  person = await addResearcher(reading.db.pool, {
    name: 'everything',
    studyId: reading.study.studyId,
    purpose: PURPOSE,
  });
});
afterAll(() => reading?.stop());

const day = fc.constantFrom('2024-03-15', '2025-03-14', '2025-03-15', '2025-03-16', '2026-01-01');
const consent = fc.record({
  // Chance alone lets so few be seen that one run in eighty saw too few to say anything.
  uses: fc.oneof(
    fc.constant(['HMB', 'IRB']),
    fc.subarray(['HMB', 'GRU', 'NCU', 'IRB', 'PUB', 'NMDS', 'DS:MONDO:0004992'], { minLength: 0 }),
  ),
  modalities: fc.oneof(fc.constant([...MODALITIES]), fc.subarray([...MODALITIES])),
  adultFrom: fc.option(day, { freq: 2 }),
  reconsentedAt: fc.option(day, { freq: 2 }),
});
const quarantine = fc.record({
  span: fc.option(fc.tuple(fc.integer({ min: -10, max: 60 }), fc.integer({ min: 1, max: 30 })), { freq: 4 }),
  lifted: fc.constantFrom(null, '2025-03-15T11:59:59Z', '2025-03-15T12:00:01Z'),
});
const patient = fc.record({
  consents: fc.array(consent, { maxLength: 2 }),
  withdrawals: fc.oneof(
    { weight: 5, arbitrary: fc.constant<WithdrawalKind[]>([]) },
    fc.subarray<WithdrawalKind>(['STOP_COLLECTION', 'STOP_SHARING', 'ERASE']),
  ),
  quarantines: fc.tuple(fc.array(quarantine, { maxLength: 2 }), fc.array(quarantine, { maxLength: 2 })),
});
type World = (typeof patient extends fc.Arbitrary<infer P> ? P : never)[];

const arrange = async (world: World): Promise<RowFacts[][]> => {
  const { pool } = reading.db;
  await pool.query('DELETE FROM consent; DELETE FROM withdrawal; DELETE FROM quarantine');
  const rows: RowFacts[][] = [];
  for (const [i, { consents, withdrawals, quarantines }] of world.entries()) {
    const { id, submissions } = reading.study.patients[i]!;
    for (const [n, { uses, modalities, adultFrom, reconsentedAt }] of consents.entries()) {
      await pool.query(
        'INSERT INTO consent (id, patient_id, version, uses, modalities, adult_from, reconsented_at, effective_at, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)',
        [
          fixtureId('consent', i, n),
          id,
          String(n),
          uses,
          modalities,
          adultFrom,
          reconsentedAt,
          `2024-01-0${n + 1}T00:00:00Z`,
        ],
      );
    }
    for (const kind of withdrawals) {
      await pool.query(`INSERT INTO withdrawal (id, patient_id, kind, reason, at) VALUES ($1, $2, $3, 'x', now())`, [
        fixtureId('withdrawal', i, kind),
        id,
        kind,
      ]);
    }
    const newest = consents.at(-1);
    const instant = (date: string | null): Date | null =>
      date === null ? null : new Date(startOfDay(date, DEFAULT_POLICY.timeZone));
    const facts = submissions.map(
      (_, s): RowFacts => ({
        inRelease: true,
        consent:
          newest === undefined
            ? null
            : {
                version: '',
                uses: newest.uses,
                modalities: newest.modalities,
                adultFrom: instant(newest.adultFrom),
                reconsentedAt: instant(newest.reconsentedAt),
              },
        withdrawals: withdrawals.map((kind) => ({ kind })),
        quarantines: quarantines[s]!.map(({ span, lifted }) => ({
          fromSeconds: span === null ? null : span[0] / 10,
          toSeconds: span === null ? null : (span[0] + span[1]) / 10,
          liftedAt: lifted === null ? null : new Date(lifted),
        })),
      }),
    );
    for (const [s, row] of facts.entries()) {
      for (const [n, { fromSeconds, toSeconds, liftedAt }] of row.quarantines.entries()) {
        await pool.query(
          `INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by, lifted_at) VALUES ($1, $2, $3, $4, 'x', now(), $5, $6)`,
          [fixtureId('quarantine', i, s, n), submissions[s]!.id, fromSeconds, toSeconds, fixtureId('x'), liftedAt],
        );
      }
    }
    rows.push(facts);
  }
  return rows;
};

const QUERY = `{ release {
  patients { totalCount nodes { code painTarget submissions { totalCount nodes { timestamp
    painScores { mood } faceCount
    audioFeatures { chroma } video { bytes } audio { bytes } spectrogram { bytes } landmarks { bytes }
    chunks { number audioFeatures { chroma } }
    frames(first: 500) { totalCount nodes { number image { bytes } face { score image { bytes } landmarks { count } } } }
    faces: frames(first: 3, faceDetected: true) { totalCount nodes { number } } page: frames(first: 7) { nodes { number } } } } } }
  scored: patients(filter: { painTargetAtLeast: 0 }) { nodes { code } }
  splits { counts { testPatients testSubmissions } } } }`;

/** The same answer from the rule of governance alone. */
const expected = (facts: RowFacts[][]) => {
  const filter = grantFilter(PURPOSE, FIXTURE_NOW);
  const { patients } = reading.study;
  const submissionOf = (row: RowFacts, submission: FixtureSubmission, sound: boolean) => {
    const sees = (modality: Modality, span: Span | null = null): boolean => rowVisible(row, filter, { modality, span });
    const numbers = Array.from({ length: submission.frames }, (_, n) => n + 1).filter((n) =>
      sees('LABELS', { fromSeconds: (n - 1) / 10, toSeconds: n / 10 }),
    );
    const chunks = Array.from({ length: submission.chunks }, (_, n) => n).filter((n) =>
      sees('LABELS', { fromSeconds: n * 4, toSeconds: Math.min((n + 1) * 4, submission.durationSeconds) }),
    );
    const faced = numbers.filter((n) => !submission.noFace.includes(n));
    const some = (given: boolean): unknown => (given ? expect.anything() : null);
    return {
      timestamp: submission.timestamp,
      painScores: some(submission.survey && sees('PAIN_SCORES')),
      faceCount: sees('LANDMARKS', WHOLE) ? submission.frames - submission.noFace.length : null,
      audioFeatures: some(sound && sees('AUDIO_FEATURES', WHOLE)),
      video: some(sees('VIDEO', WHOLE)),
      audio: some(sound && sees('AUDIO', WHOLE)),
      spectrogram: some(sound && sees('SPECTROGRAMS', WHOLE)),
      landmarks: some(sees('LANDMARKS', WHOLE)),
      chunks: chunks.map((number) => ({ number, audioFeatures: some(sound && sees('AUDIO_FEATURES')) })),
      frames: {
        totalCount: numbers.length,
        nodes: numbers.map((number) => ({
          number,
          image: some(sees('FRAMES')),
          face:
            faced.includes(number) && sees('LANDMARKS')
              ? {
                  score: expect.any(Number),
                  image: some(sees('FACES')),
                  landmarks: some(!submission.noMesh.includes(number)),
                }
              : null,
        })),
      },
      faces: sees('LANDMARKS')
        ? { totalCount: faced.length, nodes: faced.slice(0, 3).map((number) => ({ number })) }
        : null,
      page: { nodes: numbers.slice(0, 7).map((number) => ({ number })) },
    };
  };
  const seen = patients.flatMap((one, i) => {
    const [row] = facts[i]!;
    const labelled = rowVisible({ ...row!, quarantines: [] }, filter, { modality: 'LABELS', span: null });
    if (!labelled) return [];
    const scores = rowVisible({ ...row!, quarantines: [] }, filter, { modality: 'PAIN_SCORES', span: null });
    const submissions = one.submissions.flatMap((submission, s) => {
      const visible = rowVisible(facts[i]![s]!, filter, { modality: 'LABELS', span: null });
      return visible ? [submissionOf(facts[i]![s]!, submission, submission.sound)] : [];
    });
    const node = {
      code: one.code,
      painTarget: scores ? one.painTarget : null,
      submissions: { totalCount: submissions.length, nodes: submissions },
    };
    return [{ node, scores, split: one.split }];
  });
  return {
    patients: { totalCount: seen.length, nodes: seen.map(({ node }) => node) },
    scored: { nodes: seen.filter(({ scores }) => scores).map(({ node }) => ({ code: node.code })) },
    splits: [...new Set(seen.map(({ split }) => split))].sort().map((number) => {
      const test = seen.filter(({ split }) => split === number);
      return {
        counts: {
          testPatients: test.length,
          testSubmissions: test.reduce((sum, { node }) => sum + node.submissions.totalCount, 0),
        },
      };
    }),
  };
};

describe('rows', () => {
  it('are what the rule of governance says, for whatever consents, withdrawals and quarantines', async () => {
    let visible = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(patient, { minLength: 4, maxLength: 4 }), async (world) => {
        const facts = await arrange(world);
        const answer = await reading.ask(QUERY, {}, person.actor);
        expect(answer.errors).toBeUndefined();
        const wanted = expected(facts);
        visible += wanted.patients.totalCount;
        expect(answer.data.release).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
    expect(visible).toBeGreaterThan(10);
  });

  it('hidden from a list are hidden by id, in files and in the log', async () => {
    await arrange(
      [0, 1, 2, 3].map(() => ({
        consents: [{ uses: ['HMB'], modalities: [...MODALITIES], adultFrom: null, reconsentedAt: null }],
        withdrawals: [],
        quarantines: [[], []],
      })),
    );
    const before = await reading.ask(
      '{ release { patients { nodes { id submissions { nodes { id frames(first: 20) { nodes { id number } } chunks { id } } } } } } }',
      {},
      person.actor,
    );
    const [first, second] = before.data.release.patients.nodes;
    const ids = [
      first.id,
      first.submissions.nodes[0].id,
      first.submissions.nodes[0].chunks[0].id,
      first.submissions.nodes[0].frames.nodes[0].id,
    ];
    const spanned = second.submissions.nodes[0];
    await reading.db.pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) VALUES ($1, $2, 'STOP_SHARING', 'x', now())`,
      [fixtureId('w'), reading.study.patients[0]!.id],
    );
    await reading.db.pool.query(
      `INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by) VALUES ($1, $2, 1.05, 1.15, 'x', now(), $1)`,
      [fixtureId('q'), reading.study.patients[1]!.submissions[0]!.id],
    );
    const hidden = [...ids, spanned.chunks[0].id, spanned.frames.nodes[10].id, spanned.frames.nodes[11].id];
    const shown = [spanned.id, spanned.chunks[1].id, spanned.frames.nodes[9].id, spanned.frames.nodes[12].id];
    const answer = await reading.ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      { ids: [...hidden, ...shown] },
      person.actor,
    );
    expect(answer).toEqual({ data: { nodes: [...hidden.map(() => null), ...shown.map((id: string) => ({ id }))] } });
  });
});
