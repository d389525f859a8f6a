import { useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { DoSendMailAgain, UnsentMail } from '../../operations/duties.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { Turn } from '../../parts/turn.tsx';
import { When } from '../../parts/when.tsx';

/** Messages that have not left, and those that never will by themselves. */
export const MailPage = () => (
  <SignedIn title="Mail that has not left">
    <Mail />
  </SignedIn>
);

function Mail() {
  const [trail, setTrail] = useState<readonly string[]>([]);
  const query = useQuery(UnsentMail, { after: trail.at(-1) ?? null });
  return (
    <Page
      title="Mail that has not left"
      lead="What waits is tried again by itself, for three days. What was refused, given up, or may have left already waits for you. What a message says is not shown."
    >
      <Load query={query}>
        {({ unsentMail }) => (
          <>
            <PartlyRefused problems={query.problems} />
            {unsentMail?.nodes.length === 0 && <Empty title="Every message has left" />}
            {unsentMail && unsentMail.nodes.length > 0 && (
              <DataTable
                caption={`Messages, the oldest first: ${unsentMail.totalCount} in all`}
                head={[
                  'To',
                  'Message',
                  'State',
                  'Waits since',
                  'Last tried',
                  'Attempts',
                  'What stood in the way',
                  'Again',
                ]}
                rows={unsentMail.nodes.map(
                  ({ id, address, template, state, sendable, queuedAt, triedAt, attempts, error }) => [
                    address,
                    template.replaceAll('-', ' '),
                    asWords(state),
                    <When key="since" at={queuedAt} />,
                    <When key="tried" at={triedAt} />,
                    attempts,
                    error ?? '—',
                    sendable ? (
                      <Act
                        key="again"
                        label="Send it again"
                        about={`to ${address}`}
                        title={`Send it to ${address} again?`}
                        operation={DoSendMailAgain}
                        input={() => ({ id })}
                        done={query.reload}
                        look={query.reload}
                      >
                        <p>
                          {state === 'IN_DOUBT'
                            ? 'It may have left already: then it arrives twice.'
                            : 'It is tried at once, and again by itself.'}
                        </p>
                      </Act>
                    ) : (
                      'by itself'
                    ),
                  ],
                )}
              />
            )}
            <Turn trail={trail} turn={setTrail} info={unsentMail?.pageInfo} />
          </>
        )}
      </Load>
    </Page>
  );
}
