import type { RequestEvent } from '../../../governance/request/events.ts';
import type { RequestState } from '../../../governance/request/state.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { Mail } from '../../adapters/mail/mail.ts';
import type { JobQueue } from '../../adapters/queue/queue.ts';
import type { JobStore } from '../../jobs/job-store.ts';

export type RequestNews = 'APPROVED' | 'RETURNED' | 'REJECTED';

const NEWS: Partial<Record<RequestEvent['type'], RequestNews>> = {
  RequestApproved: 'APPROVED',
  RequestReturned: 'RETURNED',
  RequestDeclined: 'RETURNED',
  RequestRejected: 'REJECTED',
};

/** What is to be told, as a job: no address and no text of anybody's, which are read when the message is written. */
export interface MailPayload {
  messageId: string;
  accountId: string;
  requestId: string;
  news: RequestNews;
  url: string;
}

const ATTEMPTS = 10;

/** Tells applicants what became of their requests. */
export function requestMail(jobs: JobStore, queue: JobQueue, publicUrl: string) {
  return {
    /** Adds a job for each piece of news, in the transaction that makes it; announce them after the commit. */
    async queue(sql: Sql, state: RequestState, events: readonly RequestEvent[]): Promise<string[]> {
      const added: string[] = [];
      for (const [index, event] of events.entries()) {
        const news = NEWS[event.type];
        if (!news) continue;
        const messageId = `request.${state.id}.${state.version - events.length + index + 1}`;
        const payload: MailPayload = {
          messageId,
          accountId: state.applicantId,
          requestId: state.id,
          news,
          url: publicUrl,
        };
        added.push(
          await jobs.add(sql, { kind: 'send-mail', payload, maxAttempts: ATTEMPTS, dedupeKey: `mail ${messageId}` }),
        );
      }
      return added;
    },
    /** Word of a job may be lost: a request is not undone because nobody could be told at once. */
    async announce(ids: readonly string[]): Promise<void> {
      for (const id of ids) await queue.announce(id).catch(() => {});
    },
  };
}

export type RequestMail = ReturnType<typeof requestMail>;

const SAID: Readonly<Record<RequestNews, { subject: string; line: string }>> = {
  APPROVED: {
    subject: 'Your access request was approved',
    line: 'was approved. What the grant allows, and until when, is shown with the request.',
  },
  RETURNED: {
    subject: 'Your access request was returned to you',
    line: 'was returned to you with something to change. What that is stands with the request.',
  },
  REJECTED: { subject: 'Your access request was rejected', line: 'was rejected. The reason stands with the request.' },
};

/** The message, or null where the person or the request is no more. What stewards wrote is read after signing in, not in a mail. */
export async function writeRequestMail(sql: Sql, payload: MailPayload, at: Date): Promise<Mail | null> {
  const { rows } = await sql.query<{ name: string; email: string; title: string }>(
    'SELECT a.name, a.email, r.title FROM account a, access_request r WHERE a.id = $1 AND r.id = $2',
    [payload.accountId, payload.requestId],
  );
  const found = rows[0];
  if (!found) return null;
  const { subject, line } = SAID[payload.news];
  const name = oneLine(found.name).slice(0, 100);
  const text = [
    `Dear ${name},`,
    '',
    `Your request "${oneLine(found.title).slice(0, 200)}" ${line}`,
    '',
    `Sign in to see it: ${payload.url}`,
    '',
    'This message was sent by a program; nobody reads answers to it.',
    '',
  ].join('\n');
  return { id: payload.messageId, to: { name, address: found.email.trim() }, subject, text, at };
}

/** A person's own words on one line, without marks that a terminal or a mail program obeys. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ').trim();
