import { useEffect, useRef } from 'react';

/** Draws with Observable Plot; it has to be a constant, since what it draws follows from the data alone. */
export type Draw<Data> = (
  plot: typeof import('@observablehq/plot'),
  data: Data,
  /** Pixels that there are. */
  width: number,
) => SVGElement | HTMLElement;

/** A plot, hidden from screen readers: what it shows stands in a table beside it. The library is loaded by the first plot. */
export function Plotted<Data>({ data, draw }: { data: Data; draw: Draw<Data> }) {
  const frame = useRef<HTMLDivElement>(null);
  const key = JSON.stringify(data);
  useEffect(() => {
    let gone = false;
    void import('@observablehq/plot').then((plot) => {
      if (gone || !frame.current) return;
      const svg = draw(plot, JSON.parse(key) as Data, Math.min(640, frame.current.clientWidth || 640));
      // The page's CSP takes no inline style; what it says stands in portal.css.
      for (const style of svg.querySelectorAll('style')) style.remove();
      svg.setAttribute('aria-hidden', 'true');
      frame.current.replaceChildren(svg);
    });
    return () => {
      gone = true;
    };
  }, [key, draw]);
  return <div className="portal-plot" ref={frame} />;
}
