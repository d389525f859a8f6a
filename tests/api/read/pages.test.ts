import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fixtureId } from '../../support/study-fixture.ts';
import { type Answer, type Reading, startReading } from './support.ts';

let reading: Reading;
let person: FixturePerson;
beforeAll(async () => {
  reading = await startReading({ patients: 7, submissions: 5, frames: 33 });
  person = await addResearcher(reading.db.pool, { name: 'everything', studyId: reading.study.studyId });
  const { submissions } = reading.study.patients[0]!;
  await reading.db.pool.query(
    `INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by) VALUES ($1, $2, 0.45, 1.25, 'x', now(), $1), ($3, $4, NULL, NULL, 'x', now(), $1)`,
    [fixtureId('q'), submissions[0]!.id, fixtureId('r'), submissions[1]!.id],
  );
});
afterAll(() => reading?.stop());

interface Page {
  totalCount: number;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  edges: { cursor: string; node: { key: unknown } }[];
  nodes: { key: unknown }[];
}

const BODY =
  'totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { key: KEY } } nodes { key: KEY }';
const LISTS: Record<string, { query: string; find: (data: Answer['data']) => Page }> = {
  patients: {
    query: `query ($first: Int, $after: String) { release { patients(first: $first, after: $after) { ${BODY.replaceAll('KEY', 'code')} } } }`,
    find: (data) => data.release.patients,
  },
  'filtered patients': {
    query: `query ($first: Int, $after: String) { release { patients(first: $first, after: $after, filter: { sex: F }) { ${BODY.replaceAll('KEY', 'code')} } } }`,
    find: (data) => data.release.patients,
  },
  submissions: {
    query: `query ($first: Int, $after: String) { release { patient(code: "9001") { submissions(first: $first, after: $after) { ${BODY.replaceAll('KEY', 'timestamp')} } } } }`,
    find: (data) => data.release.patient.submissions,
  },
  frames: {
    query: `query ($first: Int, $after: String) { release { patient(code: "9002") { submissions(first: 1) { nodes { frames(first: $first, after: $after) { ${BODY.replaceAll('KEY', 'number')} } } } } } }`,
    find: (data) => data.release.patient.submissions.nodes[0].frames,
  },
  'frames around a quarantined time': {
    query: `query ($first: Int, $after: String) { release { patient(code: "9001") { submissions(first: 1) { nodes { frames(first: $first, after: $after) { ${BODY.replaceAll('KEY', 'number')} } } } } } }`,
    find: (data) => data.release.patient.submissions.nodes[0].frames,
  },
  'frames with a face': {
    query: `query ($first: Int, $after: String) { release { patient(code: "9001") { submissions(first: 1) { nodes { frames(first: $first, after: $after, faceDetected: true) { ${BODY.replaceAll('KEY', 'number')} } } } } } }`,
    find: (data) => data.release.patient.submissions.nodes[0].frames,
  },
};

describe.each(Object.entries(LISTS))('pages of %s', (_, { query, find }) => {
  const page = async (first: number, after: string | null): Promise<Page> => {
    const answer = await reading.ask(query, { first, after }, person.actor);
    expect(answer.errors).toBeUndefined();
    return find(answer.data);
  };

  it('put together are the whole, each row once and in order', async () => {
    const whole = await page(500, null);
    expect(whole.nodes.length).toBeGreaterThan(2);
    expect(whole.totalCount).toBe(whole.nodes.length);
    expect(whole.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (first) => {
        const seen: unknown[] = [];
        let after: string | null = null;
        for (;;) {
          const next: Page = await page(first, after);
          expect(next.totalCount).toBe(whole.totalCount);
          expect(next.edges.map(({ node }) => node)).toEqual(next.nodes);
          expect(next.pageInfo.startCursor).toBe(next.edges[0]?.cursor ?? null);
          expect(next.pageInfo.endCursor).toBe(next.edges.at(-1)?.cursor ?? null);
          seen.push(...next.nodes);
          expect(next.pageInfo.hasNextPage).toBe(seen.length < whole.nodes.length);
          if (!next.pageInfo.hasNextPage) break;
          expect(next.nodes).toHaveLength(first);
          after = next.pageInfo.endCursor;
        }
        expect(seen).toEqual(whole.nodes);
      }),
      { numRuns: 8, examples: [[1], [whole.nodes.length]] },
    );
  });

  it('may begin after any row, and be empty', async () => {
    const whole = await page(500, null);
    const [, second] = whole.edges;
    const rest = await page(500, second!.cursor);
    expect(rest.nodes).toEqual(whole.nodes.slice(2));
    expect(rest.pageInfo.hasPreviousPage).toBe(true);
    const none = await page(0, null);
    expect(none).toMatchObject({
      nodes: [],
      edges: [],
      totalCount: whole.totalCount,
      pageInfo: { hasNextPage: true, startCursor: null, endCursor: null },
    });
    expect((await page(5, whole.edges.at(-1)!.cursor)).nodes).toEqual([]);
  });
});
