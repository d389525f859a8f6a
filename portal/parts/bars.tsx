import { DataTable } from './data-table.tsx';
import { Details } from './details.tsx';
import { type Draw, Plotted } from './plotted.tsx';

export interface Bar {
  /** What the bar is about. */
  readonly label: string;
  /** Which of several bars of the same label. */
  readonly series: string;
  readonly value: number | null;
}

/** Bars with a table of the same numbers beside them. Values are shares of 1 unless `unit` says otherwise. */
export function Bars({
  title,
  bars,
  unit = 'share',
  counted = 'patients',
  labelName,
  more,
}: {
  title: string;
  bars: readonly Bar[];
  unit?: 'share' | 'count';
  /** What is counted, in the plural. */
  counted?: string;
  labelName: string;
  /** One more column of the table, a value for each label. */
  more?: { readonly name: string; readonly values: readonly string[] };
}) {
  const shown = bars.filter(({ value }) => value !== null);
  const series = [...new Set(bars.map((bar) => bar.series))];
  const labels = [...new Set(bars.map((bar) => bar.label))];
  const text = (value: number | null | undefined): string =>
    value === null || value === undefined ? '—' : unit === 'share' ? `${(value * 100).toFixed(1)} %` : String(value);
  return (
    <figure className="portal-figure">
      <figcaption>{title}</figcaption>
      <Plotted data={{ shown, unit, counted }} draw={drawBars} />
      <Details summary="The numbers as a table" open>
        <DataTable
          caption={title}
          head={[labelName, ...series, ...(more ? [more.name] : [])]}
          rows={labels.map((label, at) => [
            label,
            ...series.map((name) => text(bars.find((bar) => bar.label === label && bar.series === name)?.value)),
            ...(more ? [more.values[at]] : []),
          ])}
        />
      </Details>
    </figure>
  );
}

const drawBars: Draw<{ shown: readonly Bar[]; unit: 'share' | 'count'; counted: string }> = (
  Plot,
  { shown, unit, counted },
  width,
) => {
  const one = new Set(shown.map(({ series }) => series)).size === 1;
  return Plot.plot({
    width,
    marginLeft: width < 480 ? 120 : 150,
    marginBottom: 40,
    height: 70 + shown.length * 24,
    x:
      unit === 'share'
        ? { domain: [0, 1], tickFormat: '.0%', label: null, grid: true }
        : {
            label: counted,
            grid: true,
            domain: [0, Math.max(1, ...shown.map(({ value }) => value ?? 0))],
            ticks: Math.min(5, Math.max(1, ...shown.map(({ value }) => value ?? 0))),
          },
    // In the order given: levels of pain have one.
    y: { label: null, domain: [...new Set(shown.map(({ label, series }) => (one ? label : series)))] },
    ...(!one && { fy: { label: null, domain: [...new Set(shown.map(({ label }) => label))] } }),
    color: { range: ['var(--mark-1)', 'var(--mark-2)', '#7a6f9b', '#4d8055'] },
    marks: [
      Plot.barX(shown, {
        x: 'value',
        y: one ? 'label' : 'series',
        fill: one ? 'var(--mark-1)' : 'series',
        sort: null,
        title: ({ label, series, value }: Bar) => `${label}, ${series}: ${value}`,
        ...(!one && { fy: 'label' }),
      }),
      Plot.ruleX([0]),
    ],
  });
};
