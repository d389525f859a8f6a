import { z } from 'zod';
import { dayText, notice } from '../notice.ts';

/** To stewards: that there is something, never what it is about. */
export const incidentReported = notice({
  data: z.object({ kind: z.string(), late: z.boolean() }),
  write: ({ kind, late }, portal) => ({
    subject: 'An incident was reported',
    text: [
      `An incident was reported (${kind.toLowerCase().replaceAll('_', ' ')})${late ? ', later than the 24 hours that a grant asks for' : ''}. It waits for a steward to contain it.`,
      `Sign in to read it: ${portal}`,
    ],
  }),
});

const WHAT = {
  WARN: 'a warning was recorded',
  SUSPEND: 'access was suspended',
  BAR: 'access was barred',
} as const;

export const sanctionImposed = notice({
  data: z.object({
    kind: z.enum(['WARN', 'SUSPEND', 'BAR']),
    institution: z.string().nullable(),
    lastDay: z.string().nullable(),
  }),
  write: ({ kind, institution, lastDay }, portal) => ({
    subject: kind === 'WARN' ? 'A warning' : 'Your access was ended by the stewards',
    text: [
      `The data stewards have decided about ${institution === null ? 'you' : institution}: ${WHAT[kind]}${lastDay === null ? '' : `, until the end of ${dayText(lastDay)} (UTC) at the latest`}. It acts at once.`,
      `Why stands in the portal, which you can sign in to: ${portal}`,
    ],
  }),
});

export const sanctionLifted = notice({
  data: z.object({ institution: z.string().nullable() }),
  write: ({ institution }, portal) => ({
    subject: 'The stewards have lifted what kept you out',
    text: [
      `What the data stewards had imposed on ${institution === null ? 'you' : institution} is lifted. Personal tokens that it ended stay ended.`,
      `Sign in to see how you stand: ${portal}`,
    ],
  }),
});
