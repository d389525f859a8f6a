/** Who has to do something next. */
export const NEXT_ACTORS = ['YOU', 'APPLICANT', 'SIGNING_OFFICIAL', 'STEWARD', 'ADMIN', 'NOBODY'] as const;

export type NextActor = (typeof NEXT_ACTORS)[number];

interface ReasonText {
  /** A sentence that the person can act on. */
  readonly sentence: string;
  readonly next: NextActor;
  /** True where only the log and staff may see it: to others the thing does not exist. */
  readonly staffOnly: boolean;
}

const open = (next: NextActor, sentence: string): ReasonText => ({ next, sentence, staffOnly: false });
const staff = (next: NextActor, sentence: string): ReasonText => ({ next, sentence, staffOnly: true });

/** Every reason for which something is refused, in the order in which they are told. */
export const REASONS = {
  NOT_SIGNED_IN: open('YOU', 'Sign in first.'),
  ACCOUNT_SUSPENDED: open('STEWARD', 'Your account is suspended; write to the data stewards.'),
  ROLE_MISSING: open('ADMIN', 'Your account does not have the role that this needs; an administrator can give it.'),
  TOKEN_BOUND: open('YOU', 'This token acts for one grant and does nothing else; sign in yourself for this.'),
  TOKEN_ENDED: open('YOU', 'This token has expired or was ended; make another.'),
  STEP_UP_REQUIRED: open(
    'YOU',
    'This decision asks for your second factor, given within the last minutes: sign in again with it.',
  ),
  BROWSER_REQUIRED: open(
    'YOU',
    'This decision is taken in the portal by somebody who has signed in there; a device login, a token or a service account does not take it.',
  ),
  CONFLICT_OF_INTEREST: open(
    'STEWARD',
    'This concerns yourself, your institution or a recent co-author, so somebody else has to decide it.',
  ),
  SECOND_PERSON_NEEDED: open('STEWARD', 'This takes two people: somebody else has to have asked for it.'),
  NO_GRANT: open('YOU', 'You have no grant for this data; make an access request, or name a grant that you belong to.'),
  GRANT_NOT_NAMED: open('YOU', 'You have several grants; name the one that you are acting for.'),
  GRANT_NOT_STARTED: open('NOBODY', 'Your grant has not started yet.'),
  GRANT_EXPIRED: open('APPLICANT', 'Your grant has ended; the applicant can renew it.'),
  GRANT_SUSPENDED: open('STEWARD', 'Your grant is suspended until a steward resumes it.'),
  GRANT_REVOKED: open('APPLICANT', 'Your grant was revoked; the applicant attests that every copy is destroyed.'),
  GRANT_CLOSED: open('NOBODY', 'Your grant is closed; new work needs a new request.'),
  MODALITY_NOT_GRANTED: open('APPLICANT', 'Your grant does not cover this kind of data; the applicant can ask for it.'),
  USE_NOT_GRANTED: open(
    'APPLICANT',
    'Your grant covers this data, but not this use of it; the applicant can ask for it.',
  ),
  TRAINING_MISSING: open(
    'YOU',
    'A training certificate is missing; take an accepted course and upload its certificate.',
  ),
  TRAINING_UNVERIFIED: open(
    'STEWARD',
    'A training certificate waits for a steward to verify it; identifiable data asks for one that was looked up at its issuer, not only seen.',
  ),
  TRAINING_EXPIRED: open('YOU', 'A training certificate has expired; renew the course and upload the new certificate.'),
  AGREEMENT_UNSIGNED: open('YOU', 'The data use agreement is not signed by you and your signing official.'),
  AGREEMENT_OUTDATED: open(
    'YOU',
    'The data use agreement has a newer version that you or your signing official have not signed.',
  ),
  INSTITUTION_INELIGIBLE: open(
    'SIGNING_OFFICIAL',
    'Your institution is not verified, is not in good standing, is in a country that is not eligible, or is not the one that the grant was given to.',
  ),
  ACCESS_HALTED: open('STEWARD', 'Access is halted for now; the stewards lift it when it is safe.'),
  RELEASE_RETRACTED: open('NOBODY', 'This release was retracted; use a later one.'),
  RELEASE_UNPUBLISHED: staff('STEWARD', 'This is not part of a published release.'),
  PATIENT_WITHDRAWN: staff('NOBODY', 'The patient has withdrawn.'),
  CONSENT_MISSING: staff('NOBODY', "The patient's consent does not allow this."),
  QUARANTINED: staff('STEWARD', 'It is in quarantine until somebody has looked at it.'),
} as const satisfies Record<string, ReasonText>;

export type ReasonCode = keyof typeof REASONS;

/** All codes, in the order of the table. */
export const REASON_CODES = Object.keys(REASONS) as readonly ReasonCode[];

/** One unmet requirement. `subject` names what is meant: a training type, a modality, a use or a grant's id. */
export interface Reason {
  readonly code: ReasonCode;
  readonly subject: string | null;
}

/** True where only the log and staff may see the reason. */
export const isStaffOnly = (code: ReasonCode): boolean => REASONS[code].staffOnly;

/** The sentence for the person and who acts next. */
export const describeReason = (
  reason: Reason,
): { code: ReasonCode; subject: string | null; sentence: string; whoActsNext: NextActor } => {
  const { sentence, next } = REASONS[reason.code];
  return { code: reason.code, subject: reason.subject, sentence, whoActsNext: next };
};

/** The reasons that the person themself may be told. */
export const publicReasons = (reasons: readonly Reason[]): readonly Reason[] =>
  reasons.filter(({ code }) => !isStaffOnly(code));

/**
 * True where the thing must look as if it did not exist: nothing that the person may be told stands in the way, only
 * what staff may know. Where something else is missing too, that alone is told: it is the same for a thing that was
 * never there.
 */
export const isHidden = (reasons: readonly Reason[]): boolean =>
  reasons.length > 0 && reasons.every(({ code }) => isStaffOnly(code));
