import { effectiveRoles, isRole } from '../../../governance/roles.ts';
import { EMBEDDED_ACCOUNT_ISSUER } from '../../adapters/identity/embedded/embedded-identity.ts';
import type { RealmUser } from '../../adapters/identity/realm.ts';
import { ensureAccount, setAccountRoles } from '../../auth/accounts.ts';
import type { Foundation } from '../../compose.ts';

const UNIVERSITY = { id: '0d000000-0000-4000-8000-000000000001', name: 'Example University (demo)', country: 'US' };
const NIH = { id: '0d000000-0000-4000-8000-000000000002', name: 'Data stewardship (demo)', country: 'US' };

/** Stewards are of another institution than the researchers: nobody decides for their own. */
const isStaff = (username: string): boolean =>
  ['steward', 'steward-2', 'curator', 'auditor', 'admin', 'admin-2'].includes(username);

/** The account of a demo user, with their roles and institution, as their first sign-in would have made it. */
export async function accountOf(base: Foundation, user: RealmUser): Promise<string> {
  const { database, clock, ids } = base;
  return database.transaction(async (sql) => {
    const now = clock.now();
    for (const { id, name, country } of [UNIVERSITY, NIH])
      await sql.query(
        `INSERT INTO institution (id, name, country, standing, created_at) VALUES ($1, $2, $3, 'VERIFIED', $4) ON CONFLICT (id) DO NOTHING`,
        [id, name, country, now],
      );
    const person = {
      issuer: EMBEDDED_ACCOUNT_ISSUER,
      subject: user.id!,
      username: user.username,
      name: `${user.firstName} ${user.lastName}`,
      email: user.email!,
    };
    const account = await ensureAccount(sql, person, { id: ids.uuid(), at: now });
    const institution = isStaff(user.username) ? NIH.id : UNIVERSITY.id;
    await sql.query('UPDATE account SET institution_id = $2 WHERE id = $1 AND institution_id IS NULL', [
      account.id,
      institution,
    ]);
    const roles = effectiveRoles((user.realmRoles ?? []).filter(isRole));
    if (account.created) await setAccountRoles(sql, account.id, roles, now);
    if (roles.includes('signing-official'))
      await sql.query(
        'INSERT INTO official (institution_id, account_id, bound_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        [UNIVERSITY.id, account.id, now],
      );
    return account.id;
  });
}
