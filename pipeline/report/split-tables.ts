import { PUBLISHED_SPLITS, type PublishedSplit } from '../published/splits.ts';
import {
  beside,
  column,
  plain,
  type ReportCell,
  type ReportInput,
  type ReportRecording,
  type ReportTable,
  sumKnown,
} from './report-table.ts';

interface Counted {
  readonly key: string;
  readonly title: string;
  readonly of: (recording: ReportRecording) => number | null;
  readonly published: (split: PublishedSplit, side: 'train' | 'test') => number;
}

const numbersOf = ({ patients }: ReportInput): number[] =>
  [...new Set(patients.map(({ split }) => split))].sort((a, b) => a - b);

const publishedSplit = ({ codeOf }: ReportInput, number: number): PublishedSplit | undefined =>
  codeOf === null ? undefined : PUBLISHED_SPLITS.find((split) => split.number === number);

/** Counts of both sides of each split. */
function sidesTable(
  input: ReportInput,
  of: { number: number; title: string; counted: readonly Counted[]; errata?: readonly string[] },
): ReportTable {
  const splitOf = new Map(input.patients.map(({ code, split }) => [code, split]));
  const sides = ['train', 'test'] as const;
  const rows = numbersOf(input).map((number): ReportCell[] => {
    const there = publishedSplit(input, number);
    const onSide = (side: 'train' | 'test'): ReportRecording[] =>
      input.recordings.filter(({ patient }) => (splitOf.get(patient) === number) === (side === 'test'));
    return [
      plain(number),
      ...sides.flatMap((side) =>
        of.counted.map((counted) =>
          beside(
            sumKnown(onSide(side), counted.of),
            there && counted.published(there, side),
            there ? (of.errata ?? []) : [],
          ),
        ),
      ),
    ];
  });
  const columns = [
    column('split', 'split'),
    ...sides.flatMap((side) => of.counted.map(({ key, title }) => column(`${side}_${key}`, `${side} ${title}`))),
  ];
  return { number: of.number, title: of.title, columns, rows };
}

/** Tables 8, 9 and 10: faces, chunks and rows of pain scores on both sides of each split. */
export const splitTables = (input: ReportInput): ReportTable[] => [
  sidesTable(input, {
    number: 8,
    title: 'Splits: faces',
    counted: [
      {
        key: 'faces',
        title: 'faces',
        of: ({ faces }) => faces,
        published: (split, side) => split[`${side}Faces`],
      },
      {
        key: 'landmarks',
        title: 'with landmarks',
        of: ({ landmarks }) => landmarks,
        published: (split, side) => split[`${side}FacesWithLandmarks`],
      },
    ],
  }),
  sidesTable(input, {
    number: 9,
    title: 'Splits: chunks of 4 s',
    counted: [
      {
        key: 'chunks',
        title: 'chunks',
        of: ({ chunks }) => chunks,
        published: (split, side) => split[`${side}Chunks`],
      },
    ],
  }),
  // A row for each submission, an absent survey as zeros: 509, where the paper prints 537.
  sidesTable(input, {
    number: 10,
    title: 'Splits: rows of pain scores',
    errata: ['paper-06'],
    counted: [{ key: 'scores', title: 'rows', of: () => 1, published: (split, side) => split[`${side}Scores`] }],
  }),
];

const PRINTED_WRONG: Readonly<Record<string, string>> = { '0002': 'paper-03', '0007': 'paper-04', '0030': 'paper-05' };

/** Table 11: who is withheld by each split, with their labels. */
export function testPatientTable(input: ReportInput): ReportTable {
  const { codeOf } = input;
  const joined = (words: readonly string[]): string => words.join(' ');
  const rows = numbersOf(input).map((number): ReportCell[] => {
    const there = publishedSplit(input, number);
    // In the order of the paper where it has the split, so that labels stand beside labels.
    const order = there && codeOf ? there.testPatients.map(codeOf) : [];
    const place = (code: string): number => (order.includes(code) ? order.indexOf(code) : order.length);
    const own = input.patients
      .filter(({ split }) => split === number)
      .sort((a, b) => place(a.code) - place(b.code) || (a.code < b.code ? -1 : 1));
    const errata = (there?.testPatients ?? []).flatMap((code) => PRINTED_WRONG[code] ?? []);
    return [
      plain(number),
      beside(joined(own.map(({ code }) => code)), there && joined(order)),
      beside(joined(own.map(({ painLevel }) => painLevel)), there && joined(there.printedLevels), errata),
      beside(joined(own.map(({ painClass }) => painClass)), there && joined(there.printedClasses), errata),
    ];
  });
  const columns = [
    column('split', 'split'),
    column('testPatients', 'test patients'),
    column('painLevels', 'levels'),
    column('painClasses', 'classes'),
  ];
  return { number: 11, title: 'Splits: test patients', columns, rows };
}
