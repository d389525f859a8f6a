import type { Actor } from '../governance/actor.ts';
import type { Facts, ReleaseFacts } from '../governance/facts.ts';
import type { Modality } from '../governance/modality.ts';
import type { CommandServices } from './command-services.ts';
import type { ViewerGrantFacts } from './services/grants.ts';
import type { JobProgressFacts } from './services/jobs.ts';
import type { BaselineScoresFacts } from './services/scores.ts';

/** What a resolver is given. Services are declared here, in command-services.ts and in services/, and implemented in api/. */
export interface Context extends CommandServices {
  readonly actor: Actor;
  /** Correlates the answer with the server's log. */
  readonly requestId: string;
  readonly now: () => Date;
  /** A new UUIDv7. */
  readonly newId: () => string;
  readonly reads: ReadService;
  readonly tickets: TicketService;
  readonly landmarks: LandmarkService;
  readonly studies: StudyService;
  readonly viewers: ViewerService;
}

/** A statement of the planner. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface ReadService {
  /** Facts of the actor and the study's releases, as of one moment; null for a study that does not exist. */
  situation(where: StudyRef): Promise<Situation | null>;
  /** Runs the operation's one statement; the JSON text that it wrote. */
  run(statement: Statement): Promise<string>;
  /** Notes a refused operation of somebody who is not signed in: counted, not chained. */
  refusedStranger(modalities: readonly Modality[]): void;
  /** Counts a refused operation of somebody who is signed in; its entry in the log is written with the operation. @param reasons codes */
  refused(reasons: readonly string[]): void;
}

/** A study by its key (null: the one meant when none is named) or by one of its releases. */
export type StudyRef = { readonly key: string | null } | { readonly releaseId: string };

/** Everything that one operation is decided from, read at once. */
export interface Situation {
  /** When it was read; what follows from it is decided as of then. */
  readonly at: Date;
  readonly facts: Facts;
  readonly study: { readonly id: string; readonly key: string; readonly synthetic: boolean };
  /** All releases of the study, the highest version first. */
  readonly releases: readonly ReleaseRecord[];
}

export interface ReleaseRecord extends ReleaseFacts {
  readonly studyKey: string;
  readonly version: string;
  readonly publishedAt: Date | null;
}

export interface TicketService {
  /** A short-lived address of an object, or of one part of it (numbered from 1), for the actor alone. */
  issue(file: {
    readonly artifactId: string;
    readonly part?: number;
    readonly modality: Modality;
    readonly grantId: string | null;
    readonly releaseId: string;
  }): { readonly url: string; readonly expiresAt: Date };
}

export interface LandmarkService {
  /** Record `frame` (from 1) of each landmark file: 468 x 3 little-endian float32, 5,616 bytes; in the order asked. */
  read(records: readonly { readonly objectKey: string; readonly frame: number }[]): Promise<readonly Uint8Array[]>;
}

export interface StudyService {
  study(key: string | null): Promise<StudyFacts | null>;
  studies(): Promise<readonly StudyFacts[]>;
  /** Fixed, safe tables of a release, computed when it was published. */
  openTables(releaseId: string): Promise<readonly OpenTable[]>;
  /** How the release is cited as it now is; null for a draft. */
  citation(releaseId: string): Promise<CitationFacts | null>;
  /** Machine-readable metadata (Croissant, JSON-LD) of a release; null while there is none. */
  croissant(releaseId: string): Promise<unknown>;
  /** The baseline experiments and their published results, where the study has any. */
  experiments(studyKey: string): Promise<readonly ExperimentFacts[]>;
}

export interface CitationFacts {
  /** `1.0.0`, and `1.0.0+w2` once two of its patients have withdrawn. */
  readonly version: string;
  /** SHA-256 of that state. */
  readonly digest: string;
  readonly text: string;
  readonly bibtex: string;
  readonly csl: unknown;
  readonly datacite: unknown;
}

export interface OpenTable {
  readonly key: string;
  readonly title: string;
  /** Smallest count that it tells; null for a table of the first landing, which did not keep it. */
  readonly threshold: number | null;
  readonly attributes: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly cells: readonly OpenCell[];
}

/** A cell of an open table; a hidden one does not say whether it is small itself or stands beside one that is. */
export interface OpenCell {
  readonly at: Readonly<Record<string, string>>;
  readonly count: number | null;
}

/** A piece of text under a heading, with the numbers that it is about. */
export interface SectionFacts {
  readonly heading: string;
  readonly text: string;
  readonly figures?: readonly { readonly what: string; readonly value: string }[];
}

/** What is open about a study. */
export interface StudyFacts {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly synthetic: boolean;
  /** IANA zone in which its days end. */
  readonly timeZone: string;
  readonly summary: string | null;
  /** Design in plain words, by heading. */
  readonly design: readonly SectionFacts[];
  readonly cohorts: readonly CohortFacts[];
  readonly datasheet: readonly SectionFacts[];
  readonly errata: readonly { readonly number: number; readonly text: string }[];
  /** Published results, where the study has any. */
  readonly experiments: readonly ExperimentFacts[];
  /** How far its making is; null unless this server makes it at the moment, which it does of synthetic studies alone. */
  readonly preparing: JobProgressFacts | null;
}

export interface CohortFacts {
  readonly name: string;
  readonly painLevel: string;
  readonly skinType: string;
  readonly sex: string;
  readonly goal: number | null;
  /** Null where the number is too small to be told. */
  readonly enrolled: number | null;
}

export interface ExperimentFacts {
  readonly key: string;
  readonly number: number;
  readonly title: string;
  readonly description: string;
  readonly modalities: readonly Modality[];
  readonly classes: readonly number[];
  readonly published: readonly BaselineScoresFacts[];
}

export interface ViewerService {
  /** The signed-in person, or null. */
  viewer(actor: Actor): Promise<ViewerFacts | null>;
  /** Null for a study that does not exist. */
  accessChecklist(actor: Actor, modality: Modality, study: string | null): Promise<ChecklistFacts | null>;
}

export interface ViewerFacts {
  readonly account: {
    readonly id: string;
    readonly username: string;
    readonly name: string;
    readonly email: string;
    readonly institution: { readonly name: string; readonly ror: string | null; readonly country: string } | null;
  };
  readonly roles: readonly string[];
  readonly grants: readonly ViewerGrantFacts[];
}

/** For each use of a modality, every requirement and how it stands. */
export interface ChecklistFacts {
  readonly modality: Modality;
  readonly uses: readonly {
    readonly use: string;
    readonly allowed: boolean;
    readonly validUntil: Date | null;
    readonly items: readonly ChecklistItemFacts[];
  }[];
}

export interface ChecklistItemFacts {
  readonly key: string;
  readonly title: string;
  readonly met: boolean;
  readonly expiresAt: Date | null;
  readonly reasons: readonly string[];
  readonly whatToDo: string | null;
  readonly whoActsNext: string | null;
}
