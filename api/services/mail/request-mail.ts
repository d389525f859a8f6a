import type { RequestEvent } from '../../../governance/request/events.ts';
import type { RequestState } from '../../../governance/request/state.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { queueMail } from './queue-mail.ts';

const NEWS: Partial<Record<RequestEvent['type'], 'request-approved' | 'request-returned' | 'request-rejected'>> = {
  RequestApproved: 'request-approved',
  RequestReturned: 'request-returned',
  RequestDeclined: 'request-returned',
  RequestRejected: 'request-rejected',
};

/** Tells applicants what became of their requests, in the transaction in which it does. */
export async function queueRequestMail(sql: Sql, state: RequestState, events: readonly RequestEvent[]): Promise<void> {
  for (const [index, event] of events.entries()) {
    const template = NEWS[event.type];
    if (template === undefined) continue;
    await queueMail(sql, {
      to: { accountId: state.applicantId },
      template,
      data: { title: state.form.title ?? '' },
      once: `request.${state.id}.${state.version - events.length + index + 1}`,
    });
  }
}
