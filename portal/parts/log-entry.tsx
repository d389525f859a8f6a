import { Fragment, type ReactNode } from 'react';
import { Details } from './details.tsx';
import { entryFacts } from './log-words.ts';

/** What one entry of the log says: in words first, then the exact text that its hash is of. */
export const LogEntry = ({ text, children }: { text: string; children?: ReactNode }) => (
  <>
    <dl className="portal-facts">
      {entryFacts(text).map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
    {children}
    <Details summary="The exact text, as it is hashed">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls has to be reached by keyboard */}
      <pre className="portal-json" tabIndex={0}>
        {text}
      </pre>
    </Details>
  </>
);
