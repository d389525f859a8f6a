import type { Actor } from './actor.ts';
import { addMonths, endOfDay, isLocalDate, type LocalDate, localDate } from './calendar.ts';
import { decide } from './decide.ts';
import type { CertificateFacts, CertificateState, Facts } from './facts.ts';
import type { Reason } from './reasons.ts';
import { isSeen } from './seen-signs.ts';
import type { TrainingType, VerifiedHow } from './training.ts';

interface Done {
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What the uploader says of a certificate. */
export interface CertificateClaim {
  readonly trainingType: TrainingType;
  /** Key of an accepted course of that type. */
  readonly course: string;
  readonly completedOn: LocalDate;
  readonly expiresOn: LocalDate | null;
  readonly credentialId: string;
  /** Of the file's bytes. */
  readonly fileSha256: string;
}

export type CertificateEvent = Done &
  (
    | ({ readonly type: 'CertificateUploaded'; readonly certificateId: string } & CertificateClaim)
    | { readonly type: 'CertificateVerified'; readonly how: VerifiedHow }
    | { readonly type: 'CertificateRejected'; readonly reason: string }
    | { readonly type: 'CertificateFileReplaced'; readonly fileSha256: string }
    | { readonly type: 'CertificateWithdrawn' }
  );

export type CertificateCommand =
  | { readonly type: 'upload'; readonly claim: CertificateClaim; readonly fileBytes: number }
  /** `seen`: hash of the file that the steward looked at. */
  | { readonly type: 'verify'; readonly how: VerifiedHow; readonly seen: string }
  | { readonly type: 'reject'; readonly reason: string }
  | { readonly type: 'replaceFile'; readonly fileSha256: string; readonly fileBytes: number }
  | { readonly type: 'withdraw' };

/** REPLACED: by another upload while it waited. WITHDRAWN: by its owner. Neither counts for anything any more. */
export type CertificateStatus = CertificateState | 'REPLACED' | 'WITHDRAWN';

export interface Certificate extends CertificateClaim {
  readonly id: string;
  readonly accountId: string;
  readonly uploadedAt: string;
  readonly state: CertificateStatus;
  readonly verifiedHow: VerifiedHow | null;
  readonly decidedBy: string | null;
  readonly rejectedFor: string | null;
}

/** What has to be known to decide a command: the actor's facts, and of the owner what makes a conflict. */
export interface CertificateContext {
  readonly actor: Actor;
  readonly facts: Facts;
  readonly now: Date;
  readonly ownerInstitutionId: string | null;
  readonly ownerCoAuthors: readonly string[];
  readonly newId: string;
}

export const CERTIFICATE_REFUSALS = {
  FORBIDDEN: 'You may not do this.',
  WRONG_STATE: 'The certificate is not in a state in which this can be done.',
  COURSE_NOT_ACCEPTED: 'This course is not accepted for this training; see the list of accepted ones.',
  DATES_INVALID: 'The dates do not fit: completed by today, not expired, and for ten years at most.',
  CREDENTIAL_MISSING: 'Give the credential id that is printed on the certificate, in at most 200 characters.',
  FILE_TOO_LARGE: 'The file is empty or too large.',
  FILE_CHANGED: 'The file is not the one that you saw; look at it again.',
  NOT_OWNER: 'Only its owner may do this.',
  REASON_MISSING: 'Say why, so that the person can act on it.',
} as const;

export type CertificateRefusal = {
  readonly code: keyof typeof CERTIFICATE_REFUSALS;
  /** Why it is forbidden; empty otherwise. */
  readonly reasons: readonly Reason[];
};

export type CertificateOutcome =
  | { readonly ok: true; readonly event: CertificateEvent }
  | { readonly ok: false; readonly refusal: CertificateRefusal };

const refused = (code: CertificateRefusal['code'], reasons: readonly Reason[] = []): CertificateOutcome => ({
  ok: false,
  refusal: { code, reasons },
});

const LONGEST_CREDENTIAL = 200;
/** The longest that a policy may give; a certificate that names its own end gets no more. */
const MOST_MONTHS = 120;

const claimRefusal = (
  claim: CertificateClaim,
  { facts, now }: CertificateContext,
): CertificateRefusal['code'] | null => {
  const { policy } = facts;
  const rule = policy.training[claim.trainingType];
  if (!rule.courses.some(({ key }) => key === claim.course)) return 'COURSE_NOT_ACCEPTED';
  const { credentialId } = claim;
  // Shown to stewards beside other people's: nothing in it that a terminal or a page obeys.
  if (credentialId.trim() === '' || credentialId.length > LONGEST_CREDENTIAL || /[\p{Cc}\p{Cf}]/u.test(credentialId))
    return 'CREDENTIAL_MISSING';
  const { completedOn, expiresOn } = claim;
  if (!isLocalDate(completedOn) || (expiresOn !== null && !isLocalDate(expiresOn))) return 'DATES_INVALID';
  const last = expiresOn ?? addMonths(completedOn, rule.durationMonths);
  if (completedOn > localDate(now, policy.timeZone) || last < completedOn) return 'DATES_INVALID';
  // Before its end is worked out: the day after the last that there is has no date.
  if (last > addMonths(completedOn, MOST_MONTHS)) return 'DATES_INVALID';
  return endOfDay(last, policy.timeZone) <= now.getTime() ? 'DATES_INVALID' : null;
};

/**
 * What a command does to a certificate: an event, or a refusal. Who may is decide()'s to say: a steward who is not its
 * owner, nor of the owner's institution, nor a recent co-author. One that was only seen may be verified again when it
 * has been looked up at its issuer; a verified one may be rejected when it turns out wrong, which ends what hung on it.
 * A verification holds for the file that was seen. While it waits, its owner may give it another file, without losing its
 * place; until it is rejected they may withdraw it.
 */
export const decideCertificate = (
  state: Certificate | null,
  command: CertificateCommand,
  context: CertificateContext,
): CertificateOutcome => {
  const { actor, facts, now } = context;
  const subject = {
    accountId: state?.accountId ?? null,
    institutionId: context.ownerInstitutionId,
    coAuthors: context.ownerCoAuthors,
    askedBy: null,
  };
  const own = command.type === 'upload' || command.type === 'replaceFile' || command.type === 'withdraw';
  const decision = own
    ? decide(actor, 'UPLOAD_CERTIFICATE', { kind: 'none' }, facts, now)
    : decide(actor, 'VERIFY_CERTIFICATE', { kind: 'subject', subject }, facts, now);
  if (!decision.allow) return refused('FORBIDDEN', decision.reasons);
  const done = { by: actor.kind === 'account' ? actor.accountId : actor.kind, at: now.toISOString() };
  if (command.type === 'upload') {
    if (state !== null) return refused('WRONG_STATE');
    if (command.fileBytes < 1 || command.fileBytes > facts.policy.certificateMaxBytes) return refused('FILE_TOO_LARGE');
    const no = claimRefusal(command.claim, context);
    if (no !== null) return refused(no);
    return {
      ok: true,
      event: { type: 'CertificateUploaded', certificateId: context.newId, ...command.claim, ...done },
    };
  }
  if (state === null) return refused('WRONG_STATE');
  if (own && (actor.kind !== 'account' || actor.accountId !== state.accountId)) return refused('NOT_OWNER');
  if (command.type === 'replaceFile') {
    if (state.state !== 'PENDING') return refused('WRONG_STATE');
    if (command.fileBytes < 1 || command.fileBytes > facts.policy.certificateMaxBytes) return refused('FILE_TOO_LARGE');
    return { ok: true, event: { type: 'CertificateFileReplaced', fileSha256: command.fileSha256, ...done } };
  }
  if (state.state !== 'PENDING' && state.state !== 'VERIFIED') return refused('WRONG_STATE');
  if (command.type === 'withdraw') return { ok: true, event: { type: 'CertificateWithdrawn', ...done } };
  if (command.type === 'reject') {
    if (!isSeen(command.reason)) return refused('REASON_MISSING');
    return { ok: true, event: { type: 'CertificateRejected', reason: command.reason, ...done } };
  }
  const better = state.verifiedHow === 'SEEN' && command.how === 'ISSUER';
  if (state.state === 'VERIFIED' && !better) return refused('WRONG_STATE');
  if (command.seen !== state.fileSha256) return refused('FILE_CHANGED');
  return { ok: true, event: { type: 'CertificateVerified', how: command.how, ...done } };
};

/** The certificate after one more event. Throws Error for a history that no command of ours can have made. */
export const applyCertificateEvent = (state: Certificate | null, event: CertificateEvent): Certificate => {
  if (event.type === 'CertificateUploaded') {
    if (state !== null) throw new Error(`the certificate ${state.id} is uploaded twice`);
    const { type: _, by, at, certificateId, ...claim } = event;
    const pending = { state: 'PENDING', verifiedHow: null, decidedBy: null, rejectedFor: null } as const;
    return { id: certificateId, accountId: by, uploadedAt: at, ...claim, ...pending };
  }
  if (state === null) throw new Error(`the history of a certificate begins with ${event.type}`);
  switch (event.type) {
    case 'CertificateVerified':
      return { ...state, state: 'VERIFIED', verifiedHow: event.how, decidedBy: event.by };
    case 'CertificateRejected':
      return { ...state, state: 'REJECTED', verifiedHow: null, decidedBy: event.by, rejectedFor: event.reason };
    case 'CertificateFileReplaced':
      return { ...state, fileSha256: event.fileSha256 };
    case 'CertificateWithdrawn':
      return { ...state, state: 'WITHDRAWN', verifiedHow: null };
  }
};

/** A certificate as decide() reads it; one that counts for nothing any more is like one that was rejected. */
export const certificateFacts = (certificate: Certificate): CertificateFacts => {
  const { id, accountId, trainingType: type, completedOn, expiresOn, verifiedHow } = certificate;
  const gone = certificate.state === 'REPLACED' || certificate.state === 'WITHDRAWN';
  const state = gone ? 'REJECTED' : certificate.state;
  return { id, accountId, type, state, completedOn, expiresOn, verifiedHow };
};
