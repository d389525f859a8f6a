/** PostgreSQL types that a parameter may be cast to. */
export type SqlType =
  | 'text'
  | 'uuid'
  | 'integer'
  | 'bigint'
  | 'smallint'
  | 'timestamp'
  | 'timestamptz'
  | 'date'
  | 'text[]'
  | 'uuid[]';

/** What of a statement's values differs each time that the same plan is used. */
export interface Moment {
  readonly now: Date;
  /** Id of the audit entry. */
  readonly entryId: string;
}

/** A value that is known when the statement is run. */
class Late {
  readonly of: (moment: Moment) => unknown;

  constructor(of: (moment: Moment) => unknown) {
    this.of = of;
  }
}

/** A statement whose values are complete but for the moment. */
export interface PlannedStatement {
  readonly text: string;
  values(moment: Moment): readonly unknown[];
}

/**
 * The parameters and names of one statement under construction. A value from a request reaches the statement through
 * `param` and in no other way; names are made here (`t1`, `t2`, ...), never taken from a request.
 */
export class SqlScope {
  private readonly values: unknown[] = [];
  private readonly known = new Map<string, string>();
  private aliases = 0;
  private sources = 0;

  /** `$n::type`; the same value asked for again is the same parameter. */
  param(value: string | number | readonly string[] | null, type: SqlType): string {
    const key = `${type} ${JSON.stringify(value)}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.values.push(
      Array.isArray(value) ? value.map(withoutNul) : typeof value === 'string' ? withoutNul(value) : value,
    );
    const made = `$${this.values.length}::${type}`;
    this.known.set(key, made);
    return made;
  }

  /** A parameter whose value is known when the statement is run; `name` tells it from others. */
  late(name: string, of: (moment: Moment) => unknown, type: SqlType): string {
    const key = `late ${name} ${type}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.values.push(new Late(of));
    const made = `$${this.values.length}::${type}`;
    this.known.set(key, made);
    return made;
  }

  /** The moment of the operation as a parameter. */
  now(): string {
    return this.late('now', ({ now }) => now.toISOString(), 'timestamptz');
  }

  /**
   * The statement of a text made with these parameters. Some may have been asked for by a part that was not used in the
   * end; PostgreSQL wants every one to have a use, so those that are left are numbered anew.
   */
  statement(text: string): PlannedStatement {
    const kept: unknown[] = [];
    const numbers = new Map<string, number>();
    const renumbered = text.replace(/\$(\d+)::/g, (_, number: string) => {
      let made = numbers.get(number);
      if (made === undefined) {
        kept.push(this.values[Number(number) - 1]);
        made = kept.length;
        numbers.set(number, made);
      }
      return `$${made}::`;
    });
    return {
      text: renumbered,
      values: (moment) => kept.map((value) => (value instanceof Late ? value.of(moment) : value)),
    };
  }

  /** Counts one more relation of the statement. @returns how many there are */
  countSource(): number {
    this.sources += 1;
    return this.sources;
  }

  /** A name for a row source that nothing else in the statement has. */
  alias(): string {
    this.aliases += 1;
    return `t${this.aliases}`;
  }
}

/** PostgreSQL's text holds no NUL; U+FFFD stands for what cannot be there, so that it is not found. */
const withoutNul = (text: string): string => text.replaceAll('\u0000', '\ufffd');

/** A string literal of the statement. For our own words and checked response keys; values of requests are parameters. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
