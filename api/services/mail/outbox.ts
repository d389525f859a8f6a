import type { Database, Sql } from '../../adapters/database/database.ts';
import { sendJobSql } from './queue-mail.ts';

export type OutboxState = 'WAITING' | 'SENDING' | 'SENT' | 'IN_DOUBT' | 'REFUSED' | 'GIVEN_UP';

/** A message that is about to be sent. */
export interface OutboxMail {
  id: string;
  template: string;
  data: unknown;
  name: string;
  address: string;
  /** This one included. */
  attempts: number;
}

/**
 * Takes a message for sending: it stands as SENDING before anything leaves, so that after a death in between it is known that it may have left.
 * @param again whether one that may have left may be sent again: only where its carrier knows its id
 * @returns null where there is nothing to send: it was sent, given up, or may have left
 */
export function beginSending(database: Database, id: string, again: boolean, now: Date): Promise<OutboxMail | null> {
  return database.transaction(async (sql) => {
    const { rows } = await sql.query<OutboxMail & { state: OutboxState } & Record<string, unknown>>(
      `SELECT o.id, o.template, o.data, o.state, o.attempts + 1 AS attempts, coalesce(a.name, '') AS name, coalesce(o.address, a.email) AS address
       FROM outbox o LEFT JOIN account a ON a.id = o.account_id WHERE o.id = $1 FOR UPDATE OF o`,
      [id],
    );
    const found = rows[0];
    if (!found || (found.state !== 'WAITING' && found.state !== 'SENDING')) return null;
    if (found.state === 'SENDING' && !again) {
      await endSending(sql, id, 'IN_DOUBT', now, 'the worker ended while it was handed over');
      return null;
    }
    await sql.query(`UPDATE outbox SET state = 'SENDING', attempts = attempts + 1, tried_at = $2 WHERE id = $1`, [
      id,
      now,
    ]);
    return found;
  });
}

/** Writes what became of a message that was being sent. */
export async function endSending(
  sql: Sql,
  id: string,
  state: OutboxState,
  now: Date,
  error: string | null,
): Promise<void> {
  await sql.query(
    `UPDATE outbox SET state = $2, error = $3, sent_at = CASE WHEN $2 = 'SENT' THEN $4::timestamptz END WHERE id = $1 AND state = 'SENDING'`,
    [id, state, error, now],
  );
}

/** A message that did not leave, or may not have. */
export interface UnsentMail {
  id: string;
  template: string;
  address: string;
  state: Exclude<OutboxState, 'SENT'>;
  attempts: number;
  error: string | null;
  queuedAt: Date;
  triedAt: Date | null;
}

/** Messages that have not left, oldest first. */
export async function unsentMail(
  sql: Sql,
  { first, after }: { first: number; after: string | null },
): Promise<{ mail: UnsentMail[]; total: number }> {
  const { rows } = await sql.query<UnsentMail & Record<string, unknown>>(
    `SELECT o.id, o.template, coalesce(o.address, a.email) AS address, o.state, o.attempts, o.error, o.queued_at AS "queuedAt", o.tried_at AS "triedAt"
     FROM outbox o LEFT JOIN account a ON a.id = o.account_id
     WHERE o.state <> 'SENT' AND ($2::uuid IS NULL OR (o.queued_at, o.id) > (SELECT queued_at, id FROM outbox WHERE id = $2))
     ORDER BY o.queued_at, o.id LIMIT $1`,
    [first, after],
  );
  const counted = await sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM outbox WHERE state <> 'SENT'`);
  return { mail: rows, total: counted.rows[0]?.n ?? 0 };
}

/** Sends a message once more that did not leave, or of which that is not known: an operator's word. @returns false where there is none such */
export async function sendAgain(sql: Sql, id: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `UPDATE outbox SET state = 'WAITING', attempts = 0 WHERE id = $1 AND state IN ('IN_DOUBT', 'REFUSED', 'GIVEN_UP')`,
    [id],
  );
  if (rowCount !== 1) return false;
  await sql.query(sendJobSql('outbox WHERE id = $1'), [id]);
  return true;
}

/** Gives a job to messages that wait without one, whatever became of it. */
export async function requeueForgotten(sql: Sql): Promise<number> {
  const { rowCount } = await sql.query(
    sendJobSql(`outbox o WHERE state IN ('WAITING', 'SENDING')
      AND NOT EXISTS (SELECT 1 FROM job j WHERE j.dedupe_key = 'mail ' || o.id AND j.state IN ('QUEUED', 'RUNNING'))`),
  );
  return rowCount ?? 0;
}
