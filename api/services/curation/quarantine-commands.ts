import type { Actor } from '../../../governance/actor.ts';
import { decide } from '../../../governance/decide.ts';
import { REVIEW_DAYS, REVIEW_REFUSALS, refuseReview, reviewDueAt } from '../../../governance/quarantine-review.ts';
import { seenText } from '../../../governance/seen-signs.ts';
import { parseSubmissionTimestamp } from '../../../pipeline/labels/submission-timestamp.ts';
import { decodeNodeId } from '../../../schema/planner/node-id.ts';
import type { QuarantineCommands, QuarantineDetails, QuarantineInput } from '../../../schema/services/curation.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { isUuid } from '../uuid.ts';

interface Row
  extends Omit<QuarantineDetails, 'placedBy' | 'liftedBy' | 'reviewedBy' | 'reviewDueAt' | 'patient' | 'timestamp'> {
  reviewedById: string | null;
  placedById: string;
  liftedById: string | null;
  patient: string;
  timestamp: string;
}

const COLUMNS = `q.id, st.key AS study, q.from_seconds AS "fromSeconds", q.to_seconds AS "toSeconds", q.reason, q.placed_at AS "placedAt", q.placed_by AS "placedById",
  q.lifted_at AS "liftedAt", q.lifted_by AS "liftedById",
  q.reviewed_at AS "reviewedAt", q.reviewed_by AS "reviewedById", q.review_reason AS "reviewReason", p.code AS patient, to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') AS timestamp`;
const FROM = `quarantine q JOIN submission s ON s.id = q.submission_id JOIN patient p ON p.id = s.patient_id JOIN study st ON st.id = p.study_id`;

/** Letters of ids of what lies in a submission: itself, a frame, a chunk. */
const IN_SUBMISSION = ['U', 'F', 'C'];
const MOST_REASON = 2_000;
const MOST_LISTED = 500;
const DAY_MS = 86_400_000;

/** Puts submissions out of everybody's sight and back, by one actor: a steward or a curator. It acts at once, since every read asks the row rule. */
export function quarantineCommands(deps: CommandDeps, actor: Actor): QuarantineCommands {
  const { database, clock, ids, audit } = deps;
  const permit = permitOf(deps, actor);

  /** Which submission it is, and how long its newest recording; null for none. */
  async function submission(
    sql: Sql,
    { study, node, patient, timestamp }: QuarantineInput,
  ): Promise<{ id: string; seconds: number | null } | null> {
    const seconds = `(SELECT max(r.duration_seconds) FROM recording r WHERE r.submission_id = s.id) AS seconds`;
    if (node !== null) {
      const named = decodeNodeId(node);
      if (named === null || !IN_SUBMISSION.includes(named.letter)) return null;
      const { rows } = await sql.query<{ id: string; seconds: number | null }>(
        `SELECT s.id, ${seconds} FROM release_submission rs JOIN submission s ON s.id = rs.submission_id WHERE rs.release_id = $1 AND rs.submission_id = $2`,
        [named.releaseId, named.rowId],
      );
      return rows[0] ?? null;
    }
    if (patient === null || timestamp === null || !parseSubmissionTimestamp(timestamp)) return null;
    // Days are shifted in releases: what a researcher tells of is named as released, what a curator looks at as recorded. Who may not look could try
    // recorded moments beside a released one, and learn the shift.
    const { rows } = await sql.query<{ id: string; seconds: number | null }>(
      `SELECT s.id, ${seconds} FROM submission s JOIN patient p ON p.id = s.patient_id JOIN study st ON st.id = p.study_id
       WHERE st.key = $1 AND p.code = $2 AND ($4 AND $3 = to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS')
         OR EXISTS (SELECT 1 FROM release_submission rs WHERE rs.submission_id = s.id AND $3 = to_char(rs.recorded_at, 'YYYYMMDD"T"HH24MISS')))`,
      [study ?? deps.defaultStudy, patient, timestamp, await mayLook(sql)],
    );
    // A moment that names two, one by each of its names, names none.
    return rows.length === 1 ? rows[0]! : null;
  }

  async function details(sql: Sql, where: string, values: unknown[]): Promise<QuarantineDetails[]> {
    const { rows } = await sql.query<Row & Record<string, unknown>>(
      `SELECT ${COLUMNS} FROM ${FROM} WHERE ${where} ORDER BY q.placed_at DESC, q.id DESC LIMIT ${MOST_LISTED}`,
      values,
    );
    const people = await peopleOf(
      sql,
      rows.flatMap(({ placedById, liftedById, reviewedById }) => [placedById, liftedById, reviewedById]),
    );
    // Whose it is and of when is for those who may look at it: a steward sees no rows.
    const looks = rows.length > 0 && (await mayLook(sql));
    return rows.map(({ placedById, liftedById, reviewedById, patient, timestamp, ...row }) => ({
      ...row,
      reviewedBy: people.get(reviewedById ?? '') ?? null,
      reviewDueAt: reviewDueAt(row),
      placedBy: people.get(placedById) ?? null,
      liftedBy: people.get(liftedById ?? '') ?? null,
      patient: looks ? patient : null,
      timestamp: looks ? timestamp : null,
    }));
  }

  /** @param sql the transaction that asks: who waits for a second connection while holding one stops everybody as soon as there are many */
  async function mayLook(sql: Sql): Promise<boolean> {
    const facts = await deps.loadFacts(sql, actor.kind === 'account' ? actor.accountId : null, clock.now(), null);
    return decide(actor, 'REVIEW_QUARANTINED', { kind: 'none' }, facts, clock.now()).allow;
  }

  return {
    async place(input) {
      const allowed = await permit('QUARANTINE', { command: 'placeQuarantine' });
      if (!allowed.ok) return allowed;
      const { fromSeconds: from, toSeconds: to } = input;
      const reason = seenText(input.reason, MOST_REASON);
      if (reason === '')
        return { ok: false, code: 'REASON_MISSING', message: 'Say why, so that somebody can look at it.' };
      return database.transaction(async (sql) => {
        const found = await submission(sql, input);
        if (found === null)
          return { ok: false, code: 'SUBMISSION_UNKNOWN', message: 'There is no such submission.' } as const;
        const whole = from === null && to === null;
        const sound = from !== null && to !== null && from >= 0 && from < to && from < (found.seconds ?? to);
        if (!whole && !sound) {
          const message =
            'A range begins at 0 seconds or later, within the recording, and ends after that; without one, all of it is meant.';
          return { ok: false, code: 'RANGE_INVALID', message } as const;
        }
        const id = ids.uuid();
        await sql.query(
          'INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by) VALUES ($1, $2, $3, $4, $5, $6, $7)',
          [id, found.id, from, to, reason, clock.now(), allowed.actor.accountId],
        );
        await audit.write(sql, {
          accountId: allowed.actor.accountId,
          grantId: null,
          action: 'COMMAND',
          detail: {
            command: 'placeQuarantine',
            quarantine: id,
            submission: found.id,
            fromSeconds: from,
            toSeconds: to,
          },
        });
        const [quarantine] = await details(sql, 'q.id = $1', [id]);
        if (quarantine === undefined) throw new Error('a quarantine that was just placed is gone');
        return { ok: true, quarantine } as const;
      });
    },

    async lift(id) {
      const allowed = await permit('QUARANTINE', { command: 'liftQuarantine', quarantine: id });
      if (!allowed.ok) return allowed;
      const unknown = { ok: false, code: 'QUARANTINE_UNKNOWN', message: 'There is no such quarantine.' } as const;
      if (!isUuid(id)) return unknown;
      return database.transaction(async (sql) => {
        const { rowCount } = await sql.query(
          'UPDATE quarantine SET lifted_at = $2, lifted_by = $3 WHERE id = $1 AND lifted_at IS NULL',
          [id, clock.now(), allowed.actor.accountId],
        );
        const [quarantine] = await details(sql, 'q.id = $1', [id]);
        if (quarantine === undefined) return unknown;
        if (rowCount === 1) {
          const detail = { command: 'liftQuarantine', quarantine: id };
          await audit.write(sql, { accountId: allowed.actor.accountId, grantId: null, action: 'COMMAND', detail });
        }
        return { ok: true, quarantine } as const;
      });
    },

    async review(id, outcome, given) {
      const allowed = await permit('JUDGE_QUARANTINE', { command: 'reviewQuarantine', quarantine: id, outcome });
      if (!allowed.ok) return allowed;
      const by = allowed.actor.accountId;
      const reason = seenText(given, MOST_REASON);
      const unknown = { ok: false, code: 'QUARANTINE_UNKNOWN', message: 'There is no such quarantine.' } as const;
      if (!isUuid(id)) return unknown;
      return database.transaction(async (sql) => {
        const { rows } = await sql.query<{ placedById: string; liftedAt: Date | null }>(
          'SELECT placed_by AS "placedById", lifted_at AS "liftedAt" FROM quarantine WHERE id = $1 FOR UPDATE',
          [id],
        );
        if (rows[0] === undefined) return unknown;
        const code = refuseReview(rows[0], { by, outcome, reason });
        if (code !== null) return { ok: false, code, message: REVIEW_REFUSALS[code] } as const;
        await sql.query(
          `UPDATE quarantine SET reviewed_at = $2, reviewed_by = $3, review_reason = $4,
             lifted_at = CASE WHEN $5 THEN $2::timestamptz END, lifted_by = CASE WHEN $5 THEN $3::uuid END WHERE id = $1`,
          [id, clock.now(), by, reason === '' ? null : reason, outcome === 'LIFT'],
        );
        const detail = { command: 'reviewQuarantine', quarantine: id, outcome };
        await audit.write(sql, { accountId: by, grantId: null, action: 'COMMAND', detail });
        const [quarantine] = await details(sql, 'q.id = $1', [id]);
        if (quarantine === undefined) throw new Error('a quarantine that was just reviewed is gone');
        return { ok: true, quarantine } as const;
      });
    },

    async read(id) {
      const allowed = await permit('QUARANTINE', { query: 'quarantine', quarantine: id });
      return allowed.ok ? { ok: true, value: (await details(database, 'q.id = $1', [id]))[0] ?? null } : allowed;
    },

    async list(study, due) {
      const allowed = await permit('QUARANTINE', { query: 'quarantines' });
      if (!allowed.ok) return allowed;
      const now = clock.now();
      const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
      const inForce = 'q.lifted_at IS NULL AND st.key = $1';
      if (!due) return { ok: true, value: await details(database, inForce, [study ?? deps.defaultStudy]) };
      const value = await details(
        database,
        `${inForce} AND CASE WHEN q.reviewed_at IS NULL THEN q.placed_at <= $2 ELSE q.reviewed_at <= $3 END`,
        [study ?? deps.defaultStudy, before(REVIEW_DAYS.first), before(REVIEW_DAYS.again)],
      );
      const dueAt = (of: QuarantineDetails): number => of.reviewDueAt?.getTime() ?? 0;
      return { ok: true, value: value.sort((a, b) => dueAt(a) - dueAt(b)) };
    },
  };
}
