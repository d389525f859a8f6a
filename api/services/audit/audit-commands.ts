import type { Actor } from '../../../governance/actor.ts';
import type { Json } from '../../../governance/canonical.ts';
import type { AuditCommands, AuditFilter } from '../../../schema/services/audit.ts';
import type { PageAsked } from '../../../schema/services/result.ts';
import { requestReader } from '../access/request-reader.ts';
import type { CommandDeps } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { permitOf, refusedFor } from '../permit.ts';
import { isUuid } from '../uuid.ts';
import type { AuditEvent } from './audit-event.ts';
import { type AuditRow, type AuditWhere, auditRows, cursorText, parseCursor, whereOf } from './audit-query.ts';
import { entryDetail } from './entry-facts.ts';
import { holdingsOf } from './file-trace.ts';
import {
  dayAfter,
  type GroupKey,
  groupCursor,
  groupId,
  groupsOfUses,
  parseGroup,
  parseGroupCursor,
  USES,
  type UsesOf,
} from './use-groups.ts';

const CURSOR_INVALID = {
  ok: false,
  code: 'CURSOR_INVALID',
  message: 'The cursor is none of this list: begin again without one.',
} as const;
const SHA256_INVALID = {
  ok: false,
  code: 'SHA256_INVALID',
  message: 'A SHA-256 is 64 hexadecimal digits.',
} as const;
const NO_FILTER = { account: null, grant: null, actions: null, release: null, request: null, from: null, to: null };
const withinGroup = (group: GroupKey) => ({
  // A file that was taken has two entries.
  ...(group.action === 'DOWNLOAD' ? { actions: ['DOWNLOAD', 'DOWNLOADED'], file: group } : { actions: [group.action] }),
  ...{ accountId: group.accountId, from: new Date(group.day), to: dayAfter(group.day) },
});
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
    async entries(filter, order, { first, after }, ofGroup) {
      const about = { query: 'auditEntries', filter: filterText(filter), order, group: ofGroup ?? undefined };
      const allowed = await permit('READ_AUDIT_LOG', about);
      if (!allowed.ok) return allowed;
      const cursor = after === null ? null : parseCursor(after);
      const group = ofGroup === null ? null : parseGroup(ofGroup);
      if ((after !== null && cursor === null) || (ofGroup !== null && group === null)) return CURSOR_INVALID;
      return database.transaction(async (sql) => {
        const named = await whereOf(sql, filter, deps.defaultStudy);
        const where: AuditWhere = group === null ? named : { ...named, ...withinGroup(group) };
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

    async groups({ account, grant, from, to }, page) {
      const about = { query: 'accessGroups', filter: filterText({ ...NO_FILTER, account, grant, from, to }) };
      const allowed = await permit('READ_AUDIT_LOG', about);
      if (!allowed.ok) return allowed;
      const { accountId } = allowed.actor;
      const named = await whereOf(database, { ...NO_FILTER, account, grant }, deps.defaultStudy);
      const of = { accountId: named.accountId, grantId: grant, from, to };
      return shownGroups(named.nothing ? null : of, page, {
        ...{ accountId, grantId: null, action: 'READ_AUDIT_LOG' },
        detail: about,
      });
    },

    async accessGroups(grantId, page) {
      const allowed = await asMember(grantId, { query: 'accessGroups', of: grantId });
      if (!allowed.ok) return allowed;
      const of = { accountId: null, grantId, from: null, to: null };
      const { accountId } = allowed.actor;
      return shownGroups(of, page, { accountId, grantId, action: 'READ_ACCESS_LOG', detail: {} });
    },

    async accessLog(grantId, { first, after }, ofGroup) {
      const allowed = await asMember(grantId, { query: 'accessLog', of: grantId });
      if (!allowed.ok) return allowed;
      const { accountId } = allowed.actor;
      const group = ofGroup === null ? null : parseGroup(ofGroup);
      if (ofGroup !== null && group === null) return CURSOR_INVALID;
      const cursor = after === null ? null : parseCursor(after);
      if (after !== null && cursor === null) return CURSOR_INVALID;
      return database.transaction(async (sql) => {
        const where: AuditWhere = {
          ...NO_FILTER,
          ...{ grant: grantId, accountId: null, releaseId: null, nothing: false },
          ...(group && withinGroup(group)),
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
          // How many rows a run read needs LABELS, and two runs around a withdrawal would tell how many were whose.
          const told = action === 'RUN_FINISHED' ? null : count;
          return { at, action, name: people.get(by ?? '')?.name ?? null, modalities, patients, rows: told };
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

    async fileTrace(sha256) {
      const about = { query: 'fileTrace', sha256: sha256.slice(0, 64) };
      const allowed = await permit('READ_AUDIT_LOG', about);
      if (!allowed.ok) return allowed;
      if (!/^[0-9a-f]{64}$/i.test(sha256)) return SHA256_INVALID;
      return database.transaction(async (sql) => {
        const value = await holdingsOf(sql, sha256.toLowerCase());
        const { accountId } = allowed.actor;
        const detail = { ...about, found: value.length };
        await audit.write(sql, { accountId, grantId: null, action: 'READ_AUDIT_LOG', detail });
        return { ok: true, value } as const;
      });
    },
  };

  /** Members of a grant, with no token of another. */
  async function asMember(grantId: string, about: { readonly [key: string]: Json }) {
    const allowed = await permit('VIEW_OWN', about);
    if (!allowed.ok) return allowed;
    const { accountId, tokenGrantId } = allowed.actor;
    const ofAnother = tokenGrantId != null && tokenGrantId !== grantId;
    // What the others of a team do is no record of one's own: who is suspended reads none of it.
    const suspended = (await requestReader(deps, allowed.actor)) === null;
    if (!suspended && !ofAnother && (await isMember(grantId, accountId))) return allowed;
    const code = suspended ? 'ACCOUNT_SUSPENDED' : 'NO_GRANT';
    const detail = { ...about, code: 'FORBIDDEN', reasons: [code] };
    await audit.write(database, { accountId, grantId: null, action: 'COMMAND_REFUSED', detail });
    return refusedFor([{ code, subject: null }]);
  }

  /** A page of groups, and the entry that somebody has looked. @param of null where what was named does not exist */
  async function shownGroups(of: UsesOf | null, { first, after }: PageAsked, entry: AuditEvent) {
    const cursor = after === null ? null : parseGroupCursor(after);
    if (after !== null && cursor === null) return CURSOR_INVALID;
    return database.transaction(async (sql) => {
      const found = of === null ? [] : await groupsOfUses(sql, of, first + 1, cursor);
      const shown = found.slice(0, first);
      const people = await peopleOf(
        sql,
        shown.map(({ accountId }) => accountId),
      );
      await audit.write(sql, { ...entry, detail: { ...entry.detail, entries: shown.length } });
      const nodes = shown.map((group) => ({
        ...{ ...group, id: groupId(group), name: people.get(group.accountId ?? '')?.name ?? null },
      }));
      return {
        ok: true,
        value: { nodes, cursors: shown.map(groupCursor), hasNextPage: found.length > first },
      } as const;
    });
  }

  async function isMember(grantId: string, accountId: string): Promise<boolean> {
    if (!isUuid(grantId)) return false;
    const { rows } = await database.query(
      'SELECT 1 FROM grant_member WHERE grant_id = $1 AND account_id = $2 AND removed_at IS NULL',
      [grantId, accountId],
    );
    return rows.length > 0;
  }
}
