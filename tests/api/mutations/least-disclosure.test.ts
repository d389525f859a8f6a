import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approved, does, endorsed, form, written } from './steps.ts';
import { type Name, startWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
});
afterAll(() => world.stop());

const FIELDS = `id state version seenHash title whoActsNext form { title } collaborators { email } signatures { by { name } current }
  comments { text } proposal { by { name } } amendment { state seenHash form { title } collaborators { email } }
  events { number type by { name } text }`;
const seenBy = async (who: Name, id: string) =>
  (await world.ask(who, `query($id: ID!) { accessRequest(id: $id) { ${FIELDS} } }`, { id })).data.accessRequest;
const listed = async (who: Name, waitsFor: string | null = null): Promise<string[]> => {
  const query =
    'query($waitsFor: NextActor) { accessRequests(waitsFor: $waitsFor, first: 50) { totalCount nodes { id } } }';
  const { nodes, totalCount } = (await world.ask(who, query, { waitsFor })).data.accessRequests;
  expect(totalCount).toBe(nodes.length);
  return nodes.map(({ id }: { id: string }) => id);
};
/** The whole of what somebody is told of a request, as one text. */
const tells = async (who: Name, id: string): Promise<string> => JSON.stringify(await seenBy(who, id));
const renamed = (title: string) => ({ ...form({ LABELS: ['READ'] }), title });
const returned = async (): Promise<string> => {
  const { id } = await endorsed(world);
  await does(world, 'sam', 'returnAccessRequest', { requestId: id, changes: 'Say which servers.' });
  return id;
};

describe('what stewards say among themselves', () => {
  const talk = async (): Promise<string> => {
    const { id, seenHash: seen } = await endorsed(world, { VIDEO: ['READ'] });
    await does(world, 'sue', 'commentAccessRequest', { requestId: id, text: 'Between us: weak.' });
    await does(world, 'sam', 'commentAccessRequest', { requestId: id, text: 'I worked with them.' });
    await does(world, 'sue', 'commentAccessRequest', { requestId: id, text: 'Which servers?', to: 'APPLICANT' });
    await does(world, 'ada', 'commentAccessRequest', { requestId: id, text: 'Those in the cellar.' });
    const terms = { requestId: id, seen, items: [{ modality: 'VIDEO', uses: ['READ'] }], confirmsExport: false };
    await does(world, 'sue', 'approveAccessRequest', { ...terms, endsAt: '2026-03-01T05:00:00.000Z' });
    return id;
  };
  const OTHERS = ['Between us', 'in the cellar', 'GrantProposed'];
  const expectApart = async (id: string) => {
    const told = await tells('sam', id);
    for (const one of OTHERS) expect(told).not.toContain(one);
    for (const one of ['I worked with them.', 'Which servers?']) expect(told).toContain(one);
    expect((await seenBy('sam', id)).proposal).toBeNull();
    const all = await tells('sue', id);
    for (const one of [...OTHERS, 'I worked with them.']) expect(all).toContain(one);
  };

  it('is not for one who has stepped back', async () => {
    const id = await talk();
    expect(await tells('sam', id)).toContain('Between us');
    await does(world, 'sam', 'recuseFromAccessRequest', { requestId: id });
    await expectApart(id);
  });

  it('is not for a recent co-author of somebody on the team, also in the list', async () => {
    const id = await talk();
    await world.db.pool.query(
      `INSERT INTO co_author (id, account_id, other_id, other_named, last_published_on, declared_at) VALUES ($1, $2, $3, 'Sam', '2025-01-01', $4)`,
      [randomUUID(), world.idOf('sam'), world.idOf('ada'), world.clock.at],
    );
    await expectApart(id);
    const { data } = await world.ask('sam', `{ accessRequests(first: 50) { nodes { ${FIELDS} } } }`);
    for (const one of OTHERS) expect(JSON.stringify(data)).not.toContain(one);
    await world.db.pool.query('INSERT INTO co_author_withdrawal SELECT id, $1::timestamptz FROM co_author', [
      world.clock.at,
    ]);
  });

  it('is not for a steward of the same institution', async () => {
    const id = await talk();
    const move = (to: Name) =>
      world.db.pool.query(
        'UPDATE account SET institution_id = (SELECT institution_id FROM account WHERE id = $2) WHERE id = $1',
        [world.idOf('sam'), world.idOf(to)],
      );
    await move('ada');
    await expectApart(id);
    await move('sue');
  });

  it('is given again by no repeat of an own command', async () => {
    const { id } = await endorsed(world);
    await does(world, 'sue', 'commentAccessRequest', { requestId: id, text: 'Between us: weak.' });
    const commandId = randomUUID();
    const input = { requestId: id, text: 'I worked with them.', commandId };
    const selection = '... on CommentAccessRequestSuccess { request { comments { text } } }';
    const first = await world.give('sam', 'commentAccessRequest', input, selection);
    expect(JSON.stringify(first)).toContain('Between us');
    await does(world, 'sam', 'recuseFromAccessRequest', { requestId: id });
    const again = await world.give('sam', 'commentAccessRequest', input, selection);
    expect(again.request.comments).toEqual([{ text: 'I worked with them.' }]);
  });
});

describe('a request that was never sent in', () => {
  it('is not there for the official, by any path, also once it is withdrawn', async () => {
    const { id } = await written(world);
    const reason = 'Not one of ours.';
    for (const withdrawn of [false, true]) {
      if (withdrawn) await does(world, 'ada', 'withdrawAccessRequest', { requestId: id });
      expect(await seenBy('olu', id)).toBeNull();
      for (const waitsFor of [null, 'APPLICANT', 'SIGNING_OFFICIAL'])
        expect(await listed('olu', waitsFor)).not.toContain(id);
      const refused = await world.give(
        'olu',
        'declineAccessRequest',
        { requestId: id, reason },
        '... on CommandRefused { currentVersion }',
      );
      expect(refused).toMatchObject({ code: 'NOT_FOUND', currentVersion: null });
    }
  });

  it('is no other request of a team for the official', async () => {
    const sent = await endorsed(world);
    const { id } = await written(world);
    const { data } = await world.ask(
      'olu',
      'query($id: ID!) { accessRequest(id: $id) { otherRequests(first: 50) { totalCount nodes { id } } } }',
      { id: sent.id },
    );
    expect(JSON.stringify(data)).not.toContain(id);
    await does(world, 'ada', 'withdrawAccessRequest', { requestId: id });
  });

  it('is not told of as an amendment, neither to stewards nor to the official', async () => {
    const { id } = await approved(world);
    await does(world, 'ada', 'amendAccessRequest', { requestId: id });
    await does(world, 'ada', 'editAccessRequest', { requestId: id, form: renamed('Secret plans') });
    for (const who of ['olu', 'sam'] as const) {
      expect(await seenBy(who, id)).toMatchObject({ amendment: null, whoActsNext: null });
      const told = await tells(who, id);
      for (const one of ['Secret plans', 'AmendmentBegun']) expect(told).not.toContain(one);
      expect(await listed(who, 'APPLICANT')).not.toContain(id);
      expect(await listed(who)).toContain(id);
    }
    expect(await tells('ada', id)).toContain('Secret plans');
    expect(await listed('ada', 'APPLICANT')).toContain(id);
    await does(world, 'ada', 'withdrawAccessRequest', { requestId: id });
    for (const who of ['olu', 'sam'] as const) expect(await tells(who, id)).not.toContain('Amendment');
  });
});

describe('the log', () => {
  it('says that an invitation was refused, and not to whom it was', async () => {
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    const invitation = { requestId: request.id, email: 'zoe@example.org' };
    await does(world, 'ada', 'inviteCollaborator', invitation);
    expect(await world.give('ada', 'inviteCollaborator', invitation)).toMatchObject({ code: 'ALREADY_INVITED' });
    const entries = JSON.stringify(
      (await Promise.all(['COMMAND', 'COMMAND_REFUSED'].map((action) => world.entries(action)))).flat(),
    );
    expect(entries).toContain('ALREADY_INVITED');
    expect(entries).not.toContain('zoe@example.org');
  });
});

describe('a request that was returned', () => {
  it('stays as it was sent in for stewards and the official, until it is sent in again', async () => {
    const id = await returned();
    const before = await seenBy('sam', id);
    await does(world, 'ada', 'editAccessRequest', { requestId: id, form: renamed('A title in the making') });
    await does(world, 'ada', 'inviteCollaborator', { requestId: id, email: 'ben@example.org' });
    const own = await seenBy('ada', id);
    expect(own.title).toBe('A title in the making');
    for (const who of ['sam', 'olu'] as const) {
      const told = await tells(who, id);
      for (const one of ['in the making', 'ben@example.org', 'CollaboratorInvited']) expect(told).not.toContain(one);
      expect((await seenBy(who, id)).seenHash).toBe(before.seenHash);
    }
    expect({ ...(await seenBy('sam', id)), version: 0 }).toEqual({ ...before, version: 0 });

    await does(world, 'ada', 'removeCollaborator', {
      requestId: id,
      invitationId: (await does(world, 'ada', 'editAccessRequest', { requestId: id, form: renamed('The new title') }))
        .request.collaborators[0].invitationId,
    });
    const { seenHash: seen } = await seenBy('ada', id);
    await does(world, 'ada', 'signAgreement', { requestId: id, version: 1, seen });
    await does(world, 'ada', 'submitAccessRequest', { requestId: id });
    for (const who of ['sam', 'olu'] as const)
      expect(await seenBy(who, id)).toMatchObject({ title: 'The new title', seenHash: seen });
  });

  it('is no request, and of no version, for who was invited and may not join', async () => {
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    await does(world, 'ada', 'inviteCollaborator', { requestId: request.id, email: 'cy@example.org' });
    const answers = [request.id, '00000000-0000-7000-8000-000000000000'].map((requestId) =>
      world.give('cy', 'withdrawAccessRequest', { requestId }, '... on CommandRefused { code currentVersion }'),
    );
    const [there, none] = await Promise.all(answers);
    expect(there).toMatchObject({ code: 'NOT_FOUND', currentVersion: null });
    expect(there).toEqual(none);
  });

  it('tells nobody whom it brings onto the team, and by no list of other requests', async () => {
    const id = await returned();
    const { request } = await does(world, 'ada', 'inviteCollaborator', { requestId: id, email: 'ben@example.org' });
    const { invitationId } = request.collaborators[0];
    const link = await world.db.pool.query(
      `SELECT data->>'invitationId' AS invitation FROM outbox WHERE template = 'collaborator-invited' AND data->>'invitationId' = $1`,
      [invitationId],
    );
    expect(link.rows).toHaveLength(1);
    // Ben has joined, as the row of the team says; what he reads himself follows from the history.
    await world.db.pool.query('INSERT INTO request_party (request_id, account_id) VALUES ($1, $2)', [
      id,
      world.idOf('ben'),
    ]);
    const { id: others } = (await does(world, 'ben', 'createAccessRequest', {})).request;
    await does(world, 'ben', 'editAccessRequest', { requestId: others, form: form({ LABELS: ['READ'] }) });
    const { seenHash: seen } = await seenBy('ben', others);
    await does(world, 'ben', 'signAgreement', { requestId: others, version: 1, seen });
    await does(world, 'ben', 'submitAccessRequest', { requestId: others });
    const query = 'query($id: ID!) { accessRequest(id: $id) { otherRequests(first: 50) { totalCount nodes { id } } } }';
    const { data } = await world.ask('sam', query, { id: others });
    expect(data.accessRequest.otherRequests).toEqual({ totalCount: 0, nodes: [] });
  });

  it('stays as it was sent in when it is withdrawn without that', async () => {
    const id = await returned();
    await does(world, 'ada', 'editAccessRequest', { requestId: id, form: renamed('A title in the making') });
    await does(world, 'ada', 'withdrawAccessRequest', { requestId: id });
    expect(await seenBy('sam', id)).toMatchObject({ state: 'WITHDRAWN', title: 'Pain in the voice of older patients' });
    expect(await seenBy('ada', id)).toMatchObject({ title: 'A title in the making' });
  });

  it('stays as it was sent in as an amendment', async () => {
    const { id } = await approved(world);
    await does(world, 'ada', 'amendAccessRequest', { requestId: id });
    const { request } = await does(
      world,
      'ada',
      'editAccessRequest',
      { requestId: id, form: renamed('What was sent') },
      `... on EditAccessRequestSuccess { request { amendment { seenHash } } }`,
    );
    await does(world, 'ada', 'signAgreement', { requestId: id, version: 1, seen: request.amendment.seenHash });
    await does(world, 'ada', 'submitAccessRequest', { requestId: id });
    const sent = await seenBy('sam', id);
    expect(sent.amendment).toMatchObject({ state: 'SUBMITTED', seenHash: request.amendment.seenHash });
    await does(world, 'sam', 'returnAccessRequest', { requestId: id, changes: 'Which?' });
    expect(await listed('sam', 'APPLICANT')).toContain(id);
    await does(world, 'ada', 'editAccessRequest', { requestId: id, form: renamed('In the making') });
    for (const who of ['sam', 'olu'] as const)
      expect((await seenBy(who, id)).amendment).toMatchObject({
        ...{ state: 'RETURNED', form: { title: 'What was sent' }, seenHash: request.amendment.seenHash },
      });
    expect((await seenBy('ada', id)).amendment).toMatchObject({ form: { title: 'In the making' } });
  });
});

describe('who is suspended', () => {
  const suspend = (who: Name, at: Date | null) =>
    world.db.pool.query('UPDATE account SET suspended_at = $2 WHERE id = $1', [world.idOf(who), at]);

  it.each(['ada', 'olu', 'sam'] as const)('reads nothing of any request: %s', async (who) => {
    const { id } = await approved(world);
    expect(await seenBy(who, id)).not.toBeNull();
    await suspend(who, world.clock.at);
    expect(await seenBy(who, id)).toBeNull();
    expect(await listed(who)).toEqual([]);
    const { data } = await world.ask(who, '{ viewer { requests { id } } }');
    expect(data.viewer.requests).toEqual([]);
    const reason = 'It has to be.';
    const selection = '... on CommandRefused { currentVersion }';
    const refused = await world.give(who, 'suspendGrant', { requestId: id, reason }, selection);
    expect(JSON.stringify(refused)).not.toContain(id);
    await suspend(who, null);
    expect(await seenBy(who, id)).not.toBeNull();
  });

  it('reads nothing of it as somebody who is invited', async () => {
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    await does(world, 'ada', 'inviteCollaborator', { requestId: request.id, email: 'ben@example.org' });
    expect(await seenBy('ben', request.id)).not.toBeNull();
    await suspend('ben', world.clock.at);
    expect(await seenBy('ben', request.id)).toBeNull();
    await suspend('ben', null);
  });

  it('is told by mail what binds them, without its title, and nothing else', async () => {
    const { id, seenHash: seen } = await endorsed(world);
    await suspend('ada', world.clock.at);
    const mailed = async () =>
      (
        await world.db.pool.query<{ template: string; data: { title: string } }>(
          `SELECT template, data FROM outbox WHERE account_id = $1 AND once LIKE $2 ORDER BY queued_at`,
          [world.idOf('ada'), `request.${id}.%`],
        )
      ).rows;
    await does(world, 'sue', 'commentAccessRequest', { requestId: id, text: 'Which?', to: 'APPLICANT' });
    const terms = { requestId: id, seen, items: [{ modality: 'LABELS', uses: ['READ'] }], confirmsExport: false };
    await does(world, 'sue', 'approveAccessRequest', { ...terms, endsAt: '2026-03-01T05:00:00.000Z' });
    expect(await mailed()).toEqual([]);
    await does(world, 'sue', 'revokeGrant', { requestId: id, reason: 'Copies were passed on.' });
    expect(await mailed()).toEqual([{ template: 'grant-revoked', data: { title: 'one of your requests' } }]);
    await suspend('ada', null);
  });

  it('reads not who used their grant', async () => {
    const { grant } = await approved(world);
    const query =
      '{ viewer { grants { id accessLog(first: 5) { nodes { action } } accessGroups(first: 5) { nodes { id } } } } }';
    const read = async () =>
      (await world.ask('ada', query)).data.viewer.grants.find(({ id }: { id: string }) => id === grant.id);
    expect(await read()).toMatchObject({ accessLog: { nodes: [] }, accessGroups: { nodes: [] } });
    await suspend('ada', world.clock.at);
    expect(await read()).toEqual({ id: grant.id, accessLog: null, accessGroups: null });
    await suspend('ada', null);
  });
});
