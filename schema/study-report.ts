import { builder } from './builder.ts';
import { ReasonType } from './reason.ts';
import type {
  ReportCellFacts,
  ReportColumnFacts,
  StudyReportFacts,
  StudyReportTableFacts,
} from './services/reports.ts';

const ReportColumn = builder.objectRef<ReportColumnFacts>('ReportColumn').implement({
  description: 'A column of a table of a study report.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name in programs.' }),
    title: t.exposeString('title', { description: 'Its heading.' }),
    unit: t.exposeString('unit', { nullable: true, description: 'Unit of its numbers; null for names and counts.' }),
  }),
});

const ReportCell = builder.objectRef<ReportCellFacts>('ReportCell').implement({
  description: 'A cell of a table of a study report.',
  fields: (t) => ({
    value: t.field({
      type: 'JSON',
      nullable: true,
      description: "The study's value: a number, a text, or null where there is none or it is not told.",
      resolve: ({ value }) => value,
    }),
    published: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The value that the paper printed for ISS; null where none stands beside it.',
      resolve: ({ published }) => published,
    }),
    agrees: t.exposeBoolean('agrees', {
      nullable: true,
      description: 'Whether the two agree to the decimals that the paper prints; null where one is missing.',
    }),
    errata: t.stringList({
      description: 'Errata of the paper that concern it, such as `paper-06`.',
      resolve: ({ errata }) => [...errata],
    }),
  }),
});

const ReportRow = builder.objectRef<readonly ReportCellFacts[]>('ReportRow').implement({
  description: 'A row of a table of a study report.',
  fields: (t) => ({
    cells: t.field({ type: [ReportCell], description: 'A cell for every column.', resolve: (cells) => [...cells] }),
  }),
});

const ReportTable = builder.objectRef<StudyReportTableFacts>('ReportTable').implement({
  description: 'A table of a study report, as far as it may be seen.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Its number in the paper.' }),
    title: t.exposeString('title', { description: 'What it tells.' }),
    note: t.exposeString('note', {
      nullable: true,
      description: 'What its numbers count, where its title does not say.',
    }),
    columns: t.field({
      type: [ReportColumn],
      description: 'Its columns.',
      resolve: ({ columns }) => [...columns],
    }),
    rows: t.field({
      type: [ReportRow],
      description: 'Its rows; none where it is withheld.',
      resolve: ({ rows }) => [...rows],
    }),
    withheld: t.field({
      type: [ReasonType],
      description: 'Why it may not be seen; empty where it may.',
      resolve: ({ withheld }) => [...withheld],
    }),
  }),
});

const ReportErratum = builder.objectRef<StudyReportFacts['errata'][number]>('ReportErratum').implement({
  description: 'A place where the paper disagrees with itself.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'Its name, such as `paper-06`.' }),
    title: t.exposeString('title', { description: 'What it concerns.' }),
    used: t.exposeString('used', { description: 'What this product goes by, and why.' }),
  }),
});

const StudyReport = builder.objectRef<StudyReportFacts>('StudyReport').implement({
  description:
    "The paper's Tables 2, 4 and 6 to 13 counted anew over a release: whole with grants for LABELS, LANDMARKS and BASELINES; the tables of groups for stewards; open counts for everybody.",
  fields: (t) => ({
    study: t.exposeString('study', { description: 'Key of the study.' }),
    synthetic: t.exposeBoolean('synthetic', { description: 'Whether its patients are made up.' }),
    release: t.exposeString('release', { description: 'Version of the release that was counted.' }),
    compared: t.exposeBoolean('compared', { description: 'Whether published values of ISS stand beside its own.' }),
    tables: t.field({
      type: [ReportTable],
      description: 'The tables, by number.',
      resolve: ({ tables }) => [...tables],
    }),
    errata: t.field({
      type: [ReportErratum],
      description: 'The errata that cells name.',
      resolve: ({ errata }) => [...errata],
    }),
  }),
});

builder.queryField('studyReport', (t) =>
  t.field({
    type: StudyReport,
    nullable: true,
    description: 'Tables of a release as the paper has them of ISS. Null where there is no such release.',
    args: {
      study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }),
      release: t.arg.string({ description: 'Version of the release; the newest published one unless named.' }),
      besideIss: t.arg.boolean({
        description:
          'Whether the published values of ISS stand beside those of a synthetic study of its shape too, whose 9001 stands for 0001. They always do beside ISS.',
      }),
    },
    resolve: (_, { study, release, besideIss }, { reports }) =>
      reports.studyReport({ study: study ?? null, release: release ?? null, besideIss: besideIss ?? false }),
  }),
);
