import { addMonths } from '../../../governance/calendar.ts';
import { certificateFacts } from '../../../governance/certificate.ts';
import type { CertificateFacts } from '../../../governance/facts.ts';
import type { Policy } from '../../../governance/policy.ts';
import { type DueReminder, daysLeft, dueReminder } from '../../../governance/reminders.ts';
import type { Clock } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { CERTIFICATE_COLUMNS, type StoredCertificate } from './certificate-rows.ts';
import { currentPolicy } from './policy.ts';

const DAY_MS = 86_400_000;

interface Due {
  readonly certificate: CertificateFacts;
  readonly reminder: DueReminder;
  readonly newerWaits: boolean;
}

/** What is due for these people, in two statements however many they are. */
async function dueOf(sql: Sql, accountIds: readonly string[], policy: Policy, now: Date): Promise<Due[]> {
  const { rows } = await sql.query<StoredCertificate & Record<string, unknown>>(
    `SELECT ${CERTIFICATE_COLUMNS} FROM certificate WHERE account_id = ANY($1::uuid[]) AND state IN ('PENDING', 'VERIFIED')`,
    [accountIds],
  );
  const settled = await sql.query<{ id: string; days: number }>(
    `SELECT r.certificate_id AS id, r.days FROM certificate_reminder r JOIN certificate c ON c.id = r.certificate_id WHERE c.account_id = ANY($1::uuid[])`,
    [accountIds],
  );
  const daysOf = new Map<string, number[]>();
  for (const { id, days } of settled.rows) daysOf.set(id, [...(daysOf.get(id) ?? []), days]);
  const people = new Map<string, CertificateFacts[]>();
  for (const row of rows) {
    const mine = people.get(row.accountId) ?? [];
    people.set(row.accountId, mine);
    mine.push(certificateFacts(row));
  }
  return [...people.values()].flatMap((all) =>
    all.flatMap((certificate): Due[] => {
      const reminder = dueReminder(certificate, all, daysOf.get(certificate.id) ?? [], policy, now);
      const newerWaits = all.some(({ type, state }) => type === certificate.type && state === 'PENDING');
      return reminder === null ? [] : [{ certificate, reminder, newerWaits }];
    }),
  );
}

/**
 * Reminds people of certificates that are about to end: called from time to time, by any number of servers at once. Each reminder is settled and its
 * message queued in one transaction, so that it goes once; after a standstill the nearest one goes, and those before it are settled unsent.
 * @returns how many messages were queued
 */
export async function remindOfCertificates(deps: { database: Database; clock: Clock }): Promise<number> {
  const { database, clock } = deps;
  const now = clock.now();
  const policy = await currentPolicy(database, now);
  // Roughly, with a day to spare for time zones; which day is the last is said by the rules.
  const months = Object.fromEntries(Object.entries(policy.training).map(([type, rule]) => [type, rule.durationMonths]));
  const within = new Date(now.getTime() + (Math.max(...policy.reminderDays) + 2) * DAY_MS);
  const { rows } = await database.query<{ accountId: string }>(
    `SELECT DISTINCT c.account_id AS "accountId" FROM certificate c
     WHERE c.state = 'VERIFIED'
       AND coalesce(c.expires_on, (c.completed_on + make_interval(months => ($3::jsonb ->> c.type)::int))::date) BETWEEN $1::date AND $2::date`,
    [new Date(now.getTime() - 2 * DAY_MS).toISOString(), within.toISOString(), JSON.stringify(months)],
  );
  const due = await dueOf(
    database,
    rows.map(({ accountId }) => accountId),
    policy,
    now,
  );
  let queued = 0;
  // Looked at again: what was due a moment ago may have been withdrawn, or told by another server.
  for (const accountId of new Set(due.map(({ certificate }) => certificate.accountId)))
    queued += await database.transaction(async (sql) => {
      let mine = 0;
      for (const one of await dueOf(sql, [accountId], policy, now))
        if (await settleAndTell(sql, one, policy, now)) mine++;
      return mine;
    });
  return queued;
}

/** @returns false where another server settles the same reminder: it waits for that one's end */
async function settleAndTell(
  sql: Sql,
  { certificate, reminder, newerWaits }: Due,
  policy: Policy,
  now: Date,
): Promise<boolean> {
  const { id, accountId, type, expiresOn, completedOn } = certificate;
  const settle = (days: number, sent: boolean) =>
    sql.query(
      'INSERT INTO certificate_reminder (certificate_id, days, settled_at, sent) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [id, days, now, sent],
    );
  if ((await settle(reminder.days, true)).rowCount !== 1) return false;
  for (const days of reminder.passed) await settle(days, false);
  const { title, durationMonths } = policy.training[type];
  await queueMail(sql, {
    to: { accountId },
    template: 'certificate-ends',
    data: {
      training: title,
      lastDay: expiresOn ?? addMonths(completedOn, durationMonths),
      days: daysLeft(certificate, policy, now),
      newerWaits,
    },
  });
  return true;
}
