import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewJob } from '../../../api/jobs/job.ts';
import { changeControl } from '../../../api/jobs/job-control.ts';
import { type JobStore, jobStore } from '../../../api/jobs/job-store.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { ids, standingClock } from './a-clock.ts';

let db: TestDatabase;
let store: JobStore;
let clock: ReturnType<typeof standingClock>;
let curator: string;
beforeAll(async () => {
  db = await startTestDatabase();
  curator = ids.uuid();
  await db.pool.query(
    `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES ($1, 'test', 'cy', 'cy', 'Cy', 'cy@example.org', now())`,
    [curator],
  );
});
afterAll(() => db.stop());
beforeEach(async () => {
  await db.pool.query('DELETE FROM job');
  await db.pool.query('DELETE FROM job_control');
  clock = standingClock();
  store = jobStore(db.database, clock, ids);
});

const add = (job: Partial<NewJob> = {}, of = store) => of.add(db.database, { kind: 'work', payload: {}, ...job });
const hold = (kind: string, change: { paused?: boolean; atOnce?: number | null }) =>
  changeControl(db.database, kind, change, { accountId: curator, now: clock.now() });

describe('a kind that is paused', () => {
  it('gives no job, while others go on, and gives it once it is resumed', async () => {
    await add();
    await add({ kind: 'other' });
    await hold('work', { paused: true });
    expect((await store.claim('one', ['work', 'other']))?.kind).toBe('other');
    expect(await store.claim('one', ['work', 'other'])).toBeNull();
    expect(await store.claim('one', ['work'], ['work'])).toBeNull();
    await hold('work', { paused: false });
    expect((await store.claim('one', ['work']))?.kind).toBe('work');
  });

  it('lets what runs go on and end', async () => {
    const id = await add();
    await store.claim('one', ['work']);
    await hold('work', { paused: true });
    expect(await store.beat(id, 'one', null)).toBe(true);
    expect(await store.finish(db.database, id, 'one', { state: 'SUCCEEDED' })).toBe(true);
  });
});

describe('a kind of which so many may run', () => {
  it('runs no more of it, however many workers ask at once, and fills up as they end', async () => {
    for (let n = 0; n < 20; n++) await add();
    await add({ kind: 'other' });
    await hold('work', { atOnce: 3 });
    const claims = await Promise.all(Array.from({ length: 12 }, (_, n) => store.claim(`w${n}`, ['work', 'other'])));
    const kinds = claims.flatMap((job) => (job ? [job.kind] : []));
    expect(kinds.filter((kind) => kind === 'work')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'other')).toHaveLength(1);
    const [first] = claims.filter((job) => job?.kind === 'work');
    await store.finish(db.database, first!.id, first!.lockedBy!, { state: 'SUCCEEDED' });
    expect((await store.claim('next', ['work']))?.kind).toBe('work');
    expect(await store.claim('next but one', ['work'])).toBeNull();
    await hold('work', { atOnce: null });
    expect((await store.claim('free', ['work']))?.kind).toBe('work');
  });
});

describe('workers of two versions beside each other', () => {
  const of = (version: number) => jobStore(db.database, clock, ids, undefined, { work: version });

  it('the older leaves what a newer server asks for to the newer, in turn and out of it', async () => {
    await add({}, of(2));
    for (const inTurn of [[], ['work']]) expect(await of(1).claim('older', ['work'], inTurn)).toBeNull();
    expect((await of(2).claim('newer', ['work'], ['work']))?.kind).toBe('work');
  });

  it('the newer takes what an older server asked for, and the older is not held up by what it does not know', async () => {
    const newer = await add({}, of(2));
    clock.forward(1);
    const older = await add({}, of(1));
    expect((await of(1).claim('older', ['work'], ['work']))?.id).toBe(older);
    expect((await of(2).claim('newer', ['work']))?.id).toBe(newer);
    const again = await add({}, of(1));
    expect((await of(2).claim('newer', ['work']))?.id).toBe(again);
  });
});
