import { z } from 'zod';
import { dayText, notice } from '../notice.ts';

export const certificateVerified = notice({
  data: z.object({ training: z.string() }),
  write: ({ training }, portal) => ({
    subject: 'Your training certificate was verified',
    text: [
      `Your certificate of the training "${training}" was verified and counts from now on.`,
      `Sign in to see it: ${portal}`,
    ],
  }),
});

export const certificateRejected = notice({
  data: z.object({ training: z.string() }),
  write: ({ training }, portal) => ({
    subject: 'Your training certificate was rejected',
    text: [
      `Your certificate of the training "${training}" was rejected. The reason stands with the certificate; access that depends on it has ended.`,
      `Sign in to read why and to hand in another: ${portal}`,
    ],
  }),
});

export const certificateEnds = notice({
  data: z.object({ training: z.string(), lastDay: z.string(), days: z.int(), newerWaits: z.boolean() }),
  write: ({ training, lastDay, days, newerWaits }, portal) => ({
    subject: `Your training certificate ends ${days === 0 ? 'today' : `in ${days} ${days === 1 ? 'day' : 'days'}`}`,
    text: [
      `Your certificate of the training "${training}" counts to the end of ${dayText(lastDay)} (the study's calendar). Access that depends on it ends with it, at once and without another notice.`,
      newerWaits
        ? 'A newer one of yours waits for a steward; nothing is asked of you until it is decided.'
        : 'Hand in a newer certificate before that day: this one counts until the new one is verified.',
      `Accepted courses, and where to hand it in: ${portal}`,
    ],
  }),
});
