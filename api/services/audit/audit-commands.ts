import type { Actor } from '../../../governance/actor.ts';
import type { Json } from '../../../governance/canonical.ts';
import type { AuditCommands, AuditFilter } from '../../../schema/services/audit.ts';
import type { CommandDeps } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { permitOf, refusedFor } from '../permit.ts';
import { isUuid } from '../uuid.ts';
import { type AuditRow, type AuditWhere, auditRows, cursorText, parseCursor, whereOf } from './audit-query.ts';
import { entryDetail } from './entry-facts.ts';

/** What members of a grant see of its log: uses of the data, nothing of who decides. */
const USES = ['READ', 'REFUSED', 'DOWNLOAD', 'DOWNLOADED', 'REQUEST_EXPORT', 'EXPORT', 'RUN_BASELINE', 'RUN_FINISHED'];
const CURSOR_INVALID = {
  ok: false,
  code: 'CURSOR_INVALID',
  message: 'The cursor is none of this list: begin again without one.',
} as const;
const DAY_MS = 86_400_000;
const MOST_MINUTES = 5_000;

/** What of a filter was asked, for the log. */
export const filterText = (filter: AuditFilter): { readonly [key: string]: Json | undefined } => ({
  account: filter.account ?? undefined,
  grant: filter.grant ?? undefined,
  actions: filter.actions ?? undefined,
  release: filter.release ?? undefined,
  request: filter.request ?? undefined,
  from: filter.from?.toISOString(),
  to: filter.to?.toISOString(),
});

/** The log as one actor may see it. That somebody looks is an entry itself, in the same transaction. */
export function auditCommands(deps: CommandDeps, actor: Actor): AuditCommands {
  const { database, audit } = deps;
  const permit = permitOf(deps, actor);

  return {
    async entries(filter, order, { first, after }) {
      const about = { query: 'auditEntries', filter: filterText(filter), order };
      const allowed = await permit('READ_AUDIT_LOG', about);
      if (!allowed.ok) return allowed;
      const cursor = after === null ? null : parseCursor(after);
      if (after !== null && cursor === null) return CURSOR_INVALID;
      return database.transaction(async (sql) => {
        const where = await whereOf(sql, filter, deps.defaultStudy);
        const rows = await auditRows(sql, where, { order, limit: first + 1, after: cursor });
        const shown = rows.slice(0, first);
        const people = await peopleOf(
          sql,
          shown.map(({ accountId }) => accountId),
        );
        await audit.write(sql, {
          accountId: allowed.actor.accountId,
          grantId: null,
          action: 'READ_AUDIT_LOG',
          detail: { ...about, entries: shown.length },
        });
        const nodes = shown.map((row) => ({ ...row, by: people.get(row.accountId ?? '') ?? null }));
        return {
          ok: true,
          value: { nodes, cursors: shown.map(cursorText), hasNextPage: rows.length > first },
        } as const;
      });
    },

    async accessLog(grantId, { first, after }) {
      const about = { query: 'accessLog', of: grantId };
      const allowed = await permit('VIEW_OWN', about);
      if (!allowed.ok) return allowed;
      const { accountId, tokenGrantId } = allowed.actor;
      const ofAnother = tokenGrantId != null && tokenGrantId !== grantId;
      if (ofAnother || !(await isMember(grantId, accountId))) {
        const detail = { ...about, code: 'FORBIDDEN', reasons: ['NO_GRANT'] };
        await audit.write(database, { accountId, grantId: null, action: 'COMMAND_REFUSED', detail });
        return refusedFor([{ code: 'NO_GRANT', subject: null }]);
      }
      const cursor = after === null ? null : parseCursor(after);
      if (after !== null && cursor === null) return CURSOR_INVALID;
      return database.transaction(async (sql) => {
        const where: AuditWhere = {
          accountId: null,
          grant: grantId,
          actions: null,
          releaseId: null,
          request: null,
          from: null,
          to: null,
          nothing: false,
        };
        const rows = await usesOf(where, first, cursor);
        const shown = rows.slice(0, first);
        const people = await peopleOf(
          sql,
          shown.map((row) => row.accountId),
        );
        await audit.write(sql, { accountId, grantId, action: 'READ_ACCESS_LOG', detail: { entries: shown.length } });
        const nodes = shown.map(({ at, action, accountId: by, text }) => {
          const { modalities, patients, rows: count } = entryDetail(text);
          return { at, action, name: people.get(by ?? '')?.name ?? null, modalities, patients, rows: count };
        });
        return {
          ok: true,
          value: { nodes, cursors: shown.map(cursorText), hasNextPage: rows.length > first },
        } as const;

        /** Most entries of a grant are uses: a walk along the grant leaves the rest out. */
        async function usesOf(of: AuditWhere, wanted: number, from: typeof cursor): Promise<AuditRow[]> {
          const found: AuditRow[] = [];
          for (let at = from; ; ) {
            const page = await auditRows(sql, of, { order: 'NEWEST_FIRST', limit: wanted + 50, after: at });
            found.push(...page.filter(({ action }) => USES.includes(action)));
            const last = page.at(-1);
            if (found.length > wanted || last === undefined || page.length < wanted + 50)
              return found.slice(0, wanted + 1);
            at = { at: last.at, seq: last.seq };
          }
        }
      });
    },

    async strangerRefusals(from, to) {
      const about = { query: 'strangerRefusals', from: from?.toISOString(), to: to?.toISOString() };
      const allowed = await permit('READ_AUDIT_LOG', about);
      if (!allowed.ok) return allowed;
      const end = to ?? deps.clock.now();
      const { rows: value } = await database.query<{ minute: Date; kind: string; count: number }>(
        'SELECT minute, kind, count FROM stranger_refusal WHERE minute >= $1 AND minute <= $2 ORDER BY minute DESC, kind LIMIT $3',
        [from ?? new Date(end.getTime() - DAY_MS), end, MOST_MINUTES],
      );
      await audit.write(database, {
        accountId: allowed.actor.accountId,
        grantId: null,
        action: 'READ_AUDIT_LOG',
        detail: about,
      });
      return { ok: true, value };
    },
  };

  async function isMember(grantId: string, accountId: string): Promise<boolean> {
    if (!isUuid(grantId)) return false;
    const { rows } = await database.query(
      'SELECT 1 FROM grant_member WHERE grant_id = $1 AND account_id = $2 AND removed_at IS NULL',
      [grantId, accountId],
    );
    return rows.length > 0;
  }
}
