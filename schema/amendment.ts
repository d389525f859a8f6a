import { formProblems } from '../governance/forms.ts';
import { type Amendment, collaboratorsOf } from '../governance/request/state.ts';
import { builder } from './builder.ts';
import { RequestStateEnum } from './enums.ts';
import { FormProblemType } from './expected-errors.ts';
import { RequestForm } from './request-form.ts';
import { Collaborator, Endorsement, Proposal, Signature } from './request-parts.ts';
import type { AccessRequestFacts } from './services/requests.ts';

/** The amendment under way, with the request as it would be; what binds to a hash binds to its own. */
interface AmendmentFacts {
  readonly amendment: Amendment;
  readonly of: AccessRequestFacts;
}

export const amendmentOf = (request: AccessRequestFacts): AmendmentFacts | null => {
  const { amendment } = request.state;
  if (amendment === null || request.amendmentSeenHash === null) return null;
  const of = {
    ...request,
    state: { ...request.state, ...amendment, id: request.state.id },
    seenHash: request.amendmentSeenHash,
  };
  return { amendment, of };
};

export const AmendmentType = builder.objectRef<AmendmentFacts>('Amendment').implement({
  description:
    'A change of an approved request: members, kinds of data, purpose. It is written, signed, endorsed and approved like a request, by the same mutations; until then the grant is what it was.',
  fields: (t) => ({
    id: t.id({ description: 'Opaque id.', resolve: ({ amendment }) => amendment.id }),
    state: t.field({
      type: RequestStateEnum,
      description: 'DRAFT, SUBMITTED or RETURNED.',
      resolve: ({ amendment }) => amendment.status,
    }),
    seenHash: t.string({
      description: 'What signatures, endorsements and votes about it name.',
      resolve: ({ of }) => of.seenHash,
    }),
    begunAt: t.field({
      type: 'DateTime',
      description: 'When it was begun.',
      resolve: ({ amendment }) => new Date(amendment.begunAt),
    }),
    submittedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last sent in.',
      resolve: ({ amendment }) => (amendment.submittedAt === null ? null : new Date(amendment.submittedAt)),
    }),
    form: t.field({
      type: RequestForm,
      description: 'What the request is to say.',
      resolve: ({ amendment }) => amendment.form,
    }),
    formProblems: t.field({
      type: [FormProblemType],
      description: 'What the form still lacks.',
      resolve: ({ amendment }) => [...formProblems(amendment.form)],
    }),
    collaborators: t.field({
      type: [Collaborator],
      description: 'Who is to be on the team, beside the applicant.',
      resolve: ({ of }) => collaboratorsOf(of.state).map((value) => ({ value, of })),
    }),
    signatures: t.field({
      type: [Signature],
      description: 'Signatures for it, void ones among them.',
      resolve: ({ of }) => of.state.signatures.map((value) => ({ value, of })),
    }),
    endorsement: t.field({
      type: Endorsement,
      nullable: true,
      description: 'The endorsement of the institution.',
      resolve: ({ of }) => (of.state.endorsement === null ? null : { value: of.state.endorsement, of }),
    }),
    proposal: t.field({
      type: Proposal,
      nullable: true,
      description: 'What waits for a second steward; for stewards and the official alone.',
      resolve: ({ of }) => (of.state.proposal === null ? null : { value: of.state.proposal, of }),
    }),
  }),
});
