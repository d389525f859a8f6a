import { addDays, endOfDay, localDate, startOfDay } from '../calendar.ts';
import type { CommandOf, Outcome, RequestFacts } from './commands.ts';
import { actorId, done, happened, refused } from './outcome.ts';
import { collaboratorsOf, grantEnd, type RequestState } from './state.ts';
import { LONGEST_REPORT, unsaid } from './text.ts';

const DAY_MS = 86_400_000;

/** Days after its end for which a grant can still be renewed. */
export const RENEWAL_LATE_DAYS = 30;

/** When a grant can be renewed, in milliseconds since 1970, half-open: days are whole in the study's zone. */
export const renewalWindow = (
  state: RequestState,
  { policy }: Pick<RequestFacts, 'policy'>,
): { readonly from: number; readonly to: number } | null => {
  const end = grantEnd(state);
  if (end === null) return null;
  // The last instant of a grant, so that one that ends at midnight ends with the day before.
  const lastDay = localDate(new Date(end - 1), policy.timeZone);
  return {
    from: startOfDay(addDays(lastDay, -policy.grant.renewalWindowDays), policy.timeZone),
    to: endOfDay(addDays(lastDay, RENEWAL_LATE_DAYS), policy.timeZone),
  };
};

/** A new, linked draft with what the old request said; the old grant goes on as it is. */
export const renew = (state: RequestState, command: CommandOf<'renew'>, facts: RequestFacts): Outcome => {
  const window = renewalWindow(state, facts);
  if (state.renewal !== null) return refused('RENEWAL_PENDING', state.renewal.requestId);
  if (state.closeOut !== null) return refused('ALREADY_ATTESTED');
  if (window === null || facts.now.getTime() >= window.to) return refused('RENEWAL_TOO_LATE');
  if (facts.now.getTime() < window.from) return refused('RENEWAL_TOO_EARLY', new Date(window.from).toISOString());
  // As on a new request, which this becomes: the institution that answers is the applicant's own.
  if (facts.actor.kind !== 'account' || facts.actor.institutionId !== state.institutionId) {
    return refused('OTHER_INSTITUTION');
  }
  const no = unsaid(command.progressReport, LONGEST_REPORT);
  if (no !== null) return no;
  const { newId: requestId } = facts;
  return {
    ok: true,
    events: done(facts, [{ type: 'RenewalBegun', renewalId: requestId }]),
    begun: done(facts, [
      {
        type: 'RequestCreated',
        requestId,
        institutionId: state.institutionId,
        renewalOf: state.id,
        progressReport: command.progressReport,
        form: state.form,
        collaborators: collaboratorsOf(state).flatMap(({ invitationId, email, accountId }) =>
          accountId === null || accountId === actorId(facts) ? [] : [{ invitationId, email, accountId }],
        ),
      },
    ]),
  };
};

/**
 * What becomes of a grant as its renewal goes on. Sent in before the end, the renewal keeps the grant alive, for some days
 * at most; given, it takes the grant's place; refused or withdrawn, the grant ends when it would have.
 */
export const followRenewal = (
  state: RequestState,
  { renewal }: CommandOf<'followRenewal'>,
  facts: RequestFacts,
): Outcome => {
  const { policy, now } = facts;
  const { requestId: renewalId, status, start } = renewal;
  const end = grantEnd(state);
  if (state.renewal?.requestId !== renewalId || state.renewal.given || state.grant === null || end === null) {
    return refused('NOT_DUE');
  }
  const ended = state.status === 'EXPIRED' || end <= now.getTime();
  if (status === 'APPROVED' && start !== null) {
    const from = new Date(Math.min(Math.max(Date.parse(start), now.getTime()), end)).toISOString();
    if (ended) return happened(facts, { type: 'GrantRenewed', renewalId, from: new Date(end).toISOString() });
    return Date.parse(from) <= now.getTime()
      ? happened(facts, { type: 'GrantRenewed', renewalId, from }, { type: 'GrantExpired' })
      : happened(facts, { type: 'GrantRenewed', renewalId, from });
  }
  if (status === 'REJECTED' || status === 'WITHDRAWN') return happened(facts, { type: 'RenewalEnded', renewalId });
  if (status !== 'SUBMITTED' || ended || state.extendedUntil !== null || policy.grant.renewalExtensionDays === 0) {
    return refused('NOT_DUE');
  }
  const until = new Date(end + policy.grant.renewalExtensionDays * DAY_MS);
  return happened(facts, { type: 'GrantExtended', renewalId, until: until.toISOString() });
};
