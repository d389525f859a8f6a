import { z } from 'zod';
import { notice } from '../notice.ts';

const about = (subject: string, line: (title: string) => string) =>
  notice({
    data: z.object({ title: z.string() }),
    write: ({ title }, portal) => ({ subject, text: [line(title), `Sign in to see it: ${portal}`] }),
  });

// What stewards wrote is read after signing in, not in a mail.
export const requestComment = about(
  'A data steward wrote to you about your access request',
  (title) => `There is a note for you with your request "${title}".`,
);
export const grantSuspended = about(
  'Your access is suspended',
  (title) =>
    `The grant for "${title}" is suspended: nothing can be read, run or exported under it for now. Why stands with the request.`,
);
export const grantRevoked = about(
  'Your access has ended',
  (title) =>
    `The grant for "${title}" was revoked. Destroy every copy, model and derivative; the applicant attests that this was done. Why it was revoked stands with the request.`,
);
export const grantResumed = about(
  'Your access is open again',
  (title) => `The grant for "${title}" is no longer suspended.`,
);
export const grantExpired = about(
  'Your access has ended',
  (title) =>
    `The grant for "${title}" has reached its end. Destroy every copy, model and derivative, or ask for it to be renewed; the applicant attests to what was destroyed when the request is closed.`,
);
export const grantExtended = about(
  'Your access goes on while its renewal is decided',
  (title) =>
    `The grant for "${title}" lasts some days longer, until its renewal is decided. The new end stands with the request.`,
);
export const grantRenewed = about(
  'Your access is renewed',
  (title) =>
    `The grant for "${title}" is followed by a new one, without a gap. Its end and conditions stand with the new request.`,
);
