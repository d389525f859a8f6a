import { type GrantTerms, modalitiesOf, termsHash } from '../governance/request/terms.ts';
import { builder } from './builder.ts';
import { CommentToEnum } from './enums.ts';
import { Person } from './person.ts';
import type { PersonFacts } from './services/people.ts';
import type { AccessRequestFacts, GrantItems, RequestEventFacts } from './services/requests.ts';
import { GrantItem } from './viewer.ts';

type Of<Key extends keyof AccessRequestFacts['state']> = NonNullable<AccessRequestFacts['state'][Key]>;
/** A part of a request, with the request that it is of. */
type PartOf<Value> = { readonly value: Value; readonly of: AccessRequestFacts };

/** Somebody whom a request names. An account that is gone keeps its id. */
export const personOf = ({ people }: AccessRequestFacts, id: string): PersonFacts =>
  people.get(id) ?? { id, name: '', email: '', institution: null };

export const named = (of: AccessRequestFacts, id: string | null): PersonFacts | null =>
  id === null ? null : personOf(of, id);

/** What a grant or proposal gives, in the order of the kinds of data. */
const itemsOf = (terms: GrantTerms): GrantItems =>
  modalitiesOf(terms).map((modality) => ({ modality, uses: terms.access[modality] ?? [] }));

export const Collaborator = builder.objectRef<PartOf<Of<'collaborators'>[number]>>('Collaborator').implement({
  description: 'Somebody who was asked to join a request.',
  fields: (t) => ({
    invitationId: t.id({ description: 'Id of the invitation.', resolve: ({ value }) => value.invitationId }),
    email: t.string({ description: 'Address that the invitation went to.', resolve: ({ value }) => value.email }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when it can be accepted; null for who was on the team before.',
      resolve: ({ value }) => (value.expiresAt === null ? null : new Date(value.expiresAt)),
    }),
    person: t.field({
      type: Person,
      nullable: true,
      description: 'Who accepted it; null until somebody has.',
      resolve: ({ value, of }) => named(of, value.accountId),
    }),
  }),
});

export const Signature = builder.objectRef<PartOf<Of<'signatures'>[number]>>('RequestSignature').implement({
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
    textSha256: t.string({
      nullable: true,
      description: "SHA-256 of the agreement's text as it was signed; null for signatures of the first landing.",
      resolve: ({ value }) => value.textSha256 ?? null,
    }),
    typedName: t.string({
      nullable: true,
      description: 'The name that the signer typed; null where they typed none.',
      resolve: ({ value }) => value.typedName ?? null,
    }),
    signedAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ value }) => new Date(value.signedAt) }),
    current: t.boolean({
      description: 'False where the request has changed since, which makes the signature void.',
      resolve: ({ value, of }) => value.seen === of.seenHash,
    }),
  }),
});

export const Endorsement = builder.objectRef<PartOf<Of<'endorsement'>>>('Endorsement').implement({
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

export const Proposal = builder.objectRef<PartOf<Of<'proposal'>>>('Proposal').implement({
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

export const Comment = builder.objectRef<PartOf<Of<'comments'>[number]>>('RequestComment').implement({
  description: 'What a steward wrote, for stewards or to the applicant, or one of the team to the stewards.',
  fields: (t) => ({
    by: t.field({ type: Person, description: 'Who wrote it.', resolve: ({ value, of }) => personOf(of, value.by) }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ value }) => new Date(value.at) }),
    to: t.field({ type: CommentToEnum, description: 'For whom it is.', resolve: ({ value }) => value.to }),
    text: t.string({ description: 'The text.', resolve: ({ value }) => value.text }),
  }),
});

export const Event = builder.objectRef<RequestEventFacts>('RequestEvent').implement({
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
