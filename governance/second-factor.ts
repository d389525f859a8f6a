import type { Actor } from './actor.ts';
import { reason } from './decision.ts';
import type { Reason } from './reasons.ts';

/** How somebody signed in, as far as decisions ask for it. Absent for an actor: nothing is asked (the demo, where scripts sign in with known passwords). */
export interface SignIn {
  /** In the portal with a browser, or a program with a token: a device login, a service account, a personal token. */
  readonly by: 'browser' | 'program';
  /** Until when the second factor that they gave counts, null where they gave none; absent where the realm has none to ask for. */
  readonly secondFactorUntil?: Date | null;
}

const ASK = true;
const FREE = false;

/**
 * Every command of the API, and whether it asks for a recent second factor: what stewards and administrators decide does, and a curator's exception, the
 * one way to rows that no grant opens. What people do in their own matters does not, nor what only prepares a decision of somebody else, nor what stops
 * access at once and can be taken back: a leak is not to go on because a telephone is in another room.
 */
export const SECOND_FACTOR: Readonly<Record<string, boolean>> = {
  // Access requests and grants.
  createAccessRequest: FREE,
  editAccessRequest: FREE,
  inviteCollaborator: FREE,
  removeCollaborator: FREE,
  acceptInvitation: FREE,
  amendAccessRequest: FREE,
  renewAccessRequest: FREE,
  signAgreement: FREE,
  submitAccessRequest: FREE,
  withdrawAccessRequest: FREE,
  attestCloseOut: FREE,
  endorseAccessRequest: FREE,
  declineAccessRequest: FREE,
  countersignCloseOut: FREE,
  commentAccessRequest: FREE,
  assignAccessRequest: FREE,
  recuseFromAccessRequest: FREE,
  removeMember: FREE,
  suspendGrant: FREE,
  returnAccessRequest: ASK,
  approveAccessRequest: ASK,
  secondApproval: ASK,
  rejectAccessRequest: ASK,
  resumeGrant: ASK,
  revokeGrant: ASK,
  declareCoAuthor: FREE,
  withdrawCoAuthor: FREE,
  askForDeputySteward: ASK,
  confirmDeputySteward: ASK,
  endDeputySteward: ASK,
  // Training, agreements, mail.
  uploadCertificate: FREE,
  replaceCertificateFile: FREE,
  withdrawCertificate: FREE,
  verifyCertificate: ASK,
  rejectCertificate: ASK,
  publishAgreement: ASK,
  sendMailAgain: FREE,
  // The pipeline's work.
  retryJob: FREE,
  pauseJobs: FREE,
  resumeJobs: FREE,
  limitJobs: FREE,
  // Safety.
  haltAccess: FREE,
  askToLiftHalt: ASK,
  liftHalt: ASK,
  reportIncident: FREE,
  containIncident: ASK,
  gatherEvidence: ASK,
  notifyIncident: ASK,
  closeIncident: ASK,
  imposeSanction: ASK,
  liftSanction: ASK,
  askToLiftBar: ASK,
  liftBar: ASK,
  placeQuarantine: FREE,
  reviewQuarantine: ASK,
  liftQuarantine: ASK,
  // Curation and releases.
  openDrop: FREE,
  processSubmission: FREE,
  draftRelease: FREE,
  askForPublication: FREE,
  checkRelease: FREE,
  cancelReleaseCheck: FREE,
  publishRelease: ASK,
  deprecateRelease: ASK,
  retractRelease: ASK,
  addErratum: ASK,
  openException: ASK,
  endException: FREE,
  // Patients.
  recordConsent: ASK,
  undoConsent: ASK,
  importConsents: ASK,
  recordWithdrawal: FREE,
  askWithdrawalStep: ASK,
  confirmWithdrawalStep: ASK,
  setWithdrawalTerms: ASK,
  askToShortenHold: ASK,
  confirmShortenHold: ASK,
  attestDestruction: FREE,
  // Use of data.
  requestExport: FREE,
  cancelExport: FREE,
  runBaseline: FREE,
  cancelRun: FREE,
  createToken: FREE,
  revokeToken: FREE,
  // Accounts, institutions, policy, settings.
  suspendAccount: FREE,
  liftSuspension: ASK,
  takeRole: ASK,
  askToGiveRole: ASK,
  confirmGiveRole: ASK,
  addInstitution: ASK,
  verifyInstitution: ASK,
  setInstitutionStanding: ASK,
  bindOfficial: ASK,
  unbindOfficial: ASK,
  moveAccount: ASK,
  chooseInstitution: FREE,
  changeSetting: ASK,
  tightenPolicy: ASK,
  askToLoosenPolicy: ASK,
  confirmLoosenPolicy: ASK,
  withdrawStep: FREE,
};

/** Commands that ask for a recent second factor, in the order of the table. */
export const COMMANDS_WITH_SECOND_FACTOR = Object.keys(SECOND_FACTOR).filter((name) => SECOND_FACTOR[name]);

/** Why a command is not taken from somebody who signed in like this; null where it is. A command that the table does not know asks. */
export const signInReason = (command: string, actor: Actor, now: Date): Reason | null => {
  if (actor.kind !== 'account' || actor.signIn === undefined || SECOND_FACTOR[command] === FREE) return null;
  const { by, secondFactorUntil: until } = actor.signIn;
  if (by === 'program') return reason('BROWSER_REQUIRED');
  return until === undefined || (until !== null && now.getTime() < until.getTime()) ? null : reason('STEP_UP_REQUIRED');
};
