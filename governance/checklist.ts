import type { Actor } from './actor.ts';
import { trainingStanding } from './certificate-standing.ts';
import { decide } from './decide.ts';
import type { Facts, ReleaseFacts } from './facts.ts';
import { chooseGrant } from './grant-choice.ts';
import { classOf, type Modality } from './modality.ts';
import { describeReason, type NextActor, publicReasons, type ReasonCode } from './reasons.ts';
import type { TrainingType } from './training.ts';
import type { Use } from './use.ts';

/** What data of a class asks for, in the order in which a person goes about it. */
export const REQUIREMENTS = {
  SIGNED_IN: {
    title: 'Be signed in, with an account in good standing',
    reasons: ['NOT_SIGNED_IN', 'ACCOUNT_SUSPENDED', 'TOKEN_ENDED'],
  },
  ROLE: { title: 'Have the role of a researcher', reasons: ['ROLE_MISSING', 'TOKEN_BOUND'] },
  INSTITUTION: { title: 'Belong to an eligible institution', reasons: ['INSTITUTION_INELIGIBLE'] },
  TRAINING: {
    title: 'Prove the training',
    reasons: ['TRAINING_MISSING', 'TRAINING_UNVERIFIED', 'TRAINING_EXPIRED'],
  },
  GRANT: {
    title: 'Have a grant in force',
    reasons: [
      'NO_GRANT',
      'GRANT_NOT_NAMED',
      'GRANT_NOT_STARTED',
      'GRANT_EXPIRED',
      'GRANT_SUSPENDED',
      'GRANT_REVOKED',
      'GRANT_CLOSED',
    ],
  },
  SCOPE: { title: 'Have it granted for this data and this use', reasons: ['MODALITY_NOT_GRANTED', 'USE_NOT_GRANTED'] },
  AGREEMENT: { title: 'Have the data use agreement signed', reasons: ['AGREEMENT_UNSIGNED', 'AGREEMENT_OUTDATED'] },
  RELEASE: { title: 'A release is published', reasons: [] },
  OPEN: { title: 'Access is not halted and the release stands', reasons: ['ACCESS_HALTED', 'RELEASE_RETRACTED'] },
} as const satisfies Record<string, { title: string; reasons: readonly ReasonCode[] }>;

export type RequirementKey = keyof typeof REQUIREMENTS;

export interface ChecklistItem {
  readonly requirement: RequirementKey;
  /** The training type, for TRAINING. */
  readonly subject: TrainingType | null;
  readonly title: string;
  readonly met: boolean;
  /** Why not; null when met. */
  readonly reason: ReasonCode | null;
  /** What to do about it. */
  readonly toDo: string | null;
  readonly next: NextActor | null;
  /** When what is met now ends, milliseconds since 1970, where that is known. */
  readonly expiresAt: number | null;
}

export interface AccessChecklist {
  readonly modality: Modality;
  readonly use: Use;
  readonly allowed: boolean;
  readonly items: readonly ChecklistItem[];
}

/** The person's own checklist for a use of a modality of a release: decide()'s answer, told requirement by requirement. */
export const accessChecklist = (
  actor: Actor,
  use: Use,
  modality: Modality,
  release: ReleaseFacts | null,
  facts: Facts,
  now: Date,
): AccessChecklist => {
  const decision = decide(actor, use, { kind: 'modality', modality, release }, facts, now);
  const reasons = decision.allow ? [] : publicReasons(decision.reasons);
  const { training, verifiedBy } = facts.policy.classes[classOf(modality)];
  const grant = actor.kind === 'account' ? chooseGrant(actor, facts, now).grant : null;
  // Without a grant there is nothing whose scope or agreement could fit; to a stranger all the rest is unknown too.
  const stranger = reasons.some(({ code }) => code === 'NOT_SIGNED_IN');
  const unknown = (key: RequirementKey): boolean =>
    (stranger && key !== 'SIGNED_IN' && key !== 'OPEN') ||
    ((key === 'SCOPE' || key === 'AGREEMENT') && grant === null && !decision.allow);

  const item = (requirement: RequirementKey, subject: TrainingType | null, expiresAt: number | null): ChecklistItem => {
    const { title, reasons: codes } = REQUIREMENTS[requirement];
    const unmet = reasons.find(
      (one) => (codes as readonly ReasonCode[]).includes(one.code) && (subject === null || one.subject === subject),
    );
    const told = unmet === undefined ? null : describeReason(unmet);
    const met = told === null && !unknown(requirement);
    const name = subject === null ? title : `${title}: ${facts.policy.training[subject].title}`;
    return {
      requirement,
      subject,
      title: name,
      met,
      reason: told?.code ?? null,
      toDo: told?.sentence ?? null,
      next: told?.whoActsNext ?? null,
      expiresAt: met ? expiresAt : null,
    };
  };
  const trainingItem = (type: TrainingType): ChecklistItem => {
    const { accountId } = actor.kind === 'account' ? actor : { accountId: '' };
    const standing = trainingStanding(facts.certificates, accountId, type, verifiedBy, facts.policy, now);
    return item('TRAINING', type, standing.standing === 'MET' ? standing.expiresAt : null);
  };
  const unpublished: ChecklistItem = {
    requirement: 'RELEASE',
    subject: null,
    title: REQUIREMENTS.RELEASE.title,
    met: false,
    reason: null,
    toDo: 'The study has no published release yet.',
    next: 'STEWARD',
    expiresAt: null,
  };
  const grantEnd = grant === null ? null : grant.end.getTime();
  return {
    modality,
    use,
    // What a person may not know of (a draft) is no item of theirs, and keeps the whole from being allowed all the same.
    allowed: decision.allow,
    items: [
      item('SIGNED_IN', null, null),
      item('ROLE', null, null),
      item('INSTITUTION', null, null),
      ...training.map(trainingItem),
      item('GRANT', null, grantEnd),
      item('SCOPE', null, grantEnd),
      item('AGREEMENT', null, null),
      ...(release === null ? [unpublished] : []),
      item('OPEN', null, null),
    ],
  };
};
