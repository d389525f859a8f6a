import { z } from 'zod';
import { notice } from '../notice.ts';

/** To who works with a release, and to who took copies of it. Why it was retracted stands in the portal. */
export const releaseRetracted = notice({
  data: z.object({
    study: z.string(),
    version: z.string(),
    exports: z.array(z.string()),
    newer: z.string().nullable(),
  }),
  write: ({ study, version, exports, newer }, portal) => ({
    subject: `Release ${version} of study ${study} was retracted`,
    text: [
      `The data stewards have retracted release ${version} of the study ${study}. Access to its data has ended, and results from it should not be relied on.`,
      ...(exports.length > 0
        ? [
            `You took these exports of it, whose addresses give nothing any more: ${exports.join(', ')}. Stop using your copies.`,
          ]
        : []),
      newer === null
        ? 'There is no newer release yet.'
        : `Release ${newer} is there instead; ask for your exports and runs again from that one.`,
      `Why stands in the portal: ${portal}`,
    ],
  }),
});
