import type { Role } from '../governance/roles.ts';
import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { RoleEnum } from './enums.ts';
import { seen } from './errors.ts';
import { plain, ReasonMissing, STEP_ERRORS } from './expected-errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import { Person } from './person.ts';
import { stepAskedFields } from './second-step.ts';
import type { AccountChanges, AccountDetails, AccountMove } from './services/accounts.ts';
import type { InstitutionRef } from './services/people.ts';

export const AccountUnknown = plain('AccountUnknown', 'ACCOUNT_UNKNOWN', 'There is no such account.');
const UntilInvalid = plain('UntilInvalid', 'UNTIL_INVALID', 'The end is not later than now.');
const NotSuspended = plain('NotSuspended', 'NOT_SUSPENDED', 'The account is not suspended.');
export const OwnAccount = plain('OwnAccount', 'OWN_ACCOUNT', 'Nobody decides about their own account.');
const LastAdmin = plain('LastAdmin', 'LAST_ADMIN', 'Nobody else is an administrator who can act.');
const RoleHeld = plain('RoleHeld', 'ROLE_HELD', 'The account has this role already.');
const RoleNotHeld = plain('RoleNotHeld', 'ROLE_NOT_HELD', 'The account does not have this role.');
export const RolesIncompatible = plain(
  'RolesIncompatible',
  'ROLES_INCOMPATIBLE',
  'The account has a role that nobody holds together with this one.',
);

export const InstitutionRefType = builder.objectRef<InstitutionRef>('InstitutionRef').implement({
  description: 'An institution as the record of a person names it.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
    country: t.exposeString('country', { description: 'ISO 3166-1 alpha-2 code of its country.' }),
    standing: t.exposeString('standing', { description: 'UNVERIFIED, VERIFIED, SUSPENDED or BARRED.' }),
  }),
});

const Suspension = builder.objectRef<NonNullable<AccountDetails['suspension']>>('AccountSuspension').implement({
  description: 'A time during which an account may do nothing.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'Since when.' }),
    until: t.expose('until', { type: 'DateTime', nullable: true, description: 'Until when; null until it is lifted.' }),
    reason: t.exposeString('reason', { description: 'Why.' }),
  }),
});

const Move = builder.objectRef<AccountMove>('AccountMove').implement({
  description: 'Where somebody began to work.',
  fields: (t) => ({
    institution: t.field({
      type: InstitutionRefType,
      nullable: true,
      description: 'Where; null for nowhere.',
      resolve: ({ institution }) => institution,
    }),
    since: t.expose('since', { type: 'DateTime', description: 'Since when, as far as this server knows.' }),
    recordedBy: t.field({
      type: Person,
      nullable: true,
      description: 'Who said so.',
      resolve: (move) => move.recordedBy,
    }),
  }),
});

const Changes = builder.objectRef<AccountChanges>('AccountChanges').implement({
  description: 'What the reader could do to an account now.',
  fields: (t) => ({
    rolesToGive: t.field({
      type: [RoleEnum],
      description: 'Roles that can be asked for; another administrator confirms.',
      resolve: ({ rolesToGive }) => [...rolesToGive],
    }),
    rolesToTake: t.field({
      type: [RoleEnum],
      description: 'Roles that can be taken.',
      resolve: ({ rolesToTake }) => [...rolesToTake],
    }),
    suspend: t.exposeBoolean('suspend', { description: 'Whether it can be suspended.' }),
    lift: t.exposeBoolean('lift', { description: 'Whether its suspension can be lifted.' }),
  }),
});

const ManagedAccount = builder.objectRef<AccountDetails>('ManagedAccount').implement({
  description: 'An account as administrators see it.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    username: t.exposeString('username', { description: 'Name to sign in with.' }),
    name: t.exposeString('name', { description: 'Full name.' }),
    email: t.exposeString('email', { description: 'Address that notices go to.' }),
    institution: t.field({
      type: InstitutionRefType,
      nullable: true,
      description: 'Where they work; null until somebody says.',
      resolve: ({ institution }) => institution,
    }),
    roles: t.field({ type: [RoleEnum], description: 'What they are.', resolve: ({ roles }) => [...roles] }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'First seen.' }),
    suspension: t.field({
      type: Suspension,
      nullable: true,
      description: 'Null where it is not suspended now.',
      resolve: ({ suspension }) => suspension,
    }),
    officialOf: t.field({
      type: [InstitutionRefType],
      description: 'Institutions that it is bound to as a signing official.',
      resolve: ({ officialOf }) => [...officialOf],
    }),
    changes: t.field({
      type: Changes,
      description: 'What the reader could do to it now.',
      resolve: async (account, _, { accounts }) => seen(await accounts.changes(account)),
    }),
    moves: t.field({
      type: [Move],
      description: 'Where they worked, newest first.',
      resolve: async ({ id }, _, { accounts }) => [...seen(await accounts.moves(id))],
    }),
  }),
});

const AccountPage = pageType('ManagedAccount', ManagedAccount);

builder.queryFields((t) => ({
  accounts: t.field({
    type: AccountPage,
    nullable: true,
    description: 'Accounts by name; for administrators.',
    args: {
      search: t.arg.string({ description: 'Part of a name, user name or address.' }),
      role: t.arg({ type: RoleEnum, description: 'Those with this role.' }),
      institutionId: t.arg.id({ description: 'Those of this institution.' }),
      suspended: t.arg.boolean({ description: 'Those that are, or are not, suspended now.' }),
      first: t.arg.int({ description: 'Rows of the page at most.' }),
      after: t.arg.string({ description: 'Cursor that a page before ended with.' }),
    },
    resolve: async (_, { search, role, institutionId, suspended, ...page }, { accounts }) => {
      const asked = pageAsked(page);
      const filter = {
        search: search ?? null,
        role: (role ?? null) as Role | null,
        institutionId: institutionId ?? null,
        suspended: suspended ?? null,
      };
      return pageAnswer(asked, seen(await accounts.list(filter, asked)));
    },
  }),
  account: t.field({
    type: ManagedAccount,
    nullable: true,
    description: 'One account; for administrators.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: async (_, { id }, { accounts }) => seen(await accounts.one(id)),
  }),
}));

const accountFields = (t: SuccessFields<{ readonly account: AccountDetails }>) => ({
  account: t.field({
    type: ManagedAccount,
    description: 'The account as it stands now.',
    resolve: ({ account }) => account,
  }),
});

command('suspendAccount', {
  description: 'Shuts an account out of everything but its own record, at once: sessions, downloads, exports, runs.',
  input: (t) => ({
    accountId: t.id({ required: true, description: 'The account; not one’s own.' }),
    reason: t.string({ required: true, description: 'Why.' }),
    until: t.field({ type: 'DateTime', description: 'When it ends by itself; none until it is lifted.' }),
  }),
  success: accountFields,
  errors: [AccountUnknown, ReasonMissing, UntilInvalid, OwnAccount, LastAdmin],
  run: ({ until, ...input }, { accounts }) => accounts.suspend({ ...input, until: until ?? null }),
});

command('liftSuspension', {
  description: 'Ends the suspension of an account. A sanction of the stewards is theirs to end.',
  input: (t) => ({
    accountId: t.id({ required: true, description: 'The account; not one’s own.' }),
    reason: t.string({ required: true, description: 'Why.' }),
  }),
  success: accountFields,
  errors: [AccountUnknown, ReasonMissing, NotSuspended, OwnAccount],
  run: (input, { accounts }) => accounts.lift(input),
});

command('takeRole', {
  description: 'Takes a role away, at once; whatever the identity provider says, it stays away until two give it back.',
  input: (t) => ({
    accountId: t.id({ required: true, description: 'The account.' }),
    role: t.field({ type: RoleEnum, required: true, description: 'The role.' }),
    reason: t.string({ required: true, description: 'Why.' }),
  }),
  success: accountFields,
  errors: [AccountUnknown, ReasonMissing, RoleNotHeld, LastAdmin],
  run: ({ role, ...input }, { accounts }) => accounts.takeRole({ ...input, role: role as Role }),
});

command('askToGiveRole', {
  description: 'Asks for a role of somebody else; they have it once another administrator confirms it.',
  input: (t) => ({
    accountId: t.id({ required: true, description: 'The account; not one’s own.' }),
    role: t.field({ type: RoleEnum, required: true, description: 'The role.' }),
    reason: t.string({ required: true, description: 'Why, for who confirms it.' }),
  }),
  success: stepAskedFields,
  errors: [AccountUnknown, ReasonMissing, RoleHeld, RolesIncompatible, OwnAccount],
  run: ({ role, ...input }, { accounts }) => accounts.askToGiveRole({ ...input, role: role as Role }),
});

command('confirmGiveRole', {
  description: 'Confirms a role that another administrator asked for; not one’s own.',
  input: (t) => ({
    stepId: t.id({ required: true, description: 'What was asked for.' }),
    seen: t.string({ required: true, description: 'Its `seenHash`, as it was looked at.' }),
  }),
  success: accountFields,
  errors: [RoleHeld, RolesIncompatible, ...STEP_ERRORS],
  run: ({ stepId, seen: hash }, { accounts }) => accounts.confirmGiveRole(stepId, hash),
});
