import type { Actor } from '../../../governance/actor.ts';
import { isSeen } from '../../../governance/seen-signs.ts';
import { dutyState, remainingOf, stageOf, stepsToAsk, type WithdrawalStep } from '../../../governance/withdrawal.ts';
import type { DutyDetails, WithdrawalCommands, WithdrawalDetails } from '../../../schema/services/withdrawals.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { secondSteps } from '../two-person/second-steps.ts';
import { isUuid } from '../uuid.ts';
import { recordWithdrawal } from './record-withdrawal.ts';
import type { WithdrawalDeps } from './withdrawal-deps.ts';
import {
  askedSteps,
  type DutyRow,
  dutiesOf,
  dutiesTold,
  listWithdrawals,
  readWithdrawal,
  type WithdrawalRow,
} from './withdrawal-rows.ts';
import { withdrawalSteps } from './withdrawal-steps.ts';
import { withdrawalTerms } from './withdrawal-terms.ts';

const dutyUnknown = { ok: false, code: 'DUTY_UNKNOWN', message: 'You were told of no such copies.' } as const;

/** Withdrawals, by one actor: a steward records them, two take what follows; holders attest for themselves. */
export function withdrawalCommands(deps: CommandDeps, withdrawals: WithdrawalDeps, actor: Actor): WithdrawalCommands {
  const { database, clock, audit } = deps;
  const permit = permitOf(deps, actor);
  const steps = withdrawalSteps(withdrawals, secondSteps(deps));

  const dutyOf = (row: DutyRow, holder: DutyDetails['holder']): DutyDetails => {
    const { id, study, grantId, exports, downloads, toldAt, dueAt, attestedAt } = row;
    return {
      id,
      study,
      grantId,
      exports,
      downloads,
      toldAt,
      dueAt,
      attestedAt,
      holder,
      state: dutyState(row, clock.now()),
    };
  };

  async function details(sql: Sql, rows: readonly WithdrawalRow[]): Promise<WithdrawalDetails[]> {
    const now = clock.now();
    const duties = await dutiesOf(
      sql,
      rows.map(({ id }) => id),
    );
    const asked = await askedSteps(sql, now);
    const people = await peopleOf(sql, [
      ...rows.map(({ recordedById }) => recordedById),
      ...duties.map(({ accountId }) => accountId),
    ]);
    return rows.map((row) => {
      const own = duties.filter(({ withdrawalId }) => withdrawalId === row.id);
      const { id, study, patient, kind, reason, recordedAt, notifiedAt, eraseAfter, erasedAt, takenBackAt, proof } =
        row;
      const { nextRelease, draftVersion, draftProblem, marked } = row;
      return {
        ...{ id, study, patient, kind, reason, recordedAt, notifiedAt, eraseAfter, erasedAt, takenBackAt, proof },
        ...{ nextRelease, draftVersion, draftProblem, marked },
        recordedBy: people.get(row.recordedById ?? '') ?? null,
        stage: stageOf(row),
        duties: own.map((duty) => dutyOf(duty, people.get(duty.accountId) ?? null)),
        remaining: remainingOf(row, { duties: own, asked: asked.get(id) ?? [], nextRelease }, now),
        allowedSteps: stepsToAsk(row, asked.get(id) ?? [], now),
      };
    });
  }

  async function done(sql: Sql, id: string): Promise<WithdrawalDetails> {
    const row = await readWithdrawal(sql, id);
    const [withdrawal] = row === null ? [] : await details(sql, [row]);
    if (withdrawal === undefined) throw new Error('a withdrawal that was just commanded is gone');
    return withdrawal;
  }

  const announce = async (jobs: readonly string[]): Promise<void> => {
    for (const id of jobs) await withdrawals.queue.announce(id);
  };

  return {
    async record({ study, patient, kind, reason }) {
      const allowed = await permit('RECORD_WITHDRAWAL', { command: 'recordWithdrawal', kind });
      if (!allowed.ok) return allowed;
      const of = { study: study ?? deps.defaultStudy, patient, kind, reason, by: allowed.actor.accountId };
      const recorded = await database.transaction((sql) => recordWithdrawal(withdrawals, sql, of));
      if (!recorded.ok) return recorded;
      await announce(recorded.jobs);
      return { ok: true, withdrawal: await done(database, recorded.id) };
    },

    async ask(id, step: WithdrawalStep, reason) {
      const allowed = await permit('RECORD_WITHDRAWAL', { command: 'askWithdrawalStep', withdrawal: id, step });
      if (!allowed.ok) return allowed;
      if (!isSeen(reason)) return { ok: false, code: 'REASON_MISSING', message: 'Say why, without anybody’s name.' };
      return database.transaction((sql) => steps.ask(sql, { id, step, by: allowed.actor, reason }));
    },

    async confirm(stepId, seen) {
      // Who may is decided with the step: it has to be another person than who asked.
      const allowed = await permit('VIEW_STEPS', { command: 'confirmWithdrawalStep', step: stepId });
      if (!allowed.ok) return allowed;
      return database.transaction(async (sql) => {
        const confirmed = await steps.confirm(sql, { stepId, by: allowed.actor, seen });
        return confirmed.ok ? ({ ok: true, withdrawal: await done(sql, confirmed.id) } as const) : confirmed;
      });
    },

    async list(study) {
      const allowed = await permit('RECORD_WITHDRAWAL', { query: 'withdrawals' });
      if (!allowed.ok) return allowed;
      const rows = await listWithdrawals(database, study ?? deps.defaultStudy);
      return { ok: true, value: await details(database, rows) };
    },

    async duties() {
      const allowed = await permit('VIEW_OWN', { query: 'destructionDuties' });
      if (!allowed.ok) return allowed;
      const { accountId, tokenGrantId = null } = allowed.actor;
      // A token knows of its own grant alone.
      const rows = (await dutiesTold(database, accountId)).filter(
        ({ grantId }) => tokenGrantId === null || grantId === tokenGrantId,
      );
      return { ok: true, value: rows.map((row) => dutyOf(row, null)) };
    },

    async attest(id, { copiesDestroyed, derivativesDestroyed }) {
      const allowed = await permit('ATTEST_DESTRUCTION', { command: 'attestDestruction', duty: id });
      if (!allowed.ok) return allowed;
      const { accountId } = allowed.actor;
      return database.transaction(async (sql) => {
        const held = await sql.query('SELECT 1 FROM destruction_duty WHERE id = $1 AND account_id = $2 FOR UPDATE', [
          isUuid(id) ? id : null,
          accountId,
        ]);
        const find = async () => (await dutiesTold(sql, accountId)).find((duty) => duty.id === id);
        const duty = held.rows.length === 0 ? undefined : await find();
        if (duty === undefined) return dutyUnknown;
        if (!copiesDestroyed || !derivativesDestroyed) {
          const message = 'Attest it when all of it is done: the copies, and what was made from them.';
          return { ok: false, code: 'ATTESTATION_INCOMPLETE', message } as const;
        }
        if (duty.attestedAt === null) {
          await sql.query('UPDATE destruction_duty SET attested_at = $2 WHERE id = $1', [id, clock.now()]);
          const detail = { duty: id, withdrawal: duty.withdrawalId, exports: [...duty.exports] };
          await audit.write(sql, { accountId, grantId: duty.grantId, action: 'ATTEST_DESTRUCTION', detail });
        }
        const attested = (await find()) ?? duty;
        return { ok: true, duty: dutyOf(attested, null) } as const;
      });
    },

    terms: withdrawalTerms(deps, permit, secondSteps(deps)),
  };
}
