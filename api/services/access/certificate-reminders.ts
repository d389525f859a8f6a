import { addMonths } from '../../../governance/calendar.ts';
import { certificateFacts } from '../../../governance/certificate.ts';
import { daysLeft, dueReminder } from '../../../governance/reminders.ts';
import type { Clock } from '../../adapters/clock/clock.ts';
import type { Database } from '../../adapters/database/database.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { certificatesOf } from './certificate-rows.ts';
import { currentPolicy } from './policy.ts';

const DAY_MS = 86_400_000;

/**
 * Reminds people of certificates that are about to end: called from time to time, by any number of servers at once. Each reminder is settled and its
 * message queued in one transaction, so that it goes once; after a standstill the nearest one goes, and those before it are settled unsent.
 * @returns how many messages were queued
 */
export async function remindOfCertificates(deps: { database: Database; clock: Clock }): Promise<number> {
  const { database, clock } = deps;
  const now = clock.now();
  const policy = await currentPolicy(database, now);
  // Roughly: with a day to spare for time zones, and for all that name no end themselves.
  const within = new Date(now.getTime() + (Math.max(...policy.reminderDays) + 2) * DAY_MS);
  const { rows } = await database.query<{ accountId: string }>(
    `SELECT DISTINCT c.account_id AS "accountId" FROM certificate c
     WHERE c.state = 'VERIFIED' AND (c.expires_on IS NULL OR c.expires_on BETWEEN $1::date AND $2::date)`,
    [new Date(now.getTime() - 2 * DAY_MS).toISOString(), within.toISOString()],
  );
  let queued = 0;
  for (const { accountId } of rows) {
    queued += await database.transaction(async (sql) => {
      const stored = await certificatesOf(sql, accountId);
      const all = stored.map(certificateFacts);
      const settled = await sql.query<{ id: string; days: number }>(
        'SELECT certificate_id AS id, days FROM certificate_reminder WHERE certificate_id = ANY($1::uuid[])',
        [all.map(({ id }) => id)],
      );
      let mine = 0;
      for (const one of all) {
        const before = settled.rows.filter(({ id }) => id === one.id).map(({ days }) => days);
        const due = dueReminder(one, all, before, policy, now);
        if (due === null) continue;
        const settle = (days: number, sent: boolean) =>
          sql.query(
            'INSERT INTO certificate_reminder (certificate_id, days, settled_at, sent) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
            [one.id, days, now, sent],
          );
        // Another server that was first waits with its row until it commits, and then it is this one's that is not inserted.
        if ((await settle(due.days, true)).rowCount !== 1) continue;
        for (const days of due.passed) await settle(days, false);
        await queueMail(sql, {
          to: { accountId },
          template: 'certificate-ends',
          data: {
            training: policy.training[one.type].title,
            lastDay: one.expiresOn ?? addMonths(one.completedOn, policy.training[one.type].durationMonths),
            days: daysLeft(one, policy, now),
            newerWaits: all.some(({ type, state }) => type === one.type && state === 'PENDING'),
          },
        });
        mine++;
      }
      return mine;
    });
  }
  return queued;
}
