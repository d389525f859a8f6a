import { formProblems } from '../governance/forms.ts';
import { type GrantTerms, modalitiesOf, termsHash } from '../governance/request/terms.ts';
import { builder } from './builder.ts';
import type {
  AccessRequestFacts,
  AgreementFacts,
  GrantItems,
  InstitutionFacts,
  PersonFacts,
  RequestEventFacts,
} from './command-services.ts';
import { REQUEST_MUTATIONS, type RequestMutation, RequestMutationEnum, RequestStateEnum } from './enums.ts';
import { FormProblemType } from './expected-errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import { Person } from './person.ts';
import { RequestForm } from './request-form.ts';
import { Grant, GrantItem, Institution, Viewer } from './viewer.ts';

type Of<Key extends keyof AccessRequestFacts['state']> = NonNullable<AccessRequestFacts['state'][Key]>;
/** A part of a request, with the request that it is of. */
type PartOf<Value> = { readonly value: Value; readonly of: AccessRequestFacts };

/** Somebody whom a request names. An account that is gone keeps its id. */
const personOf = ({ people }: AccessRequestFacts, id: string): PersonFacts =>
  people.get(id) ?? { id, name: '', email: '', institution: null };

const named = (of: AccessRequestFacts, id: string | null): PersonFacts | null =>
  id === null ? null : personOf(of, id);

/** What a grant or proposal gives, in the order of the kinds of data. */
const itemsOf = (terms: GrantTerms): GrantItems =>
  modalitiesOf(terms).map((modality) => ({ modality, uses: terms.access[modality] ?? [] }));

const Collaborator = builder.objectRef<PartOf<Of<'collaborators'>[number]>>('Collaborator').implement({
  description: 'Somebody who was asked to join a request.',
  fields: (t) => ({
    invitationId: t.id({ description: 'Id of the invitation.', resolve: ({ value }) => value.invitationId }),
    email: t.string({ description: 'Address that the invitation went to.', resolve: ({ value }) => value.email }),
    person: t.field({
      type: Person,
      nullable: true,
      description: 'Who accepted it; null until somebody has.',
      resolve: ({ value, of }) => named(of, value.accountId),
    }),
  }),
});

const Signature = builder.objectRef<PartOf<Of<'signatures'>[number]>>('RequestSignature').implement({
  description: 'A signature under the data use agreement, for the request as its signer saw it.',
  fields: (t) => ({
    by: t.field({
      type: Person,
      description: 'Who signed.',
      resolve: ({ value, of }) => personOf(of, value.accountId),
    }),
    as: t.string({
      description: 'MEMBER of the team, or OFFICIAL of the institution.',
      resolve: ({ value }) => value.as,
    }),
    version: t.int({ description: 'Version of the agreement.', resolve: ({ value }) => value.version }),
    signedAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ value }) => new Date(value.signedAt) }),
    current: t.boolean({
      description: 'False where the request has changed since, which makes the signature void.',
      resolve: ({ value, of }) => value.seen === of.seenHash,
    }),
  }),
});

const Endorsement = builder.objectRef<PartOf<Of<'endorsement'>>>('Endorsement').implement({
  description: "The word of the institution's signing official.",
  fields: (t) => ({
    by: t.field({
      type: Person,
      description: 'The official.',
      resolve: ({ value, of }) => personOf(of, value.officialId),
    }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ value }) => new Date(value.at) }),
    successor: t.field({
      type: Person,
      nullable: true,
      description: 'Who is to lead the team on, where the applicant has left.',
      resolve: ({ value, of }) => named(of, value.successorId),
    }),
    current: t.boolean({
      description: 'False where the request has changed since.',
      resolve: ({ value, of }) => value.seen === of.seenHash,
    }),
  }),
});

const Proposal = builder.objectRef<PartOf<Of<'proposal'>>>('Proposal').implement({
  description: 'A grant that a steward proposes and another has to second.',
  fields: (t) => ({
    by: t.field({ type: Person, description: 'The steward.', resolve: ({ value, of }) => personOf(of, value.by) }),
    termsHash: t.string({
      description: 'What a second steward names to agree to exactly this.',
      resolve: ({ value }) => termsHash(value.terms),
    }),
    items: t.field({
      type: [GrantItem],
      description: 'What it would give.',
      resolve: ({ value }) => [...itemsOf(value.terms)],
    }),
    conditions: t.string({ description: 'Under which conditions.', resolve: ({ value }) => value.terms.conditions }),
    startsAt: t.field({
      type: 'DateTime',
      description: 'From when.',
      resolve: ({ value }) => new Date(value.terms.start),
    }),
    endsAt: t.field({
      type: 'DateTime',
      description: 'Until when.',
      resolve: ({ value }) => new Date(value.terms.end),
    }),
    confirmsExport: t.boolean({
      description: 'Whether the steward confirmed the export of identifiable data.',
      resolve: ({ value }) => value.confirmsExport,
    }),
  }),
});

const Comment = builder.objectRef<PartOf<Of<'comments'>[number]>>('RequestComment').implement({
  description: 'A note of a steward for stewards.',
  fields: (t) => ({
    by: t.field({ type: Person, description: 'Who wrote it.', resolve: ({ value, of }) => personOf(of, value.by) }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ value }) => new Date(value.at) }),
    text: t.string({ description: 'The text.', resolve: ({ value }) => value.text }),
  }),
});

const Event = builder.objectRef<RequestEventFacts>('RequestEvent').implement({
  description: 'Something that happened to a request.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Its place in the history, from 1.' }),
    type: t.exposeString('type', { description: 'What happened, in the past tense, for instance RequestSubmitted.' }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => new Date(at) }),
    by: t.field({
      type: Person,
      nullable: true,
      description: 'Who did it; null where time did.',
      resolve: ({ by }) => by,
    }),
    about: t.field({
      type: Person,
      nullable: true,
      description: 'Whom it is about, where that is somebody else.',
      resolve: ({ about }) => about,
    }),
    text: t.exposeString('text', { nullable: true, description: 'What was said with it: a reason, what to change.' }),
  }),
});

export const AccessRequest = builder.objectRef<AccessRequestFacts>('AccessRequest').implement({
  description: 'A request for access: what is asked for, by whom, how it stands, and who has it now.',
  fields: (t) => ({
    id: t.id({ description: 'Opaque id.', resolve: ({ state }) => state.id }),
    state: t.field({ type: RequestStateEnum, description: 'How it stands.', resolve: ({ state }) => state.status }),
    version: t.int({
      description: 'Number of its events; named as expectedVersion, a command is refused where it has moved on.',
      resolve: ({ state }) => state.version,
    }),
    seenHash: t.exposeString('seenHash', {
      description:
        'Hash of what a reader sees: signatures, endorsements and votes name it, and an edit makes them void.',
    }),
    study: t.exposeString('study', { description: 'Key of the study.' }),
    title: t.string({
      description: 'Title of the research; empty at first.',
      resolve: ({ state }) => state.form.title ?? '',
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was begun.',
      resolve: ({ state }) => new Date(state.createdAt),
    }),
    submittedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last sent in.',
      resolve: ({ state }) => (state.submittedAt === null ? null : new Date(state.submittedAt)),
    }),
    form: t.field({ type: RequestForm, description: 'What it says.', resolve: ({ state }) => state.form }),
    formProblems: t.field({
      type: [FormProblemType],
      description: 'What the form still lacks before it can be sent in.',
      resolve: ({ state }) => [...formProblems(state.form)],
    }),
    applicant: t.field({
      type: Person,
      description: 'Whose it is.',
      resolve: (of) => personOf(of, of.state.applicantId),
    }),
    institution: t.field({
      type: Institution,
      description: 'The institution that answers for it.',
      resolve: ({ institution }): InstitutionFacts => institution,
    }),
    collaborators: t.field({
      type: [Collaborator],
      description: 'Who else is on the team or invited to it.',
      resolve: (of) => of.state.collaborators.map((value) => ({ value, of })),
    }),
    signatures: t.field({
      type: [Signature],
      description: 'Signatures under the agreement, void ones among them.',
      resolve: (of) => of.state.signatures.map((value) => ({ value, of })),
    }),
    endorsement: t.field({
      type: Endorsement,
      nullable: true,
      description: 'The endorsement of the institution.',
      resolve: (of) => (of.state.endorsement === null ? null : { value: of.state.endorsement, of }),
    }),
    proposal: t.field({
      type: Proposal,
      nullable: true,
      description: 'What waits for a second steward; for stewards and the official alone.',
      resolve: (of) => (of.state.proposal === null ? null : { value: of.state.proposal, of }),
    }),
    grant: t.field({
      type: Grant,
      nullable: true,
      description: 'The grant that it has become.',
      resolve: ({ grant }) => grant,
    }),
    assignedTo: t.field({
      type: Person,
      nullable: true,
      description: 'The steward who has it.',
      resolve: (of) => named(of, of.state.assignedTo),
    }),
    comments: t.field({
      type: [Comment],
      description: 'Notes among stewards; empty for everybody else.',
      resolve: (of) => of.state.comments.map((value) => ({ value, of })),
    }),
    lastReason: t.string({
      nullable: true,
      description: 'Why it was last declined, returned, rejected, suspended or revoked.',
      resolve: ({ state }) => state.lastReason,
    }),
    closedOut: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the destruction of copies was attested.',
      resolve: ({ state }) => (state.closeOut === null ? null : new Date(state.closeOut.at)),
    }),
    events: t.field({ type: [Event], description: 'Its history, oldest first.', resolve: ({ events }) => [...events] }),
    whoActsNext: t.exposeString('whoActsNext', {
      nullable: true,
      description: 'Who has to act: APPLICANT, SIGNING_OFFICIAL or STEWARD; null where nobody has to.',
    }),
    allowedCommands: t.field({
      type: [RequestMutationEnum],
      description: 'What the reader may do with it now, by the names of the mutations.',
      resolve: ({ allowedCommands }): RequestMutation[] =>
        allowedCommands.flatMap((type) => (type === 'create' || type === 'expire' ? [] : [REQUEST_MUTATIONS[type]])),
    }),
  }),
});

const Agreement = builder.objectRef<AgreementFacts>('Agreement').implement({
  description: 'A version of the data use agreement.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'Its number, which a signature names.' }),
    title: t.exposeString('title', { description: 'Its title.' }),
    text: t.exposeString('text', { description: 'Its text.' }),
    sha256: t.exposeString('sha256', { description: 'SHA-256 of the text.' }),
    effectiveOn: t.expose('effectiveOn', { type: 'Date', description: 'First day on which it is in force.' }),
    graceDays: t.exposeInt('graceDays', {
      description: 'Days for which a signature under the one before still counts.',
    }),
    editorial: t.exposeBoolean('editorial', {
      description: 'True where it says nothing new and needs no new signature.',
    }),
  }),
});

const AccessRequestPage = pageType('AccessRequest', AccessRequest);

builder.queryFields((t) => ({
  accessRequest: t.field({
    type: AccessRequest,
    nullable: true,
    description: 'An access request; null where there is none that one may know of.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, { requests }) => requests.get(id),
  }),
  accessRequests: t.field({
    type: AccessRequestPage,
    description:
      "Access requests that one may see, what changed last first: one's own, an official's institution's, for a steward all that were sent in.",
    args: {
      state: t.arg({ type: [RequestStateEnum], description: 'Only those in one of these states.' }),
      first: t.arg.int({ description: 'How many at most; a setting says how many there may be.' }),
      after: t.arg.string({ description: 'Cursor of the row after which to begin.' }),
    },
    resolve: async (_, { state, ...page }, { requests }) => {
      const asked = pageAsked(page);
      return pageAnswer(asked, await requests.list(state ?? null, asked));
    },
  }),
  agreement: t.field({
    type: Agreement,
    nullable: true,
    description: 'The data use agreement in force.',
    resolve: (_, __, { requests }) => requests.agreement(),
  }),
}));

builder.objectField(Viewer, 'requests', (t) =>
  t.field({
    type: [AccessRequest],
    description: 'Access requests whose team they are on or invited to, what changed last first.',
    resolve: async (_, __, { requests }) => [...(await requests.mine())],
  }),
);
