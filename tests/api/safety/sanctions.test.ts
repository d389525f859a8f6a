import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixtureId } from '../../support/study-fixture.ts';
import { approved, does, trained } from '../mutations/steps.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
  await trained(world, 'ada');
  await approved(world, { LABELS: ['READ'] });
});
afterAll(() => world.stop());
beforeEach(() => world.db.pool.query('DELETE FROM sanction'));

const SANCTION = 'sanction { id kind person { name } institution reason endsAt liftedAt imposedBy { name } }';
const UNI = fixtureId('institution', 'uni');
const hours = (n: number): string => new Date(world.clock.at.getTime() + n * 3_600_000).toISOString();
const impose = (input: Record<string, unknown>, who: Name = 'sam') =>
  does(
    world,
    who,
    'imposeSanction',
    { reason: 'Data was passed on.', ...input },
    `... on ImposeSanctionSuccess { ${SANCTION} }`,
  );
const codes = async (who: Name = 'ada'): Promise<string[]> => {
  const { errors } = await world.ask(who, '{ release { patients(first: 1) { nodes { code } } } }');
  const reasons = (errors?.[0]?.extensions?.reasons ?? []) as { code: string }[];
  return reasons.map(({ code }) => code);
};

describe('a sanction', () => {
  it('warns without shutting out, and is read by whom it concerns', async () => {
    const { sanction } = await impose({ accountId: world.idOf('ada'), kind: 'WARN' });
    expect(sanction).toMatchObject({ kind: 'WARN', person: { name: 'Ada Person' }, imposedBy: { name: 'Sam Person' } });
    expect(await codes()).toEqual([]);
    const own = (await world.ask('ada', '{ viewer { sanctions { kind reason imposedBy { name } } } }')).data.viewer
      .sanctions;
    expect(own).toEqual([{ kind: 'WARN', reason: 'Data was passed on.', imposedBy: null }]);
    expect(await world.give('sam', 'liftSanction', { id: sanction.id, reason: 'x' })).toMatchObject({
      code: 'WRONG_STATE',
    });
  });

  it('suspends a person at once and until its moment, in data and in commands', async () => {
    await impose({ accountId: world.idOf('ada'), kind: 'SUSPEND', until: hours(2) });
    expect(await codes()).toEqual(['ACCOUNT_SUSPENDED']);
    expect(await world.give('ada', 'createAccessRequest', {})).not.toMatchObject({
      __typename: 'CreateAccessRequestSuccess',
    });
    const at = world.clock.at;
    world.clock.at = new Date(hours(2));
    expect(await codes()).toEqual([]);
    world.clock.at = at;
  });

  it('suspends an institution with all its people, and keeps its requests from being decided', async () => {
    await impose({ institutionId: UNI, kind: 'SUSPEND', until: hours(2) });
    expect(await codes()).toEqual(['INSTITUTION_INELIGIBLE']);
    const own = (await world.ask('ben', '{ viewer { sanctions { institution } } }')).data.viewer.sanctions;
    expect(own).toEqual([{ institution: 'uni' }]);
  });

  it('that suspends is lifted by one steward', async () => {
    const { sanction } = await impose({ accountId: world.idOf('ada'), kind: 'SUSPEND', until: hours(2) });
    const lifted = await does(
      world,
      'sue',
      'liftSanction',
      { id: sanction.id, reason: 'It was a mistake.' },
      `... on LiftSanctionSuccess { ${SANCTION} }`,
    );
    expect(lifted.sanction.liftedAt).toBe(hours(0));
    expect(await codes()).toEqual([]);
    expect(await world.give('sue', 'liftSanction', { id: sanction.id, reason: 'x' })).toMatchObject({
      code: 'WRONG_STATE',
    });
  });

  it.each([
    ['a person', () => ({ accountId: world.idOf('ada') }), 'ACCOUNT_SUSPENDED'],
    ['an institution', () => ({ institutionId: UNI }), 'INSTITUTION_INELIGIBLE'],
  ] as const)('that bars %s is lifted by two', async (_, about, code) => {
    const { sanction } = await impose({ ...about(), kind: 'BAR' });
    expect(await codes()).toEqual([code]);
    expect(await world.give('sue', 'liftSanction', { id: sanction.id, reason: 'x' })).toMatchObject({
      code: 'WRONG_STATE',
    });
    const asked = await does(
      world,
      'sam',
      'askToLiftBar',
      { id: sanction.id, reason: 'Settled.' },
      '... on AskToLiftBarSuccess { stepId seenHash }',
    );
    const lift = (who: Name) =>
      world.give(
        who,
        'liftBar',
        { stepId: asked.stepId, seen: asked.seenHash },
        `... on LiftBarSuccess { ${SANCTION} }`,
      );
    expect(await lift('sam')).toMatchObject({ code: 'SAME_PERSON' });
    expect(await codes()).toEqual([code]);
    expect((await lift('sue')).sanction.liftedAt).not.toBeNull();
    expect(await codes()).toEqual([]);
    expect(await lift('sue')).toMatchObject({ code: 'STEP_ENDED' });
  });

  it('is imposed and lifted by nobody on themself or their own institution', async () => {
    const NIH = fixtureId('institution', 'nih');
    for (const about of [
      { accountId: world.idOf('sam') },
      { accountId: world.idOf('sue') },
      { accountId: world.idOf('cy') },
      { institutionId: NIH },
    ]) {
      const payload = await world.give('sam', 'imposeSanction', { ...about, kind: 'BAR', reason: 'x' });
      expect(payload.reasons?.map(({ code }) => code)).toEqual(['CONFLICT_OF_INTEREST']);
    }
  });

  it('is imposed and lifted by nobody who has declared the person a recent co-author', async () => {
    const by = { other: 'eve@example.org', lastPublishedOn: '2025-01-10' };
    const { sanction } = await impose({ accountId: world.idOf('eve'), kind: 'SUSPEND', until: hours(2) }, 'sam');
    await does(world, 'sam', 'declareCoAuthor', by, '');
    const refused = [
      await world.give('sam', 'imposeSanction', { accountId: world.idOf('eve'), kind: 'BAR', reason: 'x' }),
      await world.give('sam', 'liftSanction', { id: sanction.id, reason: 'x' }),
    ];
    for (const { reasons } of refused) expect(reasons?.map(({ code }) => code)).toEqual(['CONFLICT_OF_INTEREST']);
    await does(world, 'sue', 'liftSanction', { id: sanction.id, reason: 'x' }, '');
  });

  it.each([
    [{ accountId: 'x', kind: 'WARN' }, 'SUBJECT_UNKNOWN'],
    [{ kind: 'WARN' }, 'SUBJECT_UNKNOWN'],
    [{ accountId: fixtureId('person', 'ada'), institutionId: UNI, kind: 'WARN' }, 'SUBJECT_UNKNOWN'],
    [{ accountId: fixtureId('person', 'ada'), kind: 'SUSPEND' }, 'UNTIL_INVALID'],
    [{ accountId: fixtureId('person', 'ada'), kind: 'BAR', until: '2030-01-01T00:00:00Z' }, 'UNTIL_INVALID'],
    [{ accountId: fixtureId('person', 'ada'), kind: 'WARN', reason: ' ' }, 'REASON_MISSING'],
    [{ accountId: fixtureId('person', 'ada'), kind: 'WARN', incidentId: 'x' }, 'INCIDENT_UNKNOWN'],
  ])('is not imposed as %o', async (input, code) => {
    expect(await world.give('sam', 'imposeSanction', { reason: 'x', ...input })).toMatchObject({ code });
  });

  it('is told by mail: to the person, or to the officials of the institution', async () => {
    await world.db.pool.query(`DELETE FROM outbox`);
    await impose({ accountId: world.idOf('ada'), kind: 'SUSPEND', until: hours(26) });
    await impose({ institutionId: UNI, kind: 'BAR' });
    const { rows } = await world.db.pool.query(
      'SELECT account_id AS to, template, data FROM outbox ORDER BY queued_at, id',
    );
    expect(rows).toEqual([
      {
        to: world.idOf('ada'),
        template: 'sanction-imposed',
        data: { kind: 'SUSPEND', institution: null, lastDay: '2025-03-16' },
      },
      { to: world.idOf('olu'), template: 'sanction-imposed', data: { kind: 'BAR', institution: 'uni', lastDay: null } },
    ]);
  });
});
