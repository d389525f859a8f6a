import { z } from 'zod';
import { notice } from '../notice.ts';

/**
 * To somebody who was asked to join a team. The token is not in the data: it is made when the message is written, and stands
 * behind the `#`, which no browser sends to a server: not to logs, not as a referrer. Nobody has vouched for the address: nothing
 * that the applicant wrote is in the message.
 */
export const collaboratorInvited = notice({
  data: z.object({
    title: z.string(),
    applicant: z.string(),
    requestId: z.string(),
    invitationId: z.string(),
    until: z.string(),
  }),
  write: ({ applicant, requestId, invitationId, until }, portal, tokenOf) => ({
    subject: 'You are invited to an access request',
    text: [
      `${applicant} asks you to join an access request. Every member of a team takes their own training and signs the data use agreement.`,
      `Sign in with this address and accept by ${until}: ${portal}/requests/${requestId}#invitation=${invitationId}&token=${tokenOf(invitationId)}`,
      'Whoever has this message and signs in with this address can accept; do not pass it on. If you do not know about this, do nothing.',
    ],
  }),
});
