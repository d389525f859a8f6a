import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { does, endorsed, trained, written } from './steps.ts';
import { type Name, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 3, submissions: 2, frames: 30 });
});
afterAll(() => world.stop());

describe('what the portal’s buttons follow', () => {
  it('of an account: roles that could be given and taken, and whether it could be suspended, as the commands then decide', async () => {
    const changesOf = async (name: Name) =>
      (
        await world.ask(
          'adm',
          'query($id: ID!) { account(id: $id) { changes { rolesToGive rolesToTake suspend lift } } }',
          {
            id: world.idOf(name),
          },
        )
      ).data.account.changes;
    expect(await changesOf('ada')).toMatchObject({ rolesToTake: ['RESEARCHER'], suspend: true, lift: false });
    expect((await changesOf('ada')).rolesToGive).not.toContain('RESEARCHER');
    // The only administrator neither leaves nor decides about themself.
    expect(await changesOf('adm')).toEqual({ rolesToGive: [], rolesToTake: [], suspend: false, lift: false });
    const input = { accountId: world.idOf('ada'), reason: 'A lost device.' };
    await does(world, 'adm', 'suspendAccount', input, '');
    expect(await changesOf('ada')).toMatchObject({ suspend: false, lift: true });
    await does(world, 'adm', 'liftSuspension', input, '');
  });

  it('of a release: by who looks, its state and its check, with why it cannot be published', async () => {
    const { release } = await does(
      world,
      'cy',
      'draftRelease',
      { version: '2.0.0', notes: '' },
      '... on DraftReleaseSuccess { release { id } }',
    );
    const listed = async (who: Name, published = true) =>
      (
        await world.ask(
          who,
          'query($published: Boolean) { draftReleases(published: $published) { version standing { allowedCommands publicationLacks } } }',
          { published },
        )
      ).data.draftReleases;
    expect(await listed('ada')).toBeNull();
    expect((await listed('cy', false)).map(({ version }: { version: string }) => version)).toEqual(['2.0.0']);
    const [draft, first] = await listed('cy');
    expect(draft.standing.allowedCommands).toEqual(['checkRelease', 'askForPublication']);
    expect(first).toMatchObject({ version: '1.0.0', standing: { publicationLacks: null } });
    const ofSteward = await listed('sam');
    expect(ofSteward[0].standing.publicationLacks).toContain('has to ask for the publication first');
    expect(ofSteward[1].standing.allowedCommands).toEqual(
      expect.arrayContaining(['deprecateRelease', 'retractRelease', 'addErratum']),
    );
    await does(world, 'cy', 'askForPublication', { releaseId: release.id }, '');
    expect((await listed('sam'))[0].standing.publicationLacks).toContain('has to be checked first');
    // Looking is no attempt: nothing of it stands in the log as a refusal.
    const refused = await world.entries('COMMAND_REFUSED');
    expect(refused.filter(({ command }) => String(command).startsWith('release '))).toEqual([]);
  });

  it('of a withdrawal: the steps that can be asked for now, without those that wait for another steward', async () => {
    const input = { patient: world.study.patients[0]!.code, kind: 'ERASE', reason: 'PATIENT' };
    const STEPS = 'withdrawal { id allowedSteps }';
    const { withdrawal } = await does(
      world,
      'sam',
      'recordWithdrawal',
      input,
      `... on RecordWithdrawalSuccess { ${STEPS} }`,
    );
    expect(withdrawal.allowedSteps).toEqual(['NOTICES', 'TAKE_BACK']);
    await does(world, 'sam', 'askWithdrawalStep', { id: withdrawal.id, step: 'NOTICES', reason: 'Tell them.' }, '');
    const { data } = await world.ask('sam', '{ withdrawals { allowedSteps } }');
    expect(data.withdrawals).toEqual([{ allowedSteps: ['TAKE_BACK'] }]);
  });
});

describe('the people of a request', () => {
  const ASK = `query($id: ID!) { accessRequest(id: $id) {
    certificates { type state owner { name } } otherRequests { totalCount nodes { id } } } }`;

  it('are shown to stewards with every certificate that counts or waits, and with their other requests', async () => {
    await trained(world, 'ada');
    const before = await endorsed(world);
    const { id } = await endorsed(world);
    const draft = await written(world);
    const { data } = await world.ask('sam', ASK, { id });
    const found = data.accessRequest.certificates as { state: string; owner: { name: string } }[];
    expect(found.length).toBeGreaterThan(3);
    expect(found.every(({ state, owner }) => state === 'VERIFIED' && owner.name === 'Ada Person')).toBe(true);
    expect(data.accessRequest.otherRequests).toEqual({ totalCount: 1, nodes: [{ id: before.id }] });
    // Ada sees her own draft as well; what she handed in is in her own list, and this one is for stewards.
    const own = (await world.ask('ada', ASK, { id })).data.accessRequest;
    expect(own.certificates).toBeNull();
    expect(own.otherRequests.nodes).toEqual([{ id: draft.id }, { id: before.id }]);
    const official = (await world.ask('olu', ASK, { id })).data.accessRequest;
    expect(official.certificates).toBeNull();
  });
});
