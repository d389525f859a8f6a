import type { Reason } from '../../governance/reasons.ts';

export interface ReportColumnFacts {
  readonly key: string;
  readonly title: string;
  readonly unit: string | null;
}

/** A value as the study has it and as the paper printed it; null where one is missing. */
export interface ReportCellFacts {
  readonly value: number | string | null;
  readonly published: number | string | null;
  readonly agrees: boolean | null;
  readonly errata: readonly string[];
}

/** A table of a study report, or why it may not be seen. */
export interface StudyReportTableFacts {
  /** As in the paper. */
  readonly number: number;
  readonly title: string;
  readonly columns: readonly ReportColumnFacts[];
  /** A cell for every column. */
  readonly rows: readonly (readonly ReportCellFacts[])[];
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
