import { useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { DoAskToShortenHold } from '../../operations/duties.ts';
import { DoSetWithdrawalTerms, TermsInForce } from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { Load } from '../../parts/states.tsx';

const days = (count: number): string => `${count} day${count === 1 ? '' : 's'}`;

/** The terms in force, as a sentence. */
export const TermsText = ({ terms }: { terms: { erasureHoldDays: number; attestationDays: number } }) => (
  <p>
    Holders of copies have <strong>{days(terms.attestationDays)}</strong> to attest that they are destroyed; an erasure
    waits for <strong>{days(terms.erasureHoldDays)}</strong>.
  </p>
);

/** How long holders of copies have after a withdrawal, and how long its erasure waits. */
export function WithdrawalTerms() {
  const [said, setSaid] = useState<string | null>(null);
  const query = useQuery(TermsInForce, {});
  return (
    <section>
      <h2>Withdrawals</h2>
      <Load query={query} lines={1}>
        {({ withdrawalTerms }) => withdrawalTerms && <TermsText terms={withdrawalTerms} />}
      </Load>
      <p>Making the wait shorter takes two.</p>
      <output>{said}</output>
      <p className="portal-buttons">
        <Act
          label="Change the terms"
          title="Change how long holders have, and how long an erasure waits?"
          operation={DoSetWithdrawalTerms}
          fields={[
            {
              ...{ name: 'attestationDays', label: 'Days to attest', kind: 'number' },
              why: 'For holders of copies, from when they are told: 1 to 365.',
            },
            {
              ...{ name: 'erasureHoldDays', label: 'Days to the erasure', kind: 'number' },
              why: 'From a withdrawal on: 0 to 3650.',
            },
          ]}
          input={({ attestationDays, erasureHoldDays }) => ({
            attestationDays: Number(attestationDays),
            erasureHoldDays: Number(erasureHoldDays),
          })}
          done={() => {
            setSaid('The terms were changed.');
            query.reload();
          }}
        >
          <p>For withdrawals whose holders are told, and whose erasure is ordered, from now on.</p>
        </Act>
        <Act
          label="Ask for a shorter wait"
          title="Ask for fewer days between a withdrawal and the erasure?"
          operation={DoAskToShortenHold}
          fields={[
            { name: 'erasureHoldDays', label: 'Days to the erasure', kind: 'number' },
            { name: 'reason', label: 'Reason', why: 'Who confirms it reads it.', kind: 'text' },
          ]}
          input={({ erasureHoldDays, reason }) => ({ erasureHoldDays: Number(erasureHoldDays), reason: reason ?? '' })}
          done={() => setSaid('It waits for another administrator.')}
        >
          <p>It counts for erasures that are ordered after another administrator has confirmed it.</p>
        </Act>
      </p>
    </section>
  );
}
