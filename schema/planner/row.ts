import type { Counted } from './data-type.ts';
import type { ReleaseScope } from './release-scope.ts';

/** Where the fields of a signed file read what identifies it: SQL expressions of one object, or of a part of one. */
export interface FileColumns {
  readonly artifactId: string;
  /** Number of the part (from 1), null for the whole object. */
  readonly part: string | null;
  readonly contentType: string;
  readonly bytes: string;
  readonly sha256: string | null;
  /** First and last byte of the part within its object. */
  readonly range: { readonly first: string; readonly last: string } | null;
}

/**
 * One level of the statement: the rows under one alias, what is joined to each of them, and what of them the audit
 * entry counts. Laterals further down may read any level above them.
 */
export class Row {
  readonly type: string;
  readonly alias: string;
  readonly scope: ReleaseScope;
  readonly up: Row | null;
  /** Set by a field that gives a signed file, for the fields of that file. */
  readonly file: FileColumns | null;
  readonly joins: string[];
  readonly needed: Set<string>;
  readonly counts: Map<Counted, string[]>;
  readonly codes: string[];
  private readonly columns: Readonly<Record<string, string>>;
  private readonly joined: Map<string, string>;

  constructor(
    type: string,
    alias: string,
    scope: ReleaseScope,
    up: Row | null,
    columns: Readonly<Record<string, string>>,
    from?: { row: Row; file: FileColumns | null },
  ) {
    this.type = type;
    this.alias = alias;
    this.scope = scope;
    this.up = up;
    this.columns = columns;
    this.file = from?.file ?? null;
    // A view of a level shares what is joined to it.
    this.joins = from?.row.joins ?? [];
    this.needed = from?.row.needed ?? new Set();
    this.counts = from?.row.counts ?? new Map();
    this.codes = from?.row.codes ?? [];
    this.joined = from?.row.joined ?? new Map();
  }

  /** The SQL of a column, which the level then selects. Throws Error for one that its source does not have. */
  column(name: string): string {
    if (!Object.hasOwn(this.columns, name)) throw new Error(`rows of ${this.type} have no column ${name}`);
    this.needed.add(name);
    return `${this.alias}.${name}`;
  }

  /** Joins something once, however many fields ask for it; gives its alias. */
  join(key: string, build: (alias: string) => string): string {
    const known = this.joined.get(key);
    if (known !== undefined) return known;
    const alias = this.scope.sql.alias();
    this.joins.push(build(alias));
    this.joined.set(key, alias);
    return alias;
  }

  /** The nearest level of a type, this one included. Throws Error where there is none above. */
  nearest(type: string): Row {
    if (this.type === type) return this;
    if (this.up === null) throw new Error(`no ${type} above`);
    return this.up.nearest(type);
  }

  /** True where this level is of the type, or some level above is. */
  isBelow(type: string): boolean {
    return this.type === type || (this.up?.isBelow(type) ?? false);
  }

  /** The same level, seen by the fields of a signed file. */
  withFile(file: FileColumns): Row {
    return new Row(this.type, this.alias, this.scope, this.up, this.columns, { row: this, file });
  }

  /** The same level, for rows of another release: the level above all. */
  withScope(scope: ReleaseScope): Row {
    return new Row(this.type, this.alias, scope, null, this.columns, { row: this, file: null });
  }

  count(kind: Counted, sql: string): void {
    const known = this.counts.get(kind);
    if (known === undefined) this.counts.set(kind, [sql]);
    else known.push(sql);
  }
}
