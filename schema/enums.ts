import { RELEASE_STATES } from '../governance/facts.ts';
import { FORBIDDEN_USES, type ForbiddenUse } from '../governance/forms.ts';
import { MODALITIES } from '../governance/modality.ts';
import type { CommandType } from '../governance/request/commands.ts';
import { COMMENT_TO } from '../governance/request/events.ts';
import { REQUEST_STATES } from '../governance/request/state.ts';
import { ROLES } from '../governance/roles.ts';
import { TRAINING_TYPES, VERIFIED_HOW } from '../governance/training.ts';
import { USES } from '../governance/use.ts';
import { builder } from './builder.ts';

export const ModalityEnum = builder.enumType('Modality', {
  description: 'The kinds of data that a release holds; each asks for a grant, and the later ones for more training.',
  values: MODALITIES,
});

export const UseEnum = builder.enumType('Use', {
  description:
    'What a grant lets its members do with a modality: READ (query and view), RUN (baselines on the server), EXPORT (take a copy).',
  values: USES,
});

export const RoleEnum = builder.enumType('Role', {
  description: 'What an account is; nobody is anything by default.',
  values: Object.fromEntries(
    ROLES.map((role) => [role.toUpperCase().replaceAll('-', '_'), { value: role, description: `The role ${role}.` }]),
  ) as Record<string, { value: string; description: string }>,
});

export const ReleaseStatusEnum = builder.enumType('ReleaseStatus', {
  description: 'DRAFT is seen by curators only; DEPRECATED is readable still; RETRACTED keeps its entry and no data.',
  values: RELEASE_STATES,
});

export const SexEnum = builder.enumType('Sex', {
  description: 'Sex as the study recorded it.',
  values: ['M', 'F'] as const,
});

export const SkinTypeEnum = builder.enumType('SkinType', {
  description: 'Fitzpatrick skin type, self-reported, in the two groups that the study enrols by.',
  values: ['I_III', 'IV_VI'] as const,
});

export const PainLevelEnum = builder.enumType('PainLevel', {
  description: 'Pain target in four levels: NONE is 0, LOW 1 to 3, MODERATE 4 to 6, SEVERE 7 to 10.',
  values: ['NONE', 'LOW', 'MODERATE', 'SEVERE'] as const,
});

export const PainClassesEnum = builder.enumType('PainClasses', {
  description: 'How many classes labels tell apart: the four pain levels, or pain and no pain.',
  values: { FOUR: { value: 4 }, TWO: { value: 2 } } as const,
});

export const PainClassEnum = builder.enumType('PainClass', {
  description: 'Pain target in two classes: NO_PAIN is 0, PAIN anything above.',
  values: ['NO_PAIN', 'PAIN'] as const,
});

export const TimeframeEnum = builder.enumType('Timeframe', {
  description:
    'Hour of a check-in: EARLY_AM 05 to 07, REG_AM 08 to 11, EARLY_PM 12 to 16, REG_PM 17 to 20, EARLY_NITE 21 to 23, LATE_NITE 00 to 04.',
  values: ['EARLY_AM', 'REG_AM', 'EARLY_PM', 'REG_PM', 'EARLY_NITE', 'LATE_NITE'] as const,
});

export const SettingEnum = builder.enumType('Setting', {
  description: 'Where a check-in was made.',
  values: ['REMOTE', 'IN_CLINIC', 'UNKNOWN'] as const,
});

export const RecordingStatusEnum = builder.enumType('RecordingStatus', {
  description: 'Whether the pipeline could use the video.',
  values: ['PROCESSED', 'UNREADABLE'] as const,
});

export const AudioStatusEnum = builder.enumType('AudioStatus', {
  description: 'Whether the recording has a sound track, and whether anything is on it.',
  values: ['OK', 'SILENT', 'NONE'] as const,
});

export const SplitPartEnum = builder.enumType('SplitPart', {
  description: 'A side of a split: TEST is the withheld fold, TRAIN the others, ALL both.',
  values: ['TRAIN', 'TEST', 'ALL'] as const,
});

export const TrainingTypeEnum = builder.enumType('TrainingType', {
  description: 'The six kinds of training that a researcher proves.',
  values: TRAINING_TYPES,
});

export const VerifiedHowEnum = builder.enumType('VerifiedHow', {
  description:
    'How a steward satisfied themself that a certificate is real: SEEN (the document was read) or ISSUER (looked up at who issued it, which identifiable data asks for).',
  values: VERIFIED_HOW,
});

export const RequestStateEnum = builder.enumType('RequestState', {
  description: 'Where an access request stands, and once approved, its grant.',
  values: REQUEST_STATES,
});

/** The mutation of each command on an access request; what time does has none. */
export const REQUEST_MUTATIONS = {
  edit: 'editAccessRequest',
  invite: 'inviteCollaborator',
  removeCollaborator: 'removeCollaborator',
  acceptInvitation: 'acceptInvitation',
  signAgreement: 'signAgreement',
  submit: 'submitAccessRequest',
  endorse: 'endorseAccessRequest',
  decline: 'declineAccessRequest',
  comment: 'commentAccessRequest',
  assign: 'assignAccessRequest',
  recuse: 'recuseFromAccessRequest',
  return: 'returnAccessRequest',
  propose: 'approveAccessRequest',
  second: 'secondApproval',
  reject: 'rejectAccessRequest',
  withdraw: 'withdrawAccessRequest',
  amend: 'amendAccessRequest',
  renew: 'renewAccessRequest',
  removeMember: 'removeMember',
  suspend: 'suspendGrant',
  resume: 'resumeGrant',
  revoke: 'revokeGrant',
  attestCloseOut: 'attestCloseOut',
  countersignCloseOut: 'countersignCloseOut',
} as const satisfies Record<Exclude<CommandType, 'create' | 'expire' | 'followRenewal'>, string>;

export type RequestMutation = (typeof REQUEST_MUTATIONS)[keyof typeof REQUEST_MUTATIONS];

export const RequestMutationEnum = builder.enumType('RequestMutation', {
  description: 'What can be done with an access request that there is, by the name of its mutation.',
  values: Object.values(REQUEST_MUTATIONS),
});

export const CommentToEnum = builder.enumType('CommentTo', {
  description:
    'For whom a comment on an access request is: STEWARDS among themselves, or APPLICANT, who is told by mail.',
  values: COMMENT_TO,
});

export const NextActorEnum = builder.enumType('NextActor', {
  description: 'Who has to act on an access request.',
  values: ['APPLICANT', 'SIGNING_OFFICIAL', 'STEWARD'] as const,
});

export const ForbiddenUseEnum = builder.enumType('ForbiddenUse', {
  description: 'Uses that the study forbids; an applicant accepts each by name.',
  values: Object.fromEntries(
    Object.entries(FORBIDDEN_USES).map(([name, description]) => [name, { value: name, description }]),
  ) as Record<ForbiddenUse, { value: ForbiddenUse; description: string }>,
});

export const SourceFileEnum = builder.enumType('SourceFile', {
  description: 'Files of a submission as they come in: VIDEO is narrative.mp4, SURVEY is survey.csv.',
  values: ['VIDEO', 'SURVEY'] as const,
});

export const DropOutcomeEnum = builder.enumType('DropOutcome', {
  description:
    'What has become of a submission of a drop: UNCHANGED was processed before, UNREADABLE is stored with the reason, REFUSED was not taken, FAILED could not be processed.',
  values: ['WAITING', 'UNCHANGED', 'PROCESSED', 'UNREADABLE', 'REFUSED', 'FAILED'] as const,
});

export const JobStateEnum = builder.enumType('JobState', {
  description: 'Where work stands; REFUSED ended because access did.',
  values: ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'REFUSED', 'CANCELLED'] as const,
});
