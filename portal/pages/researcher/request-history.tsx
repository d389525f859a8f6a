import type { RequestPartsFragment } from '../../operations/researcher.ts';
import { When } from '../../parts/when.tsx';
import { eventText } from '../../parts/words.ts';

/** Everything that has happened, the newest first; edits in a row count as one. */
export function RequestHistory({ request }: { request: RequestPartsFragment }) {
  const shown = request.events.filter(
    ({ type }, at) => type !== 'FormEdited' || request.events[at + 1]?.type !== 'FormEdited',
  );
  return (
    <section>
      <h2>What has happened</h2>
      <ol reversed className="usa-list">
        {[...shown].reverse().map(({ number, type, at, by, about, text }) => (
          <li key={number}>
            <strong>{eventText(type)}</strong> <When at={at} />
            {by && <> by {by.name}</>}
            {about && <> ({about.name})</>}
            {text && <p className="portal-text">{text}</p>}
          </li>
        ))}
      </ol>
      {request.comments.length > 0 && (
        <>
          <h3>Comments</h3>
          <ul className="usa-list">
            {request.comments.map(({ at, text, by }) => (
              <li key={`${at}${by.id}`}>
                {by.name}, <When at={at} />
                <p className="portal-text">{text}</p>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
