import type { Actor } from '../../../governance/actor.ts';
import { addMonths, endOfDay, isLocalDate, localDate } from '../../../governance/calendar.ts';
import { isSeen } from '../../../governance/seen-signs.ts';
import type { DeputyFacts, StewardshipCommands } from '../../../schema/services/stewardship.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { secondSteps } from '../two-person/second-steps.ts';
import { isUuid } from '../uuid.ts';
import { namedByHash } from './co-authors.ts';
import { currentPolicy } from './policy.ts';

const unknown = { ok: false, code: 'ACCOUNT_UNKNOWN', message: 'There is no such account.' } as const;
/** An address, or an account's id, as it is kept. */
const nameOf = (named: string): string => named.trim().toLowerCase().slice(0, 320);
const INCOMPATIBLE = ['steward', 'curator', 'auditor', 'admin'];

const MOST_LISTED = 500;

/** Appointments of deputies that have not ended at $1, the first to end first. @param and more SQL of what is asked for; its values follow */
async function deputiesNow(sql: Sql, now: Date, and = '', values: readonly unknown[] = []): Promise<DeputyFacts[]> {
  const { rows } = await sql.query<Omit<DeputyFacts, 'person'> & Record<string, unknown>>(
    `SELECT account_id AS "accountId", starts_at AS "startsAt", ends_at AS "endsAt", ended_at AS "endedAt", reason FROM deputy_steward
     WHERE ended_at IS NULL AND ends_at > $1 ${and} ORDER BY ends_at, id LIMIT ${MOST_LISTED}`,
    [now, ...values],
  );
  const people = await peopleOf(
    sql,
    rows.map(({ accountId }) => accountId),
  );
  return rows.map((row) => ({ ...row, person: people.get(row.accountId) ?? null }));
}

/** Conflicts that people declare of themselves, and deputies whom two administrators appoint, for one actor. */
export function stewardshipCommands(deps: CommandDeps, actor: Actor): StewardshipCommands {
  const { database, clock, ids, audit } = deps;
  const permit = permitOf(deps, actor);
  const steps = secondSteps(deps);
  const written = (accountId: string, command: string, detail: Record<string, string>) => ({
    accountId,
    grantId: null,
    action: 'COMMAND',
    detail: { command, ...detail },
  });

  return {
    async declareCoAuthor(named, lastPublishedOn) {
      const allowed = await permit('SIGN_AGREEMENT', { command: 'declareCoAuthor' });
      if (!allowed.ok) return allowed;
      const now = clock.now();
      const today = localDate(now, (await currentPolicy(database, now)).timeZone);
      if (!isLocalDate(lastPublishedOn) || lastPublishedOn > today)
        return { ok: false, code: 'DATES_INVALID', message: 'The last publication is a day that has been.' };
      const { accountId } = allowed.actor;
      return database.transaction(async (sql) => {
        const by = isUuid(nameOf(named)) ? 'id = $1::uuid' : 'lower(email) = lower($1)';
        const { rows } = await sql.query<{ id: string }>(`SELECT id FROM account WHERE ${by} AND id <> $2 LIMIT 1`, [
          nameOf(named),
          accountId,
        ]);
        // The same for who is known and who is not: whether there is such an account is not told.
        const [id, other] = [ids.uuid(), nameOf(named)];
        await sql.query(
          'INSERT INTO co_author (id, account_id, other_id, other_named, last_published_on, declared_at) VALUES ($1, $2, $3, $4, $5, $6)',
          [id, accountId, rows[0]?.id ?? null, other, lastPublishedOn, now],
        );
        await audit.write(sql, written(accountId, 'declareCoAuthor', { declaration: id, lastPublishedOn }));
        return { ok: true, coAuthor: { accountId, other, lastPublishedOn, declaredAt: now } } as const;
      });
    },

    async withdrawCoAuthor(named) {
      const allowed = await permit('SIGN_AGREEMENT', { command: 'withdrawCoAuthor' });
      if (!allowed.ok) return allowed;
      const { accountId } = allowed.actor;
      return database.transaction(async (sql) => {
        const { rows } = await sql.query<{ id: string }>(
          `INSERT INTO co_author_withdrawal (co_author_id, withdrawn_at) SELECT id, $3 FROM co_author WHERE account_id = $1 AND other_named IN ($2, ${namedByHash('$2')})
           ON CONFLICT DO NOTHING RETURNING co_author_id AS id`,
          [accountId, nameOf(named), clock.now()],
        );
        const declarations = rows.map(({ id }) => id).join(' ');
        await audit.write(sql, written(accountId, 'withdrawCoAuthor', { declarations }));
        return { ok: true, withdrawn: rows.length } as const;
      });
    },

    async askForDeputy(accountId, endsAt, given) {
      const allowed = await permit('MANAGE_ACCOUNTS', { command: 'askForDeputySteward', subject: accountId });
      if (!allowed.ok) return allowed;
      const reason = isSeen(given) ? given.trim() : '';
      if (reason === '') return { ok: false, code: 'REASON_MISSING', message: 'Say why, for who confirms it.' };
      const now = clock.now();
      const policy = await currentPolicy(database, now);
      const last = endOfDay(addMonths(localDate(now, policy.timeZone), 12), policy.timeZone);
      if (endsAt <= now || endsAt.getTime() > last)
        return { ok: false, code: 'TERM_INVALID', message: 'A deputy is appointed until a day within a year.' };
      if (!isUuid(accountId)) return unknown;
      return database.transaction(async (sql) => {
        const { rows } = await sql.query<{ name: string; roles: string[] }>(
          'SELECT name, ARRAY(SELECT role FROM account_role r WHERE r.account_id = account.id) AS roles FROM account WHERE id = $1',
          [accountId],
        );
        if (!rows[0]) return unknown;
        if (rows[0].roles.some((role) => INCOMPATIBLE.includes(role)))
          return {
            ok: false,
            code: 'ROLES_INCOMPATIBLE',
            message: 'Their role does not go with standing in for a steward.',
          };
        const asked = await steps.ask(sql, {
          action: 'APPOINT_DEPUTY',
          payload: { accountId, name: rows[0].name, endsAt: endsAt.toISOString() },
          reason,
          by: allowed.actor,
          about: accountId,
        });
        const detail = { subject: accountId, endsAt: endsAt.toISOString(), step: asked.stepId, reason };
        await audit.write(sql, written(allowed.actor.accountId, 'askForDeputySteward', detail));
        return { ok: true, ...asked } as const;
      });
    },

    async confirmDeputy(stepId, seen) {
      const allowed = await permit('MANAGE_ACCOUNTS', { command: 'confirmDeputySteward', step: stepId });
      if (!allowed.ok) return allowed;
      const by = allowed.actor;
      return database.transaction(async (sql) => {
        const confirmed = await steps.confirm(sql, { id: stepId, action: 'APPOINT_DEPUTY', by, seen });
        if (!confirmed.ok) return confirmed;
        const { accountId, endsAt } = confirmed.payload as { accountId: string; endsAt: string };
        const [id, now] = [ids.uuid(), clock.now()];
        await sql.query(
          `INSERT INTO deputy_steward (id, account_id, asked_by, confirmed_by, reason, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, greatest($6::timestamptz + interval '1 microsecond', $7::timestamptz))`,
          [id, accountId, confirmed.askedBy, by.accountId, confirmed.reason, now, new Date(endsAt)],
        );
        const detail = { subject: accountId, endsAt, step: stepId, askedBy: confirmed.askedBy };
        await audit.write(sql, written(by.accountId, 'confirmDeputySteward', detail));
        const [deputy] = await deputiesNow(sql, now, 'AND id = $2', [id]);
        if (deputy === undefined) throw new Error('an appointment that was just made is gone');
        return { ok: true, deputy } as const;
      });
    },

    async deputies() {
      const allowed = await permit('VIEW_DEPUTIES', { query: 'deputies' });
      return allowed.ok ? { ok: true, value: await deputiesNow(database, clock.now()) } : allowed;
    },

    async endDeputy(accountId) {
      const allowed = await permit('MANAGE_ACCOUNTS', { command: 'endDeputySteward', subject: accountId });
      if (!allowed.ok) return allowed;
      const now = clock.now();
      return database.transaction(async (sql) => {
        const { rowCount } = await sql.query(
          'UPDATE deputy_steward SET ended_at = $2, ended_by = $3 WHERE account_id = $1 AND ended_at IS NULL AND ends_at > $2',
          [isUuid(accountId) ? accountId : null, now, allowed.actor.accountId],
        );
        await audit.write(sql, written(allowed.actor.accountId, 'endDeputySteward', { subject: accountId }));
        return { ok: true, ended: rowCount ?? 0 } as const;
      });
    },
  };
}
