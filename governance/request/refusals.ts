/** Every way in which a command on a request is refused, each with a sentence for who gave it. */
export const REFUSALS = {
  NOT_FOUND: 'There is no such request.',
  ACCOUNT_SUSPENDED: 'Your account is suspended; write to the data stewards.',
  NOT_PERMITTED: 'This is not yours to do with this request.',
  WRONG_STATE: 'The request is not in a state in which this can be done.',
  REQUEST_CHANGED: 'The request has changed since you looked at it; look again and decide anew.',
  CONFLICT_OF_INTEREST:
    'This concerns yourself, your institution or a recent co-author, so somebody else has to do it.',
  RECUSED: 'You have stepped back from this request.',
  INSTITUTION_MISSING: 'Your account belongs to no verified institution; an administrator can bind it to one.',
  INSTITUTION_INELIGIBLE: 'The institution is not eligible at present.',
  OTHER_INSTITUTION: 'You belong to another institution; file a linked request of your own.',
  FORM_INVALID: 'The form holds something that cannot be kept.',
  FORM_INCOMPLETE: 'The form is not complete.',
  EMAIL_INVALID: 'This is not an e-mail address.',
  ALREADY_INVITED: 'This person is on the team or invited already.',
  TOO_MANY_REQUESTS: 'Too many requests were begun today; begin the others tomorrow.',
  TOO_MANY_COMMENTS: 'Too many comments were written today; write the others tomorrow.',
  TOO_MANY_INVITATIONS: 'Too many invitations were sent today; send the others tomorrow.',
  TEAM_TOO_LARGE: 'The team is as large as a request allows.',
  NO_SUCH_MEMBER: 'There is no such person on the team.',
  INVITATION_EXPIRED: 'The invitation has expired; ask the applicant for a new one.',
  INVITATION_TOKEN_WRONG: 'This is not the invitation that was mailed to you; follow the link in the newest message.',
  INVITATION_OPEN: 'Somebody who was invited has not answered yet; wait for them or take the invitation back.',
  AGREEMENT_UNSIGNED: 'Somebody on the team has not signed the agreement for the request as it stands.',
  AGREEMENT_NOT_IN_FORCE: 'This version of the agreement is not the one in force.',
  ATTESTATION_MISSING: 'The attestation has to be given.',
  TEXT_TOO_LONG: 'The text is longer than can be kept; say it in fewer words.',
  REASON_MISSING: 'Say why, so that the person can act on it.',
  NO_SUCH_STEWARD: 'There is no such steward.',
  NOT_ENDORSED: 'The signing official has not endorsed the request as it stands.',
  NOTHING_GRANTED: 'A proposal gives at least one use of one kind of data.',
  NOT_ASKED_FOR: 'A proposal gives no more than was asked for.',
  EXPORT_NOT_CONFIRMED: 'Export of identifiable data has to be confirmed by every steward who agrees.',
  TERM_INVALID: 'The grant has to end after it starts and after today.',
  TERM_TOO_LONG: 'The grant ends later than the policy allows.',
  APPLICANT_LEFT: 'The applicant is of another institution by now than the one that answers for this request.',
  CLOSE_OUT_OVERDUE: 'The team is late with the close-out of another grant, so this request waits.',
  NOT_PROPOSED: 'Nothing is proposed for the request as it stands.',
  PROPOSAL_DIFFERS: 'The proposal is not the one that you looked at.',
  SAME_STEWARD: 'The second steward has to be somebody else.',
  NOT_DUE: 'There is no reason for this yet.',
  SUCCESSOR_MISSING: 'The signing official has to endorse somebody of the team to lead it on.',
  AMENDMENT_PENDING: 'An amendment is under way already; go on with that one or withdraw it.',
  NOTHING_AMENDED: 'The amendment changes nothing yet.',
  RENEWAL_TOO_EARLY: 'A grant is renewed in its last months; this one still has longer to run.',
  RENEWAL_TOO_LATE: 'The grant ended too long ago to be renewed; make a new request.',
  RENEWAL_PENDING: 'A renewal is under way already; go on with that one or withdraw it.',
  RENEWAL_GAP: 'The renewed grant has to start before the one that it renews ends.',
  ALREADY_ATTESTED: 'The destruction of all copies is attested already, so nothing more is done with this grant.',
  GRANT_ENDED: 'The grant has ended.',
  NOT_ATTESTED: 'The applicant has not attested the destruction of copies yet.',
} as const satisfies Record<string, string>;

export type RefusalCode = keyof typeof REFUSALS;

/** `subject` names what is meant: a member, a modality, a field of the form. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly subject: string | null;
}
