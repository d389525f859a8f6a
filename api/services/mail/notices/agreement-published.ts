import { z } from 'zod';
import { dayText, instantText, notice } from '../notice.ts';

export const agreementPublished = notice({
  data: z.object({
    title: z.string(),
    version: z.int(),
    effectiveOn: z.string(),
    /** When what was signed before ends, ISO 8601. */
    until: z.string(),
    timeZone: z.string(),
    official: z.boolean(),
  }),
  write: ({ title, version, effectiveOn, until, timeZone, official }, portal) => ({
    subject: 'A new version of the data use agreement waits for your signature',
    text: [
      `Version ${version} of "${title}" takes effect on ${dayText(effectiveOn)}. You may sign it now.`,
      official
        ? `You signed an earlier version for your institution. Unless an official of the institution signs the new one, access of its teams ends on ${instantText(until, timeZone)}.`
        : `What you signed before counts until ${instantText(until, timeZone)}; unless you have signed the new version by then, your access ends at that moment.`,
      `Sign in to read and sign it: ${portal}`,
    ],
  }),
});
