import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approved, does, trained } from '../mutations/steps.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';

let world: World;
let grantId: string;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 5 });
  await trained(world, 'ada');
  const request = await approved(world, { LABELS: ['READ'], PAIN_SCORES: ['READ'] });
  grantId = request.grant.id;
});
afterAll(() => world.stop());

const HALT = 'halt { id scope target category reason placedBy { name } liftedAt }';
const ACTIVE = '{ activeHalts { id scope target category reason placedBy { name } } }';
const place = (scope: string, target: string | null, more: Record<string, unknown> = {}, who: Name = 'sam') =>
  does(
    world,
    who,
    'haltAccess',
    { scope, target, reason: 'A copy was seen elsewhere.', ...more },
    `... on HaltAccessSuccess { ${HALT} }`,
  );
const reads = async (field = 'code'): Promise<boolean> => {
  const { data } = await world.ask('ada', `{ release { patients(first: 1) { nodes { ${field} } } } }`);
  const [node] = data.release.patients?.nodes ?? [];
  return node !== undefined && node[field] !== null;
};
const active = async (who: Name) => (await world.ask(who, ACTIVE)).data.activeHalts;

async function lift(id: string) {
  const asked = await does(
    world,
    'sam',
    'askToLiftHalt',
    { id, reason: 'It was a mistake.' },
    '... on AskToLiftHaltSuccess { stepId seenHash }',
  );
  return does(
    world,
    'sue',
    'liftHalt',
    { stepId: asked.stepId, seen: asked.seenHash },
    `... on LiftHaltSuccess { ${HALT} }`,
  );
}

describe('a halt', () => {
  it.each([
    ['ALL', (): string | null => null],
    ['RELEASE', (): string => world.study.releaseId],
    ['MODALITY', (): string => 'LABELS'],
    [
      'INSTITUTION',
      async (): Promise<string> =>
        (await world.db.pool.query('SELECT institution_id AS id FROM data_grant WHERE id = $1', [grantId])).rows[0].id,
    ],
    ['GRANT', (): string => grantId],
    ['RELEASE', async (): Promise<string> => (await world.ask(null, '{ release { id } }')).data.release.id],
    ['GRANT', (): string => grantId.toUpperCase()],
  ] as const)('of %s acts at once, is told to whom it concerns without its reason, and takes two to lift', async (scope, target) => {
    const found = await target();
    expect(await reads()).toBe(true);
    const { halt } = await place(scope, found, { category: 'INCIDENT' });
    expect(halt).toMatchObject({
      scope,
      category: 'INCIDENT',
      reason: 'A copy was seen elsewhere.',
      placedBy: { name: 'Sam Person' },
    });
    expect(await reads()).toBe(false);
    expect(await active('ada')).toEqual([
      { id: halt.id, scope, target: halt.target, category: 'INCIDENT', reason: null, placedBy: null },
    ]);
    expect(await active('sue')).toMatchObject([{ id: halt.id, reason: 'A copy was seen elsewhere.' }]);
    expect((await active('eve')).length).toBe(scope === 'ALL' ? 1 : 0);
    const lifted = await lift(halt.id);
    expect(lifted.halt.liftedAt).not.toBeNull();
    expect([await reads(), await active('ada')]).toEqual([true, []]);
  });

  it('of another modality leaves the rest as it is', async () => {
    const { halt } = await place('MODALITY', 'PAIN_SCORES');
    expect([await reads('code'), await reads('painTarget')]).toEqual([true, false]);
    await lift(halt.id);
    expect(await reads('painTarget')).toBe(true);
  });

  it('is lifted by nobody alone, not with another hash, and once', async () => {
    const { halt } = await place('ALL', null);
    const asked = await does(
      world,
      'sam',
      'askToLiftHalt',
      { id: halt.id, reason: 'Safe.' },
      '... on AskToLiftHaltSuccess { stepId seenHash }',
    );
    const lifting = (who: Name, seen = asked.seenHash) => world.give(who, 'liftHalt', { stepId: asked.stepId, seen });
    expect(await lifting('sam')).toMatchObject({ code: 'SAME_PERSON' });
    expect(await lifting('sue', '0'.repeat(64))).toMatchObject({ code: 'STEP_CHANGED' });
    expect(await reads()).toBe(false);
    const both = await Promise.all([lifting('sue'), lifting('sue')]);
    expect(both.map((one) => one.code ?? one.__typename).sort()).toEqual(['LiftHaltSuccess', 'STEP_ENDED']);
    expect(await reads()).toBe(true);
    expect(await world.give('sam', 'askToLiftHalt', { id: halt.id, reason: 'x' })).toMatchObject({
      code: 'WRONG_STATE',
    });
    const { rows } = await world.db.pool.query('SELECT lifted_by, lift_asked_by FROM halt WHERE id = $1', [halt.id]);
    expect(rows).toEqual([{ lifted_by: world.idOf('sue'), lift_asked_by: world.idOf('sam') }]);
  });

  it('of the same thing twice stands until both are lifted', async () => {
    const [one, two] = [await place('GRANT', grantId), await place('GRANT', grantId, {}, 'sue')];
    await lift(one.halt.id);
    expect(await reads()).toBe(false);
    await lift(two.halt.id);
    expect(await reads()).toBe(true);
  });

  it.each([
    ['ALL', 'LABELS'],
    ['MODALITY', null],
    ['MODALITY', 'labels'],
    ['RELEASE', 'x'],
    ['GRANT', '00000000-0000-7000-8000-000000000000'],
    ['INSTITUTION', "x' OR true; --"],
  ])('of %s %s is none', async (scope, target) => {
    const payload = await world.give('sam', 'haltAccess', { scope, target, reason: 'x' });
    expect(payload).toMatchObject({ code: 'TARGET_UNKNOWN' });
  });

  it('takes a reason', async () => {
    expect(await world.give('sam', 'haltAccess', { scope: 'ALL', reason: '  ' })).toMatchObject({
      code: 'REASON_MISSING',
    });
    expect(await reads()).toBe(true);
  });

  it('can be neither changed nor taken away by the server, but for its lifting', async () => {
    const { halt } = await place('GRANT', grantId);
    for (const attack of [
      'DELETE FROM halt WHERE id = $1',
      `UPDATE halt SET target = 'x' WHERE id = $1`,
      `UPDATE halt SET scope = 'ALL' WHERE id = $1`,
    ])
      await expect(world.db.database.query(attack, [halt.id])).rejects.toThrow('permission denied');
    await lift(halt.id);
  });

  it('is in the log with its reason, and so is its lifting with both people', async () => {
    const entries = await world.entries('LIFT_HALT');
    expect(entries.at(-1)).toMatchObject({ account: world.idOf('sue'), askedBy: world.idOf('sam') });
    expect((await world.entries('HALT_ACCESS'))[0]).toMatchObject({
      reason: 'A copy was seen elsewhere.',
      scope: 'ALL',
    });
  });
});
