import type { RunPageQuery } from '../../operations/data.ts';
import { Bars } from '../../parts/bars.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { asWords } from '../../parts/states.tsx';
import { percent, rangeText } from '../../parts/when.tsx';

type Run = NonNullable<RunPageQuery['run']>;
type Result = NonNullable<Run['result']>;

const interval = (one: { low: number; high: number } | null): string =>
  one ? `${percent(one.low)} to ${percent(one.high)}` : '—';

/** A run's result beside the published one, as far as that was published: by class, by range of accuracy, and whom it fails on. */
export function RunResult({ run, result }: { run: Run; result: Result }) {
  const { published } = run;
  // A synthetic study has none of the published patients: no column then.
  const fails = result.byPatient?.some(({ patient }) => published?.lowest.includes(patient));
  const beside = <T,>(value: T) => (published ? [value] : []);
  return (
    <>
      <h2>Result: {percent(result.overall)}</h2>
      <p>
        Mean accuracy over {result.patients} patients, each predicted by the model that never saw them; 95 % interval:{' '}
        {interval(result.interval)}.{published && <> Published: {percent(published.overall)}.</>} {run.comparable}
      </p>
      <Bars
        title={published ? 'Accuracy by class, this run beside the published one' : 'Accuracy by class'}
        labelName="Class"
        bars={[
          { label: 'all patients', series: 'this run', value: result.overall },
          ...beside({ label: 'all patients', series: 'published', value: published?.overall ?? null }),
          ...(result.byClass ?? []).flatMap(({ class: name, accuracy }) => [
            { label: asWords(name), series: 'this run', value: accuracy },
            ...beside({
              label: asWords(name),
              series: 'published',
              value: published?.byClass.find((one) => one.class === name)?.accuracy ?? null,
            }),
          ]),
        ]}
      />
      {result.ranges && (
        <Bars
          title="Patients by range of accuracy"
          labelName="Accuracy"
          unit="count"
          bars={result.ranges.flatMap((range) => [
            { label: rangeText(range), series: 'this run', value: range.patients },
            ...beside({
              label: rangeText(range),
              series: 'published',
              value: published?.ranges.find(({ above }) => above === range.above)?.patients ?? null,
            }),
          ])}
        />
      )}
      <Groups result={result} />
      {published && (
        <p className="portal-quiet">
          Published of it: overall, by class, by range of accuracy
          {published.lowest.length > 0 && `, and the patients it fails on (${published.lowest.join(', ')})`}. Nothing
          was published by sex, skin type or device.
        </p>
      )}
      {result.byPatient && (
        <DataTable
          caption="Accuracy by patient"
          head={['Patient', 'Pain level', 'Right', 'Of', 'Accuracy', ...(fails ? ['Published: fails on'] : [])]}
          rows={result.byPatient.map(({ patient, painLevel, correct, rows, accuracy }) => [
            patient,
            asWords(painLevel),
            correct,
            rows,
            percent(accuracy),
            ...(fails ? [published?.lowest.includes(patient) ? 'yes' : '—'] : []),
          ])}
        />
      )}
    </>
  );
}

function Groups({ result }: { result: Result }) {
  const groups = [
    ['Sex', result.bySex],
    ['Skin type', result.bySkinType],
    ['Device', result.byDevice],
  ] as const;
  return groups.map(
    ([name, rows]) =>
      rows && (
        <Bars
          key={name}
          title={`Accuracy by ${name.toLowerCase()}`}
          labelName={name}
          bars={rows.map(({ group, patients, accuracy, small }) => ({
            label: `${asWords(group)} (${patients}${small ? ', few' : ''})`,
            series: 'accuracy',
            value: accuracy,
          }))}
          more={{ name: '95 % interval', values: rows.map((row) => interval(row.interval)) }}
        />
      ),
  );
}
