import type { AccountActor } from '../../../governance/actor.ts';
import {
  daysLater,
  isWithdrawalStep,
  refuseStep,
  remindersFor,
  WITHDRAWAL_REFUSALS,
  type WithdrawalRefusal,
  type WithdrawalStep,
} from '../../../governance/withdrawal.ts';
import type { Failed } from '../../../schema/services/result.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Asked, Confirmed, SecondSteps } from '../two-person/second-steps.ts';
import type { WithdrawalDeps } from './withdrawal-deps.ts';
import { type DutyRow, dutiesOf, heldWithdrawal, type WithdrawalRow } from './withdrawal-rows.ts';

type Refusal = Failed<WithdrawalRefusal | 'WITHDRAWAL_UNKNOWN'>;
const unknown: Refusal = { ok: false, code: 'WITHDRAWAL_UNKNOWN', message: 'There is no such withdrawal.' };
const refused = (code: WithdrawalRefusal): Refusal => ({ ok: false, code, message: WITHDRAWAL_REFUSALS[code] });

/** Steps of a withdrawal that two stewards take, in the caller's transaction. */
export function withdrawalSteps(deps: WithdrawalDeps, steps: SecondSteps) {
  const { clock, audit, jobs } = deps;

  /** Everything that a second steward should look at before they confirm it. */
  async function payloadOf(sql: Sql, row: WithdrawalRow, step: WithdrawalStep) {
    const duties = await dutiesOf(sql, [row.id]);
    return {
      withdrawal: row.id,
      step,
      study: row.study,
      patient: row.patient,
      kind: row.kind,
      ...(step === 'NOTICES' && {
        duties: duties.map(({ id, accountId, exports, downloads }) => ({
          ...{ duty: id, holder: accountId, exports: [...exports] },
          ...(downloads > 0 && { downloads }),
        })),
        days: row.attestationDays,
      }),
      ...(step === 'ERASURE' && { holdDays: row.erasureHoldDays }),
    };
  }

  async function tell(sql: Sql, row: WithdrawalRow, now: Date): Promise<void> {
    await sql.query('UPDATE withdrawal SET notified_at = $2 WHERE id = $1', [row.id, now]);
    const dueAt = daysLater(now, row.attestationDays);
    for (const duty of await dutiesOf(sql, [row.id])) {
      await sql.query('UPDATE destruction_duty SET told_at = $2, due_at = $3 WHERE id = $1', [duty.id, now, dueAt]);
      await queueMail(sql, {
        to: { accountId: duty.accountId },
        template: 'withdrawal-notice',
        data: noticeData(duty, dueAt),
        once: `withdrawal.${duty.id}`,
      });
      for (const [index, runAfter] of remindersFor(now, dueAt).entries())
        await jobs.add(sql, {
          kind: 'remind-holder',
          payload: { dutyId: duty.id, number: index + 1 },
          dedupeKey: `remind ${duty.id} ${index + 1}`,
          runAfter,
        });
    }
  }

  async function order(sql: Sql, row: WithdrawalRow, now: Date): Promise<void> {
    // The hold is the protocol's, from the day of the wish; an order that comes later than its end is carried out at once.
    const end = daysLater(row.recordedAt, row.erasureHoldDays);
    const eraseAfter = end > now ? end : now;
    await sql.query('UPDATE withdrawal SET erasure_ordered_at = $2, erase_after = $3 WHERE id = $1', [
      row.id,
      now,
      eraseAfter,
    ]);
    await jobs.add(sql, {
      kind: 'erase-patient',
      payload: { withdrawalId: row.id },
      dedupeKey: `erase ${row.id}`,
      maxAttempts: 20,
      runAfter: eraseAfter,
    });
  }

  async function takeBack(sql: Sql, row: WithdrawalRow, now: Date): Promise<void> {
    await sql.query('UPDATE withdrawal SET taken_back_at = $2 WHERE id = $1', [row.id, now]);
    for (const duty of await dutiesOf(sql, [row.id]))
      if (duty.toldAt !== null && duty.attestedAt === null)
        await queueMail(sql, {
          to: { accountId: duty.accountId },
          template: 'withdrawal-taken-back',
          data: { study: duty.study, exports: [...duty.exports], files: duty.downloads },
          once: `withdrawal-back.${duty.id}`,
        });
  }

  return {
    /** One steward asks; nothing happens yet. */
    async ask(
      sql: Sql,
      of: { id: string; step: WithdrawalStep; by: AccountActor; reason: string },
    ): Promise<({ readonly ok: true } & Asked) | Refusal> {
      const row = await heldWithdrawal(sql, of.id);
      if (row === null) return unknown;
      const code = refuseStep(row, of.step, clock.now());
      if (code !== null) return refused(code);
      const payload = await payloadOf(sql, row, of.step);
      const asked = await steps.ask(sql, { action: 'CONFIRM_WITHDRAWAL', payload, reason: of.reason, by: of.by });
      await audit.write(sql, {
        accountId: of.by.accountId,
        grantId: null,
        action: 'ASK_WITHDRAWAL_STEP',
        detail: { withdrawal: row.id, step: of.step, asked: asked.stepId, sees: asked.payloadSha256 },
      });
      return { ok: true, ...asked };
    },

    /** Another steward confirms what they saw, and it is done in the same transaction. */
    async confirm(
      sql: Sql,
      of: { stepId: string; by: AccountActor; seen: string },
    ): Promise<{ readonly ok: true; readonly id: string } | Refusal | Extract<Confirmed, { ok: false }>> {
      const now = clock.now();
      const confirmed = await steps.confirm(sql, {
        id: of.stepId,
        action: 'CONFIRM_WITHDRAWAL',
        by: of.by,
        seen: of.seen,
      });
      if (!confirmed.ok) return confirmed;
      const { withdrawal, step } = confirmed.payload;
      const row = await heldWithdrawal(sql, String(withdrawal));
      if (row === null || !isWithdrawalStep(step)) return unknown;
      const code = refuseStep(row, step, now);
      if (code !== null) return refused(code);
      if (step === 'NOTICES') await tell(sql, row, now);
      else if (step === 'ERASURE') await order(sql, row, now);
      else await takeBack(sql, row, now);
      await audit.write(sql, {
        accountId: of.by.accountId,
        grantId: null,
        action: 'CONFIRM_WITHDRAWAL_STEP',
        detail: { withdrawal: row.id, step, asked: of.stepId, askedBy: confirmed.askedBy, saw: of.seen },
      });
      return { ok: true, id: row.id };
    },
  };
}

/** What a holder is told: their exports, never whose data it is. */
export const noticeData = (duty: Pick<DutyRow, 'study' | 'exports' | 'downloads'>, dueAt: Date) => ({
  study: duty.study,
  exports: [...duty.exports],
  files: duty.downloads,
  due: dueAt.toISOString().slice(0, 10),
});
