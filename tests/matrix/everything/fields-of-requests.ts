import { type Rows, row } from './rules.ts';

/** Fields of requests and of what people know of themselves. */
export const REQUEST_FIELDS: Rows = {
  AccessRequest: {
    ...row('AS_THEY_MAY', 'allowedCommands otherRequests'),
    ...row('AMENDMENT', 'amendment'),
    ...row(
      'WITH_IT',
      'applicant assignedTo closedOut collaborators createdAt endorsement endsAt events form formProblems grant',
    ),
    ...row(
      'WITH_IT',
      'id institution lastReason linkedTo progressReport renewal renewalOf seenHash signatures state study',
    ),
    ...row('WITH_IT', 'submittedAt title version whoActsNext'),
    ...row('CERTIFICATES', 'certificates'),
    ...row('COMMENTS', 'comments'),
    ...row('PROPOSAL', 'proposal'),
  },
  Amendment: {
    ...row('WITH_IT', 'begunAt collaborators endorsement form formProblems id seenHash signatures state submittedAt'),
    ...row('PROPOSAL', 'proposal'),
  },
  Collaborator: row('WITH_IT', 'email expiresAt invitationId person'),
  Endorsement: row('WITH_IT', 'at by current successor'),
  EthicsApproval: row('WITH_IT', 'documentSha256 reference'),
  FormProblem: row('WITH_IT', 'message path'),
  Proposal: row('WITH_IT', 'by conditions confirmsExport endsAt items startsAt termsHash'),
  RequestCoAuthor: row('WITH_IT', 'email lastPublishedOn name'),
  RequestComment: row('WITH_IT', 'at by text to'),
  RequestEvent: row('WITH_IT', 'about at by number text type'),
  RequestForm: {
    ...row(
      'WITH_IT',
      'acceptsForbidden attestsNist800171 coAuthors dataUse detail durationMonths ethicsApproval items',
    ),
    ...row('WITH_IT', 'plainSummary position securityPlan title'),
  },
  RequestFormItem: row('WITH_IT', 'modality uses why'),
  RequestSignature: row('WITH_IT', 'as by current signedAt textSha256 typedName version'),
  Institution: row('WITH_IT', 'country name ror'),
  Person: row('WITH_IT', 'email id institution name'),
  Grant: { ...row('ACCESS_LOG', 'accessLog'), ...row('WITH_IT', 'conditions endsAt id items purposes startsAt state') },
  GrantItem: row('WITH_IT', 'modality uses'),
  AccessLogEntry: row('AS_IT_GROWS', 'action at modalities name patients rows'),
  ApprovedUse: row('WITH_IT', 'applicant endsAt id institution modalities plainSummary startsAt state title'),
  QueueMetrics: row('WITH_IT', 'months waiting waitingForOfficial waitingForSteward'),
  QueueMonth: row('WITH_IT', 'answered decided medianDaysToAnswer medianDaysToDecision month received'),
  Certificate: {
    ...row(
      'WITH_IT',
      'completedOn contentType course credentialId decidedAt endsAt expiresOn file fileSha256 id owner',
    ),
    ...row('WITH_IT', 'rejectedFor state type uploadedAt verifiedHow'),
  },
  CertificateTotal: row('WITH_IT', 'oldestAt type waiting'),
  Course: row('WITH_IT', 'key title url'),
  Training: row('WITH_IT', 'courses durationMonths title type'),
  Agreement: {
    ...row(
      'WITH_IT',
      'earlierSignaturesEndAt editorial effectiveAt effectiveOn graceDays publishedAt sha256 standing text',
    ),
    ...row('WITH_IT', 'title version'),
  },
  AgreementPreview: row('WITH_IT', 'effectiveAt graceDays mustSign until version'),
  MustSign: row('WITH_IT', 'as grantId person until'),
  CoAuthor: row('WITH_IT', 'accountId declaredAt lastPublishedOn other'),
  DeputySteward: row('WITH_IT', 'accountId endedAt endsAt startsAt'),
  Viewer: row('OWN', 'accessChecklist account certificates exports grants requests roles runs sanctions tokens'),
  Account: row('WITH_IT', 'email id institution name username'),
  AccessChecklist: row('OWN', 'modality uses'),
  UseChecklist: row('OWN', 'allowed items use validUntil'),
  ChecklistItem: row('OWN', 'expiresAt key met reasons title whatToDo whoActsNext'),
  PersonalToken: row('WITH_IT', 'createdAt endedAt endedWhy expiresAt grantId id lastUsedOn name owner state'),
  PageInfo: row('AS_THEY_MAY', 'endCursor hasNextPage hasPreviousPage startCursor'),
};
