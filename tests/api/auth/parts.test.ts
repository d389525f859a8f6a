import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRealmKeys } from '../../../api/adapters/identity/embedded/keys.ts';
import { hashPasswords } from '../../../api/adapters/identity/embedded/passwords.ts';
import { OidcRecords, purgeOidcRecords } from '../../../api/adapters/identity/embedded/records.ts';
import { BadRealmError, parseRealm, readRealm } from '../../../api/adapters/identity/realm.ts';
import { cookie, cookieNames } from '../../../api/auth/cookies.ts';
import { returnUrl } from '../../../api/auth/return-path.ts';
import { createSealer } from '../../../api/auth/seal.ts';
import { createTurns } from '../../../api/auth/turns.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';

const publicUrl = 'https://data.example.org';

describe('the realm files', () => {
  it('are one realm; the demo adds people and the password grant of the command line, nothing else', async () => {
    const realm = await readRealm({ demo: false, publicUrl });
    const demo = await readRealm({ demo: true, publicUrl });
    const { users, ...rest } = structuredClone(demo);
    rest.clients.find(({ clientId }) => clientId === 'iss-cli')!.directAccessGrantsEnabled = false;
    expect({ ...rest, users: [] }).toEqual(realm);
    expect(users.map(({ username, realmRoles }) => [username, ...realmRoles])).toEqual([
      ['researcher', 'researcher'],
      ['researcher-2', 'researcher'],
      ['researcher-3', 'researcher'],
      ['researcher-4', 'researcher'],
      ['signing-official', 'signing-official'],
      ['steward', 'steward'],
      ['steward-2', 'steward'],
      ['curator', 'curator'],
      ['auditor', 'auditor'],
      ['admin', 'admin'],
      ['admin-2', 'admin'],
    ]);
    expect(users.every(({ email }) => email.endsWith('@example.org'))).toBe(true);
    expect(realm.clients[0]!.redirectUris).toEqual(['https://data.example.org/auth/callback']);
  });

  it('name each place that is wrong', async () => {
    const demo = await readRealm({ demo: true, publicUrl });
    const bad = { ...demo, revokeRefreshToken: false, surprise: 1, users: [demo.users[0], demo.users[0]] };
    const message = (text: string) => {
      try {
        return parseRealm(text, publicUrl, 'realm.json');
      } catch (error) {
        expect(error).toBeInstanceOf(BadRealmError);
        return (error as Error).message;
      }
    };
    expect(message(JSON.stringify(bad))).toMatch(/realm\.json is not a realm:.*surprise.*revokeRefreshToken/s);
    const plain = JSON.parse(JSON.stringify(demo));
    for (const client of plain.clients) if (client.attributes) client.attributes = {};
    expect(message(JSON.stringify({ ...plain, users: [plain.users[0], plain.users[0]] }))).toContain('appears twice');
    expect(message('{')).toContain('realm.json is not JSON');
  });
});

describe("the realm's keys", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'iss-keys-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are made once, for two first starts at a time too, and only their owner reads them', async () => {
    const [one, two] = await Promise.all([loadRealmKeys(folder, randomBytes), loadRealmKeys(folder, randomBytes)]);
    expect(one).toEqual(two);
    const file = join(folder, 'identity-keys.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await chmod(file, 0o644);
    expect(await loadRealmKeys(folder, randomBytes)).toEqual(one);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('are not replaced silently when the file is damaged', async () => {
    const file = join(folder, 'identity-keys.json');
    const good = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, '{"version":');
    await expect(loadRealmKeys(folder, randomBytes)).rejects.toThrow('identity-keys.json is damaged');
    await writeFile(file, JSON.stringify({ ...good, version: 2 }));
    await expect(loadRealmKeys(folder, randomBytes)).rejects.toThrow('was not written by this version');
  });
});

describe('passwords', () => {
  it('are kept as hashes only, checked exactly, and worth nothing for a disabled account', async () => {
    const realm = await readRealm({ demo: true, publicUrl });
    realm.users[1]!.enabled = false;
    const passwords = await hashPasswords(realm);
    expect(JSON.stringify(realm)).not.toContain('"demo"');
    expect((await passwords.check('Researcher', 'demo'))?.username).toBe('researcher');
    for (const [name, word] of [
      ['researcher', 'Demo'],
      ['researcher', ''],
      ['researcher-2', 'demo'],
      ['nobody', 'demo'],
    ] as const)
      expect(await passwords.check(name, word)).toBeUndefined();
  });
});

describe("the provider's records", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.stop());
  const now = () => new Date('2027-01-01T00:00:00Z');

  it('come back as they were, by id, session or user code, and go with their grant', async () => {
    const tokens = new OidcRecords('RefreshToken', database.database, now);
    const sessions = new OidcRecords('Session', database.database, now);
    const devices = new OidcRecords('DeviceCode', database.database, now);
    const token = { jti: 'secret', grantId: 'grant-1', accountId: 'a' };
    await tokens.upsert('secret', token, 60);
    await sessions.upsert('s', { jti: 's', uid: 'u-1', accountId: 'a' }, 60);
    await devices.upsert('d', { jti: 'd', userCode: 'ABCD', grantId: 'grant-1' }, 60);
    expect(await tokens.find('secret')).toEqual(token);
    expect(await sessions.findByUid('u-1')).toEqual({ jti: 's', uid: 'u-1', accountId: 'a' });
    expect(await devices.findByUserCode('ABCD')).toMatchObject({ jti: 'd' });
    expect(await devices.find('secret')).toBeUndefined();
    await tokens.revokeByGrantId('grant-1');
    expect([await tokens.find('secret'), await devices.find('d')]).toEqual([undefined, undefined]);
    expect(await sessions.find('s')).toBeDefined();
    await sessions.destroy('s');
    expect(await sessions.find('s')).toBeUndefined();
  });

  it('are used up once: the second of two at a time is refused', async () => {
    const tokens = new OidcRecords('RefreshToken', database.database, now);
    await tokens.upsert('once', { jti: 'once' }, 60);
    const uses = await Promise.allSettled([tokens.consume('once'), tokens.consume('once')]);
    expect(uses.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await tokens.find('once')).toEqual({ jti: 'once', consumed: now().getTime() / 1000 });
  });

  it('are removed a day after their end', async () => {
    const tokens = new OidcRecords('RefreshToken', database.database, now);
    await tokens.upsert('old', { jti: 'old' }, 60);
    await purgeOidcRecords(database.database, new Date('2027-01-02T00:00:59Z'));
    expect(await tokens.find('old')).toBeDefined();
    await purgeOidcRecords(database.database, new Date('2027-01-02T00:01:01Z'));
    expect(await tokens.find('old')).toBeUndefined();
  });
});

describe('the way back after a sign-in', () => {
  it.each([
    ['/requests?tab=mine#top', 'https://data.example.org/requests?tab=mine#top'],
    ['requests', 'https://data.example.org/'],
    ['//evil.example/', 'https://data.example.org/'],
    ['/\\evil.example/', 'https://data.example.org/'],
    ['/\t/evil.example/', 'https://data.example.org/'],
    ['/.//evil.example', 'https://data.example.org//evil.example'],
    ['https://data.example.org/requests', 'https://data.example.org/'],
    ['/auth/logout', 'https://data.example.org/'],
    [`/${'x'.repeat(2000)}`, 'https://data.example.org/'],
    [undefined, 'https://data.example.org/'],
    [['/a', '/b'], 'https://data.example.org/'],
  ])('from %j leads to %s', (wish, url) => {
    expect(returnUrl(wish, publicUrl)).toBe(url);
  });
});

describe('a seal', () => {
  const key = randomBytes(32);
  const sealer = createSealer(key, randomBytes);

  it('opens with its key in its context, and not when anything was changed', () => {
    const sealed = sealer.seal('a refresh token é', 'session-1');
    expect(sealer.open(sealed, 'session-1')).toBe('a refresh token é');
    expect(sealer.seal('a refresh token é', 'session-1')).not.toBe(sealed);
    expect(sealer.open(sealed, 'session-2')).toBeUndefined();
    expect(createSealer(randomBytes(32), randomBytes).open(sealed, 'session-1')).toBeUndefined();
    const [version, iv, tag, data] = sealed.split('.');
    const flipped = `${data!.startsWith('A') ? 'B' : 'A'}${data!.slice(1)}`;
    for (const other of ['', 'v1', 'v1...', `v2.${iv}.${tag}.${data}`, [version, iv, tag, flipped].join('.')])
      expect(sealer.open(other, 'session-1')).toBeUndefined();
    // A shortened tag is easier to guess: only the whole one counts.
    expect(sealer.open(`v1.${iv}.${tag!.slice(0, 6)}.${data}`, 'session-1')).toBeUndefined();
  });

  it('asks for a key of 32 bytes', () => {
    expect(() => createSealer(randomBytes(16), randomBytes)).toThrow(RangeError);
  });
});

describe('cookies', () => {
  it('are locked to the host and to https where the public URL has it', () => {
    const { session, secure } = cookieNames(publicUrl);
    expect(cookie(session, 'value', { secure })).toBe(
      '__Host-iss_session=value; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
    expect(cookieNames('http://localhost:4000').session).toBe('iss_session');
  });
});

describe('turns', () => {
  it('run once for a key, so many in all, and free their place after a failure', async () => {
    const turns = createTurns(2);
    const gates: ((failure?: Error) => void)[] = [];
    const runs: string[] = [];
    const work = (key: string) =>
      turns.take(key, () => {
        runs.push(key);
        return new Promise<string>((resolve, reject) =>
          gates.push((failure) => (failure ? reject(failure) : resolve(key))),
        );
      });
    const all = ['a', 'a', 'b', 'c'].map((key) => work(key).catch((error: Error) => error.message));
    await Promise.resolve();
    expect(runs).toEqual(['a', 'b']);
    gates[0]!(new Error('no'));
    gates[1]!();
    await Promise.all(all.slice(0, 3));
    gates[2]!();
    expect(await Promise.all(all)).toEqual(['no', 'no', 'b', 'c']);
    expect(runs).toEqual(['a', 'b', 'c']);
  });
});
