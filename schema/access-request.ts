import { formProblems } from '../governance/forms.ts';
import { collaboratorsOf } from '../governance/request/state.ts';
import { AmendmentType, amendmentOf } from './amendment.ts';
import { builder } from './builder.ts';
import {
  NextActorEnum,
  REQUEST_MUTATIONS,
  type RequestMutation,
  RequestMutationEnum,
  RequestStateEnum,
} from './enums.ts';
import { FormProblemType } from './expected-errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import { Person } from './person.ts';
import { RequestForm } from './request-form.ts';
import { Collaborator, Comment, Endorsement, Event, named, Proposal, personOf, Signature } from './request-parts.ts';
import type { InstitutionFacts } from './services/people.ts';
import type { AccessRequestFacts } from './services/requests.ts';
import { Grant, Institution, Viewer } from './viewer.ts';

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
      resolve: (of) => collaboratorsOf(of.state).map((value) => ({ value, of })),
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
    amendment: t.field({
      type: AmendmentType,
      nullable: true,
      description: 'A change of it that is under way.',
      resolve: amendmentOf,
    }),
    endsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the grant ends as things stand; a renewal sent in before the end moves it by thirty days at most.',
      resolve: ({ endsAt }) => endsAt,
    }),
    renewalOf: t.id({
      nullable: true,
      description: 'The request whose grant it renews.',
      resolve: ({ state }) => state.renewalOf,
    }),
    renewal: t.id({
      nullable: true,
      description: 'The request that renews its grant.',
      resolve: ({ state }) => state.renewal?.requestId ?? null,
    }),
    progressReport: t.string({
      nullable: true,
      description: 'Of a renewal: what was achieved under the grant before.',
      resolve: ({ state }) => state.progressReport,
    }),
    linkedTo: t.id({
      nullable: true,
      description: 'A request of another institution that it goes with.',
      resolve: ({ state }) => state.linkedTo,
    }),
    assignedTo: t.field({
      type: Person,
      nullable: true,
      description: 'The steward who has it.',
      resolve: (of) => named(of, of.state.assignedTo),
    }),
    comments: t.field({
      type: [Comment],
      description:
        'What stewards and the team wrote to each other, and for stewards alone also what those wrote among themselves.',
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
      resolve: async ({ allowedCommands }): Promise<RequestMutation[]> =>
        (await allowedCommands()).flatMap((type) =>
          type === 'create' || type === 'expire' || type === 'followRenewal' ? [] : [REQUEST_MUTATIONS[type]],
        ),
    }),
  }),
});

const AccessRequestPage = pageType('AccessRequest', AccessRequest);

builder.objectField(AccessRequest, 'otherRequests', (t) =>
  t.field({
    type: AccessRequestPage,
    description: 'Other requests that the reader may see and that somebody of this team is on, the newest first.',
    args: {
      first: t.arg.int({ description: 'How many at most; a setting says how many there may be.' }),
      after: t.arg.string({ description: 'Cursor of the row after which to begin.' }),
    },
    resolve: async ({ state }, page, { requests }) => {
      const asked = pageAsked(page);
      return pageAnswer(asked, await requests.others(state, asked));
    },
  }),
);

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
      "Access requests that one may see, the newest first: one's own, an official's institution's, for a steward all that were sent in.",
    args: {
      state: t.arg({ type: [RequestStateEnum], description: 'Only those in one of these states.' }),
      waitsFor: t.arg({ type: NextActorEnum, description: 'Only those that wait for this one to act.' }),
      first: t.arg.int({ description: 'How many at most; a setting says how many there may be.' }),
      after: t.arg.string({ description: 'Cursor of the row after which to begin.' }),
    },
    resolve: async (_, { state, waitsFor, ...page }, { requests }) => {
      const asked = pageAsked(page);
      return pageAnswer(asked, await requests.list(state ?? null, waitsFor ?? null, asked));
    },
  }),
}));

builder.objectField(Viewer, 'requests', (t) =>
  t.field({
    type: [AccessRequest],
    description: 'Access requests whose team they are on or invited to, what changed last first.',
    resolve: async (_, __, { requests }) => [...(await requests.mine())],
  }),
);
