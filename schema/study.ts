import { BaselineExperiment } from './baseline.ts';
import { builder } from './builder.ts';
import type { CohortFacts, SectionFacts, StudyFacts } from './context.ts';
import { PainLevelEnum, SexEnum, SkinTypeEnum } from './enums.ts';
import { notFound } from './errors.ts';
import { JobProgress } from './job.ts';

const Cohort = builder.objectRef<CohortFacts>('Cohort').implement({
  description: 'A cohort of the enrolment plan: pain level, skin type and sex.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, 1A to 4D.' }),
    painLevel: t.field({
      type: PainLevelEnum,
      description: 'Its pain level.',
      resolve: ({ painLevel }) => painLevel as 'NONE',
    }),
    skinType: t.field({
      type: SkinTypeEnum,
      description: 'Its skin type.',
      resolve: ({ skinType }) => skinType as 'I_III',
    }),
    sex: t.field({ type: SexEnum, description: 'Its sex.', resolve: ({ sex }) => sex as 'M' }),
    goal: t.exposeInt('goal', { nullable: true, description: 'Patients to enrol; null where none is set.' }),
    enrolled: t.exposeInt('enrolled', {
      nullable: true,
      description: 'Patients enrolled; null where so few that it is not told.',
    }),
  }),
});

const SectionFigure = builder.objectRef<NonNullable<SectionFacts['figures']>[number]>('SectionFigure').implement({
  description: 'A number that a piece of text is about.',
  fields: (t) => ({
    what: t.exposeString('what', { description: 'What it says.' }),
    value: t.exposeString('value', { description: 'The number, with its unit.' }),
  }),
});

const Section = builder.objectRef<SectionFacts>('Section').implement({
  description: 'A piece of text under a heading.',
  fields: (t) => ({
    heading: t.exposeString('heading', { description: 'What it is about.' }),
    text: t.exposeString('text', { description: 'The text.' }),
    figures: t.field({
      type: [SectionFigure],
      description: 'Its numbers, as rows of a table; none where it has none.',
      resolve: ({ figures }) => [...(figures ?? [])],
    }),
  }),
});

const Erratum = builder.objectRef<StudyFacts['errata'][number]>('Erratum').implement({
  description: 'A known mistake in what was published, with both values.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Its number.' }),
    text: t.exposeString('text', { description: 'What disagrees with what.' }),
  }),
});

export const Study = builder.objectRef<StudyFacts>('Study').implement({
  description: 'A study: what it is and how it was made. Open to all.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name in commands.' }),
    title: t.exposeString('title', { description: 'Its title.' }),
    synthetic: t.exposeBoolean('synthetic', { description: 'True where every patient of it is made up.' }),
    timeZone: t.exposeString('timeZone', { description: 'IANA zone in which its days end.' }),
    summary: t.exposeString('summary', { nullable: true, description: 'What it is in a few sentences.' }),
    design: t.field({ type: [Section], description: 'How it was designed.', resolve: ({ design }) => [...design] }),
    cohorts: t.field({
      type: [Cohort],
      description: 'The enrolment plan and where it stands.',
      resolve: ({ cohorts }) => [...cohorts],
    }),
    datasheet: t.field({
      type: [Section],
      description: 'What to know before using it: composition, collection, uses, limits.',
      resolve: ({ datasheet }) => [...datasheet],
    }),
    errata: t.field({
      type: [Erratum],
      description: 'Known mistakes in what was published.',
      resolve: ({ errata }) => [...errata],
    }),
    experiments: t.field({
      type: [BaselineExperiment],
      description: 'The baseline experiments with their published results.',
      resolve: ({ experiments }) => [...experiments],
    }),
    preparing: t.field({
      type: JobProgress,
      nullable: true,
      description: 'How far its making is, while this server makes it: of synthetic studies alone. Null otherwise.',
      resolve: ({ preparing }) => preparing,
    }),
  }),
});

builder.queryFields((t) => ({
  study: t.field({
    type: Study,
    description: 'A study; the one that this server is for unless a key names another.',
    args: { key: t.arg.string({ description: 'Its key.' }) },
    resolve: async (_, { key }, { studies }) => (await studies.study(key ?? null)) ?? notFound('study'),
  }),
  studies: t.field({
    type: [Study],
    description: 'All studies on this server.',
    resolve: async (_, __, { studies }) => [...(await studies.studies())],
  }),
}));
