import type { Notice } from '../notice.ts';
import { accountSuspended, exceptionOpened, rolesRefused } from './accounts.ts';
import { agreementPublished } from './agreement-published.ts';
import { certificateEnds, certificateRejected, certificateVerified } from './certificates.ts';
import { collaboratorInvited } from './collaborator-invited.ts';
import { releaseRetracted } from './release-retracted.ts';
import { requestApproved, requestRejected, requestReturned } from './request-decided.ts';
import {
  grantExpired,
  grantExtended,
  grantRenewed,
  grantResumed,
  grantRevoked,
  grantSuspended,
  requestComment,
} from './request-news.ts';
import { incidentReported, sanctionImposed, sanctionLifted } from './safety.ts';
import { withdrawalNotice, withdrawalReminder, withdrawalTakenBack } from './withdrawal.ts';

/** Every kind of message, by the name under which it is queued. A name, once used, keeps its meaning: messages wait under it. */
export const NOTICES = {
  'request-approved': requestApproved,
  'request-returned': requestReturned,
  'request-rejected': requestRejected,
  'certificate-verified': certificateVerified,
  'certificate-rejected': certificateRejected,
  'certificate-ends': certificateEnds,
  'agreement-published': agreementPublished,
  'account-suspended': accountSuspended,
  'roles-refused': rolesRefused,
  'exception-opened': exceptionOpened,
  'incident-reported': incidentReported,
  'sanction-imposed': sanctionImposed,
  'sanction-lifted': sanctionLifted,
  'collaborator-invited': collaboratorInvited,
  'request-comment': requestComment,
  'grant-suspended': grantSuspended,
  'grant-revoked': grantRevoked,
  'grant-resumed': grantResumed,
  'grant-expired': grantExpired,
  'grant-extended': grantExtended,
  'grant-renewed': grantRenewed,
  'release-retracted': releaseRetracted,
  'withdrawal-notice': withdrawalNotice,
  'withdrawal-reminder': withdrawalReminder,
  'withdrawal-taken-back': withdrawalTakenBack,
} as const satisfies Record<string, Notice>;

export type NoticeName = keyof typeof NOTICES;
/** What a kind of message shows. */
export type NoticeData<Name extends NoticeName> = (typeof NOTICES)[Name] extends Notice<infer Data> ? Data : never;

/** Null for a name that this version of the program does not know. */
export const noticeOf = (name: string): Notice | null =>
  Object.hasOwn(NOTICES, name) ? NOTICES[name as NoticeName] : null;
