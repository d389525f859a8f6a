import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import { MailUnknown } from './expected-errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import type { UnsentMailFacts } from './services/mail.ts';

const UnsentMail = builder.objectRef<UnsentMailFacts>('UnsentMail').implement({
  description: 'A message that has not left, or of which that is not known. What it says is not shown.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id; its Message-ID holds it.' }),
    template: t.exposeString('template', { description: 'What kind of message it is.' }),
    address: t.exposeString('address', { description: 'Address that it goes to.' }),
    state: t.exposeString('state', {
      description:
        'WAITING to be sent, or sent again; SENDING; IN_DOUBT, it may have left; REFUSED, it can never be sent as it is; GIVEN_UP after three days.',
    }),
    sendable: t.boolean({
      description: 'Whether sendMailAgain may send it: what waits goes by itself.',
      resolve: ({ state }) => state === 'IN_DOUBT' || state === 'REFUSED' || state === 'GIVEN_UP',
    }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
    error: t.exposeString('error', { nullable: true, description: 'What stood in the way the last time.' }),
    queuedAt: t.expose('queuedAt', { type: 'DateTime', description: 'Since when it waits.' }),
    triedAt: t.expose('triedAt', { type: 'DateTime', nullable: true, description: 'When it was last tried.' }),
  }),
});

const UnsentMailConnection = pageType('UnsentMail', UnsentMail);

builder.queryFields((t) => ({
  unsentMail: t.field({
    type: UnsentMailConnection,
    nullable: true,
    description: 'Messages that have not left, oldest first; for administrators.',
    args: {
      first: t.arg.int({ description: 'Length of the page.' }),
      after: t.arg.string({ description: 'Cursor that the page before ended with.' }),
    },
    resolve: async (_, page, { mail }) => {
      const asked = pageAsked(page);
      return pageAnswer(asked, seen(await mail.unsent(asked)));
    },
  }),
}));

command('sendMailAgain', {
  description:
    'Has a message sent once more that was given up or refused, or of which it is not known whether it left; the last may arrive twice.',
  input: (t) => ({ id: t.id({ required: true, description: 'The message.' }) }),
  success: (t: SuccessFields<{ readonly id: string }>) => ({
    id: t.exposeID('id', { description: 'The message.' }),
  }),
  errors: [MailUnknown],
  run: ({ id }, { mail }) => mail.sendAgain(id),
});
