import type { Sql } from '../../adapters/database/database.ts';
import { type NoticeData, type NoticeName, noticeOf } from './notices/all-notices.ts';

export interface NewMail<Name extends NoticeName> {
  readonly to: { readonly accountId: string } | { readonly address: string };
  readonly template: Name;
  readonly data: NoticeData<Name>;
  /** What this message tells, as a key: another message with the same key is not queued, now or ever. */
  readonly once?: string;
}

/** A worker that dies costs a job one attempt; what carriers do is counted by the message itself. */
const DEATHS = 10;

/** The job of a message, in the form of the insert that both a new message and one that is sent again need. */
export const sendJobSql = (from: string): string =>
  `INSERT INTO job (id, kind, payload, state, priority, dedupe_key, max_attempts, run_after, created_at)
   SELECT gen_random_uuid(), 'send-mail', jsonb_build_object('outboxId', id), 'QUEUED', 5, 'mail ' || id, ${DEATHS}, to_timestamp(0), now() FROM ${from}
   ON CONFLICT (dedupe_key) WHERE state IN ('QUEUED', 'RUNNING') DO NOTHING`;

/**
 * Queues a message in the caller's transaction: it is sent if, and only if, that commits. Needs nothing but the transaction, so the database gives
 * id and time; workers find the job within a second. @throws ZodError for data that is not the template's
 */
export async function queueMail<Name extends NoticeName>(sql: Sql, mail: NewMail<Name>): Promise<void> {
  const data = noticeOf(mail.template)!.data.parse(mail.data);
  const { accountId, address } = { accountId: null, address: null, ...mail.to };
  await sql.query(
    `WITH message AS (
       INSERT INTO outbox (once, account_id, address, template, data) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (once) DO NOTHING RETURNING id
     ) ${sendJobSql('message')}`,
    [mail.once ?? null, accountId, address, mail.template, JSON.stringify(data)],
  );
}
