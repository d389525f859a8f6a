import { PUBLISHED_ACCURACY_RANGES } from '../published/accuracy-ranges.ts';
import { PUBLISHED_BASELINES } from '../published/baselines.ts';
import { PUBLISHED_LOWEST_PATIENTS } from '../published/lowest-patients.ts';
import { beside, column, plain, type ReportCell, type ReportTable } from './report-table.ts';

/** What is known of the last run of a model; a part that may not be seen is null. */
export interface ReportRun {
  readonly experiment: string;
  /** `desk, seed 7`: what the run was. */
  readonly run: string;
  readonly ranges: readonly { readonly above: number; readonly patients: number }[] | null;
  readonly byPatient: readonly { readonly patient: string; readonly accuracy: number }[] | null;
}

const QUARTERS = [0, 0.25, 0.5, 0.75] as const;
const LOWEST = 5;

/** Table 12: patients by the quarter that their accuracy lies in, for each model that was run. Accuracies are not expected to agree. */
export function rangeTable(runs: readonly ReportRun[], compared: boolean): ReportTable {
  const rows = PUBLISHED_BASELINES.flatMap(({ key }): ReportCell[][] => {
    const run = runs.find(({ experiment }) => experiment === key);
    const there = compared ? PUBLISHED_ACCURACY_RANGES.find((one) => one.key === key) : undefined;
    if (run === undefined && there === undefined) return [];
    const errata = there && key === 'random-forest-pain' ? ['paper-07'] : [];
    const own = (above: number): number | null => run?.ranges?.find((range) => range.above === above)?.patients ?? null;
    const over = own(0.5) === null ? null : (own(0.5) as number) + (own(0.75) ?? 0);
    return [
      [
        plain(key),
        plain(run?.run ?? null),
        ...QUARTERS.map((above, i) => beside(own(above), there?.patients[i], errata)),
        beside(over, there?.patientsOver50, errata),
      ],
    ];
  });
  const columns = [
    column('experiment', 'model'),
    column('run', 'run'),
    column('upTo25', '0-25 %'),
    column('upTo50', '25-50 %'),
    column('upTo75', '50-75 %'),
    column('upTo100', '75-100 %'),
    column('over50', 'over 50 %'),
  ];
  return { number: 12, title: 'Models: patients by range of accuracy', columns, rows };
}

/** Table 13: the five patients whom each model that was run fails on, lowest first. */
export function lowestTable(runs: readonly ReportRun[], codeOf: ((published: string) => string) | null): ReportTable {
  const rows = PUBLISHED_BASELINES.flatMap(({ key }): ReportCell[][] => {
    const run = runs.find(({ experiment }) => experiment === key);
    const there = codeOf ? PUBLISHED_LOWEST_PATIENTS[key]?.map(codeOf).join(' ') : undefined;
    if (run === undefined && there === undefined) return [];
    const ascending = [...(run?.byPatient ?? [])].sort(
      (a, b) => a.accuracy - b.accuracy || (a.patient < b.patient ? -1 : 1),
    );
    const lowest = ascending.slice(0, LOWEST).map(({ patient }) => patient);
    return [[plain(key), plain(run?.run ?? null), beside(run?.byPatient ? lowest.join(' ') : null, there)]];
  });
  const columns = [column('experiment', 'model'), column('run', 'run'), column('patients', 'patients')];
  return { number: 13, title: 'Models: patients with the lowest accuracy', columns, rows };
}
