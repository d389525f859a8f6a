import { fork } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fileMail } from '../../../api/adapters/mail/file-mail.ts';
import { MailInDoubt, type MailSender } from '../../../api/adapters/mail/mail.ts';
import { fileStore } from '../../../api/adapters/objects/file-store.ts';
import { postgresQueue } from '../../../api/adapters/queue/postgres-queue.ts';
import type { JobKind } from '../../../api/jobs/job-kind.ts';
import { runJobs } from '../../../api/jobs/job-runner.ts';
import { jobStore } from '../../../api/jobs/job-store.ts';
import { mailWait, sendMailKind } from '../../../api/jobs/send-mail.ts';
import { beginSending, requeueForgotten, sendAgain, unsentMail } from '../../../api/services/mail/outbox.ts';
import { queueMail } from '../../../api/services/mail/queue-mail.ts';
import { queueRequestMail } from '../../../api/services/mail/request-mail.ts';
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
afterEach(async () => {
  await db.pool.query('DELETE FROM job');
  await db.pool.query('DELETE FROM outbox');
});

const store = () => jobStore(db.database, clock, ids);
const happened = (...types: RequestEvent['type'][]) =>
  types.map((type) => ({ type, at: '2026-01-02T03:04:05.000Z' })) as unknown as RequestEvent[];
const state = (version: number, title = 'Work') =>
  ({
    id: person.requestId,
    applicantId: person.accountId,
    version,
    form: { title },
    grant: null,
    proposal: null,
  }) as unknown as RequestState;

interface Row {
  id: string;
  template: string;
  state: string;
  attempts: number;
  error: string | null;
}
const outbox = async (): Promise<Row[]> =>
  (await db.pool.query('SELECT id, template, state, attempts, error FROM outbox ORDER BY queued_at, id')).rows;
const jobOf = async (id: string): Promise<string> =>
  (await db.pool.query(`SELECT id FROM job WHERE dedupe_key = 'mail ' || $1 ORDER BY created_at DESC LIMIT 1`, [id]))
    .rows[0].id;

/** What has left; a file that is still being written has another name. */
const messagesIn = async (mailbox: string): Promise<string[]> =>
  (await readdir(mailbox).catch((): string[] => [])).filter((name) => name.endsWith('.eml'));

/** Queues one message to ada. */
async function queued(title = 'Work'): Promise<string> {
  const to = { accountId: person.accountId };
  await db.database.transaction((sql) => queueMail(sql, { to, template: 'request-approved', data: { title } }));
  return (await outbox()).at(-1)!.id;
}

const carrier = (send: MailSender['send'], promise: MailSender['promise'] = 'ONCE'): MailSender => ({
  promise,
  send,
  close: async () => {},
});

const kindOf = (mail: MailSender) =>
  sendMailKind({ database: db.database, clock, mail, portal: async () => 'https://portal.example' });

/** Lets a worker run until the message's job has ended; time flies meanwhile. */
async function work(mail: MailSender, id: string) {
  const { log } = keptLog();
  const queue = postgresQueue(db.database);
  const jobId = await jobOf(id);
  const runner = await runJobs({
    ...{ worker: 'mail', store: store(), queue, database: db.database, log, pollMs: 10 },
    kinds: [kindOf(mail) as JobKind as JobKind<unknown>],
  });
  const job = await eventually('the job ends', async () => {
    offset += 6 * 3600_000;
    const found = await store().get(jobId);
    return found?.finishedAt ? found : null;
  });
  await runner.stop();
  await queue.close();
  return job;
}

/** One attempt, as a worker makes it that then may be no more. */
const attempt = (mail: MailSender, id: string) =>
  kindOf(mail).run({ outboxId: id }, { job: null as never, signal: new AbortController().signal, progress: () => {} });

describe('news of a request', () => {
  it('goes to the applicant as a message of its own', async () => {
    const mailbox = join(folder, 'mail');
    await db.database.transaction((sql) => queueRequestMail(sql, state(7), happened('RequestApproved')));
    const [{ id }] = (await outbox()) as [Row];
    expect(JSON.stringify((await store().get(await jobOf(id)))?.payload)).toBe(`{"outboxId":"${id}"}`);
    expect(await work(fileMail(mailbox), id)).toMatchObject({ state: 'SUCCEEDED', result: { sent: true } });
    expect(await readdir(mailbox)).toEqual([`portal.${id}.eml`]);
    const { headers, text } = read(await readFile(join(mailbox, `portal.${id}.eml`)));
    expect(headers.get('Subject')).toBe('Your access request was approved');
    expect(text).toContain('Your request "Work" was approved.');
    expect(text).not.toContain('trainings');
    expect(text).toContain('Sign in to see it: https://portal.example');
    expect(await outbox()).toMatchObject([{ state: 'SENT', attempts: 1, error: null }]);
  });

  it('is told of approvals, returns and rejections, and of nothing else', async () => {
    let version = 9;
    const told = async (type: RequestEvent['type']) => {
      await db.database.transaction((sql) => queueRequestMail(sql, state(version++), happened(type)));
      return (await outbox()).map(({ template }) => template);
    };
    expect(await told('RequestApproved')).toEqual(['request-approved']);
    expect(await told('RequestReturned')).toEqual(['request-approved', 'request-returned']);
    expect((await told('RequestDeclined')).at(-1)).toBe('request-returned');
    expect((await told('RequestRejected')).at(-1)).toBe('request-rejected');
    for (const type of ['RequestSubmitted', 'CommentAdded', 'GrantProposed', 'RequestWithdrawn'] as const)
      expect(await told(type)).toHaveLength(4);
  });

  it('of one event is told once, of two events twice', async () => {
    const tell = (version: number, ...types: RequestEvent['type'][]) =>
      db.database.transaction((sql) => queueRequestMail(sql, state(version), happened(...types)));
    await tell(11, 'GrantProposed', 'RequestApproved');
    await tell(11, 'GrantProposed', 'RequestApproved');
    expect(await outbox()).toHaveLength(1);
    await tell(12, 'RequestReturned');
    expect(await outbox()).toHaveLength(2);
  });

  it('is not told of what did not happen: message and job are part of the transaction', async () => {
    await db.database
      .transaction(async (sql) => {
        await queueRequestMail(sql, state(13), happened('RequestApproved'));
        throw new Error('rolled back');
      })
      .catch(() => {});
    expect(await outbox()).toEqual([]);
    expect((await db.pool.query('SELECT 1 FROM job')).rows).toEqual([]);
  });
});

describe('a message that does not go', () => {
  it('is tried again, later each time, until it does', async () => {
    const id = await queued();
    let tries = 0;
    const flaky = carrier(async () => {
      if (++tries < 4) throw new Error('the carrier is away');
    });
    expect(await work(flaky, id)).toMatchObject({ state: 'SUCCEEDED', error: null });
    expect(await outbox()).toMatchObject([{ state: 'SENT', attempts: 4 }]);
    expect([1, 2, 3, 9, 10, 18].map((n) => mailWait(n) / 60_000)).toEqual([1, 2, 4, 256, 360, 360]);
  });

  it('waits its time between two attempts', async () => {
    const id = await queued();
    const away = carrier(async () => {
      throw new Error('the carrier is away');
    });
    await expect(attempt(away, id)).rejects.toMatchObject({ name: 'JobPostponed', afterMs: 60_000 });
    await expect(attempt(away, id)).rejects.toMatchObject({ name: 'JobPostponed', afterMs: 120_000 });
    expect(await outbox()).toMatchObject([
      { state: 'WAITING', attempts: 2, error: 'the message could not be handed over' },
    ]);
  });

  it('is given up after three days, and an operator can send it again', async () => {
    const id = await queued();
    let away = true;
    const carried = carrier(async () => {
      if (away) throw new Error('the carrier is away');
    });
    expect(await work(carried, id)).toMatchObject({ state: 'FAILED', error: { code: 'MAIL_GIVEN_UP' } });
    expect(await outbox()).toMatchObject([{ state: 'GIVEN_UP', attempts: 18 }]);
    const listed = await unsentMail(db.database, { first: 10, after: null });
    expect(listed).toMatchObject({ total: 1, mail: [{ id, state: 'GIVEN_UP', address: 'ada@example.org' }] });
    away = false;
    expect(await sendAgain(db.database, id)).toBe(true);
    expect(await sendAgain(db.database, id)).toBe(false);
    expect(await work(carried, id)).toMatchObject({ state: 'SUCCEEDED' });
    expect((await unsentMail(db.database, { first: 10, after: null })).total).toBe(0);
  });

  it('for good is given up at once, and nothing else waits for it', async () => {
    await db.pool.query(`UPDATE account SET email = 'not an address' WHERE id = $1`, [person.accountId]);
    const id = await queued();
    expect(await work(fileMail(join(folder, 'refused')), id)).toMatchObject({
      state: 'FAILED',
      attempts: 1,
      error: { code: 'MAIL_REFUSED', message: 'the address is none' },
    });
    expect(await outbox()).toMatchObject([{ state: 'REFUSED', error: 'the address is none' }]);
    await db.pool.query(`UPDATE account SET email = 'ada@example.org' WHERE id = $1`, [person.accountId]);
  });

  it('of a kind that this version does not know is listed, not lost', async () => {
    const id = await queued();
    await db.pool.query(`UPDATE outbox SET template = 'of-tomorrow'`);
    expect(await work(fileMail(join(folder, 'x')), id)).toMatchObject({ state: 'FAILED' });
    expect(await outbox()).toMatchObject([{ state: 'REFUSED', error: 'there is no template of-tomorrow' }]);
  });

  it('gets another job when its own is gone', async () => {
    const id = await queued();
    expect(await requeueForgotten(db.database)).toBe(0);
    await db.pool.query(`UPDATE job SET state = 'FAILED', finished_at = now()`);
    expect(await requeueForgotten(db.database)).toBe(1);
    expect(await requeueForgotten(db.database)).toBe(0);
    expect(await work(fileMail(join(folder, 'again')), id)).toMatchObject({ state: 'SUCCEEDED' });
    expect(await requeueForgotten(db.database)).toBe(0);
  });
});

describe('a worker that dies while it sends', () => {
  const dying = (mailbox: string, when: 'before' | 'after', promise: MailSender['promise'] = 'ONCE') => {
    const files = fileMail(mailbox);
    let first = true;
    return carrier(async (mail) => {
      const dead = first;
      first = false;
      if (dead && when === 'before') return new Promise<void>(() => {});
      await files.send(mail);
      if (dead) return new Promise<void>(() => {});
    }, promise);
  };
  /** An attempt that never comes back; what it did until then is done. */
  const cutOff = async (mail: MailSender, id: string, sent: () => Promise<boolean>) => {
    void attempt(mail, id);
    await eventually(
      'the attempt is under way',
      async () => (await outbox())[0]!.state === 'SENDING' && (await sent()),
    );
  };

  it.each(['before', 'after'] as const)('%s it left sends it once, where the carrier knows ids', async (when) => {
    const mailbox = join(folder, `dying-${when}`);
    const id = await queued();
    const mail = dying(mailbox, when);
    const files = () => messagesIn(mailbox);
    await cutOff(mail, id, async () => when === 'before' || (await files()).length > 0);
    expect(await files()).toHaveLength(when === 'before' ? 0 : 1);
    expect(await work(mail, id)).toMatchObject({ state: 'SUCCEEDED' });
    expect(await files()).toEqual([`portal.${id}.eml`]);
    expect(await outbox()).toMatchObject([{ state: 'SENT', attempts: 2 }]);
  });

  it.each([
    'before',
    'after',
  ] as const)('%s it left leaves it to an operator, where the carrier knows none', async (when) => {
    const mailbox = join(folder, `doubt-${when}`);
    const id = await queued();
    const mail = dying(mailbox, when, 'EACH_TIME');
    const files = () => messagesIn(mailbox);
    await cutOff(mail, id, async () => when === 'before' || (await files()).length > 0);
    expect(await work(mail, id)).toMatchObject({ state: 'SUCCEEDED', result: { sent: false } });
    expect(await files()).toHaveLength(when === 'before' ? 0 : 1);
    expect(await outbox()).toMatchObject([{ state: 'IN_DOUBT', error: 'the worker ended while it was handed over' }]);
  });

  it.each([
    ['before it leaves', 'ONCE', 1, 'SENT', 2],
    ['after it left', 'ONCE', 1, 'SENT', 2],
    ['after it was marked', 'ONCE', 1, 'SENT', 1],
    ['before it leaves', 'EACH_TIME', 0, 'IN_DOUBT', 1],
    ['after it left', 'EACH_TIME', 1, 'IN_DOUBT', 1],
    ['after it was marked', 'EACH_TIME', 1, 'SENT', 1],
  ] as const)('a process that is killed %s, with a carrier that delivers %s: %i sent, %s', async (dies, promise, count, end, attempts) => {
    const mailbox = join(folder, `killed ${dies} ${promise}`);
    const id = await queued();
    const program = join(import.meta.dirname, 'mail-program.ts');
    const killed = await new Promise<string | null>((done) => {
      const child = fork(program, [id, mailbox, dies, promise], {
        execArgv: ['--import', 'tsx'],
        env: { PATH: process.env.PATH, TEST_DATABASE_URL: db.appUrl },
      });
      child.once('exit', (_, signal) => done(signal));
    });
    expect(killed).toBe('SIGKILL');
    const files = fileMail(mailbox);
    await work(
      carrier((mail) => files.send(mail), promise),
      id,
    );
    expect(await messagesIn(mailbox)).toHaveLength(count);
    expect(await outbox()).toMatchObject([{ state: end, attempts }]);
  });

  it('a carrier that does not know what became of it is not asked again', async () => {
    const id = await queued();
    let asked = 0;
    const unsure = carrier(async () => {
      asked++;
      throw new MailInDoubt('no answer came');
    }, 'EACH_TIME');
    expect(await work(unsure, id)).toMatchObject({ state: 'FAILED', error: { code: 'MAIL_IN_DOUBT' } });
    expect(asked).toBe(1);
    expect(await outbox()).toMatchObject([{ state: 'IN_DOUBT', error: 'no answer came' }]);
  });

  it('two workers that both hold it send it once', async () => {
    const id = await queued();
    const mailbox = join(folder, 'two');
    const files = fileMail(mailbox);
    await Promise.all([attempt(files, id), attempt(files, id)]);
    expect(await readdir(mailbox)).toEqual([`portal.${id}.eml`]);
    expect(await beginSending(db.database, id, true, clock.now())).toBeNull();
  });
});

describe('hostile words', () => {
  it('of a title or a name get into no header, and are no link', async () => {
    await db.pool.query(`UPDATE account SET name = E'Ada\\r\\nBcc: x@example.org' WHERE id = $1`, [person.accountId]);
    const id = await queued('T\r\n.\r\nQUIT\u202e http://evil.example\u0007');
    const mailbox = join(folder, 'hostile');
    expect(await work(fileMail(mailbox), id)).toMatchObject({ state: 'SUCCEEDED' });
    const { headers, text } = read(await readFile(join(mailbox, `portal.${id}.eml`)));
    expect(headers.has('Bcc')).toBe(false);
    expect(headers.get('To')).toMatch(/^Ada Bcc: x@example.org <[^<>]+>$/);
    expect(text).toContain('Your request "T . QUIT http: //evil.example" was approved');
    await db.pool.query(`UPDATE account SET name = 'Ada Person' WHERE id = $1`, [person.accountId]);
  });

  it('are cut where they are too long', async () => {
    const id = await queued('x'.repeat(100_000));
    const mailbox = join(folder, 'long');
    await work(fileMail(mailbox), id);
    const { text } = read(await readFile(join(mailbox, `portal.${id}.eml`)));
    expect(text).toContain(`"${'x'.repeat(500)}"`);
  });
});

describe('the server', () => {
  it('cannot change what a message says or to whom it goes, and cannot take it back', async () => {
    await queued();
    for (const statement of [`UPDATE outbox SET data = '{}'`, `UPDATE outbox SET address = 'x'`, 'DELETE FROM outbox'])
      await expect(db.database.query(statement)).rejects.toThrow('permission denied');
  });
});

describe('a message that waited as a job of the first landing', () => {
  it('goes on as a row of the outbox, once', async () => {
    const migration = await readFile('prisma/migrations/20261122220300_mail_of_before/migration.sql', 'utf8');
    const messageId = `request.${person.requestId}.7`;
    const payload = { messageId, ...person, news: 'RETURNED', url: 'https://portal.example' };
    await store().add(db.database, { kind: 'send-mail', payload, dedupeKey: `mail ${messageId}` });
    await db.pool.query(migration);
    await db.pool.query(migration);
    expect((await db.pool.query('SELECT state FROM job')).rows).toEqual([{ state: 'CANCELLED' }]);
    const [row] = await outbox();
    expect(row).toMatchObject({ template: 'request-returned', state: 'WAITING' });
    expect(await requeueForgotten(db.database)).toBe(1);
    const mailbox = join(folder, 'of before');
    expect(await work(fileMail(mailbox), row!.id)).toMatchObject({ state: 'SUCCEEDED' });
    expect(read(await readFile(join(mailbox, `portal.${row!.id}.eml`))).text).toContain(
      'Your request "Work" was returned',
    );
  });
});
