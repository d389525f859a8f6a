import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PLACES_IN_TURN } from '../../../api/jobs/fair-turn.ts';
import { type JobStore, jobStore } from '../../../api/jobs/job-store.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { fixtureId } from '../../support/study-fixture.ts';
import { ids, standingClock } from './a-clock.ts';

let db: TestDatabase;
let store: JobStore;
const clock = standingClock();
const PEOPLE = ['a', 'b', 'c'] as const;
type Person = (typeof PEOPLE)[number];

beforeAll(async () => {
  db = await startTestDatabase();
  store = jobStore(db.database, clock, ids);
});
afterAll(() => db.stop());
beforeEach(() => db.pool.query('DELETE FROM job'));

async function asks(person: Person, count: number, kind = 'run'): Promise<void> {
  for (let n = 1; n <= count; n++) {
    clock.forward(10);
    await store.add(db.database, { kind, payload: `${person}${n}`, accountId: fixtureId('person', person) });
  }
}

/** A worker takes the next and, unless it is kept, ends it after a second. */
async function takes(keep = false, worker = 'w', kinds = ['run']): Promise<string | null> {
  clock.forward(10);
  const job = await store.claim(worker, kinds, ['run']);
  if (job === null) return null;
  clock.forward(1000);
  if (!keep) await store.finish(db.database, job.id, worker, { state: 'SUCCEEDED' });
  return job.payload as string;
}

const places = async (): Promise<string[]> => {
  const { rows } = await db.pool.query<{ payload: string }>(
    `SELECT j.payload FROM (${PLACES_IN_TURN('$1')}) p JOIN job j ON j.id = p.id ORDER BY p.place`,
    ['run'],
  );
  return rows.map(({ payload }) => payload);
};

describe('people take turns', () => {
  it("so that one's ten jobs delay another's one by one at most", async () => {
    await asks('a', 10);
    expect([await takes(), await takes()]).toEqual(['a1', 'a2']);
    await asks('b', 1);
    expect([await takes(), await takes(), await takes()]).toEqual(['b1', 'a3', 'a4']);
  });

  it('also while a job of each is at work, with two workers', async () => {
    await asks('a', 10);
    expect([await takes(true), await takes(true)]).toEqual(['a1', 'a2']);
    await asks('b', 2);
    expect([await takes(true), await takes(true), await takes(true)]).toEqual(['b1', 'b2', 'a3']);
  });

  it('and who asks for one after the other keeps nobody waiting either', async () => {
    await asks('a', 10);
    await takes();
    const order: (string | null)[] = [];
    for (let round = 0; round < 3; round++) {
      await asks('b', 1);
      order.push(await takes(), await takes());
    }
    expect(order).toEqual(['b1', 'a2', 'b1', 'a3', 'b1', 'a4']);
  });

  it('in the places that they were told', async () => {
    await asks('a', 4);
    await asks('b', 2);
    await takes(true);
    await asks('c', 1);
    const told = await places();
    expect(told).toEqual(['b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
    await db.pool.query(`UPDATE job SET state = 'SUCCEEDED' WHERE state = 'RUNNING'`);
    const taken: (string | null)[] = [];
    for (let n = 0; n < told.length; n++) taken.push(await takes());
    expect(taken).toEqual(told);
  });

  it('each job once, however many workers look at the same time', async () => {
    await asks('a', 8);
    await asks('b', 8);
    clock.forward(10);
    const got: string[] = [];
    // Who meets another at the same job looks again: as long as any wait, somebody gets one.
    for (let before = -1; before !== got.length && got.length < 16; ) {
      before = got.length;
      const claimed = await Promise.all(Array.from({ length: 16 }, (_, n) => store.claim(`w${n}`, ['run'], ['run'])));
      got.push(...claimed.flatMap((job) => (job === null ? [] : [job.id])));
    }
    expect(new Set(got).size).toBe(got.length);
    expect(got).toHaveLength(16);
  });

  it('and other kinds are taken as they came', async () => {
    await asks('a', 2, 'other');
    await asks('b', 1, 'other');
    await asks('c', 1);
    const all = [];
    for (let n = 0; n < 4; n++) all.push(await takes(false, 'w', ['run', 'other']));
    expect(all).toEqual(['a1', 'a2', 'b1', 'c1']);
  });
});
