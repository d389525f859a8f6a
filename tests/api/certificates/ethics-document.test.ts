import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EthicsTicket } from '../../../api/services/files/ticket.ts';
import { does, form } from '../mutations/steps.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';
import { aPdf, sha256 } from './certificate-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
}, 60_000);
afterAll(() => world.stop());

const ACCESS = { LABELS: ['READ'] } as const;
const looked = async (who: Name, id: string) => {
  const { data } = await world.ask(
    who,
    'query($id: ID!) { accessRequest(id: $id) { ethicsDocument { sha256 contentType file { url } } } }',
    { id },
  );
  return data.accessRequest?.ethicsDocument ?? null;
};
/** What the ticket in an address opens, to whom it was made for. */
const opened = (who: Name, url: string, tokenGrantId: string | null = null) => {
  const ticket = world.services.tickets.open(url.split('/files/')[1] ?? '') as EthicsTicket;
  expect(ticket.kind).toBe('ethics');
  const accountId = world.idOf(who);
  return world.services.openEthicsDocument(ticket, { kind: 'account', accountId, grantId: null, tokenGrantId });
};
const edit = (requestId: string, documentSha256: string) =>
  does(world, 'ada', 'editAccessRequest', {
    requestId,
    form: { ...form(ACCESS), ethicsApproval: { reference: 'IRB-1', documentSha256 } },
  });

describe('the document of an ethics approval', () => {
  it('is opened by the team, and by stewards once it is sent in; to everybody else there is none', async () => {
    const file = aPdf('approved');
    await world.put('ada', '/uploads', file);
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    const { request: written } = await edit(request.id, sha256(file));
    // A draft is its team's own.
    expect(await looked('sam', request.id)).toBeNull();
    const own = await looked('ada', request.id);
    expect(own).toMatchObject({ sha256: sha256(file), contentType: 'application/pdf' });
    const found = await opened('ada', own.file.url);
    expect(found).toMatchObject({ kind: 'file', inline: false, bytes: file.length, sha256: sha256(file) });
    // Whose ticket it is decides nothing alone.
    for (const who of ['sam', 'ben', 'nob'] as const) expect(await opened(who, own.file.url)).toBeNull();
    expect(await opened('ada', own.file.url, '00000000-0000-7000-8000-000000000000')).toBeNull();

    await does(world, 'ada', 'signAgreement', { requestId: request.id, version: 1, seen: written.seenHash });
    await does(world, 'ada', 'submitAccessRequest', { requestId: request.id });
    const stewards = await looked('sam', request.id);
    expect(await opened('sam', stewards.file.url)).toMatchObject({ kind: 'file', sha256: sha256(file) });
    // The official sees the request, and no documents of people.
    for (const who of ['olu', 'ben', 'eve', 'cy', 'aud', 'adm', 'nob'] as const) {
      expect(await looked(who, request.id)).toBeNull();
      expect(await opened(who, stewards.file.url)).toBeNull();
    }
  });

  it('is not opened any more once the form names another', async () => {
    const [first, second] = [aPdf('first'), aPdf('second')];
    for (const file of [first, second]) await world.put('ada', '/uploads', file);
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    await edit(request.id, sha256(first));
    const { file } = await looked('ada', request.id);
    expect(await opened('ada', file.url)).toMatchObject({ kind: 'file' });
    await edit(request.id, sha256(second));
    expect(await opened('ada', file.url)).toBeNull();
  });

  it("that the applicant never sent, or that is somebody else's file, has no address", async () => {
    const file = aPdf('of ben');
    await world.put('ben', '/uploads', file);
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    await edit(request.id, sha256(file));
    expect(await looked('ada', request.id)).toEqual({ sha256: sha256(file), contentType: null, file: null });
  });
});
