import { z } from 'zod';
import { notice } from '../notice.ts';

// Which of the people it was is told nobody: all of an export is destroyed, so nobody needs to know.
const data = z.object({ study: z.string(), exports: z.array(z.string()), due: z.string() });
const listed = (exports: readonly string[]): string => `Exports: ${exports.join(', ')}`;
const WHAT =
  'Destroy every copy of these exports, and the models and other data made from them, on all machines and backups of your team. The portal makes you a new export without that person.';

export const withdrawalNotice = notice({
  data,
  write: ({ study, exports, due }, portal) => ({
    subject: `Copies of study ${study} are to be destroyed by ${due}`,
    text: [
      `Somebody who took part in the study ${study} has withdrawn, and their data is in exports that you took.`,
      listed(exports),
      WHAT,
      `Then attest it before the end of ${due}: ${portal}`,
    ],
  }),
});

export const withdrawalReminder = notice({
  data: data.extend({ overdue: z.boolean() }),
  write: ({ study, exports, due, overdue }, portal) => ({
    subject: overdue
      ? `Overdue: attest that copies of study ${study} are destroyed`
      : `Reminder: copies of study ${study} are to be destroyed by ${due}`,
    text: [
      overdue
        ? `You have not attested that your copies of these exports of the study ${study} are destroyed. It was due on ${due}; the stewards see that it is open.`
        : `You have not attested yet that your copies of these exports of the study ${study} are destroyed. It is due on ${due}.`,
      listed(exports),
      WHAT,
      `Attest it here: ${portal}`,
    ],
  }),
});

export const withdrawalTakenBack = notice({
  data: data.omit({ due: true }),
  write: ({ study, exports }, portal) => ({
    subject: `Copies of study ${study} may be kept`,
    text: [
      `A withdrawal from the study ${study} was recorded by mistake and has been taken back. You need not destroy these exports for it.`,
      listed(exports),
      `If you have destroyed them, ask for a new export: ${portal}`,
    ],
  }),
});
