import { Alert } from '@trussworks/react-uswds';
import type { ReactNode } from 'react';
import { type Problem, signInAddress, type ToldReason } from '../api/client.ts';
import type { Refusal } from '../api/use-command.ts';
import type { Query } from '../api/use-query.ts';
import { useShell } from '../app/viewer.tsx';
import { Page } from './page.tsx';
import { SAID } from './words.ts';

/** Grey lines in the place of what is coming. */
export function Loading({ lines = 4 }: { lines?: number }) {
  return (
    <output className="portal-skeleton" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else
        <span key={line} />
      ))}
    </output>
  );
}

/** Nothing here yet, and what one can do about it. */
export const Empty = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className="portal-empty">
    <p className="portal-empty-title">{title}</p>
    {children}
  </div>
);

const NEXT: Record<string, string> = {
  YOU: 'you',
  APPLICANT: 'the applicant of the request (you, if it is yours)',
  SIGNING_OFFICIAL: 'your signing official',
  STEWARD: 'a data steward',
  ADMIN: 'an administrator',
  NOBODY: 'nobody',
};

/** The same to stewards and officials, for whom the request is somebody else’s. @param official whether an official reads it */
export const nextOf = (who: string, official = false): string =>
  who === 'APPLICANT'
    ? 'the applicant'
    : who === 'SIGNING_OFFICIAL'
      ? official
        ? 'you, or another official of your institution'
        : 'the signing official'
      : nextActor(who);

/** Who acts next, in words. @param own whether the reader is the applicant, who is "you" to themself */
export const nextActor = (who: string | null | undefined, own = false): string =>
  who === 'APPLICANT' && own ? 'you' : who ? (NEXT[who] ?? who.toLowerCase()) : 'nobody';

/** TRAINING_MISSING's subject and the like, as words; what was written by people, such as the name of a device, stays. */
export const asWords = (code: string): string =>
  SAID[code] ?? (/[a-z]/.test(code) ? code : code.toLowerCase()).replaceAll('_', ' ');

/** The same at the beginning of a heading or a cell. */
export const capital = (code: string): string => asWords(code).replace(/^./, (first) => first.toUpperCase());

const reasonText = ({ sentence, subject }: ToldReason): string =>
  subject && /^[A-Z_]+$/.test(subject) ? `${sentence} (${asWords(subject)})` : sentence;

/** The API's reasons as sentences, each with what it is about and who acts next. */
export function Reasons({ reasons }: { reasons: readonly ToldReason[] }) {
  const seen = new Set<string>();
  // What reads the same is said once: a subject that is an id is not shown.
  const own = reasons.filter((reason) => {
    const key = reasonText(reason);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return (
    <ul className="usa-list">
      {own.map((reason) => (
        <li key={reasonText(reason)}>
          {reasonText(reason)} <span className="portal-next">Next: {nextActor(reason.whoActsNext)}.</span>
        </li>
      ))}
    </ul>
  );
}

/** A thing that is not shown, and why. */
export function Refused({ title, problems }: { title?: string; problems: readonly Problem[] }) {
  const reasons = problems.flatMap((problem) => problem.reasons);
  const { data } = useShell();
  return (
    <Alert validation type="warning" headingLevel="h2" heading={title ?? 'This is not open to you now'}>
      {reasons.length > 0 ? (
        <Reasons reasons={reasons} />
      ) : (
        problems.map(({ message }) => <p key={message}>{message}</p>)
      )}
      {data && !data.viewer && (
        <p>
          <a href={signInAddress()}>Sign in</a>
        </p>
      )}
    </Alert>
  );
}

/** What the API said to a command that was not carried out. */
export function RefusalAlert({ refusal }: { refusal: Refusal | null }) {
  if (!refusal) return null;
  const ended = refusal.code === 'UNAUTHENTICATED' || refusal.reasons.some(({ code }) => code === 'NOT_SIGNED_IN');
  const second = refusal.reasons.some(({ code }) => code === 'STEP_UP_REQUIRED');
  return (
    <div role="alert">
      <Alert validation type="error" headingLevel="h3" slim={refusal.reasons.length + refusal.problems.length === 0}>
        {ended ? (
          <p className="usa-alert__text">Your session has ended. What you wrote is kept in this browser.</p>
        ) : refusal.reasons.length > 0 ? (
          <Reasons reasons={refusal.reasons} />
        ) : (
          <p className="usa-alert__text">{refusal.message}</p>
        )}
        {refusal.problems.length > 0 && (
          <ul className="usa-list">
            {refusal.problems.map(({ path, message }) => (
              <li key={path}>
                {path}: {message}
              </li>
            ))}
          </ul>
        )}
        {ended && (
          <p>
            <a href={signInAddress()}>Sign in and come back here</a>
          </p>
        )}
        {second && (
          <p>
            <a href={`${signInAddress()}&second=factor`}>Sign in with your second factor and come back here</a>
          </p>
        )}
      </Alert>
    </div>
  );
}

const isRefusal = ({ code }: Problem): boolean => code === 'FORBIDDEN' || code === 'UNAUTHENTICATED';

/** The place of a page that cannot be shown (yet): under a heading, so that everybody knows where they are. */
const Coming = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="portal-coming">
    <h1>{title}</h1>
    {children}
  </section>
);

/**
 * One of the states of a question: coming, offline, refused, failed, or what was answered.
 * @param title heading of the states, where what was answered is the whole page and brings its own
 */
export function Load<Data>({
  query,
  lines,
  title,
  children,
}: {
  query: Query<Data>;
  lines?: number;
  title?: string;
  children: (data: Data) => ReactNode;
}) {
  if (query.state === 'ready') return children(query.data);
  const state = <Unanswered query={query} {...(lines !== undefined && { lines })} />;
  return title ? <Coming title={title}>{state}</Coming> : state;
}

function Unanswered<Data>({ query, lines }: { query: Query<Data>; lines?: number }) {
  if (query.state === 'loading') return <Loading {...(lines !== undefined && { lines })} />;
  if (query.state === 'offline')
    return (
      <Alert validation type="info" headingLevel="h2" heading="The server cannot be reached">
        <p>You are offline, or the server is starting again. This page asks again when you are connected.</p>
        <p className="portal-buttons">
          <button type="button" className="usa-button" onClick={query.reload}>
            Try again
          </button>
        </p>
      </Alert>
    );
  if (query.problems.some(isRefusal)) return <Refused problems={query.problems} />;
  return (
    <Alert validation type="error" headingLevel="h2" heading="This could not be loaded">
      {query.problems.map(({ message }) => (
        <p key={message}>{message}</p>
      ))}
      <p className="portal-buttons">
        <button type="button" className="usa-button" onClick={query.reload}>
          Try again
        </button>
      </p>
    </Alert>
  );
}

/** What was refused of an answer that came otherwise: once for each reason. */
export function PartlyRefused({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return <Refused title="Part of this is not shown" problems={problems} />;
}

/** For pages of people who are signed in: asks strangers to sign in, and comes back. @param title stands while it is asked who they are */
export function SignedIn({ title, children }: { title: string; children: ReactNode }) {
  const shell = useShell();
  if (shell.state === 'loading')
    return (
      <Coming title={title}>
        <Loading />
      </Coming>
    );
  if (shell.state === 'ready' && !shell.data.viewer)
    return (
      <Page title="Sign in to see this">
        <p>This page is about you. You come back here after signing in.</p>
        <a className="usa-button" href={signInAddress()}>
          Sign in
        </a>
      </Page>
    );
  return children;
}
