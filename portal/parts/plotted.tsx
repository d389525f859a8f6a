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
    let drawn = 0;
    let observer: ResizeObserver | undefined;
    void import('@observablehq/plot').then((plot) => {
      const box = frame.current;
      if (gone || !box) return;
      const drawAgain = (): void => {
        const width = Math.min(640, box.clientWidth || 640);
        if (width === drawn) return;
        drawn = width;
        const svg = draw(plot, JSON.parse(key) as Data, width);
        // The page's CSP takes no inline style; what it says stands in portal.css.
        for (const style of svg.querySelectorAll('style')) style.remove();
        svg.setAttribute('aria-hidden', 'true');
        box.replaceChildren(svg);
      };
      // A phone that is turned, a window that is made narrow: text keeps its size, the plot takes the width that there is.
      observer = new ResizeObserver(drawAgain);
      observer.observe(box);
      drawAgain();
    });
    return () => {
      gone = true;
      observer?.disconnect();
    };
  }, [key, draw]);
  return <div className="portal-plot" ref={frame} />;
}
