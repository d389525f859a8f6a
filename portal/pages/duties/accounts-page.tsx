import { useId, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import {
  AdminAccounts,
  DoAskToGiveRole,
  DoLiftSuspension,
  DoSuspendAccount,
  DoTakeRole,
  type Role,
} from '../../operations/duties.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';

const choice = (role: Role) => [role, asWords(role)] as const;

/** Accounts, what each is, and suspension. */
export const AccountsPage = () => (
  <SignedIn title="Accounts">
    <Accounts />
  </SignedIn>
);

function Accounts() {
  const [search, setSearch] = useState('');
  const query = useQuery(AdminAccounts, { search: search || null });
  const { reload } = query;
  const id = useId();
  const reason = { name: 'reason', label: 'Reason', kind: 'text' } as const;
  return (
    <Page
      title="Accounts"
      lead="Giving a role takes two administrators; taking one, and suspending, takes one and acts at once."
    >
      <label className="usa-label" htmlFor={id}>
        Part of a name, user name or address
      </label>
      <input id={id} className="usa-input" value={search} onChange={({ target }) => setSearch(target.value)} />
      <Load query={query}>
        {({ accounts }) => (
          <>
            <PartlyRefused problems={query.problems} />
            {accounts?.nodes.length === 0 && <Empty title="Nobody is called so" />}
            {accounts && accounts.nodes.length > 0 && (
              <DataTable
                caption={`Accounts: ${accounts.totalCount.toLocaleString('en')}`}
                head={['Person', 'Institution', 'Roles', 'Suspended', 'Change']}
                rows={accounts.nodes.map(
                  ({ id: accountId, name, username, institution, roles, suspension, changes }) => [
                    `${name} (${username})`,
                    institution?.name ?? '—',
                    roles.map(asWords).join(', ') || 'none',
                    suspension ? suspension.reason : 'no',
                    <div key="change" className="portal-buttons">
                      {changes.rolesToGive.length > 0 && (
                        <Act
                          label="Give a role"
                          about={`to ${name}`}
                          of={accountId}
                          title={`Ask to give ${name} a role?`}
                          operation={DoAskToGiveRole}
                          fields={[{ name: 'role', label: 'Role', options: changes.rolesToGive.map(choice) }, reason]}
                          input={(values) => ({ accountId, role: values.role as Role, reason: values.reason ?? '' })}
                          done={reload}
                        >
                          <p>Another administrator has to confirm it.</p>
                        </Act>
                      )}
                      {changes.rolesToTake.length > 0 && (
                        <Act
                          label="Take a role"
                          about={`from ${name}`}
                          of={accountId}
                          tone="danger"
                          title={`Take a role from ${name}?`}
                          operation={DoTakeRole}
                          fields={[{ name: 'role', label: 'Role', options: changes.rolesToTake.map(choice) }, reason]}
                          input={(values) => ({ accountId, role: values.role as Role, reason: values.reason ?? '' })}
                          done={reload}
                        >
                          <p>It acts at once.</p>
                        </Act>
                      )}
                      {changes.lift && (
                        <Act
                          label="Lift suspension"
                          about={`of ${name}`}
                          of={accountId}
                          title={`Let ${name} in again?`}
                          operation={DoLiftSuspension}
                          fields={[reason]}
                          input={(values) => ({ accountId, reason: values.reason ?? '' })}
                          done={reload}
                        />
                      )}
                      {changes.suspend && (
                        <Act
                          label="Suspend"
                          about={name}
                          of={accountId}
                          tone="danger"
                          title={`Suspend ${name}?`}
                          operation={DoSuspendAccount}
                          fields={[reason]}
                          input={(values) => ({ accountId, reason: values.reason ?? '' })}
                          done={reload}
                        >
                          <p>They can do nothing and see no data from now on, until it is lifted.</p>
                        </Act>
                      )}
                    </div>,
                  ],
                )}
              />
            )}
          </>
        )}
      </Load>
    </Page>
  );
}
