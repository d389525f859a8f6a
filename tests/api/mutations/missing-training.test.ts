import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approved, does, endorsed, trained } from './steps.ts';
import { startWorld, type Who, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
}, 60_000);
afterAll(() => world.stop());

const ACCESS = { LABELS: ['READ'], VIDEO: ['READ'] } as const;
const gaps = async (who: Who, id: string): Promise<string[]> => {
  const { data, errors } = await world.ask(
    who,
    'query($id: ID!) { accessRequest(id: $id) { missingTraining { person { name } modality training standing } } }',
    { id },
  );
  expect(errors).toBeUndefined();
  return data.accessRequest.missingTraining.map(
    ({ modality, training, standing }: Record<string, string>) => `${modality} ${training} ${standing}`,
  );
};
const toldOfApproval = async (id: string): Promise<Record<string, unknown>> => {
  const { rows } = await world.db.pool.query(
    `SELECT data FROM outbox WHERE template = 'request-approved' AND once LIKE $1`,
    [`request.${id}.%`],
  );
  expect(rows).toHaveLength(1);
  return rows[0].data;
};

describe('trainings that are missing', () => {
  it('are said of each kind of data before it is granted, to the steward and to the applicant, and when it is', async () => {
    const { id } = await endorsed(world, ACCESS);
    const missing = await gaps('sue', id);
    expect(missing).toContain('VIDEO CONFLICTS_OF_INTEREST MISSING');
    expect(missing.some((gap) => gap.startsWith('LABELS '))).toBe(true);
    expect(await gaps('ada', id)).toEqual(missing);
    // An official sees the request, and nothing of other people's trainings.
    expect(await gaps('olu', id)).toEqual([]);
    const { id: given } = await approved(world, ACCESS);
    const { missing: told } = (await toldOfApproval(given)) as { missing: { modalities: string[] }[] };
    expect(told.length).toBeGreaterThan(0);
    expect(told.flatMap(({ modalities }) => modalities)).toContain('VIDEO');
  });

  it('are said to the deputy who decides in place of a steward, with the ethics document, and to no other', async () => {
    const { id } = await endorsed(world, ACCESS);
    const missing = await gaps('sue', id);
    const from = world.clock.now();
    await world.db.pool.query(
      `INSERT INTO deputy_steward (id, account_id, asked_by, confirmed_by, reason, starts_at, ends_at) VALUES ($1, $2, $3, $3, 'x', $4, $5)`,
      [randomUUID(), world.idOf('eve'), world.idOf('adm'), from, new Date(from.getTime() + 60_000)],
    );
    const document = async (who: Who) => {
      const text = 'query($id: ID!) { accessRequest(id: $id) { ethicsDocument { sha256 } } }';
      return (await world.ask(who, text, { id })).data.accessRequest.ethicsDocument;
    };
    // Both stewards may decide it: a deputy looks at the queue, and at no paper of people.
    expect([await gaps('eve', id), await document('eve')]).toEqual([[], null]);
    await does(world, 'sam', 'recuseFromAccessRequest', { requestId: id });
    expect(await gaps('eve', id)).toEqual(missing);
    expect(await document('eve')).toEqual({ sha256: 'a'.repeat(64) });
    await world.db.pool.query('UPDATE deputy_steward SET ended_at = $1, ended_by = $2', [from, world.idOf('adm')]);
    expect((await world.ask('eve', 'query($id: ID!) { accessRequest(id: $id) { id } }', { id })).data).toEqual({
      accessRequest: null,
    });
  });

  it('are none for who has them all', async () => {
    await trained(world, 'ada');
    const { id } = await approved(world, ACCESS);
    expect(await gaps('sue', id)).toEqual([]);
    expect(await toldOfApproval(id)).toMatchObject({ missing: [] });
  });
});
