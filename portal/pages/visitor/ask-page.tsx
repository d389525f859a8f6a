import { Link } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { AskPage as AskOperation } from '../../operations/visitor.ts';
import { numberText } from '../../parts/asked.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { Load } from '../../parts/states.tsx';
import { monthText } from '../../parts/when.tsx';

const days = (value: number | null): string => (value === null ? '—' : value.toFixed(1));

/** How access is asked for, step by step, and how long it takes now. */
export function AskPage() {
  const query = useQuery(AskOperation, {});
  return (
    <Page
      title="How to ask for access"
      lead="A request says what you want the data for. People decide about it, and you see at each moment who has it."
    >
      <ol className="usa-process-list">
        {STEPS.map(([heading, text]) => (
          <li key={heading} className="usa-process-list__item">
            <h2 className="usa-process-list__heading">{heading}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ol>
      <p>
        <Link className="usa-button" to="/requests">
          Begin a request
        </Link>
      </p>
      <h2>How long it takes now</h2>
      <Load query={query}>
        {({ queueMetrics: { waiting, waitingForOfficial, waitingForSteward, months }, requirements }) => (
          <>
            <p>
              How many stewards have to agree, by class of data:{' '}
              {requirements.classes
                .map(({ key, stewards }) => `${key}: ${numberText(stewards)} steward${stewards === 1 ? '' : 's'}`)
                .join('; ')}
              .
            </p>
            <p>
              {waiting} waiting: {waitingForOfficial} for a signing official, {waitingForSteward} for the stewards.
            </p>
            <DataTable
              caption="Requests by month; medians in days, where there are enough to say"
              head={['Month', 'Sent in', 'Answered', 'Decided', 'Days to an answer', 'Days to a decision']}
              rows={months.map(({ month, received, answered, decided, medianDaysToAnswer, medianDaysToDecision }) => [
                monthText(month),
                received,
                answered,
                decided,
                days(medianDaysToAnswer),
                days(medianDaysToDecision),
              ])}
            />
          </>
        )}
      </Load>
    </Page>
  );
}

const STEPS: readonly (readonly [string, string])[] = [
  [
    'Sign in and say where you work',
    'Your institution has to be verified and to have a signing official; an administrator adds it otherwise.',
  ],
  [
    'Hand in your training certificates',
    'The kinds of data that you want say which. A steward looks at each; you can do this before, during or after the request.',
  ],
  [
    'Write the request',
    'Title, purpose in plain words and in detail, the kinds of data with a reason each, security plan, ethics approval. It is saved while you type.',
  ],
  ['Sign the data use agreement', 'You and everybody on the team. The agreement binds to exactly this request.'],
  ['Your signing official endorses', 'They attest your employment, and sign for the institution.'],
  [
    'The data stewards decide',
    'They may approve, return it with what to change, or reject it with a reason; you can write to each other meanwhile.',
  ],
];
