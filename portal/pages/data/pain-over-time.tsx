import { type Draw, Plotted } from '../../parts/plotted.tsx';

interface Pain {
  readonly target: number | null;
  readonly points: readonly { readonly at: string; readonly pain: number }[];
}

const draw: Draw<Pain> = (Plot, { target, points }, width) => {
  const shown = points.map(({ at, pain }) => ({ at: new Date(`${at.slice(0, 19)}Z`), pain }));
  return Plot.plot({
    width,
    height: 220,
    x: { type: 'utc', label: null },
    y: { domain: [0, 10], label: 'pain now, 0 to 10', grid: true },
    marks: [
      ...(target === null
        ? []
        : [Plot.ruleY([target], { stroke: 'var(--mark-2)', strokeDasharray: '4 3', strokeWidth: 2 })]),
      Plot.line(shown, { x: 'at', y: 'pain', stroke: 'var(--mark-1)' }),
      Plot.dot(shown, { x: 'at', y: 'pain', fill: 'var(--mark-1)' }),
    ],
  });
};

/** Pain at each recording against the pain that the patient finds acceptable. The table of submissions beside it has the numbers. */
export function PainOverTime(pain: Pain) {
  if (pain.points.length === 0) return null;
  return (
    <figure className="portal-figure">
      <figcaption>
        Pain over time{pain.target !== null && `; the dashed line is the pain target, ${pain.target}`}
      </figcaption>
      <Plotted data={pain} draw={draw} />
    </figure>
  );
}
