import type { Actor } from '../../../governance/actor.ts';
import { isCountry } from '../../../governance/countries.ts';
import { decide } from '../../../governance/decide.ts';
import type { Resource } from '../../../governance/decision.ts';
import { parseRor } from '../../../governance/ror.ts';
import { seenText } from '../../../governance/seen-signs.ts';
import type {
  InstitutionCommands,
  InstitutionDetails,
  InstitutionStanding,
} from '../../../schema/services/institutions.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { isDeputy } from '../access/deputies-sql.ts';
import type { CommandDeps } from '../command-deps.ts';
import { logCommand } from '../log-command.ts';
import { accountById } from '../people-admin/account-rows.ts';
import { permitOf } from '../permit.ts';
import { institutionById, institutionPage } from './institution-rows.ts';
import { type EndingRequests, moveAccount } from './move-account.ts';

const MOST_NAME = 200;
const MOST_REASON = 2_000;
/** Roles that decide about institutions' people: whose those are is not theirs to say. */
const DECIDING = ['steward', 'curator', 'auditor', 'admin', 'signing-official'] as const;

const failed = <Code extends string>(code: Code, message: string) => ({ ok: false, code, message }) as const;
const unknown = failed('INSTITUTION_UNKNOWN', 'There is no such institution to be had.');
const noReason = failed('REASON_MISSING', 'Say why, or how it was made sure, for the log.');
const unchanged = failed('INSTITUTION_UNCHANGED', 'That is where they work already.');

/** Whether somebody stands in for stewards now, and so decides about people as they do. */
const standsInNow = async (sql: Sql, accountId: string, now: Date): Promise<boolean> =>
  (await sql.query(`SELECT 1 FROM account a WHERE a.id = $1 AND ${isDeputy('a.id')}`, [accountId, now])).rows.length >
  0;

/** Whom a decision about an institution concerns: nobody decides about their own, nor about themself. */
const about = (institutionId: string | null, accountId: string | null = null): Resource => ({
  kind: 'subject',
  subject: { accountId, institutionId, coAuthors: [], askedBy: null },
});

/** Institutions and who works where, for one actor. Standing and officials count from the moment at which they are written. */
export function institutionCommands(
  deps: CommandDeps & { readonly endings: EndingRequests },
  actor: Actor,
): InstitutionCommands {
  const { database, clock, ids, audit, endings } = deps;
  const permit = permitOf(deps, actor);
  const short = (text: string): string => seenText(text, MOST_REASON);

  const asItIs = async (
    sql: Sql,
    id: string,
  ): Promise<{ readonly ok: true; readonly institution: InstitutionDetails }> => {
    const institution = await institutionById(sql, id);
    if (institution === null) throw new Error('an institution that was just changed is gone');
    return { ok: true, institution };
  };

  async function stand(
    command: string,
    id: string,
    standing: InstitutionStanding,
    given: string,
    from?: InstitutionStanding,
  ) {
    const allowed = await permit('MANAGE_INSTITUTIONS', { command, institution: id }, about(id));
    if (!allowed.ok) return allowed;
    const reason = short(given);
    if (reason === '') return noReason;
    return database.transaction(async (sql) => {
      const institution = await institutionById(sql, id, true);
      if (institution === null) return unknown;
      if (institution.standing === standing || (from !== undefined && institution.standing !== from))
        return failed('WRONG_STATE', `The institution is ${institution.standing}.`);
      const { accountId } = allowed.actor;
      await sql.query(
        'UPDATE institution SET standing = $2, standing_reason = $3, standing_at = $4, standing_by = $5 WHERE id = $1',
        [institution.id, standing, reason, clock.now(), accountId],
      );
      const detail = { institution: institution.id, from: institution.standing, to: standing, reason };
      await logCommand(audit, sql, accountId, command, detail);
      return asItIs(sql, institution.id);
    });
  }

  /** Locks the account and moves it. Institutions that are not verified are not there to be chosen. */
  async function settle(
    command: string,
    by: string,
    accountId: string,
    institutionId: string | null,
    reason: string | null,
  ) {
    return database.together(async (sql) => {
      const account = await accountById(sql, accountId, clock.now(), true);
      if (account === null) return failed('ACCOUNT_UNKNOWN', 'There is no such account.');
      if (
        command === 'chooseInstitution' &&
        (account.roles.some((role) => (DECIDING as readonly string[]).includes(role)) ||
          (await standsInNow(sql, account.id, clock.now())))
      )
        return failed(
          'INSTITUTION_FIXED',
          'Whose people you decide about depends on it: an administrator has to change it.',
        );
      const institution = institutionId === null ? null : await institutionById(sql, institutionId);
      if (institutionId !== null && institution?.standing !== 'VERIFIED') return unknown;
      // Whoever moves in with the stewards could be judged by none of them.
      if (command === 'chooseInstitution' && institution !== null && (await stewardsWorkAt(sql, institution.id)))
        return failed('INSTITUTION_FIXED', 'Stewards of the data work there: an administrator has to move you.');
      if ((account.institution?.id ?? null) === (institution?.id ?? null)) return unchanged;
      const to = institution?.id ?? null;
      const move = await moveAccount(sql, {
        accountId: account.id,
        institutionId: to,
        by,
        now: clock.now(),
        ids,
        requests: endings,
      });
      await logCommand(audit, sql, by, command, {
        subject: account.id,
        from: account.institution?.id ?? null,
        to,
        reason,
        suspended: move.suspendedRequests,
        left: move.leftRequests,
        unboundFrom: move.unboundFrom,
      });
      return { ok: true, institution, move } as const;
    });
  }

  return {
    async list(filter, asked) {
      const allowed = await permit('VIEW_INSTITUTIONS', { query: 'institutions' });
      if (!allowed.ok) return allowed;
      const now = clock.now();
      const facts = await deps.loadFacts(database, allowed.actor.accountId, now, null);
      const whole = decide(allowed.actor, 'VIEW_ALL_INSTITUTIONS', { kind: 'none' }, facts, now).allow;
      return { ok: true, value: await institutionPage(database, filter, asked, whole) };
    },

    async add({ name: given, ror: givenRor, country }) {
      const allowed = await permit('MANAGE_INSTITUTIONS', { command: 'addInstitution' }, about(null));
      if (!allowed.ok) return allowed;
      const name = given.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
      if (name.length < 2 || name.length > MOST_NAME)
        return failed('NAME_INVALID', `A name has 2 to ${MOST_NAME} characters.`);
      const ror = givenRor === null || givenRor.trim() === '' ? null : parseRor(givenRor);
      if (ror === null && givenRor !== null && givenRor.trim() !== '')
        return failed('ROR_INVALID', 'That is no ROR identifier: its form or its check digits are wrong.');
      if (!isCountry(country))
        return failed('COUNTRY_UNKNOWN', 'The country is a code of two capitals (ISO 3166-1 alpha-2).');
      return database.transaction(async (sql) => {
        // One at a time: names have no constraint of their own.
        await sql.query(`SELECT pg_advisory_xact_lock(hashtext('institutions'))`);
        const { rows } = await sql.query<{ id: string }>(
          'SELECT id FROM institution WHERE ror = $1 OR (lower(name) = lower($2) AND country = $3) LIMIT 1',
          [ror, name, country],
        );
        if (rows[0])
          return failed('INSTITUTION_EXISTS', 'An institution of this ROR identifier, or name and country, is there.');
        const id = ids.uuid();
        await sql.query(
          `INSERT INTO institution (id, name, ror, country, standing, created_at) VALUES ($1, $2, $3, $4, 'UNVERIFIED', $5)`,
          [id, name, ror, country, clock.now()],
        );
        await logCommand(audit, sql, allowed.actor.accountId, 'addInstitution', {
          institution: id,
          name,
          ror,
          country,
        });
        return asItIs(sql, id);
      });
    },

    verify: ({ id, reason }) => stand('verifyInstitution', id, 'VERIFIED', reason, 'UNVERIFIED'),
    setStanding: ({ id, standing, reason }) => stand('setInstitutionStanding', id, standing, reason),

    async bind({ id, accountId, proof: given }) {
      const allowed = await permit(
        'MANAGE_INSTITUTIONS',
        { command: 'bindOfficial', institution: id, subject: accountId },
        about(id, accountId),
      );
      if (!allowed.ok) return allowed;
      const proof = short(given);
      if (proof === '') return noReason;
      return database.transaction(async (sql) => {
        const institution = await institutionById(sql, id, true);
        if (institution === null) return unknown;
        const account = await accountById(sql, accountId, clock.now(), true);
        if (account === null) return failed('ACCOUNT_UNKNOWN', 'There is no such account.');
        if (institution.standing !== 'VERIFIED')
          return failed('WRONG_STATE', `The institution is ${institution.standing}.`);
        if (account.institution?.id !== institution.id)
          return failed('NOT_OF_INSTITUTION', 'Who signs for an institution works there.');
        const { rowCount } = await sql.query(
          'INSERT INTO official (institution_id, account_id, bound_at, bound_by, proof) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
          [institution.id, account.id, clock.now(), allowed.actor.accountId, proof],
        );
        if (rowCount === 0) return failed('OFFICIAL_BOUND', 'They sign for it already.');
        const detail = { institution: institution.id, subject: account.id, proof };
        await logCommand(audit, sql, allowed.actor.accountId, 'bindOfficial', detail);
        return asItIs(sql, institution.id);
      });
    },

    async unbind({ id, accountId, reason: given }) {
      const allowed = await permit(
        'MANAGE_INSTITUTIONS',
        { command: 'unbindOfficial', institution: id, subject: accountId },
        about(id, accountId),
      );
      if (!allowed.ok) return allowed;
      const reason = short(given);
      if (reason === '') return noReason;
      return database.transaction(async (sql) => {
        const institution = await institutionById(sql, id, true);
        if (institution === null) return unknown;
        const bound = institution.officials.find(({ person }) => person.id === accountId);
        if (bound === undefined) return failed('OFFICIAL_UNKNOWN', 'They do not sign for it.');
        await sql.query('DELETE FROM official WHERE institution_id = $1 AND account_id = $2', [
          institution.id,
          accountId,
        ]);
        const detail = { institution: institution.id, subject: accountId, reason };
        await logCommand(audit, sql, allowed.actor.accountId, 'unbindOfficial', detail);
        return asItIs(sql, institution.id);
      });
    },

    async choose(id) {
      const allowed = await permit('CHOOSE_INSTITUTION', { command: 'chooseInstitution', institution: id });
      if (!allowed.ok) return allowed;
      const { accountId } = allowed.actor;
      const done = await settle('chooseInstitution', accountId, accountId, id, null);
      if (!done.ok && done.code === 'ACCOUNT_UNKNOWN') throw new Error('an account that acts is gone');
      return done as Exclude<typeof done, { readonly code: 'ACCOUNT_UNKNOWN' }>;
    },

    async move({ accountId, institutionId, reason: given }) {
      const allowed = await permit('MANAGE_ACCOUNTS', { command: 'moveAccount', subject: accountId });
      if (!allowed.ok) return allowed;
      const reason = short(given);
      if (reason === '') return noReason;
      if (accountId === allowed.actor.accountId)
        return failed('OWN_ACCOUNT', 'Nobody decides about their own account; another administrator has to.');
      const done = await settle('moveAccount', allowed.actor.accountId, accountId, institutionId, reason);
      return done as Exclude<typeof done, { readonly code: 'INSTITUTION_FIXED' }>;
    },
  };
}

const stewardsWorkAt = async (sql: Sql, institutionId: string): Promise<boolean> => {
  const { rows } = await sql.query<{ any: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM account a JOIN account_role r ON r.account_id = a.id WHERE a.institution_id = $1 AND r.role = 'steward') AS any`,
    [institutionId],
  );
  return rows[0]?.any === true;
};
