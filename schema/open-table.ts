import { builder } from './builder.ts';
import type { OpenCell, OpenTable } from './context.ts';

/** One reason for all: to say which cells are small themselves would tell most of what is hidden. */
export const WHY_HIDDEN =
  'Hidden: so few patients that they could be recognised, or a number from which such a one could be worked out. Which of the two is not told.';

const OpenCellValue = builder
  .objectRef<{ readonly attribute: string; readonly value: string }>('OpenCellValue')
  .implement({
    description: 'What the patients of a cell have in common.',
    fields: (t) => ({
      attribute: t.exposeString('attribute', { description: 'Name of the attribute, as in `attributes`.' }),
      value: t.exposeString('value', { description: 'Its value.' }),
    }),
  });

const OpenCellType = builder.objectRef<OpenCell>('OpenCell').implement({
  description: 'A cell of an open table.',
  fields: (t) => ({
    at: t.field({
      type: [OpenCellValue],
      description: 'What its patients have in common, an entry for each attribute; none in the total.',
      resolve: ({ at }) => Object.entries(at).map(([attribute, value]) => ({ attribute, value })),
    }),
    count: t.exposeInt('count', { nullable: true, description: 'Number of patients; null where it is hidden.' }),
    hidden: t.boolean({ description: 'True where the number is not told.', resolve: ({ count }) => count === null }),
    why: t.string({
      nullable: true,
      description: 'Why the number is not told, the same sentence for every hidden cell; null where it is told.',
      resolve: ({ count }) => (count === null ? WHY_HIDDEN : null),
    }),
  }),
});

const OpenAttribute = builder.objectRef<OpenTable['attributes'][number]>('OpenAttribute').implement({
  description: 'What a table counts by.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    values: t.stringList({
      description: 'All its values, those that nobody has among them.',
      resolve: ({ values }) => [...values],
    }),
  }),
});

export const OpenTableType = builder.objectRef<OpenTable>('OpenTable').implement({
  description:
    'A fixed table of patients, open to all: computed once when its release was published, the same for everybody, and never again, whoever withdraws. ' +
    'Small numbers are hidden, and so are others from which these could be worked out with everything else that is public, the paper and earlier releases included.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name in programs; it never changes.' }),
    title: t.exposeString('title', { description: 'What it counts.' }),
    threshold: t.exposeInt('threshold', {
      nullable: true,
      description:
        'The smallest number that it tells, as the policy was when it was computed; null where that was not kept.',
    }),
    attributes: t.field({
      type: [OpenAttribute],
      description: 'What it counts by; none where it is the total.',
      resolve: ({ attributes }) => [...attributes],
    }),
    cells: t.field({
      type: [OpenCellType],
      description: 'A cell for every combination of values, hidden ones among them.',
      resolve: ({ cells }) => [...cells],
    }),
    data: t.field({
      type: 'JSON',
      description:
        'The same as one object: `attributes`, `threshold` and `cells`, each with `at`, `count` and `hidden`.',
      resolve: ({ attributes, threshold, cells }) => ({
        attributes,
        threshold,
        cells: cells.map(({ at, count }) => ({ at, count, hidden: count === null })),
      }),
    }),
  }),
});
