/** Codes of the API whose plain lower-casing says little to a person. */
export const SAID: Readonly<Record<string, string>> = {
  EARLY_AM: 'early morning (5 to 7)',
  REG_AM: 'morning (8 to 11)',
  EARLY_PM: 'afternoon (12 to 16)',
  REG_PM: 'evening (17 to 20)',
  EARLY_NITE: 'late evening (21 to 23)',
  LATE_NITE: 'night (0 to 4)',
  REMOTE: 'at home',
  IN_CLINIC: 'in the clinic',
  UNKNOWN: 'not known',
  I_III: 'types I–III',
  IV_VI: 'types IV–VI',
  M: 'male',
  F: 'female',
  QUEUED: 'waiting its turn',
  SUCCEEDED: 'done',
  CANCELLED: 'ended early',
  RE_IDENTIFICATION: 'somebody was recognised, or it was tried',
  UNAUTHORISED_ACCESS: 'somebody had access who must not',
  LEAKED_CREDENTIAL: 'a password, token or key got out',
  LOST_DEVICE: 'a device with data is lost or stolen',
  DATA_LEFT: 'data went where it must not',
  FORBIDDEN_USE: 'data was used for what is forbidden',
};

/** A job, an export, a run, a check that has not ended. */
export const isUnderWay = (state: string): boolean => state === 'QUEUED' || state === 'RUNNING';

const EVENTS: Readonly<Record<string, string>> = {
  RequestCreated: 'The request was begun',
  FormEdited: 'The form was changed',
  CollaboratorInvited: 'A colleague was invited',
  CollaboratorRemoved: 'A colleague was taken off',
  InvitationAccepted: 'An invitation was accepted',
  AgreementSigned: 'The agreement was signed',
  RequestSubmitted: 'It was sent in',
  RequestEndorsed: 'The signing official endorsed it',
  RequestDeclined: 'The signing official declined it',
  CommentAdded: 'A comment was written',
  RequestAssigned: 'A steward took it',
  RequestReturned: 'It came back, to be changed',
  RequestApproved: 'Access was granted',
  RequestRejected: 'It was rejected',
  RequestWithdrawn: 'It was taken back',
  AmendmentBegun: 'An amendment was begun',
  MemberRemoved: 'Somebody left the team',
  GrantSuspended: 'Access was suspended',
  GrantResumed: 'Access was resumed',
  GrantRevoked: 'Access was revoked',
  GrantExpired: 'Access has ended',
  GrantExtended: 'Access was extended for the renewal',
  GrantRenewed: 'The renewal took its place',
  RenewalBegun: 'A renewal was begun',
  RenewalEnded: 'The renewal ended without a grant',
  CloseOutAttested: 'Destruction of all copies was attested',
  GrantClosed: 'It was closed',
  GrantProposed: 'A steward proposed a grant',
  ProposalSeconded: 'Another steward seconded it',
  StewardRecused: 'A steward stepped back',
};

/** What happened to a request, as a sentence. */
export const eventText = (type: string): string =>
  EVENTS[type] ?? type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
