import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fileMail } from '../../../api/adapters/mail/file-mail.ts';
import type { Mail } from '../../../api/adapters/mail/mail.ts';
import { fileStore } from '../../../api/adapters/objects/file-store.ts';
import { postgresQueue } from '../../../api/adapters/queue/postgres-queue.ts';
import type { JobKind } from '../../../api/jobs/job-kind.ts';
import { runJobs } from '../../../api/jobs/job-runner.ts';
import { jobStore } from '../../../api/jobs/job-store.ts';
import { sendMailKind } from '../../../api/jobs/send-mail.ts';
import { requestMail } from '../../../api/services/mail/request-mail.ts';
import type { RequestEvent } from '../../../governance/request/events.ts';
import type { RequestState } from '../../../governance/request/state.ts';
import { eventually } from '../../contracts/eventually.ts';
import { read } from '../../contracts/mail-contract.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { addResearcher } from '../../support/person-fixture.ts';
import { fillStudy } from '../../support/study-fixture.ts';
import { ids, keptLog } from './a-clock.ts';

let db: TestDatabase;
let folder: string;
let person: { accountId: string; requestId: string };
let offset = 0;
const clock = { now: () => new Date(Date.now() + offset) };
beforeAll(async () => {
  db = await startTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'iss-send-'));
  const { studyId } = await fillStudy({ pool: db.pool, objects: fileStore(folder) }, { patients: 1 });
  const { accountId } = await addResearcher(db.pool, { name: 'ada', studyId });
  const { rows } = await db.pool.query('SELECT id FROM access_request WHERE applicant_id = $1', [accountId]);
  person = { accountId, requestId: rows[0].id };
});
afterAll(async () => {
  await db.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => db.pool.query('DELETE FROM job'));

const store = () => jobStore(db.database, clock, ids);
const happened = (...types: RequestEvent['type'][]) => types.map((type) => ({ type })) as unknown as RequestEvent[];
const state = (version: number) =>
  ({ id: person.requestId, applicantId: person.accountId, version }) as unknown as RequestState;

async function tell(version: number, ...types: RequestEvent['type'][]): Promise<string[]> {
  const queue = postgresQueue(db.database);
  const mail = requestMail(store(), queue, 'https://portal.example');
  const added = await db.database.transaction((sql) => mail.queue(sql, state(version), happened(...types)));
  await mail.announce(added);
  await queue.close();
  return added;
}

async function work(send: (mail: Mail) => Promise<void>, jobId: string) {
  const { log } = keptLog();
  const queue = postgresQueue(db.database);
  const kind = sendMailKind({ database: db.database, clock, mail: { send, close: async () => {} } });
  const runner = await runJobs({
    ...{ worker: 'mail', store: store(), queue, database: db.database, log, pollMs: 10 },
    kinds: [kind as JobKind as JobKind<unknown>],
  });
  const job = await eventually('the job ends', async () => {
    offset += 5000;
    const found = await store().get(jobId);
    return found?.finishedAt ? found : null;
  });
  await runner.stop();
  await queue.close();
  return job;
}

describe('news of a request', () => {
  it('goes to the applicant as a message of its own, and into no other table', async () => {
    const mailbox = join(folder, 'mail');
    const [id] = await tell(7, 'RequestApproved');
    const { payload } = (await store().get(id!))!;
    expect(JSON.stringify(payload)).not.toContain('@');
    const files = fileMail(mailbox);
    expect(await work((mail) => files.send(mail), id!)).toMatchObject({ state: 'SUCCEEDED', result: { sent: true } });
    expect(await readdir(mailbox)).toEqual([`request.${person.requestId}.7.eml`]);
    const { headers, text } = read(await readFile(join(mailbox, `request.${person.requestId}.7.eml`)));
    expect(headers.get('Subject')).toBe('Your access request was approved');
    expect(text).toContain('Your request "Work" was approved.');
    expect(text).toContain('Sign in to see it: https://portal.example');
  });

  it('is told of approvals, returns and rejections, and of nothing else', async () => {
    const told = async (type: RequestEvent['type']) => (await tell(9, type)).length;
    for (const type of ['RequestApproved', 'RequestReturned', 'RequestDeclined', 'RequestRejected'] as const) {
      expect(await told(type)).toBe(1);
      await db.pool.query('DELETE FROM job');
    }
    for (const type of [
      'RequestSubmitted',
      'CommentAdded',
      'GrantProposed',
      'RequestWithdrawn',
      'GrantRevoked',
    ] as const)
      expect(await told(type)).toBe(0);
  });

  it('of one event is told once, of two events twice', async () => {
    const first = await tell(11, 'GrantProposed', 'RequestApproved');
    expect(await tell(11, 'GrantProposed', 'RequestApproved')).toEqual(first);
    expect(await tell(12, 'RequestReturned')).not.toEqual(first);
  });

  it('is not told of what did not happen: the job is part of the transaction', async () => {
    const mail = requestMail(store(), postgresQueue(db.database), '');
    await db.database
      .transaction(async (sql) => {
        await mail.queue(sql, state(13), happened('RequestApproved'));
        throw new Error('rolled back');
      })
      .catch(() => {});
    expect((await db.pool.query('SELECT 1 FROM job')).rows).toEqual([]);
  });
});

describe('a message that does not go', () => {
  it('is tried again until it does', async () => {
    const [id] = await tell(21, 'RequestRejected');
    let tries = 0;
    const job = await work(async () => {
      if (++tries < 4) throw new Error('the carrier is away');
    }, id!);
    expect(job).toMatchObject({ state: 'SUCCEEDED', attempts: 4, error: null });
  });

  it('for good is given up at once, and nothing else waits for it', async () => {
    await db.pool.query(`UPDATE account SET email = 'not an address' WHERE id = $1`, [person.accountId]);
    const [id] = await tell(22, 'RequestRejected');
    const files = fileMail(join(folder, 'refused'));
    expect(await work((mail) => files.send(mail), id!)).toMatchObject({
      state: 'FAILED',
      attempts: 1,
      error: { code: 'MAIL_REFUSED', message: 'the address is none' },
    });
    await db.pool.query(`UPDATE account SET email = 'ada@example.org' WHERE id = $1`, [person.accountId]);
  });

  it('carries nothing of a hostile title or name into its headers', async () => {
    await db.pool.query(`UPDATE account SET name = E'Ada\\r\\nBcc: x@example.org' WHERE id = $1`, [person.accountId]);
    await db.pool.query(`UPDATE access_request SET title = E'T\\r\\n.\\r\\nQUIT\\u202e' WHERE id = $1`, [
      person.requestId,
    ]);
    const [id] = await tell(23, 'RequestReturned');
    const files = fileMail(join(folder, 'hostile'));
    expect(await work((mail) => files.send(mail), id!)).toMatchObject({ state: 'SUCCEEDED' });
    const { headers, text } = read(await readFile(join(folder, 'hostile', `request.${person.requestId}.23.eml`)));
    expect(headers.has('Bcc')).toBe(false);
    expect(headers.get('To')).toMatch(/^Ada Bcc: x@example.org <[^<>]+>$/);
    expect(text).toContain('Your request "T . QUIT" was returned');
  });
});
