import { z } from 'zod';
import { notice } from '../notice.ts';

// Which of the people it was is told nobody: all of an export is destroyed, so nobody needs to know.
// Messages that waited when `files` came say nothing of it.
const data = z.object({
  study: z.string(),
  exports: z.array(z.string()),
  files: z.int().default(0),
  due: z.string(),
});
const listed = (exports: readonly string[], files: number): string[] => [
  ...(exports.length > 0 ? [`Exports: ${exports.join(', ')}`] : []),
  ...(files > 0 ? ['And all single files that you downloaded from the portal.'] : []),
];
const WHAT =
  'Destroy every copy of these, and the models and other data made from them, on all machines and backups of your team. The portal makes you a new export without that person.';

export const withdrawalNotice = notice({
  data,
  write: ({ study, exports, files, due }, portal) => ({
    subject: `Copies of study ${study} are to be destroyed by ${due}`,
    text: [
      `Somebody who took part in the study ${study} has withdrawn, and their data is in what you took.`,
      ...listed(exports, files),
      WHAT,
      `Then attest it before the end of ${due}: ${portal}`,
    ],
  }),
});

export const withdrawalReminder = notice({
  data: data.extend({ overdue: z.boolean() }),
  write: ({ study, exports, files, due, overdue }, portal) => ({
    subject: overdue
      ? `Overdue: attest that copies of study ${study} are destroyed`
      : `Reminder: copies of study ${study} are to be destroyed by ${due}`,
    text: [
      overdue
        ? `You have not attested that your copies of these of the study ${study} are destroyed. It was due on ${due}; the stewards see that it is open.`
        : `You have not attested yet that your copies of these of the study ${study} are destroyed. It is due on ${due}.`,
      ...listed(exports, files),
      WHAT,
      `Attest it here: ${portal}`,
    ],
  }),
});

export const withdrawalTakenBack = notice({
  data: data.omit({ due: true }),
  write: ({ study, exports, files }, portal) => ({
    subject: `Copies of study ${study} may be kept`,
    text: [
      `A withdrawal from the study ${study} was recorded by mistake and has been taken back. You need not destroy these for it.`,
      ...listed(exports, files),
      `If you have destroyed them, ask for a new export: ${portal}`,
    ],
  }),
});
