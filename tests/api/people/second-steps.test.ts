import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFacts } from '../../../api/services/access/load-facts.ts';
import { type Ask, secondSteps } from '../../../api/services/two-person/second-steps.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';

let world: World;
let steps: ReturnType<typeof secondSteps>;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
  const { database, clock, ids } = world.base;
  steps = secondSteps({ database, clock, ids, audit: world.services.audit, loadFacts, defaultStudy: 'demo' });
});
afterAll(() => world.stop());

const as = (name: Name) => ({ kind: 'account', accountId: world.idOf(name) }) as const;
let count = 0;
const asked = (changes: Partial<Ask> = {}) =>
  world.db.database.transaction((sql) =>
    steps.ask(sql, {
      action: 'LIFT_HALT',
      payload: { halt: `halt ${++count}` },
      reason: 'It is safe.',
      by: as('sam'),
      ...changes,
    }),
  );
const confirmed = (id: string, by: Name, seen: string) =>
  world.db.database.transaction((sql) => steps.confirm(sql, { id, action: 'LIFT_HALT', by: as(by), seen }));
const PENDING = '{ pendingSteps { id action payload seenHash reason askedBy { name } confirmable } }';

describe('what takes two people', () => {
  it('is shown to who may confirm it, with the hash that they then name', async () => {
    const { stepId, payloadSha256 } = await asked({ payload: { halt: 'x', n: 1 } });
    const { data } = await world.ask('sue', PENDING);
    expect(data.pendingSteps).toContainEqual({
      id: stepId,
      action: 'LIFT_HALT',
      payload: { halt: 'x', n: 1 },
      seenHash: payloadSha256,
      reason: 'It is safe.',
      askedBy: { name: 'Sam Person' },
      confirmable: true,
    });
    const own = (await world.ask('sam', PENDING)).data.pendingSteps;
    expect(own.find(({ id }: { id: string }) => id === stepId).confirmable).toBe(false);
    expect((await world.ask('adm', PENDING)).data.pendingSteps).toEqual([]);
    expect((await world.ask('ada', PENDING)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect(await confirmed(stepId, 'sue', payloadSha256)).toEqual({
      ok: true,
      payload: { halt: 'x', n: 1 },
      askedBy: world.idOf('sam'),
      reason: 'It is safe.',
    });
  });

  it('is refused to who asked, to another role, with another hash and a second time', async () => {
    const { stepId, payloadSha256 } = await asked();
    expect(await confirmed(stepId, 'sam', payloadSha256)).toMatchObject({ ok: false, code: 'SAME_PERSON' });
    expect(await confirmed(stepId, 'adm', payloadSha256)).toMatchObject({ ok: false, code: 'FORBIDDEN' });
    expect(await confirmed(stepId, 'sue', '0'.repeat(64))).toMatchObject({ ok: false, code: 'STEP_CHANGED' });
    expect(await confirmed(stepId, 'sue', payloadSha256)).toMatchObject({ ok: true });
    expect(await confirmed(stepId, 'sue', payloadSha256)).toMatchObject({ ok: false, code: 'STEP_ENDED' });
    expect(await confirmed('nonsense', 'sue', payloadSha256)).toMatchObject({ ok: false, code: 'STEP_UNKNOWN' });
    const refused = (await world.entries('COMMAND_REFUSED')).filter(({ step }) => step === stepId);
    expect(refused.map(({ code }) => code)).toEqual(['SAME_PERSON', 'FORBIDDEN', 'STEP_CHANGED', 'STEP_ENDED']);
  });

  it('is done once when two confirm it at the same moment', async () => {
    const { stepId, payloadSha256 } = await asked({ by: as('sam') });
    await world.db.pool.query(
      `INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'steward', now()) ON CONFLICT DO NOTHING`,
      [world.idOf('nob')],
    );
    const both = await Promise.all(
      (['sue', 'nob', 'sue', 'nob'] as const).map((who) => confirmed(stepId, who, payloadSha256)),
    );
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(both.filter((one) => !one.ok && one.code === 'STEP_ENDED')).toHaveLength(3);
    await world.db.pool.query('DELETE FROM account_role WHERE account_id = $1', [world.idOf('nob')]);
  });

  it('falls away with the role of who asked for it, and somebody else can ask for it again', async () => {
    const payload = { halt: 'left behind' };
    const { stepId, payloadSha256 } = await asked({ payload });
    await world.db.pool.query(`DELETE FROM account_role WHERE account_id = $1`, [world.idOf('sam')]);
    expect(await confirmed(stepId, 'sue', payloadSha256)).toMatchObject({ ok: false, code: 'ASKER_LEFT' });
    const again = await asked({ payload, by: as('sue') });
    expect(again.stepId).not.toBe(stepId);
    expect(await confirmed(again.stepId, 'sue', payloadSha256)).toMatchObject({ ok: false, code: 'SAME_PERSON' });
    await world.db.pool.query(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'steward', now())`, [
      world.idOf('sam'),
    ]);
  });

  it('is one step when the same is asked for twice, and a new one when the first has waited too long', async () => {
    const payload = { halt: 'twice' };
    const first = await asked({ payload });
    expect((await asked({ payload, by: as('sue') })).stepId).toBe(first.stepId);
    const { at } = world.clock;
    world.clock.at = new Date(at.getTime() + 7 * 86_400_000);
    expect(await confirmed(first.stepId, 'sue', first.payloadSha256)).toMatchObject({ ok: false, code: 'STEP_ENDED' });
    expect((await asked({ payload })).stepId).not.toBe(first.stepId);
    world.clock.at = at;
  });

  it('is taken back by who asked, not by a stranger to it', async () => {
    const { stepId, payloadSha256 } = await asked();
    expect(await world.give('adm', 'withdrawStep', { id: stepId })).toMatchObject({ code: 'STEP_UNKNOWN' });
    expect(await world.give('sam', 'withdrawStep', { id: stepId })).toMatchObject({
      __typename: 'WithdrawStepSuccess',
    });
    expect(await confirmed(stepId, 'sue', payloadSha256)).toMatchObject({ ok: false, code: 'STEP_ENDED' });
  });

  it('cannot be rewritten by the server once it has ended, nor what was asked at all', async () => {
    const { database } = world.db;
    await expect(database.query(`UPDATE second_step SET payload = '{}'`)).rejects.toThrow('permission denied');
    await expect(database.query('DELETE FROM second_step')).rejects.toThrow('permission denied');
    await expect(
      database.query(`UPDATE second_step SET outcome = 'WITHDRAWN' WHERE ended_at IS NOT NULL`),
    ).rejects.toThrow('it has ended');
  });
});
