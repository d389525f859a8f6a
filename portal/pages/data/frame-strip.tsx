import { useQuery } from '../../api/use-query.ts';
import { SubmissionFrames } from '../../operations/data.ts';
import { Load } from '../../parts/states.tsx';

/** The first frames side by side; the one that is shown is marked. */
export function FrameStrip({ code, timestamp, time }: { code: string; timestamp: string; time: number }) {
  const query = useQuery(SubmissionFrames, { code, timestamp });
  const shown = Math.floor(time * 10 + 1e-6) + 1;
  return (
    <section>
      <h2>Frames</h2>
      <Load query={query} lines={2}>
        {({ release }) => {
          const nodes = release?.patient?.submission?.frames?.nodes.filter(({ image }) => image !== null) ?? [];
          if (nodes.length === 0) return <p className="portal-quiet">No pictures of frames are shown to you.</p>;
          return (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls has to be reached by keyboard
            <section className="portal-strip" aria-label="Frames, ten a second" tabIndex={0}>
              {nodes.map(({ number, image, timeSeconds }) => (
                <figure key={number} className={number === shown ? 'shown' : undefined}>
                  <img src={image!.url} loading="lazy" alt={`Frame ${number}`} />
                  <figcaption>
                    {number === shown ? <strong>{timeSeconds?.toFixed(1)} s</strong> : `${timeSeconds?.toFixed(1)} s`}
                  </figcaption>
                </figure>
              ))}
            </section>
          );
        }}
      </Load>
    </section>
  );
}
