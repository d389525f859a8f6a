import { useId, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import {
  AdminInstitutions,
  DoSetInstitutionStanding,
  DoVerifyInstitution,
  type InstitutionStanding,
} from '../../operations/duties.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';

/** Institutions, their standing and their signing officials. */
export const InstitutionsPage = () => (
  <SignedIn>
    <Institutions />
  </SignedIn>
);

function Institutions() {
  const [search, setSearch] = useState('');
  const query = useQuery(AdminInstitutions, { search: search || null });
  const { reload } = query;
  const id = useId();
  const reason = { name: 'reason', label: 'Reason', kind: 'text' } as const;
  return (
    <Page title="Institutions" lead="Only people of a verified institution get data.">
      <label className="usa-label" htmlFor={id}>
        Part of a name
      </label>
      <input id={id} className="usa-input" value={search} onChange={({ target }) => setSearch(target.value)} />
      <Load query={query}>
        {({ institutions }) => (
          <>
            <PartlyRefused problems={query.problems} />
            {institutions && (
              <DataTable
                caption={`Institutions: ${institutions.totalCount.toLocaleString('en')}`}
                head={['Institution', 'Standing', 'Signing officials', 'Change']}
                rows={institutions.nodes.map(({ id: at, name, country, ror, standing, standingReason, officials }) => [
                  `${name} (${country})${ror ? `, ${ror}` : ''}`,
                  `${asWords(standing)}${standingReason ? `: ${standingReason}` : ''}`,
                  officials.map(({ person }) => person.name).join(', ') || 'none',
                  <div key="change" className="portal-buttons">
                    {standing === 'UNVERIFIED' && (
                      <Act
                        label="Verify"
                        about={name}
                        title={`Verify ${name}?`}
                        operation={DoVerifyInstitution}
                        fields={[{ ...reason, label: 'How it was verified' }]}
                        input={(values) => ({ id: at, reason: values.reason ?? '' })}
                        done={reload}
                      />
                    )}
                    <Act
                      label="Change standing"
                      about={`of ${name}`}
                      tone="danger"
                      title={`Change the standing of ${name}?`}
                      operation={DoSetInstitutionStanding}
                      fields={[
                        {
                          name: 'standing',
                          label: 'Standing',
                          options: [
                            ['SUSPENDED', 'Suspended: its people see no data until it is verified again'],
                            ['BARRED', 'Barred'],
                            ['VERIFIED', 'Verified'],
                          ],
                        },
                        reason,
                      ]}
                      input={(values) => ({
                        id: at,
                        standing: values.standing as InstitutionStanding,
                        reason: values.reason ?? '',
                      })}
                      done={reload}
                    >
                      <p>It acts on all of its people at once.</p>
                    </Act>
                  </div>,
                ])}
              />
            )}
          </>
        )}
      </Load>
    </Page>
  );
}
