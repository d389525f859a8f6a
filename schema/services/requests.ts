import type { RequestDraft } from '../../governance/forms.ts';
import type { Modality } from '../../governance/modality.ts';
import type { NextActor } from '../../governance/reasons.ts';
import type { CommandType, RequestCommand } from '../../governance/request/commands.ts';
import type { RequestEventType } from '../../governance/request/events.ts';
import type { RefusalCode } from '../../governance/request/refusals.ts';
import type { RequestStatus, RequestState as StoredRequest } from '../../governance/request/state.ts';
import type { Use } from '../../governance/use.ts';
import type { ViewerGrantFacts } from './grants.ts';
import type { InstitutionFacts, PersonFacts } from './people.ts';
import type { Failed, PageAsked, PageOf, Refused } from './result.ts';

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
  /** The same for the amendment under way; null where there is none. */
  readonly amendmentSeenHash: string | null;
  /** When the grant ends as things stand; null where there is none. */
  readonly endsAt: Date | null;
  readonly events: readonly RequestEventFacts[];
  /** What the reader may do now. */
  readonly allowedCommands: () => Promise<readonly CommandType[]>;
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

export type GivenCommand = Exclude<RequestCommand, { readonly type: 'create' | 'expire' | 'followRenewal' }>;

export interface RequestCommands {
  /** @param linkedTo a request of another institution that it goes with */
  create(study: string | null, linkedTo: string | null): Promise<RequestResult | Failed<'STUDY_UNKNOWN'>>;
  edit(requestId: string, form: RequestDraft, expectedVersion: number | null): Promise<RequestResult>;
  /** `typedName`, where given, has to be the signer's own; it is kept with the signature. */
  sign(
    requestId: string,
    command: Extract<GivenCommand, { readonly type: 'signAgreement' | 'endorse' }>,
    typedName: string | null,
  ): Promise<RequestResult>;
  give(requestId: string, command: GivenCommand): Promise<RequestResult>;
  /** Null for a request that does not exist, or that the actor may not know of. */
  get(requestId: string): Promise<AccessRequestFacts | null>;
  /** A request that the actor gave a command to, as it was after so many events. */
  asOf(requestId: string, version: number): Promise<AccessRequestFacts | null>;
  /** All that the actor may see, what changed last first. */
  list(
    states: readonly RequestStatus[] | null,
    waitsFor: NextActor | null,
    page: PageAsked,
  ): Promise<PageOf<AccessRequestFacts>>;
  /** Other requests with somebody of a request's team that the actor may see. */
  others(of: StoredRequest, page: PageAsked): Promise<PageOf<AccessRequestFacts>>;
  /** Those whose team the actor is on or is invited to. */
  mine(): Promise<readonly AccessRequestFacts[]>;
}

export type GrantItems = readonly { readonly modality: Modality; readonly uses: readonly Use[] }[];
