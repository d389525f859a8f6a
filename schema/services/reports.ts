import type { Reason } from '../../governance/reasons.ts';
import type { ReportTable } from '../../pipeline/report/report-table.ts';

/** A table of a study report, or why it may not be seen. */
export interface StudyReportTableFacts extends ReportTable {
  /** Empty where it is told. A table without rows and with reasons is withheld. */
  readonly withheld: readonly Reason[];
  /** What its numbers count, where that is not plain from its title. */
  readonly note: string | null;
}

export interface StudyReportFacts {
  readonly study: string;
  readonly synthetic: boolean;
  readonly release: string;
  /** Whether the paper's values stand beside the study's. */
  readonly compared: boolean;
  readonly tables: readonly StudyReportTableFacts[];
  /** Errata of the paper that cells name. */
  readonly errata: readonly { readonly id: string; readonly title: string; readonly used: string }[];
}

export interface ReportCommands {
  /** Null where there is no such release for the actor. */
  studyReport(asked: {
    readonly study: string | null;
    readonly release: string | null;
    readonly besideIss: boolean;
  }): Promise<StudyReportFacts | null>;
}
