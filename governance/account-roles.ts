import { effectiveRoles, incompatiblePairs, ROLES, type Role } from './roles.ts';

/** What administrators decided about one role of somebody. It outlasts what the identity provider says. */
export interface RoleDecision {
  readonly role: Role;
  /** Given by two, or taken. */
  readonly given: boolean;
  /** Given, and the provider has said so too since. */
  readonly atProvider: boolean;
}

export interface RolesAtSignIn {
  /** The roles that somebody has from now on; both of an incompatible pair count for nothing. */
  readonly roles: readonly Role[];
  readonly pairs: readonly (readonly [Role, Role])[];
  /** Roles that were given here and that the provider now says too. */
  readonly confirmed: readonly Role[];
  /** Roles that were given here, that the provider said too, and says no more: they end. */
  readonly ended: readonly Role[];
}

/**
 * What a token's roles come to. A role that was taken here stays taken, whatever the provider says, until two give it
 * back; one that was given here stays given, until it is taken, or the provider, which knew of it, knows it no more.
 */
export const rolesAtSignIn = (fromProvider: readonly Role[], decisions: readonly RoleDecision[]): RolesAtSignIn => {
  const says = (role: Role): boolean => fromProvider.includes(role);
  const given = decisions.filter((decision) => decision.given);
  const ended = given.filter(({ role, atProvider }) => atProvider && !says(role)).map(({ role }) => role);
  const confirmed = given.filter(({ role, atProvider }) => !atProvider && says(role)).map(({ role }) => role);
  const taken = decisions.filter((decision) => !decision.given).map(({ role }) => role);
  const stays = given.map(({ role }) => role).filter((role) => !ended.includes(role));
  const all = ROLES.filter((role) => stays.includes(role) || (says(role) && !taken.includes(role)));
  return { roles: effectiveRoles(all), pairs: incompatiblePairs(all), confirmed, ended };
};

export const ROLE_REFUSALS = {
  OWN_ACCOUNT: 'Nobody decides about their own account; another administrator has to.',
  ROLE_HELD: 'The account has this role already.',
  ROLE_NOT_HELD: 'The account does not have this role.',
  ROLES_INCOMPATIBLE: 'The account has a role that nobody holds together with this one; that has to be taken first.',
  LAST_ADMIN: 'Nobody else is an administrator who can act; somebody has to stay.',
} as const;

export type RoleRefusal = keyof typeof ROLE_REFUSALS;

/** Why a role cannot be given, or null. Asked when it is asked for and again when it is confirmed. */
export const refuseGivingRole = (role: Role, held: readonly Role[]): 'ROLE_HELD' | 'ROLES_INCOMPATIBLE' | null => {
  if (held.includes(role)) return 'ROLE_HELD';
  return incompatiblePairs([...held, role]).length > incompatiblePairs(held).length ? 'ROLES_INCOMPATIBLE' : null;
};

/** Why a role cannot be taken, or null. `otherAdmins`: administrators beside this account who can act now. */
export const refuseTakingRole = (
  role: Role,
  held: readonly Role[],
  otherAdmins: number,
): 'ROLE_NOT_HELD' | 'LAST_ADMIN' | null => {
  if (!held.includes(role)) return 'ROLE_NOT_HELD';
  return role === 'admin' && otherAdmins === 0 ? 'LAST_ADMIN' : null;
};

/** Roles that can be asked for, for somebody else's account, and those that can be taken. */
export const roleChanges = (
  isOwn: boolean,
  held: readonly Role[],
  otherAdmins: number,
): { readonly toGive: readonly Role[]; readonly toTake: readonly Role[] } => ({
  toGive: isOwn ? [] : ROLES.filter((role) => refuseGivingRole(role, held) === null),
  toTake: ROLES.filter((role) => refuseTakingRole(role, held, otherAdmins) === null),
});

/** Why an account cannot be suspended, or null. */
export const refuseSuspending = (
  isOwn: boolean,
  held: readonly Role[],
  otherAdmins: number,
): 'OWN_ACCOUNT' | 'LAST_ADMIN' | null => {
  if (isOwn) return 'OWN_ACCOUNT';
  return held.includes('admin') && otherAdmins === 0 ? 'LAST_ADMIN' : null;
};
