import type { GroupRow, RunFacts } from './run-facts.ts';
import { table } from './table.ts';
import { safe } from './terminal.ts';

type Interval = { readonly low: number; readonly high: number } | null;

const percent = (value: number): string => (value * 100).toFixed(1);
const share = (value: number | null | undefined): string => (value == null ? '' : `${percent(value)} %`);
const between = (interval: Interval): string =>
  interval === null ? '' : `${percent(interval.low)} to ${percent(interval.high)}`;
const MEANING =
  'Mean accuracy over patients, each predicted by the model of the fold that withheld them; 95 % interval by drawing patients anew.';
const SMALL = 'few';
const FEW = `"${SMALL}": fewer than five patients. Their mean says little, and its interval is too narrow.`;
const MARKED =
  'Somebody whose data this was made with has withdrawn since: do not publish it; run it again without them.';

const right = 'right' as const;
const COLUMNS = [
  { title: 'patients', align: right },
  { title: 'this run', align: right },
  { title: '95 %', align: right },
  { title: '' },
];
const PUBLISHED = { title: 'published (ISS)', align: right };

const line = (
  name: string,
  of: { patients: number | null; accuracy: number | null; interval: Interval; small: boolean },
): string[] => [
  name,
  String(of.patients ?? ''),
  share(of.accuracy),
  between(of.interval),
  of.small && (of.patients ?? 0) > 0 ? SMALL : '',
];

/** A run's accuracies: all patients and each class beside Table 5, then by sex, skin type and device, then Tables 12 and 13; what may not be seen is left out. */
export function runTable(run: RunFacts): string {
  const { result } = run;
  const folds = run.fold === null ? 'all folds' : `fold ${run.fold}`;
  const head = `${run.experiment}, ${run.classes} classes, ${folds}, release ${run.release.version}, preset ${run.preset}, seed ${run.seed}`;
  const tables = [accuracies(run), groups(run), ranges(run), lowest(run)].filter((one) => one !== '');
  const few = [...(result?.byClass ?? []), ...groupsOf(run)].some(({ small, patients }) => small && patients > 0);
  const notes = [MEANING, ...(few ? [FEW] : []), ...(run.comparable ? [safe(run.comparable)] : [])];
  const forest = run.experiment.startsWith('random-forest');
  const more = [
    `iss lineage ${run.id}: what this result was made from.`,
    ...(forest ? [] : [`iss checkpoint list ${run.id}: what its folds have learnt.`]),
  ].map(safe);
  return [safe(head), ...tables, [...notes, ...(run.marked ? [MARKED] : [])].join('\n'), more.join('\n')].join('\n\n');
}

function accuracies({ result, published }: RunFacts): string {
  const before = new Map(published?.byClass.map((one) => [one.class, one.accuracy]));
  const all = {
    ...{ patients: result?.patients ?? null, accuracy: result?.overall ?? null, interval: result?.interval ?? null },
    small: (result?.patients ?? 5) < 5,
  };
  const rows = [
    [...line('all patients', all), share(published?.overall)],
    ...(result?.byClass ?? []).map((one) => [...line(one.class, one), share(before.get(one.class))]),
  ];
  return table([{ title: '' }, ...COLUMNS, ...(published ? [PUBLISHED] : [])], rows);
}

const groupsOf = ({ result }: RunFacts): GroupRow[] => [
  ...(result?.bySex ?? []),
  ...(result?.bySkinType ?? []),
  ...(result?.byDevice ?? []),
];

function groups(run: RunFacts): string {
  const { bySex, bySkinType, byDevice } = run.result ?? {};
  const named = (what: string, some: readonly GroupRow[] | null | undefined): string[][] =>
    (some ?? []).map((one) => line(`${what} ${one.group}`, one));
  const rows = [...named('sex', bySex), ...named('skin type', bySkinType), ...named('device', byDevice)];
  return rows.length === 0 ? '' : table([{ title: '' }, ...COLUMNS], rows);
}

function ranges({ result, published }: RunFacts): string {
  if (!result?.ranges) return '';
  const before = published?.ranges ?? [];
  const rows = [
    ...result.ranges.map(({ above, upTo, patients }, at) => [
      `${above * 100} to ${upTo * 100} %`,
      String(patients),
      String(before[at]?.patients ?? ''),
    ]),
    ['over 50 %', String(result.patientsOver50 ?? ''), String(published?.patientsOver50 ?? '')],
  ];
  const columns = [
    { title: 'accuracy' },
    { title: 'patients', align: right },
    ...(before.length > 0 ? [PUBLISHED] : []),
  ];
  return table(columns, rows);
}

function lowest({ result, published }: RunFacts): string {
  if (!result?.lowest) return '';
  const own = result.lowest.map(({ patient, accuracy }) => `${patient} (${share(accuracy)})`);
  const before = published?.lowest ?? [];
  return [
    safe(`Lowest patients: ${own.join(', ')}`),
    ...(before.length > 0 ? [safe(`Published (ISS): ${before.join(', ')}`)] : []),
  ].join('\n');
}
