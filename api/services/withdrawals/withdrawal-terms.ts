import { isSeen } from '../../../governance/seen-signs.ts';
import { isHold } from '../../../governance/withdrawal.ts';
import type { TermsInput, WithdrawalTerms } from '../../../schema/services/withdrawals.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { logCommand } from '../log-command.ts';
import type { Permit } from '../permit.ts';
import { RolledBack, rollBackWith } from '../rolled-back.ts';
import type { SecondSteps } from '../two-person/second-steps.ts';

const TERMS =
  'SELECT id, key AS study, erasure_hold_days AS "erasureHoldDays", attestation_days AS "attestationDays" FROM study';

interface StudyTerms {
  readonly id: string;
  readonly study: string;
  readonly erasureHoldDays: number;
  readonly attestationDays: number;
}

const studyUnknown = { ok: false, code: 'STUDY_UNKNOWN', message: 'There is no such study.' } as const;
const daysInvalid = {
  ok: false,
  code: 'DAYS_INVALID',
  message: 'A hold takes 0 to 3650 days, and holders have 1 to 365 to attest.',
} as const;

/**
 * Days that a study's protocol asks for. One administrator lengthens the hold before an erasure; to shorten it takes two, since what is erased is gone.
 * Orders and notices that were given keep theirs.
 */
export function withdrawalTerms(deps: CommandDeps, permit: Permit, steps: SecondSteps): WithdrawalTerms {
  const { database, audit } = deps;

  /** Held until the transaction ends. */
  async function held(sql: Sql, study: string | null): Promise<StudyTerms | null> {
    const { rows } = await sql.query<StudyTerms & Record<string, unknown>>(`${TERMS} WHERE key = $1 FOR UPDATE`, [
      study ?? deps.defaultStudy,
    ]);
    return rows[0] ?? null;
  }

  const setHold = (sql: Sql, { id }: StudyTerms, days: number) =>
    sql.query('UPDATE study SET erasure_hold_days = $2 WHERE id = $1', [id, days]);

  return {
    async inForce(study) {
      const allowed = await permit('VIEW_WITHDRAWAL_TERMS', { query: 'withdrawalTerms' });
      if (!allowed.ok) return allowed;
      const { rows } = await database.query<TermsInput & Record<string, unknown>>(`${TERMS} WHERE key = $1`, [
        study ?? deps.defaultStudy,
      ]);
      return { ok: true, value: rows[0] ?? null };
    },

    async set({ study, erasureHoldDays, attestationDays }) {
      const allowed = await permit('CHANGE_SETTINGS', { command: 'setWithdrawalTerms' });
      if (!allowed.ok) return allowed;
      if (!isHold(erasureHoldDays) || !(attestationDays >= 1 && attestationDays <= 365)) return daysInvalid;
      return database.transaction(async (sql) => {
        const found = await held(sql, study);
        if (found === null) return studyUnknown;
        if (erasureHoldDays < found.erasureHoldDays) {
          const message = `The hold has ${found.erasureHoldDays} days; to shorten it takes two administrators: ask for it with askToShortenHold.`;
          return { ok: false, code: 'HOLD_SHORTENED', message } as const;
        }
        await setHold(sql, found, erasureHoldDays);
        await sql.query('UPDATE study SET attestation_days = $2 WHERE id = $1', [found.id, attestationDays]);
        const terms = { study: found.study, erasureHoldDays, attestationDays };
        await audit.write(sql, {
          accountId: allowed.actor.accountId,
          grantId: null,
          action: 'SET_WITHDRAWAL_TERMS',
          detail: terms,
        });
        return { ok: true, ...terms } as const;
      });
    },

    async askToShorten({ study, erasureHoldDays, reason }) {
      const allowed = await permit('CHANGE_SETTINGS', { command: 'askToShortenHold' });
      if (!allowed.ok) return allowed;
      if (!isHold(erasureHoldDays)) return daysInvalid;
      if (!isSeen(reason))
        return { ok: false, code: 'REASON_MISSING', message: 'Say what the protocol says, for whoever confirms it.' };
      return database.transaction(async (sql) => {
        const found = await held(sql, study);
        if (found === null) return studyUnknown;
        if (erasureHoldDays >= found.erasureHoldDays) {
          const message = `The hold has ${found.erasureHoldDays} days; as many or more are set with setWithdrawalTerms, by one.`;
          return { ok: false, code: 'HOLD_NOT_SHORTENED', message } as const;
        }
        const payload = { study: found.study, before: found.erasureHoldDays, erasureHoldDays };
        const step = await steps.ask(sql, { action: 'SHORTEN_HOLD', payload, reason, by: allowed.actor });
        const detail = { ...payload, step: step.stepId };
        await logCommand(audit, sql, allowed.actor.accountId, 'askToShortenHold', detail);
        return { ok: true, ...step } as const;
      });
    },

    async confirmShorten(stepId, seen) {
      // Whether somebody else asked is the step's own question; the role is asked here, before anything is looked up.
      const allowed = await permit('CHANGE_SETTINGS', { command: 'confirmShortenHold', step: stepId });
      if (!allowed.ok) return allowed;
      return rollBackWith(() =>
        database.transaction(async (sql) => {
          const confirmed = await steps.confirm(sql, { id: stepId, action: 'SHORTEN_HOLD', by: allowed.actor, seen });
          if (!confirmed.ok) return confirmed;
          const { study, before, erasureHoldDays } = confirmed.payload;
          const found = await held(sql, String(study));
          if (found === null) return studyUnknown;
          if (found.erasureHoldDays !== before) {
            const message = `The hold has ${found.erasureHoldDays} days by now; look again, and ask anew.`;
            // What was asked for waits on: it is taken back by who still wants it.
            throw new RolledBack({ ok: false, code: 'HOLD_MOVED', message } as const);
          }
          await setHold(sql, found, Number(erasureHoldDays));
          const detail = { study: found.study, before, erasureHoldDays, step: stepId, askedBy: confirmed.askedBy };
          await logCommand(audit, sql, allowed.actor.accountId, 'confirmShortenHold', detail as never);
          const { attestationDays } = found;
          return { ok: true, study: found.study, erasureHoldDays: Number(erasureHoldDays), attestationDays } as const;
        }),
      );
    },
  };
}
