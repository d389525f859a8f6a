import type { RequestDraft } from '../governance/forms.ts';
import type { Modality } from '../governance/modality.ts';
import type { NextActor, Reason } from '../governance/reasons.ts';
import type { CommandType, RequestCommand } from '../governance/request/commands.ts';
import type { RequestEventType } from '../governance/request/events.ts';
import type { RefusalCode } from '../governance/request/refusals.ts';
import type { RequestStatus, RequestState as StoredRequest } from '../governance/request/state.ts';
import type { TrainingType, VerifiedHow } from '../governance/training.ts';
import type { Use } from '../governance/use.ts';
import type { BaselineScoresFacts, ViewerGrantFacts } from './context.ts';

/** A command that was not carried out: a value, expected, with a literal code. */
export interface Failed<Code extends string = string> {
  readonly ok: false;
  readonly code: Code;
  /** What to do about it, as a sentence. */
  readonly message: string;
}

/** Not carried out because the policy says no: every reason that the person may be told. */
export interface Refused extends Failed<'FORBIDDEN'> {
  readonly reasons: readonly Reason[];
}

export type Result<Success, Code extends string> = ({ readonly ok: true } & Success) | Failed<Code> | Refused;

/** Something that may be looked at, or the reasons why not. */
export type Seen<Value> = { readonly ok: true; readonly value: Value } | Refused;

/** A page of a list by keyset: `after` is the cursor that a page before ended with. */
export interface PageOf<Value> {
  readonly nodes: readonly Value[];
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

export interface PageAsked {
  /** Rows of the page at most, within the limit. */
  readonly first: number;
  readonly after: string | null;
}

/** Services of an operation that act for its actor: each decides before it does or shows anything. */
export interface CommandServices {
  readonly requests: RequestCommands;
  readonly certificates: CertificateCommands;
  readonly ingest: IngestCommands;
  readonly releaseCommands: ReleaseCommands;
  readonly exports: ExportCommands;
  readonly runs: RunCommands;
  readonly quarantines: QuarantineCommands;
  readonly consents: ConsentCommands;
}

// ---------------------------------------------------------------------------------------------------- access requests

export interface PersonFacts {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly institution: string | null;
}

export interface InstitutionFacts {
  readonly id: string;
  readonly name: string;
  readonly ror: string | null;
  readonly country: string;
}

/** One event as its reader may see it. */
export interface RequestEventFacts {
  /** Its place in the history, from 1. */
  readonly number: number;
  readonly type: RequestEventType;
  readonly at: string;
  /** Null where time did it. */
  readonly by: PersonFacts | null;
  /** What was said with it: a reason, what to change, a comment. */
  readonly text: string | null;
  /** Whom it is about, where that is somebody else. */
  readonly about: PersonFacts | null;
}

/** An access request as one reader may see it. */
export interface AccessRequestFacts {
  /** Without comments, recusals and proposals that are not the reader's to see. */
  readonly state: StoredRequest;
  readonly study: string;
  readonly institution: InstitutionFacts;
  /** Everybody whom it names. */
  readonly people: ReadonlyMap<string, PersonFacts>;
  /** What signatures, endorsements and votes have to name. */
  readonly seenHash: string;
  readonly events: readonly RequestEventFacts[];
  /** What the reader may do now. */
  readonly allowedCommands: readonly CommandType[];
  /** Null where nobody has to do anything. */
  readonly whoActsNext: NextActor | null;
  readonly grant: ViewerGrantFacts | null;
}

export interface AgreementFacts {
  readonly version: number;
  readonly title: string;
  readonly text: string;
  readonly sha256: string;
  readonly effectiveOn: string;
  readonly graceDays: number;
  readonly editorial: boolean;
}

export interface FormProblemFacts {
  readonly path: string;
  readonly message: string;
}

export type RequestFailureCode = RefusalCode | 'NAME_DIFFERS';

/** Why a command on a request was not carried out, with what it is about and how the request stands now. */
export interface RequestFailed extends Failed<RequestFailureCode> {
  readonly subject: string | null;
  /** Null where there is no request that the person may know of. */
  readonly currentVersion: number | null;
  /** With FORM_INVALID and FORM_INCOMPLETE: everything that is wrong with the form. */
  readonly problems: readonly FormProblemFacts[];
}

export type RequestResult = { readonly ok: true; readonly request: AccessRequestFacts } | RequestFailed | Refused;

export type GivenCommand = Exclude<RequestCommand, { readonly type: 'create' | 'expire' }>;

export interface RequestCommands {
  create(study: string | null): Promise<RequestResult | Failed<'STUDY_UNKNOWN'>>;
  edit(requestId: string, form: RequestDraft, expectedVersion: number | null): Promise<RequestResult>;
  /** `typedName`, where given, has to be the signer's own. */
  sign(
    requestId: string,
    command: Extract<GivenCommand, { readonly type: 'signAgreement' }>,
    typedName: string | null,
  ): Promise<RequestResult>;
  give(requestId: string, command: GivenCommand): Promise<RequestResult>;
  /** Null for a request that does not exist, or that the actor may not know of. */
  get(requestId: string): Promise<AccessRequestFacts | null>;
  /** All that the actor may see, what changed last first. */
  list(states: readonly RequestStatus[] | null, page: PageAsked): Promise<PageOf<AccessRequestFacts>>;
  /** Those whose team the actor is on or is invited to. */
  mine(): Promise<readonly AccessRequestFacts[]>;
  /** The agreement in force, or null. */
  agreement(): Promise<AgreementFacts | null>;
}

// -------------------------------------------------------------------------------------------------------- certificates

export interface CertificateDetails {
  readonly id: string;
  readonly owner: PersonFacts;
  readonly type: TrainingType;
  readonly course: string;
  readonly state: string;
  readonly completedOn: string;
  readonly expiresOn: string | null;
  readonly endsAt: Date;
  readonly credentialId: string;
  readonly uploadedAt: Date;
  readonly verifiedHow: string | null;
  readonly rejectedFor: string | null;
  readonly contentType: string;
  readonly fileSha256: string;
}

export interface TrainingFacts {
  readonly type: TrainingType;
  readonly title: string;
  /** Months for which a certificate without an end counts. */
  readonly durationMonths: number;
  readonly courses: readonly { readonly key: string; readonly title: string; readonly url: string }[];
}

export interface CertificateInput {
  readonly type: TrainingType;
  readonly course: string;
  readonly completedOn: string;
  readonly expiresOn: string | null;
  readonly credentialId: string;
  readonly fileSha256: string;
}

export type UploadFailureCode =
  | 'COURSE_NOT_ACCEPTED'
  | 'DATES_INVALID'
  | 'CREDENTIAL_MISSING'
  | 'FILE_TOO_LARGE'
  | 'FILE_MISSING';

export type CertificateResult<Code extends string> = Result<{ readonly certificate: CertificateDetails }, Code>;

export interface CertificateCommands {
  upload(input: CertificateInput): Promise<CertificateResult<UploadFailureCode>>;
  verify(id: string, how: VerifiedHow): Promise<CertificateResult<'CERTIFICATE_UNKNOWN' | 'WRONG_STATE'>>;
  reject(
    id: string,
    reason: string,
  ): Promise<CertificateResult<'CERTIFICATE_UNKNOWN' | 'WRONG_STATE' | 'REASON_MISSING'>>;
  /** The actor's own, newest first. */
  mine(): Promise<readonly CertificateDetails[]>;
  /** Those that wait for a steward, oldest first. */
  pending(): Promise<Seen<readonly CertificateDetails[]>>;
  /** A short-lived address of its file, for the actor alone. */
  file(id: string): { readonly url: string; readonly expiresAt: Date };
  /** What the policy asks of each kind of training. */
  trainings(): Promise<readonly TrainingFacts[]>;
}

// -------------------------------------------------------------------------------------------------------------- ingest

export type SourceFile = 'VIDEO' | 'SURVEY';

export interface DropItemFacts {
  readonly patient: string;
  readonly timestamp: string;
  readonly outcome: string;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly frames: number | null;
  readonly faces: number | null;
  readonly chunks: number | null;
  /** Seconds of work that it took. */
  readonly seconds: number | null;
  /** Files that were announced and have not arrived. */
  readonly wanted: () => Promise<readonly SourceFile[]>;
}

export interface DropFacts {
  readonly id: string;
  readonly study: string;
  readonly items: readonly DropItemFacts[];
  readonly running: readonly {
    readonly patient: string;
    readonly timestamp: string;
    readonly stage: string;
    readonly done: number;
    readonly total: number;
  }[];
}

export interface DropOffer {
  readonly study: string | null;
  readonly enrolment: Uint8Array;
  readonly items: readonly {
    readonly patient: string;
    readonly timestamp: string;
    readonly videoSha256: string | null;
    readonly videoBytes: number;
    readonly surveySha256: string | null;
  }[];
}

export interface EnrolmentProblemFacts {
  readonly code: string;
  readonly line: number | null;
  readonly column: string | null;
  readonly message: string;
}

export interface EnrolmentFailed extends Failed<'ENROLMENT_INVALID'> {
  readonly problems: readonly EnrolmentProblemFacts[];
}

export interface FilesMissing extends Failed<'FILES_MISSING'> {
  readonly wanted: readonly SourceFile[];
}

export interface IngestCommands {
  open(
    offer: DropOffer,
  ): Promise<Result<{ drop: DropFacts }, 'STUDY_UNKNOWN' | 'DROP_TOO_LARGE' | 'ITEM_REPEATED'> | EnrolmentFailed>;
  /** Queues a submission whose files have arrived; `queued` is false where it has its outcome already. */
  process(
    dropId: string,
    patient: string,
    timestamp: string,
  ): Promise<Result<{ queued: boolean }, 'ITEM_UNKNOWN'> | FilesMissing>;
  /** Null for a drop that there is not. */
  drop(id: string): Promise<Seen<DropFacts | null>>;
}

// ------------------------------------------------------------------------------------------------------------ releases

export interface ReleaseProblemFacts {
  readonly about: string;
  readonly problem: string;
}

/** A release as those see it who make it. */
export interface DraftFacts {
  readonly id: string;
  readonly study: string;
  readonly version: string;
  readonly status: 'DRAFT' | 'PUBLISHED' | 'DEPRECATED' | 'RETRACTED';
  readonly notes: string;
  readonly digest: string | null;
  readonly draftedAt: Date;
  readonly draftedBy: PersonFacts | null;
  readonly publicationAskedAt: Date | null;
  readonly publicationAskedBy: PersonFacts | null;
  readonly publishedAt: Date | null;
  readonly patients: number;
  readonly submissions: number;
}

export type ReleaseFailureCode =
  | 'RELEASE_UNKNOWN'
  | 'WRONG_STATE'
  | 'VERSION_INVALID'
  | 'NOT_ASKED'
  | 'CONTENT_CHANGED'
  | 'REASON_MISSING';

/** The check found that the release does not keep what it promises. */
export interface ReleaseNotSound extends Failed<'CHECK_FAILED'> {
  readonly problems: readonly ReleaseProblemFacts[];
}

export type ReleaseResult = Result<{ readonly release: DraftFacts }, ReleaseFailureCode> | ReleaseNotSound;

export interface ReleaseCommands {
  draft(input: {
    readonly study: string | null;
    readonly version: string;
    readonly notes: string;
  }): Promise<ReleaseResult | Failed<'STUDY_UNKNOWN' | 'NOTHING_TO_RELEASE' | 'FOLDS_INCOMPLETE'>>;
  askForPublication(releaseId: string): Promise<ReleaseResult>;
  publish(releaseId: string, checksums: boolean): Promise<ReleaseResult>;
  check(
    releaseId: string,
    checksums: boolean,
  ): Promise<Result<{ readonly problems: readonly ReleaseProblemFacts[] }, 'RELEASE_UNKNOWN'>>;
  drafts(study: string | null): Promise<Seen<readonly DraftFacts[]>>;
}

// ---------------------------------------------------------------------------------------------------- exports and runs

export interface JobProgressFacts {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly rate?: number;
  readonly secondsLeft?: number;
}

export interface JobErrorFacts {
  readonly code: string;
  readonly message: string;
  /** Codes, some with what they are about after a space. */
  readonly reasons?: readonly string[];
}

export interface ExportFacts {
  readonly id: string;
  readonly state: string;
  readonly progress: JobProgressFacts | null;
  readonly error: JobErrorFacts | null;
  readonly study: string;
  readonly synthetic: boolean;
  readonly release: string;
  readonly grantId: string;
  readonly fold: number | null;
  readonly part: 'TRAIN' | 'TEST' | 'ALL';
  readonly modalities: readonly Modality[];
  readonly fileCount: number | null;
  readonly bytes: number | null;
  readonly manifestSha256: string | null;
  readonly createdAt: Date;
  readonly readyAt: Date | null;
}

export interface ExportFileFacts {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly modality: string | null;
  readonly url: string;
  readonly expiresAt: Date;
}

export interface FoldFailed<Code extends string> extends Failed<Code> {
  /** Numbers of the folds that there are. */
  readonly folds: readonly number[];
}

export interface ExportInput {
  readonly study: string | null;
  readonly release: string | null;
  readonly fold: number | null;
  readonly part: 'TRAIN' | 'TEST' | 'ALL';
  readonly modalities: readonly Modality[];
  readonly grant: string | null;
}

export interface ExportCommands {
  request(
    input: ExportInput,
  ): Promise<
    | Result<
        { readonly export: ExportFacts },
        'STUDY_UNKNOWN' | 'RELEASE_UNKNOWN' | 'MODALITIES_EMPTY' | 'NOTHING_TO_EXPORT'
      >
    | FoldFailed<'FOLD_UNKNOWN' | 'FOLD_NEEDED'>
  >;
  cancel(id: string): Promise<Result<{ readonly export: ExportFacts }, 'EXPORT_UNKNOWN'>>;
  get(id: string): Promise<ExportFacts | null>;
  mine(): Promise<readonly ExportFacts[]>;
  /** A page of its files by path; null while it is not made. */
  files(id: string, page: PageAsked): Promise<Seen<PageOf<ExportFileFacts> | null> | Failed<'EXPORT_ENDED'>>;
}

export interface RunFacts {
  readonly id: string;
  readonly state: string;
  readonly progress: JobProgressFacts | null;
  readonly error: JobErrorFacts | null;
  readonly study: string;
  readonly synthetic: boolean;
  readonly release: { readonly id: string; readonly version: string };
  readonly grantId: string | null;
  readonly experiment: string;
  readonly classes: number;
  readonly preset: string;
  readonly fold: number | null;
  readonly seed: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** False until it has succeeded. */
  readonly hasResult: boolean;
  /** What the paper has beside it; null where nothing of it may stand there. */
  readonly published: BaselineScoresFacts | null;
  /** Whether it may be read beside the published results. */
  readonly comparable: string | null;
}

export interface GroupAccuracyFacts {
  readonly group: string;
  readonly patients: number;
  readonly accuracy: number | null;
}

export interface PatientAccuracyFacts {
  readonly patient: string;
  readonly painLevel: string;
  readonly truth: string;
  readonly rows: number;
  readonly correct: number;
  readonly accuracy: number;
}

export interface FoldAccuracyFacts {
  readonly fold: number;
  readonly testPatients: readonly string[];
  readonly trainRows: number;
  readonly testRows: number;
  readonly accuracy: number | null;
}

/** Figures of a run, each of them as far as its reader may see it. */
export interface RunResultFacts {
  readonly patients: number;
  readonly rows: number;
  readonly overall: number;
  readonly byClass: readonly GroupAccuracyFacts[];
  readonly byLevel: readonly GroupAccuracyFacts[];
  readonly bySex: readonly GroupAccuracyFacts[];
  readonly bySkinType: readonly GroupAccuracyFacts[];
  readonly byDevice: readonly GroupAccuracyFacts[];
  readonly byFold: readonly FoldAccuracyFacts[];
  readonly byPatient: readonly PatientAccuracyFacts[];
  readonly ranges: readonly { readonly above: number; readonly upTo: number; readonly patients: number }[];
  readonly provenance: Readonly<Record<string, unknown>>;
}

export type RunFigure = keyof RunResultFacts;

/** A figure, or why it is not the reader's to see. */
export type FigureSeen<Name extends RunFigure> =
  | { readonly ok: true; readonly value: RunResultFacts[Name] }
  | { readonly ok: false; readonly modality: Modality; readonly reasons: readonly Reason[] };

export interface RunInput {
  readonly study: string | null;
  readonly release: string | null;
  readonly experiment: string;
  readonly classes: number | null;
  readonly preset: string | null;
  readonly fold: number | null;
  readonly seed: number | null;
  readonly grant: string | null;
}

export type RunFailureCode =
  | 'RELEASE_UNKNOWN'
  | 'EXPERIMENT_UNKNOWN'
  | 'EXPERIMENT_NOT_AVAILABLE'
  | 'CLASSES_UNKNOWN'
  | 'PRESET_UNKNOWN'
  | 'SEED_INVALID';

export interface RunCommands {
  request(input: RunInput): Promise<Result<{ readonly run: RunFacts }, RunFailureCode> | FoldFailed<'FOLD_UNKNOWN'>>;
  cancel(id: string): Promise<Result<{ readonly run: RunFacts }, 'RUN_UNKNOWN'>>;
  get(id: string): Promise<RunFacts | null>;
  mine(): Promise<readonly RunFacts[]>;
  /** One figure, decided under the run's grant as of now; the reading is in the log, once for an operation. */
  figure<Name extends RunFigure>(id: string, name: Name): Promise<FigureSeen<Name>>;
}

// ------------------------------------------------------------------------------------------- quarantine and consent

export interface QuarantineDetails {
  readonly id: string;
  readonly study: string;
  readonly fromSeconds: number | null;
  readonly toSeconds: number | null;
  readonly reason: string;
  readonly placedAt: Date;
  readonly placedBy: PersonFacts | null;
  readonly liftedAt: Date | null;
  readonly liftedBy: PersonFacts | null;
  /** Of the submission, as recorded; null for who may not look at what is in quarantine. */
  readonly patient: string | null;
  readonly timestamp: string | null;
}

export interface QuarantineInput {
  readonly study: string | null;
  /** Id of a submission of a release, or of something in it. */
  readonly node: string | null;
  /** Or its patient and moment as recorded, `20201201T003232`. */
  readonly patient: string | null;
  readonly timestamp: string | null;
  readonly fromSeconds: number | null;
  readonly toSeconds: number | null;
  readonly reason: string;
}

export interface QuarantineCommands {
  place(
    input: QuarantineInput,
  ): Promise<
    Result<{ readonly quarantine: QuarantineDetails }, 'SUBMISSION_UNKNOWN' | 'RANGE_INVALID' | 'REASON_MISSING'>
  >;
  /** One that is lifted already stays as it is. */
  lift(id: string): Promise<Result<{ readonly quarantine: QuarantineDetails }, 'QUARANTINE_UNKNOWN'>>;
  /** Those in force, newest first. */
  list(study: string | null): Promise<Seen<readonly QuarantineDetails[]>>;
}

export interface ConsentInput {
  readonly study: string | null;
  readonly patient: string;
  readonly version: string;
  readonly uses: readonly string[];
  readonly modalities: readonly Modality[];
  readonly adultFrom: string | null;
  readonly reconsentedOn: string | null;
}

export interface ConsentDetails {
  readonly id: string;
  readonly patient: string;
  readonly version: string;
  readonly uses: readonly string[];
  readonly modalities: readonly Modality[];
  readonly adultFrom: string | null;
  readonly reconsentedOn: string | null;
  readonly effectiveAt: Date;
}

export interface ConsentCommands {
  record(
    input: ConsentInput,
  ): Promise<Result<{ readonly consent: ConsentDetails }, 'PATIENT_UNKNOWN' | 'USES_UNKNOWN' | 'VERSION_MISSING'>>;
}

export type GrantItems = readonly { readonly modality: Modality; readonly uses: readonly Use[] }[];
