import type { Modality } from '../../governance/modality.ts';
import type { FoldFailed, JobErrorFacts, JobProgressFacts } from './jobs.ts';
import type { Failed, PageAsked, PageOf, Result, Seen } from './result.ts';

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
        'STUDY_UNKNOWN' | 'RELEASE_UNKNOWN' | 'MODALITIES_EMPTY' | 'NOTHING_TO_EXPORT' | 'EXPORT_LIMIT'
      >
    | FoldFailed<'FOLD_UNKNOWN' | 'FOLD_NEEDED'>
  >;
  cancel(id: string): Promise<Result<{ readonly export: ExportFacts }, 'EXPORT_UNKNOWN'>>;
  get(id: string): Promise<ExportFacts | null>;
  /** What was given, signed; null until it is made. */
  receipt(id: string): Promise<string | null>;
  mine(): Promise<readonly ExportFacts[]>;
  /** A page of its files by path; null while it is not made. */
  files(id: string, page: PageAsked): Promise<Seen<PageOf<ExportFileFacts> | null> | Failed<'EXPORT_ENDED'>>;
}
