import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tokenText } from '../../../governance/personal-token.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fillStudy, type StudyFixture } from '../../support/study-fixture.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';

let whole: WholeServer;
let study: StudyFixture;
let ada: FixturePerson;
let session: Record<string, string>;

const DAY = 86_400_000;
const CREATE = `mutation ($input: CreateTokenInput!) { createToken(input: $input) { __typename
  ... on ExpectedError { code message } ... on Refused { reasons { code } }
  ... on CreateTokenSuccess { secret token { id name grantId createdAt expiresAt lastUsedOn state } } } }`;
const REVOKE = `mutation ($input: RevokeTokenInput!) { revokeToken(input: $input) { __typename
  ... on ExpectedError { code message } ... on Refused { reasons { code } } ... on RevokeTokenSuccess { token { id state endedWhy } } } }`;
const TOKENS = '{ viewer { tokens { id name grantId createdAt lastUsedOn expiresAt state endedWhy } } }';
const READ = '{ release { patients(first: 1) { nodes { code } } } }';

beforeAll(async () => {
  whole = await startWholeServer();
  study = await fillStudy(
    { pool: whole.db.pool, objects: whole.base.objects },
    { patients: 2, submissions: 1, frames: 10 },
  );
  ada = await person('ada');
  session = { cookie: await whole.session(ada.accountId) };
});
afterAll(() => whole.stop());

const person = (name: string) => addResearcher(whole.db.pool, { name, studyId: study.studyId, now: whole.clock.now() });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function create(of: FixturePerson, more: Record<string, unknown> = {}, headers?: Record<string, string>) {
  const as = headers ?? { cookie: await whole.session(of.accountId) };
  const { data } = await whole.ask(as, CREATE, { input: { grantId: of.grantId, name: 'desk', ...more } });
  return data.createToken;
}

async function account(name: string, role: string): Promise<Record<string, string>> {
  const { rows } = await whole.db.pool.query(
    `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES (gen_random_uuid(), 'x', $1, $1, $1, $1 || '@example.org', now()) RETURNING id`,
    [name],
  );
  await whole.db.pool.query('INSERT INTO account_role (account_id, role, given_at) VALUES ($1, $2, now())', [
    rows[0].id,
    role,
  ]);
  return { cookie: await whole.session(rows[0].id) };
}

describe('a personal token', () => {
  it('is told once, reads under its grant, and is listed without its text', async () => {
    const made = await create(ada);
    expect(made.secret).toMatch(/^iss_[0-9A-Za-z]{49}$/);
    const answer = await whole.ask(bearer(made.secret), READ);
    expect([answer.status, answer.errors]).toEqual([200, []]);
    expect(answer.data.release.patients.nodes).toHaveLength(1);
    const { data } = await whole.ask(session, TOKENS);
    const today = whole.clock.now().toISOString().slice(0, 10);
    expect(data.viewer.tokens).toEqual([{ ...made.token, lastUsedOn: today, state: 'ACTIVE', endedWhy: null }]);
    // Neither the database, the log, nor what the server writes down holds the token.
    const { rows } = await whole.db.pool.query(
      `SELECT (SELECT string_agg(t::text, '') FROM personal_token t) || (SELECT string_agg(text, '') FROM audit_entry) AS all`,
    );
    for (const part of [made.secret, made.secret.slice(4, 30)]) {
      expect(rows[0].all).not.toContain(part);
      expect(whole.logged.join('')).not.toContain(part);
    }
  });

  it('stands in the log with its id, for what was read and what was refused', async () => {
    const { secret, token } = await create(ada);
    await whole.ask(bearer(secret), READ);
    await whole.ask(bearer(secret), CREATE, { input: { grantId: ada.grantId, name: 'x' } });
    const { rows } = await whole.db.pool.query(
      `SELECT action, text::jsonb ->> 'token' AS token, hash = encode(sha256(convert_to(text, 'UTF8')), 'hex') AS sound
       FROM audit_entry WHERE text::jsonb ->> 'token' = $1 ORDER BY seq`,
      [token.id],
    );
    expect(rows).toEqual([
      { action: 'CREATE_TOKEN', token: token.id, sound: true },
      { action: 'SIGNED_IN', token: token.id, sound: true },
      { action: 'READ', token: token.id, sound: true },
      { action: 'COMMAND_REFUSED', token: token.id, sound: true },
    ]);
  });

  it('does nothing that needs a person: no token by a token, no certificate, no other grant', async () => {
    const { secret } = await create(ada);
    const refused = await create(ada, {}, bearer(secret));
    expect(refused.reasons.map(({ code }: { code: string }) => code)).toEqual(['TOKEN_BOUND']);
    const upload = await fetch(`${whole.server.url}/uploads`, { method: 'PUT', headers: bearer(secret), body: 'x' });
    expect(upload.status).toBe(403);
    const other = await whole.ask({ ...bearer(secret), 'iss-grant': '00000000-0000-7000-8000-000000000000' }, READ);
    expect(other.errors[0]?.extensions.reasons?.map(({ code }) => code)).toContain('NO_GRANT');
    const { data } = await whole.ask(bearer(secret), '{ viewer { tokens { id } grants { id } } }');
    expect([data.viewer.tokens.length, data.viewer.grants]).toEqual([1, [{ id: ada.grantId }]]);
  });

  it('of one of two grants knows nothing of the other', async () => {
    const two = await person('two');
    const second = await addResearcher(whole.db.pool, {
      ...{ name: 'two-second', studyId: study.studyId, now: whole.clock.now() },
      access: { VIDEO: ['READ'] },
    });
    await whole.db.pool.query(
      `UPDATE data_grant SET institution_id = (SELECT institution_id FROM data_grant WHERE id = $2) WHERE id = $1`,
      [second.grantId, two.grantId],
    );
    await whole.db.pool.query('INSERT INTO grant_member (grant_id, account_id, added_at) VALUES ($1, $2, now())', [
      second.grantId,
      two.accountId,
    ]);
    const { secret } = await create(two);
    // With a session and two grants one has to be named; the token names its own.
    const unnamed = await whole.ask({ cookie: await whole.session(two.accountId) }, READ);
    expect(unnamed.errors[0]?.extensions.reasons?.map(({ code }) => code)).toEqual(['GRANT_NOT_NAMED']);
    const { data, errors } = await whole.ask(bearer(secret), `{ viewer { grants { id } } ${READ.slice(1)}`);
    expect(errors).toEqual([]);
    expect(data.viewer.grants).toEqual([{ id: two.grantId }]);
    expect(data.release.patients.nodes).toHaveLength(1);
  });

  it('lasts for hours of work and ends at its expiry', async () => {
    const at = whole.clock.now().getTime();
    const { secret } = await create(ada, { expiresAt: new Date(at + 30 * 3_600_000).toISOString() });
    const ahead = whole.clock.ahead;
    try {
      whole.clock.ahead = ahead + 29 * 3_600_000;
      expect((await whole.ask(bearer(secret), READ)).errors).toEqual([]);
      whole.clock.ahead = ahead + 30 * 3_600_000;
      const { status, errors } = await whole.ask(bearer(secret), READ);
      expect([status, errors[0]?.extensions.reason]).toEqual([401, 'TOKEN_EXPIRED']);
    } finally {
      whole.clock.ahead = ahead;
    }
  });

  it.each([
    ['in the past', -1],
    ['after its grant', 181],
  ])('is not made with an expiry %s', async (_, days) => {
    const expiresAt = new Date(whole.clock.now().getTime() + days * DAY).toISOString();
    expect(await create(ada, { expiresAt })).toMatchObject({ code: 'EXPIRY_INVALID' });
  });

  it('expires with its grant where nothing is said, and at the policy at the latest', async () => {
    const { rows } = await whole.db.pool.query('SELECT ends_at FROM data_grant WHERE id = $1', [ada.grantId]);
    const made = await create(ada);
    expect(Date.parse(made.token.expiresAt)).toBeLessThanOrEqual(rows[0].ends_at.getTime());
    expect(Date.parse(made.token.expiresAt)).toBeGreaterThan(whole.clock.now().getTime() + 179 * DAY);
  });

  it.each(['', '   ', 'x'.repeat(101), 'a\nb', 'a\u202eb'])('is not made under the name %j', async (name) => {
    expect(await create(ada, { name })).toMatchObject({ code: 'NAME_INVALID' });
  });

  it('is not made for a grant that is not theirs, is none, or is not in force', async () => {
    const bob = await person('bob');
    for (const grantId of [bob.grantId, 'x', '00000000-0000-7000-8000-000000000000'])
      expect(await create(ada, { grantId })).toMatchObject({ code: 'GRANT_UNKNOWN' });
    await whole.db.pool.query(`UPDATE data_grant SET state = 'SUSPENDED' WHERE id = $1`, [bob.grantId]);
    expect(await create(bob)).toMatchObject({ code: 'GRANT_NOT_IN_FORCE' });
  });

  it('is one of twenty at most, also when all are asked for at once', async () => {
    const many = await person('many');
    const as = { cookie: await whole.session(many.accountId) };
    const made = await Promise.all(Array.from({ length: 23 }, () => create(many, {}, as)));
    expect(made.filter(({ secret }) => secret).length).toBe(20);
    expect(made.filter(({ code }) => code === 'TOO_MANY_TOKENS').length).toBe(3);
  });

  it('is made once under a command id, and its text is nowhere to be had again', async () => {
    const commandId = crypto.randomUUID();
    const first = await create(ada, { commandId });
    const again = await create(ada, { commandId });
    expect(first.secret).toMatch(/^iss_/);
    expect([again.token.id, again.secret]).toEqual([first.token.id, null]);
    const { rows } = await whole.db.pool.query(`SELECT string_agg(r::text, '') AS all FROM command_receipt r`);
    expect(rows[0].all).not.toContain(first.secret.slice(4, 30));
  });
});

describe('a personal token that is asked for while its owner is shut out', () => {
  it.each([
    ['their account is suspended', 'UPDATE account SET suspended_at = now() WHERE id = $1 AND $2::uuid IS NOT NULL'],
    [
      'their role is taken',
      `WITH held AS MATERIALIZED (SELECT id FROM account WHERE id = $1 AND $2::uuid IS NOT NULL FOR UPDATE)
       DELETE FROM account_role WHERE role = 'researcher' AND account_id = (SELECT id FROM held)`,
    ],
    [
      'they are removed from the grant',
      'UPDATE grant_member SET removed_at = now() WHERE account_id = $1 AND grant_id = $2',
    ],
    ['the grant is revoked', `UPDATE data_grant SET state = 'REVOKED' WHERE id = $2 AND $1::uuid IS NOT NULL`],
  ])('is not made after %s', async (name, change) => {
    const owner = await person(`while ${name}`);
    const as = { cookie: await whole.session(owner.accountId) };
    const other = await whole.db.pool.connect();
    try {
      await other.query('BEGIN');
      await other.query(change, [owner.accountId, owner.grantId]);
      const made = create(owner, {}, as);
      await vi.waitFor(
        async () => {
          const { rows } = await whole.db.pool.query(
            `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          );
          expect(rows[0].n).toBe(1);
        },
        { timeout: 5_000, interval: 20 },
      );
      await other.query('COMMIT');
      expect((await made).__typename).not.toBe('CreateTokenSuccess');
    } finally {
      await other.query('ROLLBACK');
      other.release();
    }
    const { rows } = await whole.db.pool.query(
      'SELECT count(*)::int AS n FROM personal_token WHERE account_id = $1 AND revoked_at IS NULL',
      [owner.accountId],
    );
    expect(rows[0].n).toBe(0);
  });
});

describe('a personal token is ended', () => {
  it.each([
    ['its owner', async (of: FixturePerson) => ({ cookie: await whole.session(of.accountId) })],
    ['a steward', () => account('steward-1', 'steward')],
    ['an administrator', () => account('admin-1', 'admin')],
  ])('by %s, at once', async (name, by) => {
    const owner = await person(`owner of ${name}`);
    const { secret, token } = await create(owner);
    expect((await whole.ask(bearer(secret), READ)).status).toBe(200);
    const { data } = await whole.ask(await by(owner), REVOKE, { input: { id: token.id } });
    expect(data.revokeToken.token).toEqual({ id: token.id, state: 'ENDED', endedWhy: 'REVOKED' });
    const { status, errors } = await whole.ask(bearer(secret), READ);
    expect([status, errors[0]?.extensions.reason]).toEqual([401, 'TOKEN_ENDED']);
  });

  it('by nobody else: to them it is not even there', async () => {
    const { secret, token } = await create(ada);
    for (const headers of [
      { cookie: await whole.session((await person('stranger to it')).accountId) },
      await account('auditor-1', 'auditor'),
      bearer(secret),
    ]) {
      const { data } = await whole.ask(headers, REVOKE, { input: { id: token.id } });
      const none = await whole.ask(headers, REVOKE, { input: { id: crypto.randomUUID() } });
      expect(data.revokeToken.code).toBe('FORBIDDEN');
      if (!('authorization' in headers)) expect(data).toEqual(none.data);
    }
    expect((await whole.ask(bearer(secret), READ)).status).toBe(200);
  });

  it.each([
    [
      'its grant is revoked',
      'GRANT_ENDED',
      `UPDATE data_grant SET state = 'REVOKED' WHERE id = $2 AND $1::uuid IS NOT NULL`,
    ],
    [
      'its grant is closed',
      'GRANT_ENDED',
      `UPDATE data_grant SET state = 'CLOSED' WHERE id = $2 AND $1::uuid IS NOT NULL`,
    ],
    [
      'its grant has ended',
      'GRANT_ENDED',
      `UPDATE data_grant SET state = 'EXPIRED' WHERE id = $2 AND $1::uuid IS NOT NULL`,
    ],
    [
      'its owner is removed from the grant',
      'MEMBER_REMOVED',
      'UPDATE grant_member SET removed_at = now() WHERE account_id = $1 AND grant_id = $2',
    ],
    [
      'its owner is suspended',
      'ACCOUNT_SUSPENDED',
      'UPDATE account SET suspended_at = now() WHERE id = $1 AND $2::uuid IS NOT NULL',
    ],
    [
      'its owner is a researcher no more',
      'ROLE_REMOVED',
      `DELETE FROM account_role WHERE account_id = $1 AND role = 'researcher' AND $2::uuid IS NOT NULL`,
    ],
    [
      'its owner is barred',
      'ACCOUNT_SUSPENDED',
      `INSERT INTO sanction (id, kind, account_id, reason, starts_at, imposed_by) SELECT gen_random_uuid(), 'BAR', $1, 'x', now(), $1 WHERE $2::uuid IS NOT NULL`,
    ],
  ])('for good when %s', async (name, why, change) => {
    const owner = await person(name);
    const { secret, token } = await create(owner);
    await whole.db.pool.query(change, [owner.accountId, owner.grantId]);
    const { status, errors } = await whole.ask(bearer(secret), READ);
    expect([status, errors[0]?.extensions.reason]).toEqual([401, 'TOKEN_ENDED']);
    const { rows } = await whole.db.pool.query('SELECT revoked_why FROM personal_token WHERE id = $1', [token.id]);
    expect(rows).toEqual([{ revoked_why: why }]);
  });
});

describe('a credential that is no token of ours', () => {
  it.each([
    ['cut off', 'iss_abc', 'TOKEN_MALFORMED'],
    ['mistyped', `${tokenText(new Uint8Array(32)).slice(0, -1)}x`, 'TOKEN_MALFORMED'],
    ['unknown', tokenText(new Uint8Array(32).fill(9)), 'TOKEN_UNKNOWN'],
  ])('(%s) is refused with 401 and why, by GraphQL and elsewhere', async (_, token, code) => {
    const answer = await whole.ask(bearer(token), READ);
    expect([answer.status, answer.errors[0]?.extensions.code, answer.errors[0]?.extensions.reason]).toEqual([
      401,
      'UNAUTHENTICATED',
      code,
    ]);
    const file = await fetch(`${whole.server.url}/files/x`, { headers: bearer(token) });
    expect([file.status, file.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
    expect(((await file.json()) as { code: string }).code).toBe(code);
    expect(whole.logged.join('')).not.toContain(token);
  });

  it('does not count where a good cookie stands beside it', async () => {
    expect((await whole.ask({ ...session, ...bearer('iss_abc') }, READ)).status).toBe(401);
  });

  it('is not looked for again and again: after thirty in a minute 429, but for tokens that were good a moment ago', async () => {
    const { secret } = await create(ada);
    expect((await whole.ask(bearer(secret), READ)).status).toBe(200);
    const unused = await create(ada);
    const statuses: number[] = [];
    for (let n = 0; n < 32; n++) {
      const token = tokenText(new Uint8Array(32).fill(n + 20));
      statuses.push((await fetch(`${whole.server.url}/files/x`, { headers: bearer(token) })).status);
    }
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    const limited = await whole.ask(bearer(unused.secret), READ);
    expect([limited.status, limited.errors[0]?.extensions.reason]).toEqual([429, 'TOO_MANY_BAD_TOKENS']);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await whole.ask(bearer(secret), READ)).status).toBe(200);
    whole.clock.ahead += 60_000;
    expect((await whole.ask(bearer(unused.secret), READ)).status).toBe(200);
  });
});
