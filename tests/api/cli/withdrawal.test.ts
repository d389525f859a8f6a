import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CSRF_HEADER, CSRF_VALUE } from '../../../api/auth/csrf.ts';
import { EDITOR_PATH } from '../../../api/http/persisted-operations.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fillStudy } from '../../support/study-fixture.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';
import { anIo, iss, type TestIo } from './an-io.ts';

let whole: WholeServer;
let ada: FixturePerson;
let sam: string;
let sue: string;
beforeAll(async () => {
  whole = await startWholeServer();
  const { pool } = whole.db;
  const study = await fillStudy(
    { pool, objects: whole.base.objects },
    { key: 'demo', patients: 2, submissions: 1, frames: 5 },
  );
  ada = await addResearcher(pool, { name: 'ada', studyId: study.studyId, now: whole.clock.now() });
  [sam, sue] = [await steward('sam'), await steward('sue')];
  const { rows } = await pool.query(
    `SELECT s.id AS submission, a.id AS artifact FROM artifact a JOIN recording r ON r.id = a.recording_id JOIN submission s ON s.id = r.submission_id WHERE s.patient_id = $1 LIMIT 1`,
    [study.patients[0]!.id],
  );
  await whole.server.services.audit.write(whole.base.database, {
    ...{ accountId: ada.accountId, grantId: ada.grantId, action: 'DOWNLOAD' },
    detail: { release: study.releaseId, ...rows[0], kind: 'VIDEO', modality: 'VIDEO' },
  });
});
afterAll(() => whole.stop());

async function steward(name: string): Promise<string> {
  const { rows } = await whole.db.pool.query(
    `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES (gen_random_uuid(), 'x', $1, $1, $1, $1 || '@example.org', now()) RETURNING id`,
    [name],
  );
  await whole.db.pool.query(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'steward', now())`, [
    rows[0].id,
  ]);
  return rows[0].id;
}

/** A command line of somebody who is signed in at the server: their session in place of a login's token. */
async function signedIn(accountId: string, answers: readonly string[] = []): Promise<TestIo> {
  const cookie = await whole.session(accountId);
  const io = anIo({ ISS_URL: whole.server.url, ISS_TOKEN: 'replaced' });
  if (answers.length > 0) io.answers = [...answers];
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
async function run(accountId: string, args: readonly string[], answers: readonly string[] = []) {
  const io = await signedIn(accountId, answers);
  const code = await iss(io, 'withdrawal', ...args);
  return { code, out: io.lines.join('\n'), notes: io.notes.join('\n') };
}

describe('iss withdrawal', () => {
  let id = '';
  let step = '';
  const record = ['record', '9001', '--kind', 'erase', '--reason', 'patient'];

  it('asks before it records, naming what will happen, and records nothing without the word', async () => {
    const no = await run(sam, record, ['yes']);
    expect([no.code, no.notes]).toEqual([2, expect.stringContaining('vanish from every query')]);
    expect((await run(sam, record)).notes).toContain('--yes');
    expect((await run(sam, ['list'])).out).toBe('No withdrawals.');
    expect((await run(sam, [...record.slice(0, 3), 'forget', '--reason', 'patient'])).code).toBe(2);
  });

  it('records, and says what is left to do', async () => {
    const done = await run(sam, record, ['9001']);
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('left to do: notices, by steward')]);
    const [one] = JSON.parse((await run(sam, ['list', '--open', '--json'])).out);
    expect(one).toMatchObject({ patient: '9001', kind: 'ERASE', duties: [{ downloads: 1, holder: { name: 'ada' } }] });
    id = one.id;
    expect(done.out).toContain(`iss withdrawal ask ${id} --step NOTICES`);
    expect((await run(sam, ['show', id])).out).toContain('ada: a single file; not told');
    expect((await run(ada.accountId, ['list'])).code).not.toBe(0);
  });

  it('lets one steward ask and only another confirm, who is told what it does', async () => {
    const asked = JSON.parse(
      (await run(sam, ['ask', id, '--step', 'notices', '--reason', 'Copies are out.', '--json'])).out,
    );
    step = asked.stepId;
    expect((await run(sam, ['confirm', step, '--yes'])).notes).toContain('two people');
    expect((await run(sue, ['list'])).out).toContain(`iss withdrawal confirm ${step}`);
    const done = await run(sue, ['confirm', step], ['9001']);
    expect(done.notes).toContain('tells every holder of copies to destroy them');
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('NOTIFIED')]);
    expect((await run(sue, ['confirm', step, '--yes'])).code).not.toBe(0);
  });

  it('shows a holder what to destroy, not whose, and takes their attestation', async () => {
    const [duty] = JSON.parse((await run(ada.accountId, ['attest', '--json'])).out);
    expect(duty).toMatchObject({ state: 'OPEN', singleFiles: true, exports: [] });
    expect(duty).not.toHaveProperty('downloads');
    expect((await run(ada.accountId, ['attest'])).out).toContain('all single files');
    expect((await run(ada.accountId, ['attest', duty.id], ['no'])).code).toBe(2);
    expect((await run(ada.accountId, ['attest', duty.id], ['destroyed'])).out).toContain('Attested');
    expect((await run(sam, ['show', id])).out).toContain('attested');
  });
});
