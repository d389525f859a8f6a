import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CSRF_HEADER, CSRF_VALUE } from '../../../api/auth/csrf.ts';
import { EDITOR_PATH } from '../../../api/http/persisted-operations.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fillStudy } from '../../support/study-fixture.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';
import { anIo, iss, type TestIo } from './an-io.ts';

let whole: WholeServer;
let ada: FixturePerson;
beforeAll(async () => {
  whole = await startWholeServer();
  const { studyId } = await fillStudy(
    { pool: whole.db.pool, objects: whole.base.objects },
    { patients: 1, submissions: 1, frames: 5 },
  );
  ada = await addResearcher(whole.db.pool, { name: 'ada', studyId, now: whole.clock.now() });
});
afterAll(() => whole.stop());

/** A command line of somebody who is signed in at the server: their session in place of a login's token. */
async function signedIn(accountId: string): Promise<TestIo> {
  const cookie = await whole.session(accountId);
  const io = anIo({ ISS_URL: whole.server.url, ISS_TOKEN: 'replaced' });
  io.fetch = (url, init) => {
    const headers = new Headers(init?.headers);
    headers.delete('authorization');
    headers.set('cookie', cookie);
    headers.set(CSRF_HEADER, CSRF_VALUE);
    // Of a session the query editor's path alone takes documents.
    return fetch(String(url).replace(/\/graphql$/, EDITOR_PATH), { ...init, headers });
  };
  return io;
}

async function steward(name: string): Promise<TestIo> {
  const { rows } = await whole.db.pool.query(
    `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES (gen_random_uuid(), 'x', $1, $1, $1, $1 || '@example.org', now()) RETURNING id`,
    [name],
  );
  await whole.db.pool.query(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'steward', now())`, [
    rows[0].id,
  ]);
  return signedIn(rows[0].id);
}

const withToken = (token: string): TestIo => anIo({ ISS_URL: whole.server.url, ISS_TOKEN: token });

describe('iss token', () => {
  it('makes a token that is alone on the result, works as ISS_TOKEN, is listed and ended', async () => {
    const io = await signedIn(ada.accountId);
    expect(await iss(io, 'token', 'create', '--name', 'cluster')).toBe(0);
    expect(io.lines).toEqual([expect.stringMatching(/^iss_[0-9A-Za-z]{49}$/)]);
    expect(io.notes.join()).toContain('never again');
    const token = io.lines[0]!;
    const script = withToken(token);
    expect(await iss(script, 'whoami', '--json')).toBe(0);
    expect(JSON.parse(script.lines[0]!).grants.map(({ id }: { id: string }) => id)).toEqual([ada.grantId]);

    const list = await signedIn(ada.accountId);
    expect(await iss(list, 'token', 'list', '--json')).toBe(0);
    const [one] = JSON.parse(list.lines[0]!);
    expect(one).toMatchObject({ name: 'cluster', grantId: ada.grantId, state: 'ACTIVE' });
    expect(list.lines.join()).not.toContain(token);

    const end = await signedIn(ada.accountId);
    expect(await iss(end, 'token', 'revoke', one.id)).toBe(0);
    const after = withToken(token);
    expect(await iss(after, 'whoami')).toBe(1);
    expect(after.notes.join()).toContain('does not accept ISS_TOKEN. The personal token was ended');
  });

  it('says what is wrong with a token that is cut off, and with a day that is none', async () => {
    const cut = withToken('iss_0123');
    expect(await iss(cut, 'whoami')).toBe(1);
    expect(cut.notes.join()).toContain('cut off or mistyped');
    const io = await signedIn(ada.accountId);
    expect(await iss(io, 'token', 'create', '--name', 'x', '--expires', 'soon')).toBe(2);
    const late = await signedIn(ada.accountId);
    expect(await iss(late, 'token', 'create', '--name', 'x', '--expires', '2999-01-01')).toBe(1);
    expect(late.notes.join()).toContain('expires after now and by');
  });
});

describe('iss halt', () => {
  it('halts after it is confirmed, is listed, and two lift it', async () => {
    const [sam, sue] = [await steward('sam'), await steward('sue')];
    expect(await iss(sam, 'halt', '--release', '1.0.0', '--reason', 'Wrong dates.')).toBe(2);
    expect(sam.notes.join()).toContain('two stewards lift it');
    expect(await iss(sam, 'halt', '--release', '1.0.0', '--reason', 'Wrong dates.', '--yes', '--json')).toBe(0);
    const { id } = JSON.parse(sam.lines.at(-1)!);
    const mine = await signedIn(ada.accountId);
    expect(await iss(mine, 'halt', '--list')).toBe(0);
    expect(mine.lines.join()).toContain('RELEASE');
    expect(mine.lines.join()).not.toContain('Wrong dates.');
    expect(await iss(sam, 'halt', '--lift', id, '--reason', 'Mended.', '--json')).toBe(0);
    const { stepId } = JSON.parse(sam.lines.at(-1)!);
    expect(await iss(sam, 'halt', '--confirm', stepId, '--yes')).toBe(1);
    expect(await iss(sue, 'halt', '--confirm', stepId, '--yes')).toBe(0);
    const again = await signedIn(ada.accountId);
    await iss(again, 'halt', '--list');
    expect(again.lines).toEqual(['Nothing is halted that concerns you.']);
  });

  it.each([
    [['halt'], 'Say what to halt'],
    [['halt', '--all', '--grant', 'x', '--reason', 'x'], 'Say what to halt'],
    [['halt', '--all'], 'Say why'],
    [['halt', '--list', '--lift', 'x'], 'at a time'],
  ])('%j is wrong usage', async (words, sentence) => {
    const io = anIo({ ISS_URL: whole.server.url, ISS_TOKEN: 'x' });
    expect(await iss(io, ...words)).toBe(2);
    expect(io.notes.join()).toContain(sentence);
  });

  it('is refused to who is no steward, with the reason', async () => {
    const io = await signedIn(ada.accountId);
    expect(await iss(io, 'halt', '--all', '--reason', 'x', '--yes')).toBe(3);
  });
});

describe('iss incident', () => {
  it('is reported with a token, and listed', async () => {
    const maker = await signedIn(ada.accountId);
    await iss(maker, 'token', 'create', '--name', 'x');
    const io = withToken(maker.lines[0]!);
    const words = ['incident', 'report', '--kind', 'lost_device', '--summary', 'A laptop is gone.', '--yes'];
    expect(await iss(io, ...words)).toBe(0);
    expect(io.lines.join()).toContain('due by');
    expect(await iss(io, 'incident', 'list')).toBe(0);
    expect(io.lines.at(-1)).toContain('A laptop is gone.');
  });

  it('of a kind that there is not is refused before anybody is asked', async () => {
    const io = await signedIn(ada.accountId);
    expect(await iss(io, 'incident', 'report', '--kind', 'fire', '--summary', 'x')).toBe(2);
    expect(io.notes.join()).toContain('--kind takes UNAUTHORISED_ACCESS, ');
  });
});
