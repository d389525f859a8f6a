import type { Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../uuid.ts';
import { KIND, SUBMISSION } from './audit-query.ts';

/** Uses of data, as words of the log: what members of a grant see of it. */
export const USES = [
  ...['READ', 'REFUSED', 'DOWNLOAD', 'DOWNLOADED'],
  ...['REQUEST_EXPORT', 'EXPORT', 'RUN_BASELINE', 'RUN_FINISHED'],
];
const DAY_MS = 86_400_000;

/** What makes entries one group: the same use by the same person on one day (UTC), of files also of one check-in and one kind. */
export interface GroupKey {
  readonly day: string;
  readonly accountId: string | null;
  readonly action: string;
  readonly kind: string | null;
  readonly submission: string | null;
}

export interface UseGroup extends GroupKey {
  readonly entries: number;
  readonly bytes: number | null;
  readonly modalities: readonly string[];
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** Whose uses; null in a field: everybody's, of all grants, at any time. */
export interface UsesOf {
  readonly accountId: string | null;
  readonly grantId: string | null;
  readonly from: Date | null;
  readonly to: Date | null;
}

export const groupId = ({ day, accountId, action, kind, submission }: GroupKey): string =>
  Buffer.from([day, accountId ?? '', action, kind ?? '', submission ?? ''].join('|')).toString('base64url');

/** @returns null for what is no id of a group */
export function parseGroup(id: string): GroupKey | null {
  const [day = '', accountId = '', action = '', kind = '', submission = '', ...rest] = Buffer.from(id, 'base64url')
    .toString('latin1')
    .split('|');
  const sound =
    rest.length === 0 &&
    isDay(day) &&
    (accountId === '' || isUuid(accountId)) &&
    USES.includes(action) &&
    /^[A-Z_]*$/.test(kind) &&
    (submission === '' || isUuid(submission));
  return sound
    ? { day, action, accountId: accountId || null, kind: kind || null, submission: submission || null }
    : null;
}

const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
export const dayAfter = (day: string): Date => new Date(Date.parse(day) + DAY_MS);

/** Where a page goes on: behind a group, in the order of when groups began. */
export interface GroupCursor {
  readonly firstAt: number;
  readonly id: string;
}
export const groupCursor = (group: UseGroup): string =>
  Buffer.from(`${group.firstAt.getTime()}|${groupId(group)}`).toString('base64url');
export function parseGroupCursor(text: string): GroupCursor | null {
  const parts = /^(\d{1,15})\|([\w-]+)$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  return parts?.[2] && parseGroup(parts[2]) ? { firstAt: Number(parts[1]), id: parts[2] } : null;
}

// A file that is taken has two entries, when it begins and with its bytes: one use.
const ACTION = `CASE WHEN action = 'DOWNLOADED' THEN 'DOWNLOAD' ELSE action END`;
const OF_FILE = `CASE WHEN action IN ('DOWNLOAD', 'DOWNLOADED') THEN`;

async function groupsOfDay(sql: Sql, of: UsesOf, day: string): Promise<UseGroup[]> {
  const { rows } = await sql.query<UseGroup & { told: readonly string[] } & Record<string, unknown>>(
    `SELECT account_id AS "accountId", ${ACTION} AS action, ${OF_FILE} ${KIND} END AS kind, ${OF_FILE} ${SUBMISSION} END AS submission,
       count(*) FILTER (WHERE action <> 'DOWNLOADED')::int AS entries,
       sum(substring(text from '"bytes":(\\d{1,18})')::numeric)::float8 AS bytes,
       array_agg(DISTINCT coalesce(substring(text from '"modalities":\\[([^\\]]*)\\]'), substring(text from '"modality":"([A-Z_]+)"'), '')) AS told,
       min(at) AS "firstAt", max(at) AS "lastAt"
     FROM audit_entry WHERE at >= $1 AND at < $2 AND action = ANY($3) AND ($4::uuid IS NULL OR account_id = $4) AND ($5::uuid IS NULL OR grant_id = $5)
       AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
     GROUP BY 1, 2, 3, 4`,
    [new Date(day), dayAfter(day), USES, of.accountId, of.grantId, of.from, of.to],
  );
  return rows.map(({ told, ...row }) => ({
    ...row,
    day,
    modalities: [...new Set(told.flatMap((text) => text.match(/[A-Z_]+/g) ?? []))].sort(),
  }));
}

/** The newest day before an instant on which there is a use; a walk along an index of time. */
async function dayBefore(sql: Sql, of: UsesOf, before: Date | null): Promise<string | null> {
  const { rows } = await sql.query<{ at: Date }>(
    `SELECT at FROM audit_entry WHERE action = ANY($1) AND ($2::timestamptz IS NULL OR at < $2)
       AND ($3::uuid IS NULL OR account_id = $3) AND ($4::uuid IS NULL OR grant_id = $4) AND ($5::timestamptz IS NULL OR at >= $5)
     ORDER BY at DESC LIMIT 1`,
    [USES, before, of.accountId, of.grantId, of.from],
  );
  return rows[0]?.at.toISOString().slice(0, 10) ?? null;
}

/**
 * Groups in the order of when they began, the newest first: as many as are wanted, whole days counted at a time. What is added to the log while one turns
 * pages stands in front, and moves nothing.
 */
export async function groupsOfUses(
  sql: Sql,
  of: UsesOf,
  wanted: number,
  after: GroupCursor | null,
): Promise<UseGroup[]> {
  const found: UseGroup[] = [];
  let day = after === null ? await dayBefore(sql, of, of.to) : new Date(after.firstAt).toISOString().slice(0, 10);
  for (; day !== null && found.length < wanted; day = await dayBefore(sql, of, new Date(day))) {
    const groups = (await groupsOfDay(sql, of, day)).sort(
      (one, other) => behind(one, at(other)) - behind(other, at(one)),
    );
    found.push(...groups.filter((group) => after === null || behind(group, after) === 1));
  }
  return found.slice(0, wanted);
}

const at = (group: UseGroup): GroupCursor => ({ firstAt: group.firstAt.getTime(), id: groupId(group) });
/** 1 where a group comes after a place, 0 else. */
const behind = (group: UseGroup, place: GroupCursor): 0 | 1 => {
  const { firstAt, id } = at(group);
  return firstAt < place.firstAt || (firstAt === place.firstAt && id > place.id) ? 1 : 0;
};
