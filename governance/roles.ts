/** What somebody is. Nobody is anything by default. */
export const ROLES = ['researcher', 'signing-official', 'steward', 'curator', 'auditor', 'admin'] as const;

export type Role = (typeof ROLES)[number];

const names: ReadonlySet<string> = new Set(ROLES);

/** Narrows a word from outside (a token, a form) to a role. */
export const isRole = (word: string): word is Role => names.has(word);

/** Roles that a program with an account of its own may have: deciding, vouching and overseeing need a person. */
export const isForProgram = (role: Role): boolean => role === 'researcher' || role === 'curator';

/** Roles that nobody holds together. */
export const INCOMPATIBLE_ROLES: readonly (readonly [Role, Role])[] = [
  ['admin', 'steward'],
  ['admin', 'curator'],
  ['admin', 'auditor'],
  ['steward', 'curator'],
  ['steward', 'auditor'],
];

/** The pairs among `roles` that nobody may hold together; empty when all is well. */
export const incompatiblePairs = (roles: readonly Role[]): readonly (readonly [Role, Role])[] =>
  INCOMPATIBLE_ROLES.filter(([one, other]) => roles.includes(one) && roles.includes(other));

/**
 * The roles that count. Both of an incompatible pair count for nothing: a mistake in the identity provider then
 * takes power away rather than joining two.
 */
export const effectiveRoles = (roles: readonly Role[]): readonly Role[] => {
  const pairs = incompatiblePairs(roles);
  return pairs.length === 0 ? roles : roles.filter((role) => !pairs.some((pair) => pair.includes(role)));
};
