import type { CellKey, CountCell } from '../count-table.ts';

/** A patient as a publication counts them. Who is counted with other values elsewhere is two people there. */
export interface CountedPerson {
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Counts that are public already: the paper's tables, or the open tables of an earlier release. */
export interface Publication {
  readonly name: string;
  /** Whom it counts. */
  readonly people: readonly CountedPerson[];
  /** What it tells. */
  readonly told: readonly CountCell[];
  /** What it promised not to tell below its threshold, and what must not come out through a later one either. */
  readonly hidden: readonly CellKey[];
  /** The smallest count that it tells. */
  readonly threshold: number;
}
