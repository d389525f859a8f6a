import { useId, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { withRole } from '../../app/nav.ts';
import { useShell } from '../../app/viewer.tsx';
import { Deputies, DeputyChoices, DoAskForDeputySteward, DoEndDeputySteward } from '../../operations/duties.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { FirstDay, LastDay, useEndOfDay } from '../../parts/when.tsx';

/** Who stands in for stewards where too few may decide: for stewards to see, for administrators to change. */
export const DeputiesPage = () => (
  <SignedIn title="Deputy stewards">
    <Everybody />
  </SignedIn>
);

const isAdmin = withRole('ADMIN');

function Everybody() {
  const query = useQuery(Deputies, {});
  const { reload } = query;
  const [said, say] = useState('');
  const changes = isAdmin(useShell().data?.viewer ?? null);
  return (
    <Page
      title="Deputy stewards"
      lead="A deputy decides only where stewards have stepped back or may not decide, so that no request waits for ever."
    >
      <Load query={query}>
        {({ deputies }) => (
          <>
            <PartlyRefused problems={query.problems} />
            <output>{said}</output>
            {deputies?.length === 0 && (
              <Empty title="Nobody stands in for stewards">
                <p>An administrator appoints a deputy, and another one confirms it.</p>
              </Empty>
            )}
            {deputies && deputies.length > 0 && (
              <DataTable
                caption="Deputies, the first to end first"
                head={['Person', 'Institution', 'From', 'Until', 'Why', ...(changes ? ['Change'] : [])]}
                rows={deputies.map(({ accountId, person, startsAt, endsAt, reason }) => [
                  person?.name ?? accountId,
                  person?.institution ?? '—',
                  <FirstDay key="from" at={startsAt} />,
                  <LastDay key="until" at={endsAt} />,
                  reason,
                  ...(changes
                    ? [
                        <Act
                          key="end"
                          label="End it"
                          about={`of ${person?.name ?? accountId}`}
                          tone="danger"
                          title={`End the appointment of ${person?.name ?? accountId}?`}
                          operation={DoEndDeputySteward}
                          input={() => ({ accountId })}
                          done={() => {
                            say('The appointment has ended.');
                            reload();
                          }}
                        >
                          <p>They decide nothing in place of stewards from now on. Appointing them again takes two.</p>
                        </Act>,
                      ]
                    : []),
                ])}
              />
            )}
          </>
        )}
      </Load>
      {changes && <Add done={() => say('It waits for another administrator, under “Second person”.')} />}
    </Page>
  );
}

function Add({ done }: { done: () => void }) {
  const endOfDay = useEndOfDay();
  const [search, setSearch] = useState('');
  const query = useQuery(DeputyChoices, { search: search || null });
  const id = useId();
  return (
    <section>
      <h2>Appoint a deputy</h2>
      <label className="usa-label" htmlFor={id}>
        Part of a name, user name or address
      </label>
      <input id={id} className="usa-input" value={search} onChange={({ target }) => setSearch(target.value)} />
      <Load query={query} lines={2}>
        {({ accounts }) =>
          accounts?.nodes.length ? (
            <Act
              label="Ask for a deputy"
              title="Ask for a deputy steward?"
              operation={DoAskForDeputySteward}
              fields={[
                {
                  ...{ name: 'accountId', label: 'Who' },
                  options: accounts.nodes.map((one) => [one.id, `${one.name} (${one.username})`] as const),
                },
                { name: 'endsOn', label: 'Until the end of', kind: 'date', why: 'At most a year from now.' },
                { name: 'reason', label: 'Reason', why: 'Who confirms it reads it.', kind: 'text' },
              ]}
              input={({ accountId, endsOn, reason }) => ({
                accountId: accountId ?? '',
                endsAt: endOfDay(endsOn ?? ''),
                reason: reason ?? '',
              })}
              done={done}
            >
              <p>Another administrator has to confirm it. They decide as a steward does where too few stewards may.</p>
            </Act>
          ) : (
            <Empty title="Nobody is called so" />
          )
        }
      </Load>
    </section>
  );
}
