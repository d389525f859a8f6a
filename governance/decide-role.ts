import { type RoleAction, ruleOf } from './actions.ts';
import type { Actor } from './actor.ts';
import { allow, type Decision, type Resource, reason, refuse, type SubjectFacts } from './decision.ts';
import { type Facts, isSuspended } from './facts.ts';
import { rolesOf } from './person.ts';
import { tokenOf } from './personal-token.ts';
import type { Reason } from './reasons.ts';

const concerns = (subject: SubjectFacts, accountId: string): boolean =>
  subject.accountId === accountId || subject.coAuthors.includes(accountId);

/** Decides an action that a role, and no grant, allows. A rule about a subject refuses where no subject is named. */
export const decideRole = (actor: Actor, action: RoleAction, resource: Resource, facts: Facts, now: Date): Decision => {
  const rule = ruleOf(action);
  if (rule.who === 'everybody') return allow({ kind: 'open' });
  if (actor.kind === 'system:pipeline') {
    const named = actor.job.actions.includes(action);
    return named ? allow({ kind: 'job', jobId: actor.job.jobId }) : refuse([reason('ROLE_MISSING', actor.kind)]);
  }
  const account = actor.kind === 'account' && facts.account?.id === actor.accountId ? facts.account : null;
  if (account === null || actor.kind === 'anonymous') return refuse([reason('NOT_SIGNED_IN')]);
  const subject = resource.kind === 'subject' ? resource.subject : null;
  const roles = rolesOf(actor, facts);
  const role = rule.who === 'signed-in' ? null : rule.who.find((name) => roles.includes(name));
  const ownInstitution =
    subject !== null && subject.institutionId !== null && subject.institutionId === account.institutionId;
  const reasons: Reason[] = [];
  // Who is suspended still sees their own record, and so what it is that they have to do; and what went wrong is to be told all the same.
  const always = action === 'VIEW_OWN' || action === 'REPORT_INCIDENT';
  if (isSuspended(account.suspensions, now) && !always) reasons.push(reason('ACCOUNT_SUSPENDED'));
  if (tokenOf(actor, facts.tokens, now) === undefined) reasons.push(reason('TOKEN_ENDED'));
  if ((actor.tokenGrantId ?? null) !== null && rule.token !== true) reasons.push(reason('TOKEN_BOUND'));
  if (role === undefined && rule.who !== 'signed-in') reasons.push(reason('ROLE_MISSING', rule.who.join(' or ')));
  if (rule.ownInstitution === true && !ownInstitution) reasons.push(reason('ROLE_MISSING', 'of this institution'));
  // Whom it concerns is told to who could judge them: to others it would say who works where, and with whom.
  const judges = role !== undefined || rule.who === 'signed-in';
  if (judges && rule.conflicts === true && (subject === null || ownInstitution || concerns(subject, account.id))) {
    reasons.push(reason('CONFLICT_OF_INTEREST'));
  }
  if (rule.second === true && (!subject?.askedBy || subject.askedBy === account.id)) {
    reasons.push(reason('SECOND_PERSON_NEEDED'));
  }
  if (reasons.length > 0) return refuse(reasons);
  return allow(role === null || role === undefined ? { kind: 'own' } : { kind: 'role', role });
};

/** Whether a release itself may be seen: published or once published, by everybody; a draft, by who works on it. */
export const decideRelease = (actor: Actor, resource: Resource, facts: Facts, now: Date): Decision => {
  const release = resource.kind === 'release' ? resource.release : null;
  if (release === null) return refuse([reason('RELEASE_UNPUBLISHED')]);
  if (release.state !== 'DRAFT') return allow({ kind: 'open' });
  if (actor.kind === 'system:pipeline' && actor.job.releaseId === release.id) {
    return allow({ kind: 'job', jobId: actor.job.jobId });
  }
  const worker = decideRole(actor, 'VIEW_DRAFT', resource, facts, now);
  return worker.allow ? worker : refuse([reason('RELEASE_UNPUBLISHED')]);
};
