import type { RoleAction } from './actions.ts';
import type { AccountActor } from './actor.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import type { Reason } from './reasons.ts';

/** What takes two people, and what whoever asks for it has to be allowed by themself. */
export const SECOND_STEPS = {
  GIVE_ROLE: { asks: 'MANAGE_ACCOUNTS' },
  APPOINT_DEPUTY: { asks: 'MANAGE_ACCOUNTS' },
  LOOSEN_POLICY: { asks: 'TIGHTEN_POLICY' },
  LIFT_HALT: { asks: 'HALT_ACCESS' },
  // Who asks is a steward without a conflict; here only the role can be asked again, the conflict is the command's to ask.
  LIFT_BAR: { asks: 'HANDLE_INCIDENT' },
  SHORTEN_HOLD: { asks: 'CHANGE_SETTINGS' },
  CONFIRM_WITHDRAWAL: { asks: 'RECORD_WITHDRAWAL' },
} as const satisfies Partial<Record<RoleAction, { asks: RoleAction }>>;

export type SecondAction = keyof typeof SECOND_STEPS;

export const SECOND_ACTIONS = Object.keys(SECOND_STEPS) as readonly SecondAction[];

/** Narrows a word of the database. */
export const isSecondAction = (word: string): word is SecondAction => Object.hasOwn(SECOND_STEPS, word);

/** Days for which something that was asked for waits for a second person. */
export const STEP_DAYS = 7;

export interface SecondStep {
  readonly id: string;
  readonly action: SecondAction;
  /** SHA-256 of the canonical text of what was asked for. */
  readonly payloadSha256: string;
  /** The account that it concerns; null for nobody. */
  readonly about: string | null;
  readonly askedBy: string;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
}

export const STEP_REFUSALS = {
  STEP_UNKNOWN: 'Nobody has asked for this.',
  STEP_ENDED: 'This was confirmed or withdrawn already, or has waited too long; it has to be asked for again.',
  SAME_PERSON: 'This takes two people: somebody else than who asked has to confirm it.',
  STEP_CHANGED: 'What was asked for is not what you looked at; look again.',
  ASKER_LEFT: 'Who asked for this may no longer do so themself; somebody else has to ask for it again.',
} as const;

export type StepCode = keyof typeof STEP_REFUSALS;

export type StepRefusal =
  | { readonly code: StepCode }
  | { readonly code: 'FORBIDDEN'; readonly reasons: readonly Reason[] };

interface Confirmation {
  readonly actor: AccountActor;
  /** What the confirming person means to confirm, and the hash of what they were shown. */
  readonly action: SecondAction;
  readonly seen: string;
  readonly facts: Facts;
  /** Of who asked, as of now. */
  readonly askerFacts: Facts;
  readonly now: Date;
}

/** True while it waits for somebody. */
export const isOpenStep = ({ endedAt, expiresAt }: Pick<SecondStep, 'endedAt' | 'expiresAt'>, now: Date): boolean =>
  endedAt === null && now < expiresAt;

/** Whether somebody's role lets them confirm what `askedBy` asked for; decide()'s answer. */
export const mayConfirm = (
  step: Pick<SecondStep, 'action' | 'askedBy' | 'about'>,
  actor: AccountActor,
  facts: Facts,
  now: Date,
): readonly Reason[] => {
  const subject = { accountId: step.about, institutionId: null, coAuthors: [], askedBy: step.askedBy };
  const decision = decide(actor, step.action, { kind: 'subject', subject }, facts, now);
  if (!decision.allow) return decision.reasons;
  return step.about === actor.accountId ? [{ code: 'CONFLICT_OF_INTEREST', subject: null }] : [];
};

/**
 * Why a confirmation does not count, or null. Whoever confirms holds the role at this moment, is not who asked and not
 * whom it concerns, and names the hash of what they saw; whoever asked could still ask for it now.
 */
export const refuseConfirmation = (
  step: SecondStep | null,
  { actor, action, seen, facts, askerFacts, now }: Confirmation,
): StepRefusal | null => {
  if (step === null || step.action !== action) return { code: 'STEP_UNKNOWN' };
  if (step.askedBy === actor.accountId) return { code: 'SAME_PERSON' };
  const reasons = mayConfirm(step, actor, facts, now);
  if (reasons.length > 0) return { code: 'FORBIDDEN', reasons };
  if (!isOpenStep(step, now)) return { code: 'STEP_ENDED' };
  if (step.payloadSha256 !== seen) return { code: 'STEP_CHANGED' };
  return askerLeft(step, askerFacts, now) ? { code: 'ASKER_LEFT' } : null;
};

/** True where whoever asked could not ask for it now: nobody can confirm it, and it does not stand in the way of who asks anew. */
export const askerLeft = (
  step: Pick<SecondStep, 'action' | 'askedBy' | 'about'>,
  askerFacts: Facts,
  now: Date,
): boolean => {
  const asker: AccountActor = { kind: 'account', accountId: step.askedBy };
  const asks = decide(asker, SECOND_STEPS[step.action].asks, { kind: 'none' }, askerFacts, now);
  return !asks.allow || step.about === step.askedBy;
};
