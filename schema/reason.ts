import { describeReason, type Reason } from '../governance/reasons.ts';
import { builder } from './builder.ts';

/** One unmet requirement, with what a person can make of it. */
export const ReasonType = builder.objectRef<Reason>('Reason').implement({
  description: 'One unmet requirement.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'What is unmet, as a word.' }),
    subject: t.exposeString('subject', {
      nullable: true,
      description: 'What is meant: a kind of training, a kind of data, a use, a grant.',
    }),
    sentence: t.string({
      description: 'What is unmet and what to do, as a sentence.',
      resolve: (reason) => describeReason(reason).sentence,
    }),
    whoActsNext: t.string({
      description: 'Who has to act: YOU, APPLICANT, SIGNING_OFFICIAL, STEWARD, ADMIN or NOBODY.',
      resolve: (reason) => describeReason(reason).whoActsNext,
    }),
  }),
});
