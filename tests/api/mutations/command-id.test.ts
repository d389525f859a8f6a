import { randomUUID } from 'node:crypto';
import { isInputObjectType } from 'graphql/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invitationKeyOf, invitationToken } from '../../../api/services/access/invitation-token.ts';
import { schema } from '../../../schema/index.ts';
import { fromReceipt, toReceipt } from '../../../schema/receipt-text.ts';
import { does, form, written } from './steps.ts';
import { REQUEST, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 10 });
});
afterAll(() => world.stop());

const CREATED = '... on CreateAccessRequestSuccess { request { id version } }';
const count = async (table: string): Promise<number> =>
  (await world.db.pool.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;

describe('a command with an id', () => {
  it('is taken by every mutation', () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const input = schema.getType(String(field.args[0]?.type).replace('!', ''));
      if (!isInputObjectType(input)) throw new Error(`${field.name} has no input`);
      expect(String(input.getFields().commandId?.type), field.name).toBe('ID');
    }
  });

  it('is carried out once, and a repeat is given the first outcome', async () => {
    const commandId = randomUUID();
    const before = await count('access_request');
    const first = await world.give('ada', 'createAccessRequest', { commandId }, CREATED);
    const again = await world.give('ada', 'createAccessRequest', { commandId }, CREATED);
    expect(first.__typename).toBe('CreateAccessRequestSuccess');
    expect(again).toEqual(first);
    expect(await count('access_request')).toBe(before + 1);
    expect((await world.give('ada', 'createAccessRequest', {}, CREATED)).request.id).not.toBe(first.request.id);
  });

  it('sent many times at once is carried out once', async () => {
    const commandId = randomUUID();
    const before = await count('access_request');
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => world.give('ada', 'createAccessRequest', { commandId }, CREATED)),
    );
    expect(new Set(answers.map(({ request }) => request.id)).size).toBe(1);
    expect(await count('access_request')).toBe(before + 1);
  });

  it('gives the request as it was then, though it has gone on', async () => {
    const { id, seenHash } = await written(world);
    const commandId = randomUUID();
    const input = { requestId: id, commandId };
    const first = await does(world, 'ada', 'submitAccessRequest', input);
    await does(world, 'olu', 'declineAccessRequest', { requestId: id, reason: 'Not now.' });
    const again = await world.give(
      'ada',
      'submitAccessRequest',
      input,
      `... on SubmitAccessRequestSuccess { ${REQUEST} }`,
    );
    expect(again.request).toMatchObject({ id, seenHash, state: 'SUBMITTED', version: first.request.version });
  });

  it('answers no repeat with a request to who has lost sight of it', async () => {
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    const invited = await does(world, 'ada', 'inviteCollaborator', { requestId: request.id, email: 'ben@example.org' });
    const [{ invitationId }] = invited.request.collaborators;
    const token = invitationToken(invitationKeyOf(world.base.secrets), invitationId);
    const input = { requestId: request.id, invitationId, token, commandId: randomUUID() };
    await does(world, 'ben', 'acceptInvitation', input);
    expect((await does(world, 'ben', 'acceptInvitation', input)).request.id).toBe(request.id);
    await does(world, 'ada', 'removeCollaborator', { requestId: request.id, invitationId });
    const query = `mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { ... on AcceptInvitationSuccess { request { id } } } }`;
    const { data, errors } = await world.ask('ben', query, { input });
    expect(data?.acceptInvitation ?? null).toBeNull();
    expect(errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
  });

  it.each([
    ['admin', 'adm', 'liftSuspension', 'account { id moves { since } }'],
    ['curator', 'cy', 'draftRelease', 'release { id lastCheck { id } }'],
  ] as const)('shows a repeat nothing more that is asked anew, to who is no %s any more', async (role, who, name, fields) => {
    const commandId = randomUUID();
    const accountId = world.idOf('eve');
    if (role === 'admin') await world.give('adm', 'suspendAccount', { accountId, reason: 'It has to be.' });
    const input = role === 'admin' ? { accountId, reason: 'Over.', commandId } : { version: '2.5.0', commandId };
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}`;
    const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { ... on ${type}Success { ${fields} } } }`;
    expect((await world.ask(who, query, { input })).errors).toBeUndefined();
    const held = await world.db.pool.query('DELETE FROM account_role WHERE account_id = $1 AND role = $2', [
      world.idOf(who),
      role,
    ]);
    expect(held.rowCount).toBe(1);
    try {
      const { errors } = await world.ask(who, query, { input });
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    } finally {
      await world.db.pool.query('INSERT INTO account_role (account_id, role, given_at) VALUES ($1, $2, now())', [
        world.idOf(who),
        role,
      ]);
    }
  });

  it('is refused under the id of another command, of another input, for another grant', async () => {
    const commandId = randomUUID();
    const { id } = await written(world);
    await does(world, 'ada', 'withdrawAccessRequest', { requestId: id, commandId });
    const events = await count('request_event');
    const others: [string, Record<string, unknown>][] = [
      ['withdrawAccessRequest', { requestId: randomUUID(), commandId }],
      ['createAccessRequest', { commandId }],
      ['editAccessRequest', { requestId: id, form: form({ LABELS: ['READ'] }), commandId }],
    ];
    for (const [name, input] of others)
      expect(await world.give('ada', name, input)).toMatchObject({
        __typename: 'CommandIdRefused',
        code: 'COMMAND_ID_REUSED',
      });
    const query = `mutation ($input: WithdrawAccessRequestInput!) { withdrawAccessRequest(input: $input) { ... on ExpectedError { code } } }`;
    const { data } = await world.ask(
      'ada',
      query,
      { input: { requestId: id, commandId } },
      { 'iss-grant': randomUUID() },
    );
    expect(data.withdrawAccessRequest.code).toBe('COMMAND_ID_REUSED');
    expect(await count('request_event')).toBe(events);
  });

  it('is refused where the id is no UUID', async () => {
    for (const commandId of ['', '1', "'; DROP TABLE command_receipt; --", 'x'.repeat(10_000)])
      expect((await world.give('ada', 'createAccessRequest', { commandId })).code).toBe('COMMAND_ID_INVALID');
  });

  it('is a matter of one person: the same id of somebody else is another command', async () => {
    const commandId = randomUUID();
    const mine = await world.give('ada', 'createAccessRequest', { commandId }, CREATED);
    const theirs = await world.give('ben', 'createAccessRequest', { commandId }, CREATED);
    expect(theirs.request.id).not.toBe(mine.request.id);
  });

  it('that failed fails again in the same words, though it would be taken now', async () => {
    const { id, seenHash } = await written(world);
    const input = { requestId: id, stewardId: world.idOf('sue'), commandId: randomUUID() };
    const first = await world.give('sam', 'assignAccessRequest', input);
    expect(first.code).toBe('NOT_FOUND');
    await does(world, 'ada', 'submitAccessRequest', { requestId: id });
    expect(await world.give('sam', 'assignAccessRequest', input)).toEqual(first);
    expect(seenHash).toHaveLength(64);
  });

  it('leaves no receipt where it broke, and can be sent again', async () => {
    const commandId = randomUUID();
    await world.db.pool.query('ALTER TABLE request_event ADD CONSTRAINT broken CHECK (false) NOT VALID');
    await expect(world.give('ada', 'createAccessRequest', { commandId })).rejects.toThrow('broken');
    await world.db.pool.query('ALTER TABLE request_event DROP CONSTRAINT broken');
    const kept = await world.db.pool.query('SELECT 1 FROM command_receipt WHERE command_id = $1', [commandId]);
    expect(kept.rowCount).toBe(0);
    expect((await world.give('ada', 'createAccessRequest', { commandId }, CREATED)).request.version).toBe(1);
  });

  it('works for commands that read one moment of the database', async () => {
    const input = { version: '3.0.0', commandId: randomUUID() };
    const drafted = '... on DraftReleaseSuccess { release { id } }';
    const [first, ...more] = await Promise.all(
      Array.from({ length: 3 }, () => world.give('cy', 'draftRelease', input, drafted)),
    );
    expect(first!.__typename).toBe('DraftReleaseSuccess');
    for (const other of more) expect(other).toEqual(first);
  });

  it('of a stranger is refused and leaves nothing', async () => {
    const before = await count('command_receipt');
    expect((await world.give(null, 'createAccessRequest', { commandId: randomUUID() })).__typename).toBe('Refused');
    expect(
      (await world.give({ accountId: randomUUID() }, 'createAccessRequest', { commandId: randomUUID() })).__typename,
    ).toBe('Refused');
    expect(await count('command_receipt')).toBe(before);
  });
});

describe('a receipt', () => {
  it('is changed by nobody afterwards', async () => {
    await expect(world.db.database.query(`UPDATE command_receipt SET name = 'x'`)).rejects.toThrow('permission denied');
    await expect(world.db.database.query('DELETE FROM command_receipt')).rejects.toThrow('permission denied');
    await expect(world.db.database.query(`UPDATE command_receipt SET result = '1'`)).rejects.toThrow('is not changed');
  });

  it('keeps instants, maps, bytes and what is not there', () => {
    const value = {
      at: new Date(5),
      map: new Map([['a', { b: [1, null] }]]),
      bytes: new Uint8Array([1, 2]),
      not: null,
    };
    expect(fromReceipt(JSON.parse(JSON.stringify(toReceipt({ ...value, none: undefined, lazy: () => 1 }))))).toEqual(
      value,
    );
  });
});
