import { trainingGaps } from '../../../governance/certificate-standing.ts';
import type { RequestEvent } from '../../../governance/request/events.ts';
import { modalitiesUnder, type RequestState, teamOf } from '../../../governance/request/state.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { certificateFactsOf } from '../access/certificate-rows.ts';
import { currentPolicy } from '../access/policy.ts';
import { peopleOf } from '../people.ts';
import { personSanctioned } from '../sanctions/sanctioned-sql.ts';
import { queueMail } from './queue-mail.ts';

type News =
  | 'request-approved'
  | 'request-returned'
  | 'request-rejected'
  | 'request-comment'
  | 'grant-suspended'
  | 'grant-revoked'
  | 'grant-resumed'
  | 'grant-expired'
  | 'grant-extended'
  | 'grant-renewed';

const NEWS: Partial<Record<RequestEvent['type'], News>> = {
  RequestApproved: 'request-approved',
  RequestReturned: 'request-returned',
  RequestDeclined: 'request-returned',
  RequestRejected: 'request-rejected',
  CommentAdded: 'request-comment',
  GrantSuspended: 'grant-suspended',
  GrantRevoked: 'grant-revoked',
  GrantResumed: 'grant-resumed',
  GrantExpired: 'grant-expired',
  GrantExtended: 'grant-extended',
  GrantRenewed: 'grant-renewed',
};
/** What everybody on the team is told, since their access rests or ends with it. */
const FOR_ALL: readonly News[] = [
  'grant-suspended',
  'grant-revoked',
  'grant-resumed',
  'grant-expired',
  'grant-extended',
  'grant-renewed',
];

/** What somebody whose account is suspended is told all the same, by no title: it binds what they hold. */
const FOR_SUSPENDED: readonly News[] = ['grant-suspended', 'grant-revoked', 'grant-expired'];

/** Tells people what became of their requests, and asks those who are invited, in the transaction in which it does. */
export async function queueRequestMail(sql: Sql, state: RequestState, events: readonly RequestEvent[]): Promise<void> {
  const title = state.form.title ?? '';
  for (const [index, event] of events.entries()) {
    const once = `request.${state.id}.${state.version - events.length + index + 1}`;
    if (event.type === 'CollaboratorInvited') {
      const people = await peopleOf(sql, [event.by]);
      const { invitationId, email: address, expiresAt } = event;
      const applicant = people.get(event.by)?.name ?? '';
      const until = `${(expiresAt ?? event.at).slice(0, 16).replace('T', ' ')} UTC`;
      const data = { title, applicant, requestId: state.id, invitationId, until };
      await queueMail(sql, { to: { address }, template: 'collaborator-invited', data, once });
    }
    const template = NEWS[event.type];
    // Where a renewal takes over, nobody is told that their access has ended.
    if (event.type === 'GrantExpired' && state.renewal?.given === true) continue;
    if (template === undefined || (event.type === 'CommentAdded' && event.to !== 'APPLICANT')) continue;
    const told = FOR_ALL.includes(template) ? teamOf(state) : [state.applicantId];
    const suspended = await suspendedAmong(sql, told, new Date(event.at));
    for (const accountId of told) {
      if (suspended.has(accountId) && !FOR_SUSPENDED.includes(template)) continue;
      const message = { to: { accountId }, once: FOR_ALL.includes(template) ? `${once}.${accountId}` : once };
      if (template === 'request-approved') {
        const missing = await missingFor(sql, state, event.at);
        await queueMail(sql, { ...message, template, data: { title, missing } });
      } else {
        const data = { title: suspended.has(accountId) ? 'one of your requests' : title };
        await queueMail(sql, { ...message, template, data });
      }
    }
  }
}

/** Who reads nothing of requests for now. */
async function suspendedAmong(sql: Sql, accountIds: readonly string[], now: Date): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT id FROM account a WHERE id = ANY($1::uuid[])
       AND (coalesce(suspended_at <= $2 AND (suspended_until IS NULL OR $2 < suspended_until), false) OR ${personSanctioned('a.id')})`,
    [accountIds, now],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Trainings that the applicant still lacks for what was granted. */
async function missingFor(sql: Sql, state: RequestState, at: string) {
  const now = new Date(at);
  const { applicantId } = state;
  const policy = await currentPolicy(sql, now);
  const certificates = await certificateFactsOf(sql, [applicantId]);
  const gaps = trainingGaps(certificates, [applicantId], modalitiesUnder(state), policy, now);
  return [...new Set(gaps.map(({ training }) => training))].map((training) => ({
    training: policy.training[training].title,
    modalities: gaps.flatMap((gap) => (gap.training === training ? [gap.modality] : [])),
  }));
}
