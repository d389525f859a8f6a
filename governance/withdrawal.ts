import type { WithdrawalKind } from './rows.ts';

/** Why a patient is withdrawn: a word, so that nobody's name can stand in a text. */
export const WITHDRAWAL_REASONS = ['PATIENT', 'GUARDIAN', 'OF_AGE', 'CONSENT_INVALID', 'ETHICS'] as const;
export type WithdrawalReason = (typeof WITHDRAWAL_REASONS)[number];

/** Days from a wish to the erasure that a protocol may ask for. */
export const isHold = (days: number): boolean => days >= 0 && days <= 3650;

/** How far a withdrawal is; every instant is written once. */
export interface WithdrawalRecord {
  readonly kind: WithdrawalKind;
  /** When holders were told. */
  readonly notifiedAt: Date | null;
  readonly erasureOrderedAt: Date | null;
  /** End of the hold that the study's protocol asks for. */
  readonly eraseAfter: Date | null;
  readonly erasingAt: Date | null;
  readonly erasedAt: Date | null;
  readonly takenBackAt: Date | null;
}

export const WITHDRAWAL_STAGES = [
  'RECORDED',
  'NOTIFIED',
  'ERASURE_ORDERED',
  'ERASING',
  'ERASED',
  'TAKEN_BACK',
] as const;
export type WithdrawalStage = (typeof WITHDRAWAL_STAGES)[number];

/** The one stage that follows from the instants. */
export const stageOf = (of: WithdrawalRecord): WithdrawalStage => {
  if (of.takenBackAt !== null) return 'TAKEN_BACK';
  if (of.erasedAt !== null) return 'ERASED';
  if (of.erasingAt !== null) return 'ERASING';
  if (of.erasureOrderedAt !== null) return 'ERASURE_ORDERED';
  return of.notifiedAt !== null ? 'NOTIFIED' : 'RECORDED';
};

/** What two stewards decide, and what the program does when the hold is over. */
export const WITHDRAWAL_STEPS = ['NOTICES', 'ERASURE', 'TAKE_BACK'] as const;
export type WithdrawalStep = (typeof WITHDRAWAL_STEPS)[number];
export type WithdrawalCommand = WithdrawalStep | 'ERASE';

export const isWithdrawalStep = (word: unknown): word is WithdrawalStep => WITHDRAWAL_STEPS.some((one) => one === word);

export const WITHDRAWAL_REFUSALS = {
  NOT_OF_THIS_KIND: 'A withdrawal of this kind does not ask for that.',
  NOTICES_FIRST: 'Holders of copies have to be told before an erasure is ordered.',
  ALREADY_DONE: 'That was done before.',
  ERASURE_BEGUN: 'The erasure has begun; nothing of it can be undone.',
  ALREADY_TAKEN_BACK: 'The withdrawal was taken back; record it anew if it stands.',
  HOLD_RUNS: 'The hold that the protocol asks for is not over.',
  NOT_ORDERED: 'Two stewards have to order the erasure first.',
} as const;
export type WithdrawalRefusal = keyof typeof WITHDRAWAL_REFUSALS;

/**
 * Why a step is not to be taken, or null. Only what ends sharing has holders to tell; only ERASE erases, after holders were told, and
 * when the hold is over; until it begins, everything can be taken back.
 */
export const refuseStep = (of: WithdrawalRecord, command: WithdrawalCommand, now: Date): WithdrawalRefusal | null => {
  const stage = stageOf(of);
  if (stage === 'TAKEN_BACK') return 'ALREADY_TAKEN_BACK';
  switch (command) {
    case 'NOTICES':
      if (of.kind === 'STOP_COLLECTION') return 'NOT_OF_THIS_KIND';
      return stage === 'RECORDED' ? null : 'ALREADY_DONE';
    case 'ERASURE':
      if (of.kind !== 'ERASE') return 'NOT_OF_THIS_KIND';
      if (stage === 'RECORDED') return 'NOTICES_FIRST';
      return stage === 'NOTIFIED' ? null : 'ALREADY_DONE';
    case 'TAKE_BACK':
      return stage === 'ERASING' || stage === 'ERASED' ? 'ERASURE_BEGUN' : null;
    case 'ERASE':
      if (of.kind !== 'ERASE') return 'NOT_OF_THIS_KIND';
      if (stage === 'ERASED') return 'ALREADY_DONE';
      if (stage === 'ERASING') return null;
      if (of.eraseAfter === null) return 'NOT_ORDERED';
      return of.eraseAfter <= now ? null : 'HOLD_RUNS';
  }
};

/** The steps that a steward may ask another for now; what was asked for already waits for that other. */
export const stepsToAsk = (of: WithdrawalRecord, asked: readonly WithdrawalStep[], now: Date): WithdrawalStep[] =>
  WITHDRAWAL_STEPS.filter((step) => !asked.includes(step) && refuseStep(of, step, now) === null);

const WEIGHT: Readonly<Record<WithdrawalKind, number>> = { STOP_COLLECTION: 0, STOP_SHARING: 1, ERASE: 2 };

/** True where what stands already covers it: the same, or more. Less may follow on nothing, more on anything. */
export const isCovered = (standing: readonly WithdrawalKind[], kind: WithdrawalKind): boolean =>
  standing.some((one) => WEIGHT[one] >= WEIGHT[kind]);

/** True for kinds that take the patient out of every query, count, split and download. */
export const endsSharing = (kind: WithdrawalKind): boolean => kind !== 'STOP_COLLECTION';

/** What somebody's copies come to. */
export interface DutyRecord {
  readonly toldAt: Date | null;
  readonly dueAt: Date | null;
  readonly attestedAt: Date | null;
}

export const DUTY_STATES = ['NOT_TOLD', 'OPEN', 'OVERDUE', 'ATTESTED'] as const;
export type DutyState = (typeof DUTY_STATES)[number];

/** Overdue from the instant that it was due. */
export const dutyState = ({ toldAt, dueAt, attestedAt }: DutyRecord, now: Date): DutyState => {
  if (attestedAt !== null) return 'ATTESTED';
  if (toldAt === null || dueAt === null) return 'NOT_TOLD';
  return dueAt <= now ? 'OVERDUE' : 'OPEN';
};

export const REMAINING = ['NOTICES', 'ATTESTATIONS', 'NEXT_RELEASE', 'ERASURE_ORDER', 'HOLD', 'ERASURE'] as const;
export type RemainingWhat = (typeof REMAINING)[number];
export const WAITS_FOR = ['STEWARD', 'SECOND_STEWARD', 'HOLDERS', 'CURATOR', 'CLOCK', 'SYSTEM'] as const;
export type WaitsFor = (typeof WAITS_FOR)[number];

/** Something that is still to be done, and whose turn it is. */
export interface Remaining {
  readonly what: RemainingWhat;
  readonly waitsFor: WaitsFor;
  /** How many are open; 1 where there is one of it. */
  readonly count: number;
  /** Until when it is due or lasts; null where nothing says so. */
  readonly until: Date | null;
}

/** What is known beside the withdrawal itself. */
export interface WithdrawalTasks {
  readonly duties: readonly DutyRecord[];
  /** Steps that one steward has asked for and none confirmed. */
  readonly asked: readonly WithdrawalStep[];
  /** Of the release without the patient: NONE where nothing of theirs is released. */
  readonly nextRelease: 'NONE' | 'MAKING' | 'PROBLEM' | 'DRAFTED' | 'PUBLISHED';
}

/** Everything that remains to be done for a withdrawal, in the order in which it is done. Empty when nothing does. */
export const remainingOf = (of: WithdrawalRecord, tasks: WithdrawalTasks, now: Date): readonly Remaining[] => {
  const stage = stageOf(of);
  if (stage === 'TAKEN_BACK' || !endsSharing(of.kind)) return [];
  const remaining: Remaining[] = [];
  const turn = (step: WithdrawalStep): WaitsFor => (tasks.asked.includes(step) ? 'SECOND_STEWARD' : 'STEWARD');
  const one = (what: RemainingWhat, waitsFor: WaitsFor, until: Date | null = null): void => {
    remaining.push({ what, waitsFor, count: 1, until });
  };
  if (stage === 'RECORDED') one('NOTICES', turn('NOTICES'));
  const open = tasks.duties.filter((duty) => ['OPEN', 'OVERDUE'].includes(dutyState(duty, now)));
  const due = open.flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt.getTime()]));
  if (open.length > 0)
    remaining.push({
      what: 'ATTESTATIONS',
      waitsFor: 'HOLDERS',
      count: open.length,
      until: new Date(Math.min(...due)),
    });
  if (tasks.nextRelease === 'MAKING') one('NEXT_RELEASE', 'SYSTEM');
  if (tasks.nextRelease === 'PROBLEM' || tasks.nextRelease === 'DRAFTED') one('NEXT_RELEASE', 'CURATOR');
  if (of.kind !== 'ERASE') return remaining;
  if (stage === 'RECORDED' || stage === 'NOTIFIED') one('ERASURE_ORDER', turn('ERASURE'));
  if (stage === 'ERASURE_ORDERED' && of.eraseAfter !== null && of.eraseAfter > now) one('HOLD', 'CLOCK', of.eraseAfter);
  else if (stage === 'ERASURE_ORDERED' || stage === 'ERASING') one('ERASURE', 'SYSTEM', of.eraseAfter);
  return remaining;
};

const DAY_MS = 86_400_000;

/** An instant so many days later, as a hold and a due date count them. */
export const daysLater = (from: Date, days: number): Date => new Date(from.getTime() + days * DAY_MS);

/** When holders who have not attested are reminded: a week before (where there is one), on the day, and each week after, four times. */
export const remindersFor = (toldAt: Date, dueAt: Date): readonly Date[] =>
  [-7, 0, 7, 14, 21, 28].map((days) => daysLater(dueAt, days)).filter((at) => at > toldAt);
