import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type RoleDecision,
  refuseGivingRole,
  refuseSuspending,
  refuseTakingRole,
  rolesAtSignIn,
} from '../../governance/account-roles.ts';
import { incompatiblePairs, ROLES, type Role } from '../../governance/roles.ts';

const taken = (role: Role): RoleDecision => ({ role, given: false, atProvider: false });
const given = (role: Role, atProvider = false): RoleDecision => ({ role, given: true, atProvider });

describe('roles at sign-in', () => {
  it.each<[string, Role[], RoleDecision[], Role[]]>([
    [
      'are those of the provider where nothing was decided here',
      ['researcher', 'steward'],
      [],
      ['researcher', 'steward'],
    ],
    [
      'lack what was taken here, whatever the provider says',
      ['researcher', 'steward'],
      [taken('steward')],
      ['researcher'],
    ],
    [
      'have what was given here, though the provider does not know it',
      ['researcher'],
      [given('auditor')],
      ['researcher', 'auditor'],
    ],
    ['lose what was given here when the provider, which knew it, knows it no more', [], [given('auditor', true)], []],
    ['count neither of two that exclude each other', ['researcher', 'steward', 'admin'], [], ['researcher']],
    ['count neither where one is given here and the other there', ['admin'], [given('steward')], []],
  ])('%s', (_, provider, decisions, roles) => {
    expect(rolesAtSignIn(provider, decisions).roles).toEqual(roles);
  });

  it('say which decisions the provider caught up with, and which pair stands in the way', () => {
    expect(rolesAtSignIn(['auditor', 'admin'], [given('auditor')])).toEqual({
      roles: [],
      pairs: [['admin', 'auditor']],
      confirmed: ['auditor'],
      ended: [],
    });
  });

  it('never join two that exclude each other, nor bring back what was taken', () => {
    const decision = fc.record({ role: fc.constantFrom(...ROLES), given: fc.boolean(), atProvider: fc.boolean() });
    fc.assert(
      fc.property(
        fc.subarray([...ROLES]),
        fc.uniqueArray(decision, { selector: ({ role }) => role }),
        (provider, decisions) => {
          const { roles } = rolesAtSignIn(provider, decisions);
          expect(incompatiblePairs(roles)).toEqual([]);
          for (const one of decisions) if (!one.given) expect(roles).not.toContain(one.role);
          for (const role of roles)
            expect(provider.includes(role) || decisions.some((one) => one.role === role && one.given)).toBe(true);
        },
      ),
    );
  });
});

describe('a role', () => {
  it.each(
    ROLES.flatMap((held) => ROLES.map((role) => [role, held] as const)),
  )('%s is given beside %s only where both may be held', (role, held) => {
    const pair = incompatiblePairs([role, held]).length > 0;
    const code = role === held ? 'ROLE_HELD' : pair ? 'ROLES_INCOMPATIBLE' : null;
    expect(refuseGivingRole(role, [held])).toBe(code);
  });

  it('is taken from who has it, and administration never from the last', () => {
    expect(refuseTakingRole('steward', ['steward'], 0)).toBeNull();
    expect(refuseTakingRole('steward', ['researcher'], 1)).toBe('ROLE_NOT_HELD');
    expect(refuseTakingRole('admin', ['admin'], 0)).toBe('LAST_ADMIN');
    expect(refuseTakingRole('admin', ['admin'], 1)).toBeNull();
  });

  it('does not keep an account from being suspended, unless it is one’s own or the last administrator’s', () => {
    expect(refuseSuspending(false, ['steward'], 0)).toBeNull();
    expect(refuseSuspending(true, ['admin'], 5)).toBe('OWN_ACCOUNT');
    expect(refuseSuspending(false, ['admin'], 0)).toBe('LAST_ADMIN');
  });
});
