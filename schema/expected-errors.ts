import type { ObjectRef } from '@pothos/core';
import { publicReasons, type Reason } from '../governance/reasons.ts';
import { REFUSALS } from '../governance/request/refusals.ts';
import { WITHDRAWAL_REFUSALS, type WithdrawalRefusal } from '../governance/withdrawal.ts';
import { builder } from './builder.ts';
import { SourceFileEnum } from './enums.ts';
import { ReasonType } from './reason.ts';
import type { ConsentsFailed } from './services/curation.ts';
import type { EnrolmentFailed, EnrolmentProblemFacts, FilesMissing } from './services/ingest.ts';
import type { FoldFailed } from './services/jobs.ts';
import type { FormProblemFacts, RequestFailed, RequestFailureCode } from './services/requests.ts';
import type { Failed, Refused as PolicyRefused } from './services/result.ts';

/** A type of expected failures, and the codes that it stands for. */
export interface ErrorType<Code extends string = string> {
  readonly name: string;
  readonly codes: readonly Code[];
  readonly ref: ObjectRef<never, never>;
}

export const ExpectedError = builder.interfaceRef<Failed>('ExpectedError').implement({
  description: 'Why a command was not carried out: something that its sender can act on.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'What is wrong, as a word that never changes.' }),
    message: t.exposeString('message', { description: 'What is wrong and what to do about it, as a sentence.' }),
  }),
});

/** A type of its own, and the codes that it stands for. */
export const typed = <Code extends string>(name: string, codes: readonly Code[], ref: unknown): ErrorType<Code> => ({
  name,
  codes,
  ref: ref as ErrorType['ref'],
});

/** A type for one code that has nothing more to say. */
export const plain = <Code extends string>(name: string, code: Code, description: string): ErrorType<Code> =>
  typed(name, [code], builder.objectRef<Failed>(name).implement({ description, interfaces: [ExpectedError] }));

export const Refused = typed(
  'Refused',
  ['FORBIDDEN'],
  builder.objectRef<PolicyRefused>('Refused').implement({
    description: 'The policy does not allow it to this person, now. The code is FORBIDDEN.',
    interfaces: [ExpectedError],
    fields: (t) => ({
      reasons: t.field({
        type: [ReasonType],
        description: 'Every unmet requirement.',
        resolve: ({ reasons }): Reason[] => [...publicReasons(reasons)],
      }),
    }),
  }),
);

/** Of every command, where its sender gives it an id. */
export const CommandIdRefused = typed(
  'CommandIdRefused',
  ['COMMAND_ID_REUSED', 'COMMAND_ID_INVALID'],
  builder.objectRef<Failed>('CommandIdRefused').implement({
    description:
      'Nothing was done: the id was given to another command before (COMMAND_ID_REUSED), or is no UUID (COMMAND_ID_INVALID).',
    interfaces: [ExpectedError],
  }),
);

const FormProblem = builder.objectRef<FormProblemFacts>('FormProblem').implement({
  description: 'Something that is wrong with a form.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Where, for instance items.0.why.' }),
    message: t.exposeString('message', { description: 'What is wrong.' }),
  }),
});
export const FormProblemType = FormProblem;

const FORM_CODES = ['FORM_INVALID', 'FORM_INCOMPLETE'] as const;

export const FormRefused = typed(
  'FormRefused',
  FORM_CODES,
  builder.objectRef<RequestFailed>('FormRefused').implement({
    description: 'The form holds nonsense (FORM_INVALID) or is not complete (FORM_INCOMPLETE).',
    interfaces: [ExpectedError],
    fields: (t) => ({
      problems: t.field({
        type: [FormProblem],
        description: 'Everything that is wrong with it.',
        resolve: ({ problems }) => [...problems],
      }),
    }),
  }),
);

type CommandCode = Exclude<RequestFailureCode, (typeof FORM_CODES)[number]>;
const COMMAND_CODES = [...Object.keys(REFUSALS), 'NAME_DIFFERS'].filter(
  (code): code is CommandCode => !FORM_CODES.some((one) => one === code),
);

export const CommandRefused = typed<CommandCode>(
  'CommandRefused',
  COMMAND_CODES,
  builder.objectRef<RequestFailed>('CommandRefused').implement({
    description: `A command that the access request does not take now. The code is one of ${COMMAND_CODES.join(', ')}.`,
    interfaces: [ExpectedError],
    fields: (t) => ({
      subject: t.exposeString('subject', { nullable: true, description: 'What is meant: a member, a kind of data.' }),
      currentVersion: t.exposeInt('currentVersion', {
        nullable: true,
        description: 'Version of the request as it stands; null where there is none that this person may know of.',
      }),
    }),
  }),
);

const EnrolmentProblem = builder.objectRef<EnrolmentProblemFacts>('EnrolmentProblem').implement({
  description: 'Something that is wrong with a file of patients: an enrolment, or consents.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'What is wrong, as a word.' }),
    line: t.exposeInt('line', { nullable: true, description: 'Line of the file, from 1.' }),
    column: t.exposeString('column', { nullable: true, description: 'Column of the file.' }),
    message: t.exposeString('message', { description: 'What is wrong, as a sentence.' }),
  }),
});

export const EnrolmentInvalid = typed(
  'EnrolmentInvalid',
  ['ENROLMENT_INVALID'],
  builder.objectRef<EnrolmentFailed>('EnrolmentInvalid').implement({
    description: 'enrolment.csv cannot be used. The code is ENROLMENT_INVALID.',
    interfaces: [ExpectedError],
    fields: (t) => ({
      problems: t.field({
        type: [EnrolmentProblem],
        description: 'Everything that is wrong with it.',
        resolve: ({ problems }) => [...problems],
      }),
    }),
  }),
);

export const FilesMissingError = typed(
  'FilesMissing',
  ['FILES_MISSING'],
  builder.objectRef<FilesMissing>('FilesMissing').implement({
    description: 'Files that were announced have not arrived. The code is FILES_MISSING.',
    interfaces: [ExpectedError],
    fields: (t) => ({
      wanted: t.field({ type: [SourceFileEnum], description: 'Which.', resolve: ({ wanted }) => [...wanted] }),
    }),
  }),
);

const folds = <Code extends string>(name: string, code: Code, description: string): ErrorType<Code> =>
  typed(
    name,
    [code],
    builder.objectRef<FoldFailed<string>>(name).implement({
      description,
      interfaces: [ExpectedError],
      fields: (t) => ({
        folds: t.intList({ description: 'The folds that there are.', resolve: (failed) => [...failed.folds] }),
      }),
    }),
  );

export const FoldUnknown = folds('FoldUnknown', 'FOLD_UNKNOWN', 'The release has no such fold.');
export const FoldNeeded = folds('FoldNeeded', 'FOLD_NEEDED', 'Without a fold there is no training and no test part.');

export const StudyUnknown = plain('StudyUnknown', 'STUDY_UNKNOWN', 'There is no such study.');
export const DropTooLarge = plain('DropTooLarge', 'DROP_TOO_LARGE', 'The drop names too many submissions.');
export const DropSynthetic = plain(
  'DropSynthetic',
  'DROP_SYNTHETIC',
  'The patients of the drop are made up, and those of the study are people.',
);
export const ItemRepeated = plain('ItemRepeated', 'ITEM_REPEATED', 'The drop names a submission twice.');
export const ItemUnknown = plain('ItemUnknown', 'ITEM_UNKNOWN', 'The drop announced no such submission.');

export const WrongState = plain('WrongState', 'WRONG_STATE', 'It is not in a state in which this can be done.');
export const ReasonMissing = plain('ReasonMissing', 'REASON_MISSING', 'It takes a reason that somebody can act on.');

export const TextTooLong = plain('TextTooLong', 'TEXT_TOO_LONG', 'The text is too long.');

export const ReleaseUnknown = plain('ReleaseUnknown', 'RELEASE_UNKNOWN', 'There is no such release.');
export const CertificateUnknown = plain('CertificateUnknown', 'CERTIFICATE_UNKNOWN', 'There is no such certificate.');
export const CourseNotAccepted = plain(
  'CourseNotAccepted',
  'COURSE_NOT_ACCEPTED',
  'The course is not accepted for this training; `trainings` lists those that are.',
);
export const DatesInvalid = plain('DatesInvalid', 'DATES_INVALID', 'The dates of the certificate do not fit.');
export const CredentialMissing = plain('CredentialMissing', 'CREDENTIAL_MISSING', 'The credential id is missing.');
export const FileTooLarge = plain('FileTooLarge', 'FILE_TOO_LARGE', 'The file is empty or too large.');
export const VersionTaken = plain('VersionTaken', 'VERSION_TAKEN', 'The agreement has another version by now.');
export const TextMissing = plain(
  'TextMissing',
  'TEXT_MISSING',
  'The agreement lacks a title or a text, or has too long a one.',
);
export const TextUnchanged = plain('TextUnchanged', 'TEXT_UNCHANGED', 'The text is that of the version before.');
export const DayInvalid = plain('DayInvalid', 'DAY_INVALID', 'The day lies before today, or more than a year ahead.');
export const GraceInvalid = plain('GraceInvalid', 'GRACE_INVALID', 'The grace is not a number of days from 0 to 365.');
export const EditorialFirst = plain(
  'EditorialFirst',
  'EDITORIAL_FIRST',
  'The first version cannot be an editorial one.',
);

export const MailUnknown = plain('MailUnknown', 'MAIL_UNKNOWN', 'There is no such message that could be sent again.');

export const FileChanged = plain('FileChanged', 'FILE_CHANGED', 'The file is not the one that was looked at.');
export const FileMissing = plain('FileMissing', 'FILE_MISSING', 'The file has to be sent first, with PUT /uploads.');

export const ModalitiesEmpty = plain('ModalitiesEmpty', 'MODALITIES_EMPTY', 'No kind of data is named.');
export const NothingToExport = plain('NothingToExport', 'NOTHING_TO_EXPORT', 'Nothing of it may be exported now.');
export const ExportLimit = plain(
  'ExportLimit',
  'EXPORT_LIMIT',
  'As many exports of the person wait or are being made as allowed.',
);
export const ExportUnknown = plain('ExportUnknown', 'EXPORT_UNKNOWN', 'There is no such export of this person.');

export const SubmissionUnknown = plain('SubmissionUnknown', 'SUBMISSION_UNKNOWN', 'There is no such submission.');
export const RangeInvalid = plain('RangeInvalid', 'RANGE_INVALID', 'The range of time does not fit the submission.');
export const QuarantineUnknown = plain('QuarantineUnknown', 'QUARANTINE_UNKNOWN', 'There is no such quarantine.');
const REVIEW_CODES = ['OWN_QUARANTINE', 'ALREADY_LIFTED'] as const;
export const ReviewRefusedError = typed<(typeof REVIEW_CODES)[number]>(
  'QuarantineReviewRefused',
  REVIEW_CODES,
  builder.objectRef<Failed>('QuarantineReviewRefused').implement({
    description: `A review that the quarantine does not take. The code is one of ${REVIEW_CODES.join(', ')}.`,
    interfaces: [ExpectedError],
  }),
);
export const PatientUnknown = plain('PatientUnknown', 'PATIENT_UNKNOWN', 'There is no such patient in the study.');
export const UsesUnknown = plain('UsesUnknown', 'USES_UNKNOWN', 'A code is none of the Data Use Ontology known here.');
export const VersionMissing = plain('VersionMissing', 'VERSION_MISSING', 'The version of the consent form is missing.');

export const StepUnknown = plain('StepUnknown', 'STEP_UNKNOWN', 'Nobody has asked for this.');
export const StepEnded = plain('StepEnded', 'STEP_ENDED', 'It was confirmed or withdrawn already, or waited too long.');
export const SamePerson = plain('SamePerson', 'SAME_PERSON', 'Somebody else than who asked has to confirm it.');
export const StepChanged = plain('StepChanged', 'STEP_CHANGED', 'What was asked for is not what was looked at.');
export const AskerLeft = plain('AskerLeft', 'ASKER_LEFT', 'Who asked for it may no longer do so themself.');
/** Of every command that confirms what somebody else asked for. */
export const STEP_ERRORS = [StepUnknown, StepEnded, SamePerson, StepChanged, AskerLeft] as const;

export const WithdrawalUnknown = plain('WithdrawalUnknown', 'WITHDRAWAL_UNKNOWN', 'There is no such withdrawal.');
export const AlreadyWithdrawn = plain('AlreadyWithdrawn', 'ALREADY_WITHDRAWN', 'That, or more, is recorded already.');
const WITHDRAWAL_CODES = Object.keys(WITHDRAWAL_REFUSALS) as WithdrawalRefusal[];
export const WithdrawalStepRefused = typed<WithdrawalRefusal>(
  'WithdrawalStepRefused',
  WITHDRAWAL_CODES,
  builder.objectRef<Failed>('WithdrawalStepRefused').implement({
    description: `A step that the withdrawal does not take now. The code is one of ${WITHDRAWAL_CODES.join(', ')}.`,
    interfaces: [ExpectedError],
  }),
);
export const DutyUnknown = plain('DutyUnknown', 'DUTY_UNKNOWN', 'This person was told of no such copies.');
export const AttestationIncomplete = plain(
  'AttestationIncomplete',
  'ATTESTATION_INCOMPLETE',
  'Both the copies and what was made from them have to be destroyed.',
);
const HOLD_CODES = ['HOLD_SHORTENED', 'HOLD_NOT_SHORTENED', 'HOLD_MOVED'] as const;
export const HoldRefused = typed<(typeof HOLD_CODES)[number]>(
  'HoldRefused',
  HOLD_CODES,
  builder.objectRef<Failed>('HoldRefused').implement({
    description: `Shortening the hold takes two people, lengthening it one. The code is one of ${HOLD_CODES.join(', ')}.`,
    interfaces: [ExpectedError],
  }),
);
export const DaysInvalid = plain('DaysInvalid', 'DAYS_INVALID', 'So many days are not possible.');

export const ConsentNotNewest = plain('ConsentNotNewest', 'CONSENT_NOT_NEWEST', 'The record is not the newest.');
export const ConsentsInvalid = typed(
  'ConsentsInvalid',
  ['CONSENTS_INVALID'],
  builder.objectRef<ConsentsFailed>('ConsentsInvalid').implement({
    description: 'A file of consents of which nothing was recorded. The code is CONSENTS_INVALID.',
    interfaces: [ExpectedError],
    fields: (t) => ({
      problems: t.field({
        type: [EnrolmentProblem],
        description: 'What is wrong with it, by line and column; the first two hundred.',
        resolve: ({ problems }) => [...problems],
      }),
    }),
  }),
);
export const NameInvalid = plain('NameInvalid', 'NAME_INVALID', 'The name is empty, too long or not printable.');
