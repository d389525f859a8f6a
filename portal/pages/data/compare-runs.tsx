import { useQuery } from '../../api/use-query.ts';
import { type ComparedFragment, CompareRuns as CompareOperation } from '../../operations/data.ts';
import { Bars } from '../../parts/bars.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { asWords, Load, PartlyRefused } from '../../parts/states.tsx';
import { percent, rangeText } from '../../parts/when.tsx';

/** Runs that are compared at once, at most. */
export const MOST_COMPARED = 4;

type Scores = NonNullable<ComparedFragment['result']>;

/** Two to four runs side by side: overall, by class, sex, skin type, device, and patients by range of accuracy. @param ids two to four */
export function CompareRuns({ ids }: { ids: readonly string[] }) {
  const [a = '', b = '', c, d] = ids;
  const third = c !== undefined;
  const fourth = d !== undefined;
  const query = useQuery(CompareOperation, { a, b, c: c ?? a, d: d ?? a, third, fourth });
  return (
    <section aria-label="Comparison">
      <h2>Compared</h2>
      <Load query={query} lines={8}>
        {(answer) => {
          const runs = [answer.a, answer.b, third ? answer.c : null, fourth ? answer.d : null].flatMap((run) =>
            run ? [run as ComparedFragment] : [],
          );
          return (
            <>
              <PartlyRefused problems={query.problems} />
              <Compared runs={runs} />
            </>
          );
        }}
      </Load>
    </section>
  );
}

const LETTERS = ['A', 'B', 'C', 'D'] as const;

function Compared({ runs }: { runs: readonly ComparedFragment[] }) {
  const names = runs.map((_, at) => LETTERS[at] ?? '');
  const row = (label: string, value: (scores: Scores) => number | null | undefined) => [
    label,
    ...runs.map(({ result }) => percent(result === null ? null : value(result))),
  ];
  const published = runs.every(({ experiment }) => experiment === runs[0]?.experiment) ? runs[0]?.published : null;
  const groups = [
    ['By sex', 'bySex'],
    ['By skin type', 'bySkinType'],
    ['By device', 'byDevice'],
  ] as const;
  return (
    <>
      <DataTable
        caption="What is compared"
        head={['Run', 'Experiment', 'Classes', 'Preset', 'Seed', 'Fold', 'Release', 'Beside the published']}
        rows={runs.map(({ experiment, classes, preset, seed, fold, release, comparable }, at) => [
          names[at],
          experiment,
          classes,
          preset,
          seed,
          fold ?? 'all',
          release.version,
          comparable ?? '—',
        ])}
      />
      <Bars
        title="Accuracy, mean over patients"
        labelName="Run"
        bars={[
          ...runs.map(({ result }, at) => ({
            label: `${names[at]}`,
            series: 'accuracy',
            value: result?.overall ?? null,
          })),
          ...(published ? [{ label: 'published (ISS)', series: 'accuracy', value: published.overall }] : []),
        ]}
      />
      <DataTable
        caption="Accuracy by class"
        head={['Class', ...names, ...(published ? ['published (ISS)'] : [])]}
        rows={[...new Set(runs.flatMap(({ result }) => (result?.byClass ?? []).map((one) => one.class)))].map(
          (name) => [
            ...row(asWords(name), ({ byClass }) => byClass?.find((one) => one.class === name)?.accuracy),
            ...(published ? [percent(published.byClass.find((one) => one.class === name)?.accuracy)] : []),
          ],
        )}
      />
      {groups.map(([title, key]) => {
        const found = [...new Set(runs.flatMap(({ result }) => (result?.[key] ?? []).map(({ group }) => group)))];
        return (
          found.length > 0 && (
            <DataTable
              key={key}
              caption={`Accuracy ${title.toLowerCase()}`}
              head={['Group', ...names]}
              rows={found.map((name) =>
                row(asWords(name), (scores) => scores[key]?.find(({ group }) => group === name)?.accuracy),
              )}
            />
          )
        );
      })}
      <DataTable
        caption="Patients by range of accuracy"
        head={['Accuracy', ...names, ...(published ? ['published (ISS)'] : [])]}
        rows={(runs.find(({ result }) => result?.ranges)?.result?.ranges ?? []).map((range) => [
          rangeText(range),
          ...runs.map(({ result }) => result?.ranges?.find(({ above }) => above === range.above)?.patients ?? '—'),
          ...(published ? [published.ranges.find(({ above }) => above === range.above)?.patients ?? '—'] : []),
        ])}
      />
    </>
  );
}
