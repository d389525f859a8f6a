import type { AccountActor, Actor, PipelineActor } from './actor.ts';
import { trainingStanding } from './certificate-standing.ts';
import { allow, type Basis, type Decision, reason, refuse } from './decision.ts';
import type { ExceptionFacts, Facts, GrantFacts, ReleaseFacts } from './facts.ts';
import { isHalted } from './halt.ts';
import { classOf, type Modality } from './modality.ts';
import { type Person, personOf } from './person.ts';
import type { Reason } from './reasons.ts';
import type { Use } from './use.ts';

/** Reasons that lie in the release and in halts, whoever asks. */
const placeReasons = (
  modality: Modality,
  release: ReleaseFacts | null,
  grant: GrantFacts | null,
  facts: Facts,
  now: Date,
): readonly Reason[] => {
  const reasons: Reason[] = [];
  if (isHalted(facts, modality, release, grant, now)) reasons.push(reason('ACCESS_HALTED'));
  if (release === null || release.state === 'DRAFT') reasons.push(reason('RELEASE_UNPUBLISHED'));
  else if (release.state === 'RETRACTED') reasons.push(reason('RELEASE_RETRACTED'));
  return reasons;
};

const exceptionOf = (actor: AccountActor, release: ReleaseFacts, facts: Facts, now: Date): ExceptionFacts | undefined =>
  facts.exceptions.find(
    ({ accountId, releaseId, from, until }) =>
      accountId === actor.accountId &&
      releaseId === release.id &&
      from <= now &&
      now < until &&
      until.getTime() - from.getTime() <= facts.policy.exceptionHours * 3_600_000,
  );

/** A curator's own ways to rows: all of a draft, and released ones by a reasoned exception; to look at, nothing more. */
const curatorBasis = (
  actor: AccountActor,
  person: Person,
  use: Use,
  release: ReleaseFacts | null,
  facts: Facts,
  now: Date,
): Basis | null => {
  if (use !== 'READ' || release === null || release.state === 'RETRACTED') return null;
  if (!person.roles.includes('curator') || (actor.tokenGrantId ?? null) !== null) return null;
  if (release.state === 'DRAFT') return { kind: 'draft', role: 'curator' };
  const exception = exceptionOf(actor, release, facts, now);
  if (exception === undefined) return null;
  return { kind: 'exception', exceptionId: exception.id, validUntil: exception.until.getTime() };
};

/** Decides a use of one modality by a person. `person` is worked out once for an operation. */
export const decideForPerson = (
  actor: AccountActor,
  person: Person,
  use: Use,
  modality: Modality,
  release: ReleaseFacts | null,
  facts: Facts,
  now: Date,
): Decision => {
  const { grant } = person;
  const reasons: Reason[] = [...person.reasons, ...placeReasons(modality, release, grant, facts, now)];
  if (!person.known) return refuse(reasons);
  const curator = curatorBasis(actor, person, use, release, facts, now);
  if (curator !== null) {
    const shut = reasons.filter(({ code }) => code === 'ACCOUNT_SUSPENDED' || code === 'ACCESS_HALTED');
    return shut.length === 0 ? allow(curator) : refuse(shut);
  }
  const uses = grant?.access[modality] ?? [];
  if (grant !== null && uses.length === 0) reasons.push(reason('MODALITY_NOT_GRANTED', modality));
  else if (grant !== null && !uses.includes(use)) reasons.push(reason('USE_NOT_GRANTED', use));
  const rule = facts.policy.classes[classOf(modality)];
  let { validUntil } = person;
  for (const type of rule.training) {
    const training = trainingStanding(facts.certificates, actor.accountId, type, rule.verifiedBy, facts.policy, now);
    if (training.standing === 'MET') validUntil = Math.min(validUntil, training.expiresAt);
    else reasons.push(reason(`TRAINING_${training.standing}`, type));
  }
  if (rule.agreement && person.agreementReason !== null) reasons.push(person.agreementReason);
  if (grant === null || reasons.length > 0) return refuse(reasons);
  return allow({
    kind: 'grant',
    grantId: grant.id,
    purpose: grant.purpose,
    policyVersion: facts.policy.version,
    agreementVersion: person.agreementVersion,
    validUntil,
  });
};

const decideForJob = (
  { job }: PipelineActor,
  use: Use,
  modality: Modality,
  release: ReleaseFacts | null,
  facts: Facts,
  now: Date,
): Decision => {
  // The pipeline makes the drafts, so a release that is not published yet is no reason.
  const reasons = placeReasons(modality, release, null, facts, now).filter(
    ({ code }) => code !== 'RELEASE_UNPUBLISHED',
  );
  const sameRelease = job.releaseId === (release?.id ?? null);
  if (!sameRelease || !job.actions.includes(use) || !job.modalities.includes(modality)) {
    reasons.push(reason('ROLE_MISSING', 'system:pipeline'));
  }
  return reasons.length === 0 ? allow({ kind: 'job', jobId: job.jobId }) : refuse(reasons);
};

/** Decides a use of one modality of a release. */
export const decideData = (
  actor: Actor,
  use: Use,
  modality: Modality,
  release: ReleaseFacts | null,
  facts: Facts,
  now: Date,
): Decision => {
  switch (actor.kind) {
    case 'anonymous':
      return refuse([reason('NOT_SIGNED_IN'), ...placeReasons(modality, release, null, facts, now)]);
    case 'system:pipeline':
      return decideForJob(actor, use, modality, release, facts, now);
    case 'account':
      return decideForPerson(actor, personOf(actor, facts, now), use, modality, release, facts, now);
  }
};
