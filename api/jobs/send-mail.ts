import { z } from 'zod';
import type { Clock } from '../adapters/clock/clock.ts';
import type { Database } from '../adapters/database/database.ts';
import { MailInDoubt, MailRefused, type MailSender } from '../adapters/mail/mail.ts';
import { beginSending, endSending } from '../services/mail/outbox.ts';
import { writeMail } from '../services/mail/write-mail.ts';
import { JobFailure, type JobKind, JobPostponed } from './job-kind.ts';

const PAYLOAD = z.object({ outboxId: z.uuid() });
const MINUTE = 60_000;
/** About three days, with the waits below. */
const MOST_ATTEMPTS = 18;

/** How long to wait after so many attempts, in milliseconds: a minute, doubled each time, at most six hours. */
export const mailWait = (attempts: number): number => Math.min(MINUTE * 2 ** (attempts - 1), 360 * MINUTE);

/**
 * Sends one message of the outbox. Never twice: one that may have left already goes again only where its carrier delivers an id once; else it is
 * left to an operator as IN_DOUBT. What a carrier refuses for now is tried again, later each time.
 */
export const sendMailKind = (deps: {
  database: Database;
  clock: Clock;
  mail: MailSender;
  /** Where people reach the portal; asked when a message is written. */
  portal: () => Promise<string>;
  /** Token of an invitation. */
  tokenOf?: (invitationId: string) => string;
}): JobKind<z.infer<typeof PAYLOAD>> => ({
  kind: 'send-mail',
  payload: PAYLOAD,
  maxAttempts: 10,
  priority: 5,
  async run({ outboxId }) {
    const { database, clock, mail } = deps;
    const found = await beginSending(database, outboxId, mail.promise === 'ONCE', clock.now());
    if (!found) return { sent: false };
    const end = (state: Parameters<typeof endSending>[2], error: string | null) =>
      endSending(database, outboxId, state, clock.now(), error);
    try {
      const message = writeMail({
        ...found,
        portal: await deps.portal(),
        at: clock.now(),
        ...(deps.tokenOf && { tokenOf: deps.tokenOf }),
      });
      if (!message) throw new MailRefused(`there is no template ${found.template}`);
      await mail.send(message);
    } catch (error) {
      if (error instanceof MailInDoubt) {
        await end('IN_DOUBT', error.message);
        throw new JobFailure('MAIL_IN_DOUBT', error.message);
      }
      if (error instanceof MailRefused || error instanceof z.ZodError) {
        const why = error instanceof MailRefused ? error.message : 'the data is not that of the template';
        await end('REFUSED', why);
        throw new JobFailure('MAIL_REFUSED', why);
      }
      const why = 'the message could not be handed over';
      if (found.attempts >= MOST_ATTEMPTS) {
        await end('GIVEN_UP', why);
        throw new JobFailure('MAIL_GIVEN_UP', why);
      }
      await end('WAITING', why);
      throw new JobPostponed(mailWait(found.attempts));
    }
    await end('SENT', null);
    return { sent: true };
  },
});
