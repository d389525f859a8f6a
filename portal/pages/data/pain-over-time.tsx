import { useEffect, useRef } from 'react';

/** Pain at each recording against the pain that the patient finds acceptable. The table of submissions beside it has the numbers. */
export function PainOverTime({
  target,
  points,
}: {
  target: number | null;
  points: readonly { readonly at: string; readonly pain: number }[];
}) {
  const frame = useRef<HTMLDivElement>(null);
  const key = JSON.stringify(points);
  useEffect(() => {
    let gone = false;
    const shown = (JSON.parse(key) as { at: string; pain: number }[]).map(({ at, pain }) => ({
      at: new Date(`${at.slice(0, 19)}Z`),
      pain,
    }));
    if (shown.length === 0) return;
    void import('@observablehq/plot').then((Plot) => {
      if (gone || !frame.current) return;
      const svg = Plot.plot({
        width: Math.min(640, frame.current.clientWidth || 640),
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
      for (const style of svg.querySelectorAll('style')) style.remove();
      svg.setAttribute('aria-hidden', 'true');
      frame.current.replaceChildren(svg);
    });
    return () => {
      gone = true;
    };
  }, [key, target]);
  if (points.length === 0) return null;
  return (
    <figure className="portal-figure">
      <figcaption>Pain over time{target !== null && `; the dashed line is the pain target, ${target}`}</figcaption>
      <div className="portal-plot" ref={frame} />
    </figure>
  );
}
