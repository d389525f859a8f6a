import { z } from 'zod';
import type { Clock } from '../adapters/clock/clock.ts';
import type { Database } from '../adapters/database/database.ts';
import { MailRefused, type MailSender } from '../adapters/mail/mail.ts';
import { writeRequestMail } from '../services/mail/request-mail.ts';
import { JobFailure, type JobKind, JobRetry } from './job-kind.ts';

const PAYLOAD = z.object({
  messageId: z.string(),
  accountId: z.string(),
  requestId: z.string(),
  news: z.enum(['APPROVED', 'RETURNED', 'REJECTED']),
  url: z.string(),
});

/** Sends one message; a failure is tried again, and what was sent already is not sent twice. */
export const sendMailKind = (deps: {
  database: Database;
  clock: Clock;
  mail: MailSender;
}): JobKind<z.infer<typeof PAYLOAD>> => ({
  kind: 'send-mail',
  payload: PAYLOAD,
  maxAttempts: 10,
  priority: 5,
  async run(payload) {
    const mail = await writeRequestMail(deps.database, payload, deps.clock.now());
    if (!mail) return { sent: false };
    try {
      await deps.mail.send(mail);
    } catch (error) {
      if (error instanceof MailRefused) throw new JobFailure('MAIL_REFUSED', error.message);
      throw new JobRetry('MAIL_FAILED', 'the message could not be handed over', { cause: error });
    }
    return { sent: true };
  },
});
