import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { VerifiedToken } from '../../../api/adapters/identity/identity.ts';
import { accountOfToken, setAccountRoles } from '../../../api/auth/accounts.ts';
import type { AuthEvent } from '../../../api/auth/auth-event.ts';
import { type AuthServer, startAuthServer } from './auth-server.ts';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuthServer();
});
afterAll(() => server.stop());

const authenticate = (headers: { authorization?: string; cookie?: string }) => server.auth.authenticate({ headers });

describe('who is asking', () => {
  it('is nobody without credentials, and with a cookie that opens nothing', async () => {
    expect(await authenticate({})).toEqual({ kind: 'anonymous' });
    expect(await authenticate({ cookie: 'theme=dark' })).toEqual({ kind: 'anonymous' });
    expect(await authenticate({ cookie: 'iss_session=' })).toEqual({ kind: 'anonymous' });
    expect(await authenticate({ cookie: `iss_session=${'A'.repeat(43)}` })).toEqual({ kind: 'anonymous' });
    expect(await authenticate({ cookie: `iss_session=${'A'.repeat(100_000)}` })).toEqual({ kind: 'anonymous' });
  });

  it('is an account that has nothing but its roles at the first sight of a token', async () => {
    const { access_token: token } = await server.passwordTokens('researcher-2');
    const first = await authenticate({ authorization: `Bearer ${token}` });
    expect(first).toEqual({
      kind: 'account',
      accountId: expect.any(String),
      roles: ['researcher'],
      via: 'token',
      sessionId: expect.any(String),
    });
    expect(await authenticate({ authorization: `bearer ${token}` })).toEqual(first);
    const { rows } = await server.database.pool.query(
      "SELECT issuer, subject, name, institution_id, suspended_at FROM account WHERE username = 'researcher-2'",
    );
    expect(rows).toEqual([
      {
        issuer: 'urn:iss:embedded-realm',
        subject: 'd0000000-0000-4000-8000-000000000002',
        name: 'Second Researcher Demo',
        institution_id: null,
        suspended_at: null,
      },
    ]);
  });

  it('is refused for a bad token, though a good cookie stands beside it', async () => {
    const browser = await server.signIn('researcher');
    const cookie = `iss_session=${browser.cookie('iss_session')!.value}`;
    expect(await authenticate({ cookie })).toMatchObject({ kind: 'account', via: 'session' });
    expect(await authenticate({ cookie, authorization: 'Bearer nonsense' })).toEqual({
      kind: 'refused',
      status: 401,
      code: 'MALFORMED',
      reason: 'The token cannot be read.',
    });
    for (const authorization of ['', 'Basic cmVzZWFyY2hlcjpkZW1v', 'Bearer', 'Bearer a b', 'Bearer a,Bearer b'])
      expect(await authenticate({ cookie, authorization })).toMatchObject({ kind: 'refused', code: 'NOT_BEARER' });
  });

  it('is nobody when two cookies of the name differ', async () => {
    const { value } = (await server.signIn('researcher')).cookie('iss_session')!;
    expect(await authenticate({ cookie: `iss_session=${value}; iss_session=${value}` })).toMatchObject({
      kind: 'account',
    });
    expect(await authenticate({ cookie: `iss_session=${value}; iss_session=other` })).toEqual({ kind: 'anonymous' });
  });

  it('keeps a session but answers 503 while the realm does not answer', async () => {
    const { value } = (await server.signIn('auditor')).cookie('iss_session')!;
    const refresh = vi.spyOn(server.auth.identity, 'refresh');
    refresh.mockResolvedValueOnce({ ok: false, code: 'UNAVAILABLE', reason: 'down' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    try {
      const answers = [];
      for (let count = 0; count < 2; count += 1) answers.push(await authenticate({ cookie: `iss_session=${value}` }));
      expect(answers).toMatchObject([
        { kind: 'refused', status: 503, code: 'IDENTITY_UNAVAILABLE' },
        { kind: 'account', roles: ['auditor'] },
      ]);
    } finally {
      vi.useRealTimers();
      refresh.mockRestore();
    }
  });

  it('is signed out when the sealed tokens were moved to another session or the key was changed', async () => {
    const one = (await server.signIn('researcher')).cookie('iss_session')!.value;
    await server.signIn('researcher-3');
    await server.database.pool.query(
      `UPDATE portal_session SET sealed_tokens = (SELECT p.sealed_tokens FROM portal_session p ORDER BY created_at DESC LIMIT 1)`,
    );
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    try {
      expect(await authenticate({ cookie: `iss_session=${one}` })).toEqual({ kind: 'anonymous' });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('roles copied from tokens', () => {
  const events: AuthEvent[] = [];
  let subjects = 0;
  const token = (subject: string, roles: string[], issuedAt: string): VerifiedToken => ({
    ok: true,
    issuer: 'x',
    subject,
    username: subject,
    name: subject,
    email: `${subject}@example.org`,
    roles,
    party: 'iss-cli',
    service: false,
    issuedAt: new Date(issuedAt),
    expiresAt: new Date('2030-01-01T00:00:00Z'),
    sessionId: undefined,
  });
  const sync = (verified: VerifiedToken) =>
    accountOfToken(verified, {
      database: server.database.database,
      accountIssuer: 'test',
      now: () => new Date('2027-01-01T00:00:30Z'),
      uuid: () => crypto.randomUUID(),
      observe: (event) => events.push(event),
    });
  const someone = () => {
    subjects += 1;
    return `someone-${subjects}`;
  };
  const writes = async () => {
    const { rows } = await server.database.pool.query('SELECT array_agg(xmin::text ORDER BY key) AS all FROM setting');
    return rows[0].all;
  };

  it('are taken from a newer token and never from an older one', async () => {
    const subject = someone();
    const roles = async (list: string[], at: string) => (await sync(token(subject, list, at))).roles;
    expect(await roles(['researcher', 'offline_access'], '2027-01-01T00:00:10Z')).toEqual(['researcher']);
    expect(await roles([], '2027-01-01T00:00:20Z')).toEqual([]);
    expect(await roles(['researcher', 'steward'], '2027-01-01T00:00:10Z')).toEqual([]);
    expect(await roles(['steward'], '2027-01-01T00:00:21Z')).toEqual(['steward']);
  });

  it("do not come back through a token made before an admin's command", async () => {
    const subject = someone();
    const { id } = await sync(token(subject, ['steward'], '2027-01-01T00:00:10Z'));
    await server.database.database.transaction((sql) =>
      setAccountRoles(sql, id, [], new Date('2027-01-01T00:00:12.400Z')),
    );
    expect((await sync(token(subject, ['steward'], '2027-01-01T00:00:12Z'))).roles).toEqual([]);
    expect((await sync(token(subject, ['steward'], '2027-01-01T00:00:13Z'))).roles).toEqual(['steward']);
  });

  it('are written once for each new token, and not again for the same', async () => {
    const subject = someone();
    const same = token(subject, ['researcher'], '2027-01-01T00:00:10Z');
    await sync(same);
    const before = await writes();
    await sync(same);
    expect(await writes()).toEqual(before);
  });

  it('count for nothing when two exclude each other', async () => {
    events.length = 0;
    const { id, roles } = await sync(token(someone(), ['curator', 'steward', 'researcher'], '2027-01-01T00:00:10Z'));
    expect(roles).toEqual(['researcher']);
    expect(events.map((event) => ({ ...event, at: undefined }))).toEqual([
      { type: 'ACCOUNT_CREATED', accountId: id, username: expect.any(String), at: undefined },
      { type: 'ROLES_REFUSED', accountId: id, pairs: [['steward', 'curator']], at: undefined },
      { type: 'ROLES_CHANGED', accountId: id, before: [], after: ['researcher'], at: undefined },
    ]);
  });

  it('make one account of many first requests at a time', async () => {
    const subject = someone();
    const all = await Promise.all(
      Array.from({ length: 10 }, () => sync(token(subject, ['admin'], '2027-01-01T00:00:10Z'))),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(all.every(({ roles }) => roles.join() === 'admin')).toBe(true);
  });
});
