import { rowFilterOf } from '../../governance/decide.ts';
import type { DataDecisions } from '../../governance/decision.ts';
import type { Modality } from '../../governance/modality.ts';
import { grantFilter } from '../../governance/rows.ts';
import type { ReleaseRecord } from '../context.ts';
import type { SqlScope } from './sql.ts';
import { VisibleRows } from './visible-rows.ts';

/** A release as an operation meets it: which it is and what has been decided about it, once for each modality. */
export class ReleaseScope {
  readonly sql: SqlScope;
  readonly release: ReleaseRecord;
  readonly decisions: DataDecisions;
  readonly rows: VisibleRows;

  constructor(sql: SqlScope, release: ReleaseRecord, decisions: DataDecisions, timeZone: string, now: Date) {
    this.sql = sql;
    this.release = release;
    this.decisions = decisions;
    // Rows are reached by LABELS alone; where those are refused no row is, and the filter that fits none stands.
    this.rows = new VisibleRows(sql, rowFilterOf(decisions.LABELS, now) ?? grantFilter([], now), timeZone);
  }

  /** The release's id as a parameter. */
  id(): string {
    return this.sql.param(this.release.id, 'uuid');
  }

  /** The grant under which a modality is read; null where it is read on another basis. */
  grantId(modality: Modality): string | null {
    const decision = this.decisions[modality];
    return decision.allow && decision.basis.kind === 'grant' ? decision.basis.grantId : null;
  }
}
