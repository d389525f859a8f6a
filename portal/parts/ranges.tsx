import { type Draw, Plotted } from './plotted.tsx';

export interface Range {
  readonly label: string;
  readonly mean: number | null;
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** Means with their intervals, one line each; the numbers stand in a table that the caller puts beside it. */
export function Ranges({ title, unit, ranges }: { title: string; unit: 'share' | 'value'; ranges: readonly Range[] }) {
  const shown = ranges.flatMap(({ label, mean, interval }) =>
    mean === null ? [] : [{ label, mean, low: interval?.low ?? mean, high: interval?.high ?? mean }],
  );
  if (shown.length === 0) return null;
  return (
    <figure className="portal-figure">
      <figcaption>{title}</figcaption>
      <Plotted data={{ shown, unit }} draw={drawRanges} />
    </figure>
  );
}

interface Shown {
  readonly label: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const drawRanges: Draw<{ shown: readonly Shown[]; unit: 'share' | 'value' }> = (Plot, { shown, unit }, width) =>
  Plot.plot({
    width,
    marginLeft: width < 480 ? 120 : 150,
    height: 60 + shown.length * 24,
    x:
      unit === 'share'
        ? { domain: [0, 1], tickFormat: '.0%', label: null, grid: true }
        : { label: null, grid: true, nice: true, inset: 6 },
    y: { label: null, domain: shown.map(({ label }) => label) },
    marks: [
      Plot.ruleY(shown, { x1: 'low', x2: 'high', y: 'label', stroke: 'var(--mark-1)', strokeWidth: 2 }),
      Plot.dot(shown, { x: 'mean', y: 'label', fill: 'var(--mark-1)', r: 4 }),
    ],
  });
