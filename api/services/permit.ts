import type { RoleAction } from '../../governance/actions.ts';
import type { AccountActor, Actor } from '../../governance/actor.ts';
import { decide } from '../../governance/decide.ts';
import type { Resource } from '../../governance/decision.ts';
import { describeReason, publicReasons, type Reason } from '../../governance/reasons.ts';
import type { Refused } from '../../schema/services/result.ts';
import type { Sql } from '../adapters/database/database.ts';
import type { AuditDetail } from './audit/audit-event.ts';
import { byToken } from './audit/by-token.ts';
import type { CommandDeps } from './command-deps.ts';

/** A refusal as the person is told it. */
export const refusedFor = (reasons: readonly Reason[]): Refused => {
  const told = publicReasons(reasons);
  const message = told.map((reason) => describeReason(reason).sentence).join(' ');
  return { ok: false, code: 'FORBIDDEN', message, reasons: told };
};

export type Permit = (
  action: RoleAction,
  /** What was wanted, for the log. */
  about: AuditDetail,
  resource?: Resource,
  /** A transaction, where it has to be as of then; the database otherwise. */
  sql?: Sql,
) => Promise<{ readonly ok: true; readonly actor: AccountActor } | Refused>;

const NOTHING: Resource = { kind: 'none' };

/**
 * Asks decide() whether somebody's role allows something, as of now. A refusal of somebody who is signed in is written
 * to the log; what strangers try is not, since they could fill it.
 */
export const permitOf =
  ({ database, clock, audit, strangers, loadFacts }: CommandDeps, actor: Actor): Permit =>
  async (action, about, resource = NOTHING, sql = database) => {
    const accountId = actor.kind === 'account' ? actor.accountId : null;
    const now = clock.now();
    const facts = await loadFacts(sql, accountId, now, null);
    const decision = decide(actor, action, resource, facts, now);
    if (decision.allow && actor.kind === 'account') return { ok: true, actor };
    const reasons: readonly Reason[] = decision.allow ? [{ code: 'NOT_SIGNED_IN', subject: null }] : decision.reasons;
    // What a command or query is called is our word; what strangers gave with it is not counted.
    if (accountId === null) strangers?.count(String(about.command ?? about.query ?? action));
    if (accountId !== null && facts.account !== null) {
      await audit.write(sql, {
        accountId,
        grantId: null,
        action: 'COMMAND_REFUSED',
        detail: {
          ...about,
          needs: action,
          code: 'FORBIDDEN',
          reasons: reasons.map(({ code }) => code),
          ...byToken(actor),
        },
      });
    }
    return refusedFor(reasons);
  };
