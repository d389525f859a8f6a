import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CSRF_HEADER, CSRF_VALUE } from '../../../api/auth/csrf.ts';
import { EDITOR_PATH } from '../../../api/http/persisted-operations.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fillStudy, type StudyFixture } from '../../support/study-fixture.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';
import { anIo, iss, type TestIo } from './an-io.ts';

let whole: WholeServer;
let study: StudyFixture;
let ada: FixturePerson;
let sam: string;
let sue: string;
let adm: string;
beforeAll(async () => {
  whole = await startWholeServer();
  const { pool } = whole.db;
  study = await fillStudy(
    { pool, objects: whole.base.objects },
    { key: 'demo', patients: 2, submissions: 1, frames: 5 },
  );
  ada = await addResearcher(pool, { name: 'ada', studyId: study.studyId, now: whole.clock.now() });
  [sam, sue, adm] = [await account('sam', 'steward'), await account('sue', 'steward'), await account('adm', 'admin')];
}, 60_000);
afterAll(() => whole.stop());

async function account(name: string, role: string): Promise<string> {
  const { rows } = await whole.db.pool.query(
    `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES (gen_random_uuid(), 'x', $1, $1, $1, $1 || '@example.org', now()) RETURNING id`,
    [name],
  );
  await whole.db.pool.query(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, $2, now())`, [
    rows[0].id,
    role,
  ]);
  return rows[0].id;
}

/** A command line of somebody who is signed in at the server: their session in place of a login's token. */
async function run(accountId: string, ...args: readonly string[]) {
  const cookie = await whole.session(accountId);
  const io: TestIo = anIo({ ISS_URL: whole.server.url, ISS_TOKEN: 'replaced' });
  io.fetch = (url, init) => {
    const headers = new Headers(init?.headers);
    headers.delete('authorization');
    headers.set('cookie', cookie);
    headers.set(CSRF_HEADER, CSRF_VALUE);
    // Of a session the query editor's path alone takes documents.
    return fetch(String(url).replace(/\/graphql$/, EDITOR_PATH), { ...init, headers });
  };
  const code = await iss(io, ...args);
  return { code, out: io.lines.join('\n'), notes: io.notes.join('\n') };
}

const MADE = 'mutation { createAccessRequest(input: {}) { ... on CreateAccessRequestSuccess { request { id } } } }';

it('iss release list has what is published, and drafts for who may see them', async () => {
  expect((await run(ada.accountId, 'release', 'list')).out).toMatch(/1\.0\.0 +PUBLISHED/);
  const listed = JSON.parse((await run(sam, 'release', 'list', '--drafts', '--json')).out);
  expect(listed).toMatchObject([{ version: '1.0.0', status: 'PUBLISHED' }]);
});

it('iss requests lists what one may see, and shows one with what is missing and its history', async () => {
  const answer = await fetch(`${whole.server.url}${EDITOR_PATH}`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', cookie: await whole.session(ada.accountId) },
      [CSRF_HEADER]: CSRF_VALUE,
    },
    body: JSON.stringify({ query: MADE }),
  });
  const { id } = (await answer.json()).data.createAccessRequest.request;
  expect((await run(ada.accountId, 'requests', 'list')).out).toContain(id);
  expect((await run(ada.accountId, 'requests', 'list', '--state', 'approved')).out).not.toContain(id);
  expect((await run(sam, 'requests', 'list', '--waits-for', 'steward')).out).toBe('No requests.');
  expect(await run(sam, 'requests', 'list', '--waits-for', 'official')).toMatchObject({
    code: 2,
    notes: expect.stringContaining('"OFFICIAL" is not taken here; there are: APPLICANT, SIGNING_OFFICIAL, STEWARD.'),
  });
  const shown = await run(ada.accountId, 'requests', 'show', id);
  expect(shown.out).toContain('Waits for: applicant');
  expect(shown.out).toMatch(/History:\n.*RequestCreated by ada/i);
  expect((await run(sam, 'requests', 'show', id)).notes).toContain('no such request');
  expect((await run(ada.accountId, 'requests', 'list', '--limit', 'x')).code).toBe(2);
});

describe('iss quarantine', () => {
  it('lists, and another steward than who placed it keeps or lifts it', async () => {
    expect((await run(sam, 'quarantine', 'list')).out).toBe('Nothing is in quarantine.');
    const { rows } = await whole.db.pool.query<{ id: string }>(
      `INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by)
       VALUES (gen_random_uuid(), $1, 0, 2, 'A name is spoken', $2, $3) RETURNING id`,
      [study.patients[0]!.submissions[0]!.id, whole.clock.now(), sam],
    );
    const id = rows[0]!.id;
    expect((await run(sue, 'quarantine', 'list')).out).toMatch(/0 to 2 s.*A name is spoken/);
    expect((await run(sue, 'quarantine', 'review', id)).code).toBe(2);
    expect((await run(sam, 'quarantine', 'review', id, '--keep', 'It is')).code).toBe(1);
    expect((await run(sue, 'quarantine', 'review', id, '--keep', 'It is')).out).toContain('It stays');
    expect((await run(sue, 'quarantine', 'review', id, '--lift')).code).toBe(2);
    expect((await run(sue, 'quarantine', 'review', id, '--lift', '--yes')).out).toContain('lifted');
  });
});

it('iss accounts lists accounts for administrators, and for nobody else', async () => {
  expect((await run(adm, 'accounts', '--role', 'steward')).out).toMatch(/sam.*\n.*sue/);
  expect((await run(adm, 'accounts', '--search', 'ada', '--suspended')).out).toBe('No such accounts.');
  expect((await run(sam, 'accounts')).code).toBe(3);
});

it('iss halt names a release by study and version', async () => {
  const placed = await run(sam, 'halt', '--release', '1.0.0', '--study', 'demo', '--reason', 'x', '--yes', '--json');
  expect(JSON.parse(placed.out)).toMatchObject({ scope: 'RELEASE', targetName: 'demo 1.0.0' });
  const listed = await run(ada.accountId, 'halt', '--list');
  expect(listed.out).toContain('demo 1.0.0');
  expect(listed.out).not.toContain(study.releaseId);
});
