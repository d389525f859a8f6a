import { useEffect, useRef } from 'react';
import { DataTable } from './data-table.tsx';
import { Details } from './details.tsx';

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
  labelName,
}: {
  title: string;
  bars: readonly Bar[];
  unit?: 'share' | 'count';
  labelName: string;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const key = JSON.stringify(bars);
  useEffect(() => {
    let gone = false;
    const shown = (JSON.parse(key) as Bar[]).filter(({ value }) => value !== null);
    void import('@observablehq/plot').then((Plot) => {
      if (gone || !frame.current) return;
      const one = new Set(shown.map(({ series }) => series)).size === 1;
      const svg = Plot.plot({
        width: Math.min(640, frame.current.clientWidth || 640),
        marginLeft: frame.current.clientWidth < 480 ? 100 : 150,
        height: 60 + shown.length * 24,
        x:
          unit === 'share'
            ? { domain: [0, 1], tickFormat: '.0%', label: null, grid: true }
            : { label: 'patients', grid: true },
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
      // The page's CSP takes no inline style; what it says stands in portal.css.
      for (const style of svg.querySelectorAll('style')) style.remove();
      svg.setAttribute('aria-hidden', 'true');
      frame.current.replaceChildren(svg);
    });
    return () => {
      gone = true;
    };
  }, [key, unit]);
  const series = [...new Set(bars.map((bar) => bar.series))];
  const labels = [...new Set(bars.map((bar) => bar.label))];
  const text = (value: number | null | undefined): string =>
    value === null || value === undefined ? '—' : unit === 'share' ? `${(value * 100).toFixed(1)} %` : String(value);
  return (
    <figure className="portal-figure">
      <figcaption>{title}</figcaption>
      <div className="portal-plot" ref={frame} />
      <Details summary="The numbers as a table" open>
        <DataTable
          caption={title}
          head={[labelName, ...series]}
          rows={labels.map((label) => [
            label,
            ...series.map((name) => text(bars.find((bar) => bar.label === label && bar.series === name)?.value)),
          ])}
        />
      </Details>
    </figure>
  );
}
