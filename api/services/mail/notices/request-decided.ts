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

export const requestApproved = notice({
  data: data.extend({
    missing: z.array(z.object({ training: z.string(), modalities: z.array(z.string()) })).optional(),
  }),
  write: ({ title, missing = [] }, portal) => ({
    subject: 'Your access request was approved',
    text: [
      `Your request "${title}" was approved. What the grant allows, and until when, is shown with the request.`,
      ...(missing.length === 0
        ? []
        : [
            'Some of the data opens only when you have these trainings, verified by a steward:',
            ...missing.map(({ training, modalities }) => `- ${training}, for ${modalities.join(', ')}`),
          ]),
      `Sign in to see it: ${portal}`,
    ],
  }),
});
export const requestReturned = about(
  'Your access request was returned to you',
  'was returned to you with something to change. What that is stands with the request.',
);
export const requestRejected = about(
  'Your access request was rejected',
  'was rejected. The reason stands with the request.',
);
