import type { AccountActor } from '../../../governance/actor.ts';
import { canonicalText, type Json, sha256 } from '../../../governance/canonical.ts';
import {
  askerLeft,
  isOpenStep,
  isSecondAction,
  mayConfirm,
  refuseConfirmation,
  type SecondAction,
  type SecondStep,
  STEP_DAYS,
  STEP_REFUSALS,
  type StepCode,
} from '../../../governance/second-step.ts';
import { seenText } from '../../../governance/seen-signs.ts';
import type { Failed, Refused } from '../../../schema/services/result.ts';
import type { SecondStepDetails } from '../../../schema/services/second-steps.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { refusedFor } from '../permit.ts';
import { isUuid } from '../uuid.ts';

const DAY_MS = 86_400_000;
const MOST_LISTED = 200;
const MOST_REASON = 2_000;

/** Something that is to be done once another person has confirmed it. */
export interface Ask {
  readonly action: SecondAction;
  /** Everything that is needed to do it, as it is shown to who confirms. */
  readonly payload: { readonly [key: string]: Json | undefined };
  readonly reason: string;
  /** Who asks; whether they may is the caller's question to `permit`, and asked again when it is confirmed. */
  readonly by: AccountActor;
  /** The account that it concerns, who may neither ask nor confirm. */
  readonly about?: string | null;
}

export interface Asked {
  readonly stepId: string;
  /** What whoever confirms has to name. */
  readonly payloadSha256: string;
  readonly expiresAt: Date;
}

export type Confirmed =
  | {
      readonly ok: true;
      readonly payload: { readonly [key: string]: Json };
      readonly askedBy: string;
      readonly reason: string;
    }
  | Failed<StepCode>
  | Refused;

interface Row extends Omit<SecondStep, 'action'> {
  readonly action: string;
  readonly payload: { readonly [key: string]: Json };
  readonly reason: string;
  readonly askedAt: Date;
}

const COLUMNS = `id, action, payload, payload_sha256 AS "payloadSha256", reason, about, asked_by AS "askedBy", asked_at AS "askedAt",
  expires_at AS "expiresAt", ended_at AS "endedAt"`;

/** What takes two people. Each function runs in the caller's transaction, with the entry of the caller's command. */
export function secondSteps(deps: CommandDeps) {
  const { clock, ids, audit, loadFacts } = deps;

  /** Closes what nobody confirmed in time, so that it can be asked for again. */
  const closeExpired = (sql: Sql, now: Date) =>
    sql.query(
      `UPDATE second_step SET ended_at = expires_at, outcome = 'EXPIRED' WHERE ended_at IS NULL AND expires_at <= $1`,
      [now],
    );

  /** Ends the same step where its asker could not ask for it any more: it is asked for anew, by who does so now. */
  async function endLeft(sql: Sql, action: SecondAction, hash: string, by: AccountActor, now: Date): Promise<void> {
    const { rows } = await sql.query<{ id: string; askedBy: string; about: string | null }>(
      `SELECT id, asked_by AS "askedBy", about FROM second_step WHERE action = $1 AND payload_sha256 = $2 AND ended_at IS NULL FOR UPDATE`,
      [action, hash],
    );
    const [step] = rows;
    if (step === undefined || step.askedBy === by.accountId) return;
    if (!askerLeft({ ...step, action }, await loadFacts(sql, step.askedBy, now, null), now)) return;
    await sql.query(`UPDATE second_step SET ended_at = $2, ended_by = $3, outcome = 'WITHDRAWN' WHERE id = $1`, [
      ...[step.id, now, by.accountId],
    ]);
  }

  /** The row of a step, held until the transaction ends. */
  async function held(sql: Sql, id: string): Promise<(Row & { action: SecondAction }) | null> {
    if (!isUuid(id)) return null;
    const { rows } = await sql.query<Row & Record<string, unknown>>(
      `SELECT ${COLUMNS} FROM second_step WHERE id = $1 FOR UPDATE`,
      [id],
    );
    const row = rows[0];
    return row && isSecondAction(row.action) ? { ...row, action: row.action } : null;
  }

  return {
    /** Asks for something; the same words asked for twice are one step, which either of the askers' colleagues may confirm. */
    async ask(sql: Sql, { action, payload, reason, by, about }: Ask): Promise<Asked> {
      const now = clock.now();
      await closeExpired(sql, now);
      const text = canonicalText(payload);
      const hash = sha256(text);
      await endLeft(sql, action, hash, by, now);
      const expiresAt = new Date(now.getTime() + STEP_DAYS * DAY_MS);
      await sql.query(
        `INSERT INTO second_step (id, action, payload, payload_sha256, reason, about, asked_by, asked_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (action, payload_sha256) WHERE ended_at IS NULL DO NOTHING`,
        [ids.uuid(), action, text, hash, seenText(reason, MOST_REASON), about ?? null, by.accountId, now, expiresAt],
      );
      const { rows } = await sql.query<{ stepId: string; payloadSha256: string; expiresAt: Date }>(
        `SELECT id AS "stepId", payload_sha256 AS "payloadSha256", expires_at AS "expiresAt" FROM second_step
         WHERE action = $1 AND payload_sha256 = $2 AND ended_at IS NULL`,
        [action, hash],
      );
      if (rows[0] === undefined) throw new Error('what was just asked for is gone');
      return rows[0];
    },

    /**
     * Confirms what somebody else asked for; of two people who do so at once one comes second (STEP_ENDED). The caller
     * does what the payload says in the same transaction. @param of.seen hash of the payload that was looked at
     */
    async confirm(
      sql: Sql,
      { id, action, by, seen }: { id: string; action: SecondAction; by: AccountActor; seen: string },
    ): Promise<Confirmed> {
      const now = clock.now();
      const step = await held(sql, id);
      // Neither loses a role while this is decided: who takes one waits for the row.
      if (step !== null)
        await sql.query('SELECT 1 FROM account WHERE id = ANY($1::uuid[]) ORDER BY id FOR SHARE', [
          [step.askedBy, by.accountId],
        ]);
      const facts = await loadFacts(sql, by.accountId, now, null);
      const askerFacts = step === null ? facts : await loadFacts(sql, step.askedBy, now, null);
      const refusal = refuseConfirmation(step, { actor: by, action, seen, facts, askerFacts, now });
      if (refusal === null && step !== null) {
        await sql.query(`UPDATE second_step SET ended_at = $2, ended_by = $3, outcome = 'CONFIRMED' WHERE id = $1`, [
          step.id,
          now,
          by.accountId,
        ]);
        return { ok: true, payload: step.payload, askedBy: step.askedBy, reason: step.reason };
      }
      const code = refusal?.code ?? 'STEP_UNKNOWN';
      const reasons = refusal?.code === 'FORBIDDEN' ? refusal.reasons : [];
      if (facts.account !== null)
        await audit.write(sql, {
          accountId: by.accountId,
          grantId: null,
          action: 'COMMAND_REFUSED',
          detail: { command: 'confirm', needs: action, step: id, code, reasons: reasons.map((reason) => reason.code) },
        });
      return code === 'FORBIDDEN' ? refusedFor(reasons) : { ok: false, code, message: STEP_REFUSALS[code] };
    },

    /** Takes back what somebody asked for: they themself, or anybody who could confirm it. */
    async withdraw(
      sql: Sql,
      { id, by }: { id: string; by: AccountActor },
    ): Promise<Failed<'STEP_UNKNOWN' | 'STEP_ENDED'> | { ok: true; action: SecondAction }> {
      const now = clock.now();
      const step = await held(sql, id);
      const facts = await loadFacts(sql, by.accountId, now, null);
      const theirs = step?.askedBy === by.accountId || (step !== null && mayConfirm(step, by, facts, now).length === 0);
      if (step === null || !theirs) return { ok: false, code: 'STEP_UNKNOWN', message: STEP_REFUSALS.STEP_UNKNOWN };
      if (!isOpenStep(step, now)) return { ok: false, code: 'STEP_ENDED', message: STEP_REFUSALS.STEP_ENDED };
      await sql.query(`UPDATE second_step SET ended_at = $2, ended_by = $3, outcome = 'WITHDRAWN' WHERE id = $1`, [
        step.id,
        now,
        by.accountId,
      ]);
      return { ok: true, action: step.action };
    },

    /** What waits for somebody, oldest first: what the actor may confirm, and what they asked for themself. */
    async pending(sql: Sql, actor: AccountActor): Promise<readonly SecondStepDetails[]> {
      const now = clock.now();
      const facts = await loadFacts(sql, actor.accountId, now, null);
      const { rows } = await sql.query<Row & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM second_step WHERE ended_at IS NULL AND expires_at > $1 ORDER BY asked_at, id LIMIT ${MOST_LISTED}`,
        [now],
      );
      const shown = rows.flatMap((row) => {
        if (!isSecondAction(row.action)) return [];
        const step = { ...row, action: row.action };
        const confirmable = mayConfirm(step, actor, facts, now).length === 0;
        return confirmable || row.askedBy === actor.accountId ? [{ ...step, confirmable }] : [];
      });
      const people = await peopleOf(
        sql,
        shown.map(({ askedBy }) => askedBy),
      );
      return shown.map(({ askedBy, about: _about, endedAt: _endedAt, ...step }) => ({
        ...step,
        askedBy: people.get(askedBy) ?? null,
      }));
    },
  };
}

export type SecondSteps = ReturnType<typeof secondSteps>;
