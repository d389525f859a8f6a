import type { Modality } from '../../governance/modality.ts';
import { ROW_RULE, type RowFilter, type RowTest } from '../../governance/rows.ts';
import type { SqlScope } from './sql.ts';

/** A range of a narrative's time as SQL expressions, in seconds, half-open. */
export interface SpanSql {
  readonly from: string;
  readonly to: string;
}

/** Where the rule finds what it asks about a row: SQL expressions. */
export interface RowNames {
  readonly patientId: string;
  /** Null for a row that is a patient's. */
  readonly submissionId: string | null;
  /** Name of the row of `consentJoin`. */
  readonly consent: string;
}

/** What is asked for of the row. */
export interface AspectSql {
  readonly modality: Modality;
  readonly span: SpanSql | null;
}

const dependsOnModality = (test: RowTest): boolean =>
  test.op === 'has' || ((test.op === 'all' || test.op === 'any') && test.tests.some(dependsOnModality));

/**
 * The row rule of `governance/rows.ts` as SQL conditions, for one filter. The only translation: queries, tickets,
 * exports and jobs all take their rows through it.
 */
export class VisibleRows {
  private readonly sql: SqlScope;
  private readonly filter: RowFilter;
  private readonly timeZone: string;

  /** @param timeZone IANA zone in which days end, of the policy */
  constructor(sql: SqlScope, filter: RowFilter, timeZone: string) {
    this.sql = sql;
    this.filter = filter;
    this.timeZone = timeZone;
  }

  /** True where consent is asked at all; staff look without it. */
  get asksConsent(): boolean {
    return this.filter.audience === 'GRANT';
  }

  /** A LEFT JOIN that puts the patient's newest consent under `alias`. */
  consentJoin(patientId: string, alias: string): string {
    return `LEFT JOIN LATERAL (SELECT c.patient_id, c.uses, c.modalities, c.adult_from, c.reconsented_at FROM consent c WHERE c.patient_id = ${patientId} AND c.effective_at <= ${this.now()} ORDER BY c.effective_at DESC, c.id DESC LIMIT 1) ${alias} ON true`;
  }

  /**
   * Conditions under which the aspect of the row is visible, to be joined with AND. The row's quarantine is asked
   * where it is a submission's.
   */
  conditions(names: RowNames, aspect: AspectSql): string[] {
    return this.rule()
      .filter(({ op }) => op !== 'noQuarantine' || names.submissionId !== null)
      .map((test) => this.translate(test, names, aspect));
  }

  /** What a submission's row asks beyond its patient's: that it is not in quarantine as a whole. */
  submissionConditions(submissionId: string): string[] {
    const names: RowNames = { patientId: 'NULL', submissionId, consent: 'NULL' };
    return this.rule()
      .filter(({ op }) => op === 'noQuarantine')
      .map((test) => this.translate(test, names, { modality: 'LABELS', span: null }));
  }

  /** What of `conditions` has to be asked again for another modality of a row that is visible with LABELS. */
  modalityCondition(consent: string, modality: Modality): string | null {
    const names: RowNames = { patientId: 'NULL', submissionId: null, consent };
    const narrow = (test: RowTest): RowTest =>
      test.op === 'all' ? { op: 'all', tests: test.tests.filter(dependsOnModality).map(narrow) } : test;
    const tests = this.rule().filter(dependsOnModality).map(narrow);
    if (modality === 'LABELS' || tests.length === 0) return null;
    return tests.map((test) => this.translate(test, names, { modality, span: null })).join(' AND ');
  }

  /**
   * The submission's quarantined ranges of time, under `alias`, as two arrays (null where there are none), for
   * `spanCondition`. A submission in quarantine as a whole is no visible row to begin with.
   */
  spansJoin(submissionId: string, alias: string): string {
    return `LEFT JOIN LATERAL (SELECT array_agg(q.from_seconds) AS lows, array_agg(q.to_seconds) AS highs FROM quarantine q WHERE q.submission_id = ${submissionId} AND ${this.inForce('q')} AND q.from_seconds IS NOT NULL) ${alias} ON true`;
  }

  /** True (in SQL) where no quarantined range overlaps the span. */
  spanCondition(spans: string, span: SpanSql): string {
    return `(${spans}.lows IS NULL OR NOT EXISTS (SELECT 1 FROM unnest(${spans}.lows, ${spans}.highs) AS q(low, high) WHERE q.low < ${span.to} AND ${span.from} < q.high))`;
  }

  /** True (in SQL) where nothing of the recording is in quarantine, for what shows or sums up all of it (`WHOLE`). */
  wholeCondition(spans: string): string {
    return `(${spans}.lows IS NULL)`;
  }

  private rule(): readonly RowTest[] {
    return ROW_RULE.filter(({ audiences }) => audiences.includes(this.filter.audience)).map(({ test }) => test);
  }

  private now(): string {
    return this.sql.now();
  }

  private inForce(quarantine: string): string {
    return `(${quarantine}.lifted_at IS NULL OR ${quarantine}.lifted_at > ${this.now()})`;
  }

  /** A day of the calendar as the instant at which it begins. */
  private startOfDay(day: string): string {
    return `((${day})::timestamp AT TIME ZONE ${this.sql.param(this.timeZone, 'text')})`;
  }

  private field(name: string, { consent }: RowNames): string {
    switch (name) {
      case 'inRelease':
        // Rows are taken from the release's own frozen tables.
        return 'true';
      case 'consent':
        return `${consent}.patient_id`;
      case 'consent.uses':
        return `${consent}.uses`;
      case 'consent.modalities':
        return `${consent}.modalities`;
      case 'consent.adultFrom':
        return this.startOfDay(`${consent}.adult_from`);
      case 'consent.reconsentedAt':
        return this.startOfDay(`${consent}.reconsented_at`);
      default:
        throw new Error(`the row rule asks for ${name}, which has no column`);
    }
  }

  private translate(test: RowTest, names: RowNames, aspect: AspectSql): string {
    switch (test.op) {
      case 'true':
        return this.field(test.field, names);
      case 'present':
        return `${this.field(test.field, names)} IS NOT NULL`;
      case 'absent':
        return `${this.field(test.field, names)} IS NULL`;
      case 'has':
        return `coalesce(${this.sql.param(aspect.modality, 'text')} = ANY (${this.field(test.field, names)}), false)`;
      case 'overlaps':
        return `coalesce(${this.field(test.field, names)} && ${this.sql.param(this.filter.permitting, 'text[]')}, false)`;
      case 'within': {
        const field = this.field(test.field, names);
        const tolerated = this.sql.param(this.filter.tolerated, 'text[]');
        const prefix = this.sql.param(test.orPrefix, 'text');
        return `(${field} IS NOT NULL AND (${field} <@ ${tolerated} OR NOT EXISTS (SELECT 1 FROM unnest(${field}) AS u(code) WHERE NOT coalesce(u.code = ANY (${tolerated}) OR starts_with(u.code, ${prefix}), false))))`;
      }
      case 'afterNow':
        return `coalesce(${this.field(test.field, names)} > ${this.now()}, false)`;
      case 'untilNow':
        return `coalesce(${this.field(test.field, names)} <= ${this.now()}, false)`;
      case 'notBefore':
        return `coalesce(${this.field(test.field, names)} >= ${this.field(test.other, names)}, false)`;
      case 'all':
        return test.tests.length === 0
          ? 'true'
          : `(${test.tests.map((inner) => this.translate(inner, names, aspect)).join(' AND ')})`;
      case 'any':
        return `(${test.tests.map((inner) => this.translate(inner, names, aspect)).join(' OR ')})`;
      case 'noWithdrawal':
        return `NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.patient_id = ${names.patientId} AND w.taken_back_at IS NULL AND w.kind = ANY (${this.sql.param(test.kinds, 'text[]')}))`;
      case 'noQuarantine': {
        const covered =
          aspect.span === null
            ? 'q.from_seconds IS NULL'
            : `(q.from_seconds IS NULL OR (q.from_seconds < ${aspect.span.to} AND ${aspect.span.from} < q.to_seconds))`;
        return `NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.submission_id = ${names.submissionId} AND ${this.inForce('q')} AND ${covered})`;
      }
    }
  }
}
