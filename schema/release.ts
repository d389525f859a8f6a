import { BaselineExperiment } from './baseline.ts';
import { builder } from './builder.ts';
import type { CitationFacts } from './context.ts';
import { dataRef, Node, registerDataTypes } from './data/register.ts';
import { Release } from './data/release.ts';
import { OpenTableType } from './open-table.ts';
import { Study } from './study.ts';

const Citation = builder.objectRef<CitationFacts>('Citation').implement({
  description: 'How a release is cited, as it now is.',
  fields: (t) => ({
    version: t.exposeString('version', {
      description: 'The version with what withdrawals have taken from it: 1.0.0, then 1.0.0+w2.',
    }),
    digest: t.exposeString('digest', { description: 'SHA-256 of that state.' }),
    text: t.exposeString('text', { description: 'The reference as a sentence.' }),
    bibtex: t.exposeString('bibtex', { description: 'The reference for BibTeX.' }),
    csl: t.field({ type: 'JSON', description: 'The reference as an item of CSL-JSON.', resolve: ({ csl }) => csl }),
    datacite: t.field({
      type: 'JSON',
      description: 'The same as properties of the DataCite schema.',
      resolve: ({ datacite }) => datacite,
    }),
  }),
});

registerDataTypes({
  citation: {
    type: Citation,
    list: false,
    nullable: true,
    resolve: (release, { studies }) => studies.citation(release.id),
  },
  study: {
    type: Study,
    list: false,
    nullable: true,
    resolve: (release, { studies }) => studies.study(release.studyKey),
  },
  counts: {
    type: OpenTableType,
    list: true,
    nullable: false,
    resolve: (release, { studies }) => studies.openTables(release.id),
  },
  croissant: {
    type: 'JSON',
    list: false,
    nullable: true,
    resolve: (release, { studies }) => studies.croissant(release.id),
  },
  experiments: {
    type: BaselineExperiment,
    list: true,
    nullable: false,
    resolve: (release, { studies }) => studies.experiments(release.studyKey),
  },
});

const planned = (): never => {
  throw new Error('released data is read by the planner alone');
};

builder.queryFields((t) => ({
  release: t.field({
    type: dataRef(Release),
    nullable: true,
    description: 'A release; the newest published one unless a version names another.',
    args: {
      version: t.arg.string({ description: 'Its version.' }),
      study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    },
    resolve: planned,
  }),
  releases: t.field({
    type: [dataRef(Release)],
    description: 'All releases of a study, newest first.',
    args: { study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }) },
    resolve: planned,
  }),
  node: t.field({
    type: Node,
    nullable: true,
    description: 'What an id names; null where it names nothing, or nothing that may be known.',
    args: { id: t.arg.id({ required: true, description: 'The id.' }) },
    resolve: planned,
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description: 'The same for several ids, in their order.',
    args: { ids: t.arg.idList({ required: true, description: 'The ids.' }) },
    resolve: planned,
  }),
}));
