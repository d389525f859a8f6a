import { type Rows, row } from './rules.ts';

/** Fields of what stewards, curators, auditors and administrators have before them. */
export const DUTY_FIELDS: Rows = {
  AccessException: row('WITH_IT', 'curator endedBy endsAt id reason release startsAt study'),
  AccountChanges: row('AS_THEY_MAY', 'lift rolesToGive rolesToTake suspend'),
  AccountMove: row('WITH_IT', 'institution recordedBy since'),
  AccountSuspension: row('WITH_IT', 'from reason until'),
  AuditEntry: row('WITH_IT', 'account action at by grant hash id link position text'),
  ClassRequirements: row('WITH_IT', 'agreement exportByConfirmation key modalities stewards training verifiedBy'),
  Consent: row(
    'WITH_IT',
    'adultFrom effectiveAt id importId modalities patient reconsentedOn recordedBy undoes uses version',
  ),
  DestructionDuty: {
    ...row('WITH_IT', 'attestedAt dueAt exports grantId id singleFiles state study toldAt'),
    ...row('HANDLER', 'downloads holder'),
  },
  Drop: row('WITH_IT', 'id items running study waiting corrections'),
  DropItem: row('WITH_IT', 'chunks faces frames outcome patient reason reasonCode seconds timestamp wanted'),
  EnrolmentProblem: row('WITH_IT', 'code column line message'),
  FileHolding: row('WITH_IT', 'by bytes grant id kind name release since taken takenAt until'),
  Halt: {
    ...row('WITH_IT', 'targetName category id liftedAt placedAt scope target'),
    ...row('HALT', 'incidentId placedBy reason'),
  },
  Incident: {
    ...row('WITH_IT', 'discoveredAt dueAt grantId id kind reportedAt reportedBy reportedLate state summary'),
    ...row('HANDLER', 'events evidence'),
  },
  IncidentEvent: row('WITH_IT', 'at by text type'),
  IncidentEvidence: row('WITH_IT', 'accounts count entries from gatheredAt gatheredBy grants id intact sha256 until'),
  InstitutionOfficial: row('WITH_IT', 'boundAt person proof'),
  InstitutionRecord: {
    ...row('WITH_IT', 'country id name ror standing standingAt'),
    ...row('ALL_INSTITUTIONS', 'officials standingReason'),
  },
  InstitutionRef: row('WITH_IT', 'country id name standing'),
  ManagedAccount: row(
    'WITH_IT',
    'changes createdAt email id institution moves name officialOf roles suspension username',
  ),
  PendingStep: {
    ...row('WITH_IT', 'action askedAt askedBy expiresAt id payload reason seenHash'),
    ...row('AS_THEY_MAY', 'confirmable'),
  },
  PolicyAffected: row('WITH_IT', 'gains grantId losses person reasons'),
  PolicyCell: row('WITH_IT', 'modality use'),
  PolicyChange: row('WITH_IT', 'after before loosens path'),
  PolicyPreview: row('WITH_IT', 'basedOn changes endCursor hasNextPage lookedAt loosens people problems'),
  PolicyProblem: row('WITH_IT', 'message path'),
  PolicyVersion: { ...row('HISTORY', 'askedBy changes madeBy reason'), ...row('WITH_IT', 'effectiveAt number policy') },
  Quarantine: {
    ...row(
      'WITH_IT',
      'fromSeconds id liftedAt liftedBy placedAt placedBy reason reviewDueAt reviewReason reviewedAt reviewedBy',
    ),
    ...row('WITH_IT', 'study toSeconds'),
    ...row('LOOKS', 'patient timestamp'),
  },
  ReleaseChangeCount: row('WITH_IT', 'change count does'),
  ReleaseCheck: {
    ...row(
      'WITH_IT',
      'askedAt askedBy bytes checksums current digest endedAt error files id problemCount problems progress',
    ),
    ...row('WITH_IT', 'sound state'),
  },
  ReleaseDiff: row('WITH_IT', 'counts differences from step to'),
  ReleaseDifference: row('WITH_IT', 'change detail patient timestamp'),
  ReleaseDraft: {
    ...row(
      'WITH_IT',
      'digest draftedAt draftedBy errata id lastCheck notes patients publicationAskedAt publicationAskedBy',
    ),
    ...row('WITH_IT', 'publishedAt standing status statusReason study submissions version'),
  },
  ReleaseProblem: row('WITH_IT', 'about problem'),
  ReleaseStanding: row('AS_THEY_MAY', 'allowedCommands publicationLacks'),
  Requirements: row('WITH_IT', 'classes closeOutDays maxMonths renewalWindowDays'),
  RunningDropItem: row('WITH_IT', 'done patient stage timestamp total'),
  Sanction: {
    ...row('WITH_IT', 'endsAt id institution kind liftReason liftedAt person reason startsAt'),
    ...row('HANDLER', 'imposedBy incidentId'),
  },
  ServerSetting: row('WITH_IT', 'changedAt changedBy default does key value'),
  StrangerRefusal: row('WITH_IT', 'count kind minute'),
  UnsentMail: row('WITH_IT', 'address attempts error id queuedAt sendable state template triedAt'),
  WithdrawalTerms: row('WITH_IT', 'attestationDays erasureHoldDays'),
  Withdrawal: {
    ...row(
      'WITH_IT',
      'allowedSteps draftProblem draftVersion duties eraseAfter erasedAt id kind marked nextRelease notifiedAt',
    ),
    ...row('WITH_IT', 'patient proof reason recordedAt recordedBy remaining stage study takenBackAt'),
  },
  WithdrawalMark: row('WITH_IT', 'effect id subject'),
  WithdrawalTask: row('WITH_IT', 'count until waitsFor what'),
  DropSummary: row('WITH_IT', 'failed id openedAt openedBy submissions waiting'),
  EnrolmentCorrection: row('WITH_IT', 'field from patient to'),
  FailedJob: row('WITH_IT', 'attempts code createdAt failedAt id kind message'),
  JobKind: row('WITH_IT', 'allowedSteps atOnce failed kind paused queued running waitingSince'),
};
