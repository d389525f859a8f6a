import type { Actor } from '../../../governance/actor.ts';
import { decide } from '../../../governance/decide.ts';
import { EXCEPTION_REFUSALS, exceptionEnd, refuseException } from '../../../governance/exception.ts';
import { seenText } from '../../../governance/seen-signs.ts';
import type { ExceptionCommands, ExceptionDetails } from '../../../schema/services/exceptions.ts';
import type { PageOf } from '../../../schema/services/result.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { currentPolicy } from '../access/policy.ts';
import type { CommandDeps } from '../command-deps.ts';
import { textCursor, textPlace } from '../keyset.ts';
import { logCommand } from '../log-command.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { findRelease } from '../releases/find-release.ts';
import { readSetting } from '../settings/setting-commands.ts';
import { isUuid } from '../uuid.ts';

const MOST_REASON = 2_000;

interface Row extends Omit<ExceptionDetails, 'curator' | 'endedBy'> {
  readonly accountId: string;
  readonly endedById: string | null;
  readonly place: string;
}

const COLUMNS = `e.id, e.account_id AS "accountId", s.key AS study, r.version AS release, e.reason, e.starts_at AS "startsAt", e.ends_at AS "endsAt",
  e.ended_by AS "endedById", to_char(e.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS place`;
const FROM = 'access_exception e JOIN release r ON r.id = e.release_id JOIN study s ON s.id = r.study_id';

const detailsOf = async (sql: Sql, rows: readonly Row[]): Promise<ExceptionDetails[]> => {
  const people = await peopleOf(
    sql,
    rows.flatMap(({ accountId, endedById }) => [accountId, endedById]),
  );
  return rows.map(({ accountId, endedById, place: _, ...row }) => ({
    ...row,
    curator: people.get(accountId) ?? null,
    endedBy: people.get(endedById ?? '') ?? null,
  }));
};

/** Curators' reasoned looks at released rows, by one actor. What they open decide() reads; what they see is in the log like every read. */
export function exceptionCommands(deps: CommandDeps, actor: Actor): ExceptionCommands {
  const { database, clock, ids, audit } = deps;
  const permit = permitOf(deps, actor);

  const asItIs = async (sql: Sql, id: string): Promise<{ readonly ok: true; readonly exception: ExceptionDetails }> => {
    const { rows } = await sql.query<Row & Record<string, unknown>>(`SELECT ${COLUMNS} FROM ${FROM} WHERE e.id = $1`, [
      id,
    ]);
    const [exception] = await detailsOf(sql, rows);
    if (exception === undefined) throw new Error('an exception that was just changed is gone');
    return { ok: true, exception };
  };

  /** Tells every auditor, in the transaction that opens it. */
  async function tellAuditors(sql: Sql, { id, release, endsAt, curator }: ExceptionDetails): Promise<void> {
    const { rows } = await sql.query<{ id: string }>(
      `SELECT account_id AS id FROM account_role WHERE role = 'auditor'`,
    );
    for (const auditor of rows)
      await queueMail(sql, {
        to: { accountId: auditor.id },
        template: 'exception-opened',
        // Not the reason: it is a curator's own words, and mail is read by whoever carries it.
        data: { curator: curator?.name ?? 'Somebody', release, until: endsAt.toISOString() },
        once: `exception-opened ${id} ${auditor.id}`,
      });
  }

  return {
    async open({ study, release: version, hours, reason: given }) {
      const allowed = await permit('OPEN_EXCEPTION', { command: 'openException', release: version });
      if (!allowed.ok) return allowed;
      const { accountId } = allowed.actor;
      const reason = seenText(given, MOST_REASON);
      const found = await findRelease(database, study ?? deps.defaultStudy, version);
      return database.transaction(async (sql) => {
        // One at a time of one person, so that no two overlap.
        await sql.query('SELECT 1 FROM account WHERE id = $1 FOR UPDATE', [accountId]);
        const { rows: out } = await sql.query<{ id: string }>(
          `SELECT id FROM release WHERE id = $1 AND status IN ('PUBLISHED', 'DEPRECATED')`,
          [found?.id ?? null],
        );
        if (out[0] === undefined)
          return { ok: false, code: 'RELEASE_UNKNOWN', message: 'There is no such release that is out.' } as const;
        const now = clock.now();
        const { rows: opened } = await sql.query<{ from: Date; until: Date }>(
          `SELECT starts_at AS "from", ends_at AS until FROM access_exception WHERE account_id = $1 AND (ends_at > $2 OR starts_at > $2::timestamptz - interval '24 hours')`,
          [accountId, now],
        );
        const policy = await currentPolicy(sql, now);
        const perDay = await readSetting(sql, 'exceptionsPerCuratorAndDay');
        const refusal = refuseException({ reason, hours }, { opened, policy, perDay, now });
        if (refusal !== null) {
          const detail = { command: 'openException', release: out[0].id, code: refusal };
          await audit.write(sql, { accountId, grantId: null, action: 'COMMAND_REFUSED', detail });
          return { ok: false, code: refusal, message: EXCEPTION_REFUSALS[refusal] } as const;
        }
        const id = ids.uuid();
        const until = exceptionEnd(now, hours);
        await sql.query(
          'INSERT INTO access_exception (id, account_id, release_id, reason, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6)',
          [id, accountId, out[0].id, reason, now, until],
        );
        const detail = { exception: id, release: out[0].id, until: until.toISOString(), reason };
        await logCommand(audit, sql, accountId, 'openException', detail);
        const done = await asItIs(sql, id);
        await tellAuditors(sql, done.exception);
        return done;
      });
    },

    async end(id) {
      // Who opened it ends it, whatever became of their role; a steward ends anybody's.
      const unknown = { ok: false, code: 'EXCEPTION_UNKNOWN', message: 'There is no such exception.' } as const;
      const allowed = await permit('END_EXCEPTION', { command: 'endException', exception: id });
      if (!allowed.ok) return allowed;
      if (!isUuid(id)) return unknown;
      const { accountId } = allowed.actor;
      return database.transaction(async (sql) => {
        const now = clock.now();
        const facts = await deps.loadFacts(sql, accountId, now, null);
        const any = decide(allowed.actor, 'HALT_ACCESS', { kind: 'none' }, facts, now).allow;
        const { rows } = await sql.query<{ endsAt: Date }>(
          'SELECT ends_at AS "endsAt" FROM access_exception WHERE id = $1 AND ($2 OR account_id = $3) FOR UPDATE',
          [id, any, accountId],
        );
        if (rows[0] === undefined) return unknown;
        if (now < rows[0].endsAt) {
          await sql.query('UPDATE access_exception SET ends_at = $2, ended_by = $3 WHERE id = $1', [
            id,
            now,
            accountId,
          ]);
          await logCommand(audit, sql, accountId, 'endException', { exception: id });
        }
        return asItIs(sql, id);
      });
    },

    async list(asked) {
      const allowed = await permit('VIEW_EXCEPTIONS', { query: 'exceptions' });
      if (!allowed.ok) return allowed;
      const now = clock.now();
      const facts = await deps.loadFacts(database, allowed.actor.accountId, now, null);
      const all = decide(allowed.actor, 'READ_AUDIT_LOG', { kind: 'none' }, facts, now).allow;
      const whose = all ? null : allowed.actor.accountId;
      const place = textPlace(asked.after);
      // What is no cursor of ours stands behind everything.
      const from = place === null || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6}$/.test(place[0]) ? null : place;
      if (place !== null && from === null)
        return { ok: true, value: { nodes: [], cursors: [], hasNextPage: false, totalCount: 0 } };
      const { rows } = await database.query<Row & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM ${FROM} WHERE ($1::uuid IS NULL OR e.account_id = $1)
           AND ($2::text IS NULL OR (e.starts_at, e.id) < ($2::timestamp AT TIME ZONE 'UTC', $3::uuid)) ORDER BY e.starts_at DESC, e.id DESC LIMIT $4`,
        [whose, from?.[0] ?? null, from?.[1] ?? null, asked.first + 1],
      );
      const count = await database.query<{ n: number }>(
        'SELECT count(*)::integer AS n FROM access_exception WHERE $1::uuid IS NULL OR account_id = $1',
        [whose],
      );
      const shown = rows.slice(0, asked.first);
      const page: PageOf<ExceptionDetails> = {
        nodes: await detailsOf(database, shown),
        cursors: shown.map((row) => textCursor(row.place, row.id)),
        hasNextPage: rows.length > asked.first,
        totalCount: count.rows[0]?.n ?? 0,
      };
      return { ok: true, value: page };
    },
  };
}
