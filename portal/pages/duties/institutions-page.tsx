import { useId, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import {
  AdminInstitutions,
  AdminOfficials,
  DoAddInstitution,
  DoBindOfficial,
  DoSetInstitutionStanding,
  DoUnbindOfficial,
  DoVerifyInstitution,
  type InstitutionStanding,
} from '../../operations/duties.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';

/** Institutions, their standing and their signing officials. */
export const InstitutionsPage = () => (
  <SignedIn title="Institutions">
    <Institutions />
  </SignedIn>
);

function Institutions() {
  const [search, setSearch] = useState('');
  const query = useQuery(AdminInstitutions, { search: search || null });
  const people = useQuery(AdminOfficials, {}).data?.accounts?.nodes ?? [];
  const ofInstitution = (id: string) => people.filter(({ institution }) => institution?.id === id);
  const { reload } = query;
  const id = useId();
  const reason = { name: 'reason', label: 'Reason', kind: 'text' } as const;
  return (
    <Page title="Institutions" lead="Only people of a verified institution get data.">
      <label className="usa-label" htmlFor={id}>
        Part of a name
      </label>
      <input id={id} className="usa-input" value={search} onChange={({ target }) => setSearch(target.value)} />
      <p className="portal-buttons">
        <Act
          label="Add an institution"
          title="Add an institution?"
          operation={DoAddInstitution}
          fields={[
            { name: 'name', label: 'Name' },
            { name: 'country', label: 'Country', why: 'Two letters of ISO 3166, such as US.' },
            { name: 'ror', label: 'ROR identifier', why: 'Its nine characters, such as 01cwqze88.', optional: true },
          ]}
          input={({ name, country, ror }) => ({
            name: name ?? '',
            country: (country ?? '').toUpperCase(),
            ...(ror && { ror }),
          })}
          done={reload}
        >
          <p>It is not verified yet: its people get no data until it is.</p>
        </Act>
      </p>
      <Load query={query}>
        {({ institutions }) => (
          <>
            <PartlyRefused problems={query.problems} />
            {institutions?.nodes.length === 0 && <Empty title="No institution is called so" />}
            {institutions && institutions.nodes.length > 0 && (
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
                        of={at}
                        title={`Verify ${name}?`}
                        operation={DoVerifyInstitution}
                        fields={[{ ...reason, label: 'How it was verified' }]}
                        input={(values) => ({ id: at, reason: values.reason ?? '' })}
                        done={reload}
                      />
                    )}
                    {ofInstitution(at).length > 0 && (
                      <Act
                        label="Bind an official"
                        about={`to ${name}`}
                        of={at}
                        title={`Let somebody sign for ${name}?`}
                        operation={DoBindOfficial}
                        fields={[
                          {
                            name: 'accountId',
                            label: 'Who',
                            why: 'People with the role of a signing official who work there.',
                            options: ofInstitution(at).map((one) => [one.id, `${one.name} (${one.username})`] as const),
                          },
                          {
                            name: 'proof',
                            label: 'How did you make sure that they may?',
                            why: 'Outside of this server, such as a letter or a call to a known number.',
                            kind: 'text',
                          },
                        ]}
                        input={(values) => ({
                          id: at,
                          accountId: values.accountId ?? '',
                          proof: values.proof ?? '',
                        })}
                        done={reload}
                      >
                        <p>They can endorse and decline requests of this institution at once.</p>
                      </Act>
                    )}
                    {officials.length > 0 && (
                      <Act
                        label="Unbind an official"
                        about={`of ${name}`}
                        of={at}
                        tone="danger"
                        title={`End somebody’s signing for ${name}?`}
                        operation={DoUnbindOfficial}
                        fields={[
                          {
                            name: 'accountId',
                            label: 'Who',
                            options: officials.map(({ person }) => [person.id, person.name] as const),
                          },
                          reason,
                        ]}
                        input={(values) => ({
                          id: at,
                          accountId: values.accountId ?? '',
                          reason: values.reason ?? '',
                        })}
                        done={reload}
                      >
                        <p>What they endorsed stays; new requests need another official.</p>
                      </Act>
                    )}
                    <Act
                      label="Change standing"
                      about={`of ${name}`}
                      of={at}
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
