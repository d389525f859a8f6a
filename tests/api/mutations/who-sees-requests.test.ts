import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { does, endorsed, written } from './steps.ts';
import { NAMES, type Name, startWorld, type World } from './world.ts';

let world: World;
/** Requests of ada by how they stand. */
const requests: Record<'draft' | 'submitted' | 'withInvitation', string> = {
  draft: '',
  submitted: '',
  withInvitation: '',
};

beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
  requests.draft = (await written(world)).id;
  requests.submitted = (await endorsed(world)).id;
  requests.withInvitation = (await does(world, 'ada', 'createAccessRequest', {})).request.id;
  await does(world, 'ada', 'inviteCollaborator', { requestId: requests.withInvitation, email: 'ben@example.org' });
});
afterAll(() => world.stop());

const all = () => Object.values(requests);
const LIST =
  'query($state: [RequestState!], $first: Int, $after: String) { accessRequests(state: $state, first: $first, after: $after) { totalCount nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }';
const listOf = async (who: Name | null, variables: Record<string, unknown> = {}) =>
  (await world.ask(who, LIST, variables)).data.accessRequests;
const idsOf = async (who: Name | null, variables: Record<string, unknown> = {}): Promise<string[]> =>
  (await listOf(who, variables)).nodes.map(({ id }: { id: string }) => id);

describe('an access request', () => {
  const MAY: Readonly<Record<Name, () => string[]>> = {
    ada: all,
    ben: () => [requests.withInvitation],
    eve: () => [],
    olu: () => [requests.submitted],
    oda: () => [],
    sam: () => [requests.submitted],
    sue: () => [requests.submitted],
    cy: () => [],
    aud: () => [],
    adm: () => [],
    nob: () => [],
  };

  it.each(NAMES)('is seen by %s as the table says, in the list and by its id', async (who) => {
    const may = MAY[who]();
    const listed = await listOf(who);
    expect(listed.nodes.map(({ id }: { id: string }) => id).sort()).toEqual([...may].sort());
    expect(listed.totalCount).toBe(may.length);
    for (const id of all()) {
      const { data } = await world.ask(who, 'query($id: ID!) { accessRequest(id: $id) { id } }', { id });
      expect(data.accessRequest).toEqual(may.includes(id) ? { id } : null);
    }
  });

  it('is not seen by a deputy steward whose other role excludes it', async () => {
    for (const [who, sees] of [
      ['aud', false],
      ['eve', true],
    ] as const) {
      await world.db.pool.query(
        `INSERT INTO deputy_steward (id, account_id, asked_by, confirmed_by, reason, starts_at, ends_at) VALUES ($1, $2, $3, $3, 'x', $4, $5)`,
        [randomUUID(), world.idOf(who), world.idOf('adm'), world.clock.at, new Date(world.clock.at.getTime() + 60_000)],
      );
      expect(await idsOf(who)).toEqual(sees ? [requests.submitted] : []);
    }
    await world.db.pool.query('DELETE FROM deputy_steward');
  });

  it('is nothing to a stranger', async () => {
    expect(await listOf(null)).toMatchObject({ nodes: [], totalCount: 0 });
    const { data } = await world.ask(null, 'query($id: ID!) { accessRequest(id: $id) { id } }', {
      id: requests.submitted,
    });
    expect(data.accessRequest).toBeNull();
  });

  it('is nothing by an id that is none', async () => {
    expect((await world.ask('sam', '{ accessRequest(id: "x") { id } }')).data.accessRequest).toBeNull();
  });

  it('is not seen with the token of another grant', async () => {
    const token = { 'x-test-token': '00000000-0000-7000-8000-000000000000' };
    const { data } = await world.ask('ada', '{ viewer { requests { id } } }', {}, token);
    expect(data.viewer.requests).toEqual([]);
  });

  it('is listed newest first, in pages that miss none and repeat none', async () => {
    const inOne = await idsOf('ada', { first: 10 });
    expect(inOne).toEqual([...all()].sort().reverse());
    const first = await listOf('ada', { first: 2 });
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await listOf('ada', { first: 2, after: first.pageInfo.endCursor });
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const paged = [...first.edges, ...second.edges].map(({ node }: { node: { id: string } }) => node.id);
    expect(paged).toEqual(inOne);
  });

  it('is listed by its state', async () => {
    expect(await idsOf('ada', { state: ['SUBMITTED'] })).toEqual([requests.submitted]);
    expect((await listOf('ada', { state: ['SUBMITTED', 'DRAFT'] })).totalCount).toBe(3);
  });

  it('is not listed after a cursor that is none, and never in a page of less than nothing', async () => {
    expect(await idsOf('ada', { after: 'x' })).toEqual([]);
    const { errors } = await world.ask('ada', LIST, { first: -1 });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it("is among one's own only for its team", async () => {
    const mine = async (who: Name) =>
      (await world.ask(who, '{ viewer { requests { id } } }')).data.viewer.requests.map(({ id }: { id: string }) => id);
    expect((await mine('ada')).sort()).toEqual(all().sort());
    expect(await mine('ben')).toEqual([requests.withInvitation]);
    expect(await mine('olu')).toEqual([]);
    expect(await mine('sam')).toEqual([]);
  });

  it('is not seen any more by somebody whose invitation was taken back', async () => {
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    const { request: asked } = await does(world, 'ada', 'inviteCollaborator', {
      requestId: request.id,
      email: 'ben@example.org',
    });
    expect(await idsOf('ben')).toContain(request.id);
    await does(world, 'ada', 'removeCollaborator', {
      requestId: request.id,
      invitationId: asked.collaborators[0].invitationId,
    });
    expect(await idsOf('ben')).not.toContain(request.id);
    await does(world, 'ada', 'withdrawAccessRequest', { requestId: request.id });
  });

  it('is not seen any more by an official who was unbound', async () => {
    await world.db.pool.query('DELETE FROM official WHERE account_id = $1', [world.idOf('olu')]);
    expect(await idsOf('olu')).toEqual([]);
  });
});
