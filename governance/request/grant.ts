import { addDays, endOfDay, localDate } from '../calendar.ts';
import type { GrantFacts, GrantState } from '../facts.ts';
import type { Policy } from '../policy.ts';
import { seenHash } from './seen.ts';
import { grantEnd, type RequestState, type RequestStatus, teamOf } from './state.ts';

const STATE_OF: Readonly<Partial<Record<RequestStatus, GrantState>>> = {
  APPROVED: 'ACTIVE',
  SUSPENDED: 'SUSPENDED',
  REVOKED: 'REVOKED',
  EXPIRED: 'EXPIRED',
  CLOSED: 'CLOSED',
};

/** The grant that a request has become, as decide() reads it; null where it was never approved. */
export const grantFacts = (request: RequestState): GrantFacts | null => {
  // Who has attested that every copy is destroyed is done with the grant, whoever has yet to countersign.
  const state = request.closeOut === null ? STATE_OF[request.status] : 'CLOSED';
  const end = grantEnd(request);
  if (request.grant === null || end === null || state === undefined) return null;
  const { id, terms } = request.grant;
  const seen = seenHash(request);
  return {
    id,
    state,
    start: new Date(terms.start),
    end: new Date(end),
    access: terms.access,
    purpose: request.form.dataUse ?? [],
    institutionId: request.institutionId,
    members: teamOf(request),
    signatures: request.signatures
      .filter((signature) => signature.seen === seen)
      .map(({ seen: _, signedAt, ...signature }) => ({ ...signature, signedAt: new Date(signedAt) })),
  };
};

/** When a grant ended, in milliseconds since 1970, or null while it has not. */
const endOf = (request: RequestState, now: Date): number | null => {
  const given = grantEnd(request);
  if (given === null) return null;
  const end = Math.min(given, request.endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(request.endedAt));
  return end <= now.getTime() ? end : null;
};

/** True where a grant ended longer ago than the policy's days and nobody has attested that its copies are destroyed. */
export const closeOutOverdue = (request: RequestState, policy: Policy, now: Date): boolean => {
  const end = endOf(request, now);
  // Where it was renewed, the copies are kept under the grant that took its place.
  if (end === null || request.closeOut !== null || request.renewal?.given === true) return false;
  const last = addDays(localDate(new Date(end), policy.timeZone), policy.grant.closeOutDays);
  return now.getTime() >= endOfDay(last, policy.timeZone);
};
