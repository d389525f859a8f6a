import { z } from 'zod';
import { notice } from '../notice.ts';

const data = z.object({ title: z.string() });
const about = (subject: string, became: string) =>
  notice({
    data,
    write: ({ title }, portal) => ({
      subject,
      // What stewards wrote is read after signing in, not in a mail.
      text: [`Your request "${title}" ${became}`, `Sign in to see it: ${portal}`],
    }),
  });

export const requestApproved = about(
  'Your access request was approved',
  'was approved. What the grant allows, and until when, is shown with the request.',
);
export const requestReturned = about(
  'Your access request was returned to you',
  'was returned to you with something to change. What that is stands with the request.',
);
export const requestRejected = about(
  'Your access request was rejected',
  'was rejected. The reason stands with the request.',
);
