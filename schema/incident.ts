import { INCIDENT_KINDS, INCIDENT_STATES } from '../governance/incident.ts';
import { builder } from './builder.ts';
import { command, type InputFields, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import { ReasonMissing, WrongState } from './expected-errors.ts';
import { haltFields } from './halt.ts';
import { Person } from './person.ts';
import {
  EvidenceTooLarge,
  GrantUnknown,
  IncidentUnknown,
  MomentInvalid,
  SummaryMissing,
  TargetUnknown,
  TooManyReports,
} from './safety-errors.ts';
import type { EvidenceDetails, EvidenceSpan, IncidentDetails, IncidentEventDetails } from './services/safety.ts';

const IncidentKindEnum = builder.enumType('IncidentKind', {
  description: 'What went wrong, in a word.',
  values: INCIDENT_KINDS,
});

const IncidentStateEnum = builder.enumType('IncidentState', {
  description: 'Where an incident stands: REPORTED, then CONTAINED, then NOTIFIED, then CLOSED.',
  values: INCIDENT_STATES,
});

const Evidence = builder.objectRef<EvidenceDetails>('IncidentEvidence').implement({
  description: 'Entries of the log as they stood when they were gathered for an incident.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    grants: t.idList({ description: 'Of which grants.', resolve: ({ grants }) => [...grants] }),
    accounts: t.idList({ description: 'Of which people.', resolve: ({ accounts }) => [...accounts] }),
    from: t.expose('from', { type: 'DateTime', description: 'From when.' }),
    until: t.expose('until', { type: 'DateTime', description: 'Until before when.' }),
    count: t.int({ description: 'Number of entries.', resolve: ({ entries }) => entries.length }),
    entries: t.idList({ description: 'Their ids, in the order of writing.', resolve: ({ entries }) => [...entries] }),
    sha256: t.exposeString('sha256', {
      description: 'SHA-256 over a line for each entry: its id, a blank, the SHA-256 of its text.',
    }),
    gatheredAt: t.expose('gatheredAt', { type: 'DateTime', description: 'When.' }),
    gatheredBy: t.field({ type: Person, nullable: true, description: 'By whom.', resolve: (one) => one.gatheredBy }),
    intact: t.boolean({
      description: 'Whether the log still holds every entry as it was gathered; worked out anew.',
      resolve: (evidence, _, { incidents }) => incidents.intact(evidence),
    }),
  }),
});

const IncidentEvent = builder.objectRef<IncidentEventDetails>('IncidentEvent').implement({
  description: 'A step in the handling of an incident.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'The state that it led to.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    by: t.field({ type: Person, nullable: true, description: 'By whom.', resolve: ({ by }) => by }),
    text: t.exposeString('text', { description: 'What was done.' }),
  }),
});

const Incident = builder.objectRef<IncidentDetails>('Incident').implement({
  description: 'Something that went wrong with data; seen by stewards, and by whoever reported it.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    kind: t.field({ type: IncidentKindEnum, description: 'What went wrong, in a word.', resolve: ({ kind }) => kind }),
    summary: t.exposeString('summary', { description: 'What was reported.' }),
    state: t.field({ type: IncidentStateEnum, description: 'Where it stands.', resolve: ({ state }) => state }),
    grantId: t.exposeID('grantId', { nullable: true, description: 'The grant that it is under.' }),
    discoveredAt: t.expose('discoveredAt', { type: 'DateTime', description: 'When it was discovered.' }),
    reportedAt: t.expose('reportedAt', { type: 'DateTime', description: 'When it was reported.' }),
    dueAt: t.expose('dueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when it had to be reported, 24 hours after its discovery; null where it is under no grant.',
    }),
    reportedLate: t.exposeBoolean('reportedLate', { description: 'Whether it was reported after that.' }),
    reportedBy: t.field({ type: Person, nullable: true, description: 'By whom.', resolve: (one) => one.reportedBy }),
    events: t.field({
      type: [IncidentEvent],
      description: 'What was done, oldest first; for stewards, else empty.',
      resolve: ({ events }) => [...events],
    }),
    evidence: t.field({
      type: [Evidence],
      description: 'What the log says, as gathered; for stewards, else empty.',
      resolve: ({ evidence }) => [...evidence],
    }),
  }),
});

builder.queryField('incidents', (t) =>
  t.field({
    type: [Incident],
    nullable: true,
    description: 'Incidents, newest first: all for stewards, for everybody else those that they reported.',
    args: { state: t.arg({ type: IncidentStateEnum, description: 'Those of one state alone.' }) },
    resolve: async (_, { state }, { incidents }) => [...seen(await incidents.list(state ?? null))],
  }),
);

builder.queryField('incident', (t) =>
  t.field({
    type: Incident,
    nullable: true,
    description: 'An incident by its id; null where there is none for this person.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, { incidents }) => incidents.get(id),
  }),
);

const success = (t: SuccessFields<{ readonly incident: IncidentDetails }>) => ({
  incident: t.field({
    type: Incident,
    description: 'The incident as it stands now.',
    resolve: ({ incident }) => incident,
  }),
});

/** What a receipt keeps of a command: the incident is read again. */
const receipt = {
  keep: ({ incident }: { readonly incident: IncidentDetails }) => incident.id,
  again: async (id: unknown, { incidents }: { incidents: { get(id: string): Promise<IncidentDetails | null> } }) => {
    const incident = await incidents.get(String(id));
    if (incident === null) throw new Error('an incident that a receipt names is gone');
    return { incident };
  },
};

command('reportIncident', {
  description:
    'Reports that something went wrong; anybody signed in may, also with a token. The people of a grant report within 24 hours of the discovery.',
  input: (t) => ({
    kind: t.field({ type: IncidentKindEnum, required: true, description: 'What went wrong, in a word.' }),
    summary: t.string({ required: true, description: 'What happened, to which data, and what was done so far.' }),
    discoveredAt: t.field({ type: 'DateTime', required: true, description: 'When it was discovered.' }),
    grantId: t.id({ description: 'The grant that it is under; with a token, its own unless named.' }),
  }),
  success,
  errors: [GrantUnknown, MomentInvalid, SummaryMissing, TooManyReports],
  receipt,
  run: ({ kind, summary, discoveredAt, grantId }, { incidents }) =>
    incidents.report({ kind, summary, discoveredAt, grantId: grantId ?? null }),
});

const HaltOfIncident = builder.inputType('IncidentHaltInput', {
  description: 'A halt to be placed with the containment, in the same command.',
  fields: haltFields,
});

const spanFields = (t: InputFields) => ({
  grants: t.idList({ description: 'Of these grants.' }),
  accounts: t.idList({ description: 'Of these people.' }),
  from: t.field({ type: 'DateTime', required: true, description: 'From when.' }),
  until: t.field({ type: 'DateTime', description: 'Until before when; now unless given.' }),
});

const EvidenceInput = builder.inputType('EvidenceInput', {
  description: 'Whose entries of the log to gather, and of when.',
  fields: spanFields,
});

const spanOf = (given: {
  readonly grants?: readonly string[] | null | undefined;
  readonly accounts?: readonly string[] | null | undefined;
  readonly from: Date;
  readonly until?: Date | null | undefined;
}): EvidenceSpan => ({
  grants: given.grants ?? [],
  accounts: given.accounts ?? [],
  from: given.from,
  until: given.until ?? null,
});

command('containIncident', {
  description:
    'Says how a reported incident was contained; a halt is placed and evidence gathered in the same command where they are asked for.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The incident.' }),
    what: t.string({ required: true, description: 'What was done, or why nothing had to be.' }),
    halt: t.field({ type: HaltOfIncident, description: 'A halt to place at once.' }),
    evidence: t.field({ type: EvidenceInput, description: 'What to gather from the log.' }),
  }),
  success,
  errors: [IncidentUnknown, WrongState, SummaryMissing, TargetUnknown, ReasonMissing, MomentInvalid, EvidenceTooLarge],
  receipt,
  run: ({ id, what, halt, evidence }, { incidents }) =>
    incidents.contain({
      id,
      what,
      halt: halt == null ? null : { ...halt, target: halt.target ?? null, category: halt.category ?? 'OTHER' },
      evidence: evidence == null ? null : spanOf(evidence),
    }),
});

command('gatherEvidence', {
  description: "Freezes the log's entries of named grants or people in a span of time, as they stand, for an incident.",
  input: (t) => ({ id: t.id({ required: true, description: 'The incident.' }), ...spanFields(t) }),
  success,
  errors: [IncidentUnknown, WrongState, MomentInvalid, EvidenceTooLarge],
  receipt,
  run: ({ id, ...span }, { incidents }) => incidents.gather(id, spanOf(span)),
});

command('notifyIncident', {
  description: 'Says who was told of a contained incident, and when; more may be told later.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The incident.' }),
    whom: t.stringList({ required: true, description: 'Whom: people, boards, offices; or nobody, and why.' }),
    what: t.string({ required: true, description: 'What they were told.' }),
    at: t.field({ type: 'DateTime', description: 'When; now unless given.' }),
  }),
  success,
  errors: [IncidentUnknown, WrongState, SummaryMissing, MomentInvalid],
  receipt,
  run: ({ id, whom, what, at }, { incidents }) => incidents.notify({ id, whom, what, at: at ?? null }),
});

command('closeIncident', {
  description: 'Closes an incident of which everybody concerned was told.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The incident.' }),
    summary: t.string({ required: true, description: 'What it was, what came of it and what is changed.' }),
  }),
  success,
  errors: [IncidentUnknown, WrongState, SummaryMissing],
  receipt,
  run: ({ id, summary }, { incidents }) => incidents.close(id, summary),
});
