import {
  ROLE_REFUSALS,
  type RoleRefusal,
  refuseGivingRole,
  refuseSuspending,
  refuseTakingRole,
  roleChanges,
} from '../../../governance/account-roles.ts';
import type { Actor } from '../../../governance/actor.ts';
import { isRole, type Role } from '../../../governance/roles.ts';
import { seenText } from '../../../governance/seen-signs.ts';
import type { AccountCommands, AccountDetails } from '../../../schema/services/accounts.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { decideRoles } from '../../auth/accounts.ts';
import type { CommandDeps } from '../command-deps.ts';
import { logCommand } from '../log-command.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { permitOf } from '../permit.ts';
import { RolledBack, rollBackWith } from '../rolled-back.ts';
import { secondSteps } from '../two-person/second-steps.ts';
import { accountById, accountPage, movesOf, otherAdmins } from './account-rows.ts';

const MOST_REASON = 2_000;
/** Far enough for anybody, and a date that every part can handle. */
const LATEST = new Date('9999-01-01T00:00:00Z');

const unknown = { ok: false, code: 'ACCOUNT_UNKNOWN', message: 'There is no such account.' } as const;
const noReason = {
  ok: false,
  code: 'REASON_MISSING',
  message: 'Say why, for the log and for who is concerned.',
} as const;
const refused = <Code extends RoleRefusal>(code: Code) => ({ ok: false, code, message: ROLE_REFUSALS[code] }) as const;

/** Those who change roles or shut accounts out wait for one another: the last administrator is one person only in turn. */
const holdAdministration = (sql: Sql) => sql.query(`SELECT pg_advisory_xact_lock(hashtext('accounts'))`);

/** Accounts, for one actor: an administrator. What hangs on a role or an account ends with it at once, since every path asks anew. */
export function accountCommands(deps: CommandDeps, actor: Actor): AccountCommands {
  const { database, clock, audit } = deps;
  const permit = permitOf(deps, actor);
  const steps = secondSteps(deps);
  const short = (reason: string): string => seenText(reason, MOST_REASON);

  const asItIs = async (sql: Sql, id: string): Promise<{ readonly ok: true; readonly account: AccountDetails }> => {
    const account = await accountById(sql, id, clock.now());
    if (account === null) throw new Error('an account that was just changed is gone');
    return { ok: true, account };
  };

  return {
    async list(filter, asked) {
      const allowed = await permit('MANAGE_ACCOUNTS', { query: 'accounts' });
      return allowed.ok ? { ok: true, value: await accountPage(database, filter, asked, clock.now()) } : allowed;
    },

    async one(id) {
      const allowed = await permit('MANAGE_ACCOUNTS', { query: 'account', subject: id });
      return allowed.ok ? { ok: true, value: await accountById(database, id, clock.now()) } : allowed;
    },

    async changes({ id, roles, suspension }) {
      const allowed = await permit('MANAGE_ACCOUNTS', { query: 'account changes', subject: id });
      if (!allowed.ok) return allowed;
      const own = id === allowed.actor.accountId;
      const others = await otherAdmins(database, id, clock.now());
      const { toGive, toTake } = roleChanges(own, roles, others);
      const suspend = suspension === null && refuseSuspending(own, roles, others) === null;
      return {
        ok: true,
        value: { rolesToGive: toGive, rolesToTake: toTake, suspend, lift: suspension !== null && !own },
      };
    },

    // A receipt may answer with an account after who asked is an administrator no more.
    async moves(accountId) {
      const allowed = await permit('MANAGE_ACCOUNTS', { query: 'moves', subject: accountId });
      return allowed.ok ? { ok: true, value: await movesOf(database, accountId) } : allowed;
    },

    async suspend({ accountId, reason: given, until }) {
      const allowed = await permit('MANAGE_ACCOUNTS', { command: 'suspendAccount', subject: accountId });
      if (!allowed.ok) return allowed;
      const reason = short(given);
      if (reason === '') return noReason;
      const now = clock.now();
      if (until !== null && (until <= now || until > LATEST))
        return { ok: false, code: 'UNTIL_INVALID', message: 'It ends later than now, or when it is lifted.' };
      return database.transaction(async (sql) => {
        await holdAdministration(sql);
        const still = await permit(
          'MANAGE_ACCOUNTS',
          { command: 'suspendAccount', subject: accountId },
          undefined,
          sql,
        );
        if (!still.ok) return still;
        const account = await accountById(sql, accountId, now, true);
        if (account === null) return unknown;
        const others = await otherAdmins(sql, account.id, now);
        const refusal = refuseSuspending(account.id === allowed.actor.accountId, account.roles, others);
        if (refusal !== null) return refused(refusal);
        await sql.query(
          'UPDATE account SET suspended_at = $2, suspended_until = $3, suspended_reason = $4 WHERE id = $1',
          [account.id, now, until, reason],
        );
        const sessions = await sql.query('DELETE FROM portal_session WHERE account_id = $1', [account.id]);
        await logCommand(audit, sql, allowed.actor.accountId, 'suspendAccount', {
          subject: account.id,
          until: until?.toISOString() ?? null,
          reason,
          sessionsEnded: sessions.rowCount ?? 0,
        });
        await queueMail(sql, { to: { accountId: account.id }, template: 'account-suspended', data: {} });
        return asItIs(sql, account.id);
      });
    },

    async lift({ accountId, reason: given }) {
      const allowed = await permit('MANAGE_ACCOUNTS', { command: 'liftSuspension', subject: accountId });
      if (!allowed.ok) return allowed;
      const reason = short(given);
      if (reason === '') return noReason;
      return database.transaction(async (sql) => {
        await holdAdministration(sql);
        const still = await permit(
          'MANAGE_ACCOUNTS',
          { command: 'liftSuspension', subject: accountId },
          undefined,
          sql,
        );
        if (!still.ok) return still;
        const account = await accountById(sql, accountId, clock.now(), true);
        if (account === null) return unknown;
        if (account.id === allowed.actor.accountId) return refused('OWN_ACCOUNT');
        if (account.suspension === null)
          return { ok: false, code: 'NOT_SUSPENDED', message: 'The account is not suspended.' } as const;
        await sql.query(
          'UPDATE account SET suspended_at = NULL, suspended_until = NULL, suspended_reason = NULL WHERE id = $1',
          [account.id],
        );
        await logCommand(audit, sql, allowed.actor.accountId, 'liftSuspension', { subject: account.id, reason });
        return asItIs(sql, account.id);
      });
    },

    async takeRole({ accountId, role, reason: given }) {
      const allowed = await permit('MANAGE_ACCOUNTS', { command: 'takeRole', subject: accountId, role });
      if (!allowed.ok) return allowed;
      const reason = short(given);
      if (reason === '') return noReason;
      return database.transaction(async (sql) => {
        await holdAdministration(sql);
        const still = await permit(
          'MANAGE_ACCOUNTS',
          { command: 'takeRole', subject: accountId, role },
          undefined,
          sql,
        );
        if (!still.ok) return still;
        const now = clock.now();
        const account = await accountById(sql, accountId, now, true);
        if (account === null) return unknown;
        const refusal = refuseTakingRole(role, account.roles, await otherAdmins(sql, account.id, now));
        if (refusal !== null) return refused(refusal);
        const left = account.roles.filter((held) => held !== role);
        await decideRoles(sql, {
          accountId: account.id,
          role,
          given: false,
          roles: left,
          by: allowed.actor.accountId,
          now,
        });
        await logCommand(audit, sql, allowed.actor.accountId, 'takeRole', { subject: account.id, role, reason });
        return asItIs(sql, account.id);
      });
    },

    async askToGiveRole({ accountId, role, reason: given }) {
      const allowed = await permit('MANAGE_ACCOUNTS', { command: 'askToGiveRole', subject: accountId, role });
      if (!allowed.ok) return allowed;
      const reason = short(given);
      if (reason === '') return noReason;
      return database.transaction(async (sql) => {
        const account = await accountById(sql, accountId, clock.now());
        if (account === null) return unknown;
        if (account.id === allowed.actor.accountId) return refused('OWN_ACCOUNT');
        const refusal = refuseGivingRole(role, account.roles);
        if (refusal !== null) return refused(refusal);
        const payload = { subject: account.id, role, username: account.username, name: account.name };
        const step = await steps.ask(sql, {
          action: 'GIVE_ROLE',
          payload,
          reason,
          by: allowed.actor,
          about: account.id,
        });
        const detail = { subject: account.id, role, reason, step: step.stepId };
        await logCommand(audit, sql, allowed.actor.accountId, 'askToGiveRole', detail);
        return { ok: true, ...step } as const;
      });
    },

    async confirmGiveRole(stepId, seen) {
      const allowed = await permit('MANAGE_ACCOUNTS', { command: 'confirmGiveRole', step: stepId });
      if (!allowed.ok) return allowed;
      return rollBackWith(() =>
        database.transaction(async (sql) => {
          await holdAdministration(sql);
          const confirmed = await steps.confirm(sql, { id: stepId, action: 'GIVE_ROLE', by: allowed.actor, seen });
          if (!confirmed.ok) return confirmed;
          const { subject: id, role } = confirmed.payload as { subject: string; role: Role };
          const now = clock.now();
          const account = await accountById(sql, id, now, true);
          if (account === null || !isRole(role)) throw new Error('a role was asked for that cannot be given');
          // What may not be joined was given since: what was asked for waits on, and is refused until that is taken.
          const refusal = refuseGivingRole(role, account.roles);
          if (refusal !== null) throw new RolledBack(refused(refusal));
          const roles = [...account.roles, role];
          const by = allowed.actor.accountId;
          await decideRoles(sql, { accountId: account.id, role, given: true, roles, by, now });
          const { askedBy, reason } = confirmed;
          await logCommand(audit, sql, by, 'confirmGiveRole', {
            subject: account.id,
            role,
            askedBy,
            reason,
            step: stepId,
          });
          return asItIs(sql, account.id);
        }),
      );
    },
  };
}
