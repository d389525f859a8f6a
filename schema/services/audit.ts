import type { PersonFacts } from './people.ts';
import type { PageAsked, Seen } from './result.ts';

/** Which entries of the log; all that are given have to fit. */
export interface AuditFilter {
  /** Id, username or address of an account. */
  readonly account: string | null;
  readonly grant: string | null;
  /** Any of these. */
  readonly actions: readonly string[] | null;
  /** Id of a release, or its version in the study that is meant when none is named. */
  readonly release: string | null;
  readonly request: string | null;
  /** At or after. */
  readonly from: Date | null;
  /** Before. */
  readonly to: Date | null;
}

export interface AuditEntryFacts {
  readonly id: string;
  /** Its place in the chain; null until the sealer has linked it. */
  readonly position: number | null;
  readonly at: Date;
  readonly action: string;
  readonly accountId: string | null;
  readonly by: PersonFacts | null;
  readonly grantId: string | null;
  readonly text: string;
  readonly hash: string;
  readonly link: string | null;
}

/** A page without a count of all: millions are not counted for a page. */
export interface AuditPage<Entry> {
  readonly nodes: readonly Entry[];
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
}

export type AuditOrder = 'NEWEST_FIRST' | 'OLDEST_FIRST';

/** Who used the data of a grant, as its members see it. */
export interface AccessLogEntryFacts {
  readonly at: Date;
  readonly action: string;
  /** Name of who it was; null for the program itself. */
  readonly name: string | null;
  readonly modalities: readonly string[];
  /** Number of patients whose data it was, where that was noted. */
  readonly patients: number | null;
  /** Number of rows, where that was noted. */
  readonly rows: number | null;
}

/** Uses of data that are of one kind, by one person on one day. */
export interface UseGroupFacts {
  readonly id: string;
  /** UTC. */
  readonly day: string;
  /** Name of who it was; null for the program itself. */
  readonly name: string | null;
  readonly action: string;
  /** Of files: what they are, and of which check-in. */
  readonly kind: string | null;
  readonly submission: string | null;
  readonly modalities: readonly string[];
  readonly entries: number;
  /** Of files that were taken; null where none was noted. */
  readonly bytes: number | null;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export type UseGroupPage =
  | Seen<AuditPage<UseGroupFacts>>
  | { readonly ok: false; readonly code: 'CURSOR_INVALID'; readonly message: string };

/** Refusals of people who are not signed in, of one kind in one minute. */
export interface StrangerRefusalFacts {
  readonly minute: Date;
  readonly kind: string;
  readonly count: number;
}

/** Something that held a file with certain bytes, and who could take it there. */
export interface FileHoldingFacts {
  readonly kind: 'EXPORT' | 'RECORDING' | 'MODEL';
  /** Of the export, the check-in or the run. */
  readonly id: string;
  /** Path in the export, what it is of the recording, or which network. */
  readonly name: string;
  readonly by: PersonFacts | null;
  readonly grantId: string | null;
  readonly release: string | null;
  readonly since: Date;
  /** Of an export that has ended. */
  readonly until: Date | null;
  readonly bytes: number;
  /** The first time that it was taken from there; null where the log knows of none. */
  readonly takenAt: Date | null;
  readonly taken: number;
}

export interface AuditCommands {
  /** Stewards and auditors; that somebody looks is an entry itself. */
  entries(
    filter: AuditFilter,
    order: AuditOrder,
    page: PageAsked,
    group: string | null,
  ): Promise<
    Seen<AuditPage<AuditEntryFacts>> | { readonly ok: false; readonly code: 'CURSOR_INVALID'; readonly message: string }
  >;
  /** Members of the grant, newest first; that somebody looks is an entry itself. */
  accessLog(
    grantId: string,
    page: PageAsked,
    group: string | null,
  ): Promise<
    | Seen<AuditPage<AccessLogEntryFacts>>
    | { readonly ok: false; readonly code: 'CURSOR_INVALID'; readonly message: string }
  >;
  /** Stewards and auditors: uses of data, one row for what is of a kind. */
  groups(filter: Pick<AuditFilter, 'account' | 'grant' | 'from' | 'to'>, page: PageAsked): Promise<UseGroupPage>;
  /** The same of one grant, for its members. */
  accessGroups(grantId: string, page: PageAsked): Promise<UseGroupPage>;
  /** Stewards and auditors; newest first, a day's minutes at most. */
  strangerRefusals(from: Date | null, to: Date | null): Promise<Seen<readonly StrangerRefusalFacts[]>>;
  /** Stewards and auditors: where a file with these bytes was given out; that somebody looks is an entry itself. */
  fileTrace(
    sha256: string,
  ): Promise<
    | Seen<readonly FileHoldingFacts[]>
    | { readonly ok: false; readonly code: 'SHA256_INVALID'; readonly message: string }
  >;
}
