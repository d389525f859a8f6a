import type { RequestPartsFragment } from '../../operations/researcher.ts';
import { When } from '../../parts/when.tsx';
import { eventText } from '../../parts/words.ts';

/** Everything that has happened, the newest first; edits in a row count as one; comments stand by themselves. */
export function RequestHistory({ request }: { request: RequestPartsFragment }) {
  const shown = request.events.filter(
    ({ type }, at) =>
      type !== 'CommentAdded' && (type !== 'FormEdited' || request.events[at + 1]?.type !== 'FormEdited'),
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
    </section>
  );
}
