import type { Modality } from '../../governance/modality.ts';
import type { Json } from './json.ts';
import type { Row } from './row.ts';
import type { Slot } from './slots.ts';
import type { SqlType } from './sql.ts';

/** What a field asks for: a modality, nothing because it is open to all, or nothing more than the field that gave its object. */
export type Access = Modality | 'OPEN' | 'INHERITED';

/** Kinds of rows whose number an audit entry states. */
export const COUNTED = ['patients', 'submissions', 'frames', 'chunks'] as const;
export type Counted = (typeof COUNTED)[number];

/** Coerced arguments of a field, as graphql-js gives them. */
export type Args = Readonly<Record<string, unknown>>;

/** An argument. */
export interface DataArg {
  /** A Pothos reference of an input type, or a scalar's name. */
  readonly type: unknown;
  readonly required?: boolean;
  readonly description: string;
  /** Filtering by a fact tells it, so the argument asks for that fact's modality; absent where it tells nothing. */
  readonly access?: Modality;
  /** The same for fields of an input object. */
  readonly fieldAccess?: Readonly<Record<string, Modality>>;
}

/** What a value field may need beside its row. */
export interface At {
  /** The modality that the field is read under. */
  readonly modality: Modality | null;
  /** A place in the answer that is filled after the statement has run. */
  slot(slot: Slot, args: readonly string[]): Json;
}

interface FieldCommon {
  readonly access: Access;
  readonly description: string;
  readonly args?: Readonly<Record<string, DataArg>>;
  /**
   * True where the field shows the whole recording (a file, a mean over it), so that a quarantined part of its time
   * hides it. On a frame or chunk the row's own time counts instead, for every field.
   */
  readonly whole?: boolean;
  /** What one of it costs, beside the objects that it holds. */
  readonly cost?: number;
}

/** A scalar, an enumeration or a list of them. */
export interface ValueField extends FieldCommon {
  readonly kind: 'value';
  /** A Pothos reference of a leaf type, or a scalar's name. */
  readonly type: unknown;
  readonly list?: 'one' | 'two';
  readonly nonNull?: boolean;
  json(row: Row, args: Args, at: At): Json;
}

/** An object of the same row (or of one that the row belongs to): no rows of its own, so nothing to page. */
export interface PartField extends FieldCommon {
  readonly kind: 'part';
  readonly type: () => DataType;
  readonly nonNull?: boolean;
  /** The row that its fields read; the same one unless told. */
  scope?(row: Row): Row;
  /** SQL boolean that is false where there is none; null where there always is one. */
  exists(row: Row): string | null;
}

/** One related row, or none. */
export interface OneField extends FieldCommon {
  readonly kind: 'one';
  readonly type: () => DataType;
  source(row: Row, args: Args): Source;
}

/** All related rows, where they are few by nature. */
export interface ListField extends FieldCommon {
  readonly kind: 'list';
  readonly type: () => DataType;
  /** Rows that the cost counts for one list. */
  readonly expected: number;
  source(row: Row, args: Args): Source;
}

/** Related rows in pages. */
export interface ConnectionField extends FieldCommon {
  readonly kind: 'connection';
  readonly type: () => DataType;
  /** Names the order in a cursor, so that a cursor of another list is refused. */
  readonly sort: string;
  readonly keys: readonly KeyType[];
  /** `page` is null when all rows are meant, to be counted. */
  source(row: Row, args: Args, page: Page | null): Source;
}

/** A field of a release that a service answers, not the statement: open facts and the workflow's own records. */
export interface ResolvedField extends FieldCommon {
  readonly kind: 'resolved';
}

export type DataField = ValueField | PartField | OneField | ListField | ConnectionField | ResolvedField;

export type KeyType = Extract<SqlType, 'text' | 'uuid' | 'integer' | 'timestamp'>;

/** A page: the rows after those keys (null: from the first on), at most so many. */
export interface Page {
  readonly after: readonly string[] | null;
  readonly limit: number;
}

/** The rows of a relation. SQL is of our own making; what comes from a request is a parameter in it. */
export interface Source {
  /** Columns that fields may ask a row for: name -> SQL over the names that `from` introduces. */
  readonly columns: Readonly<Record<string, string>>;
  /** The FROM clause, without the word. Called last, when the columns that fields asked for are known. */
  from(needed: ReadonlySet<string>): string;
  readonly where: readonly string[];
  /** Sort keys, the last ones unique; in the order and of the types of the field's `keys` where it is a connection. */
  readonly order: readonly string[];
  /** True where `from` already leaves out the rows before the page. */
  readonly sliced?: boolean;
  /** SQL of the number of rows where there is a shorter way than counting them. */
  readonly total?: string;
}

/** A type of released data: what it is called, what its rows are, and where each field comes from. */
export interface DataType {
  readonly name: string;
  readonly description: string;
  /** Letter of its node ids; only types with one are nodes. */
  readonly node?: string;
  readonly counted?: Counted;
  /** SQL of the patient's code as JSON text, on the type whose rows are patients. */
  patientCode?(row: Row): string;
  readonly fields: Readonly<Record<string, DataField>>;
}

/**
 * Declares a data type. Throws Error for a field without a declared modality or description: a field with no policy
 * cannot be built.
 */
export const dataType = (type: DataType): DataType => {
  for (const [name, field] of Object.entries(type.fields)) {
    const where = `${type.name}.${name}`;
    if (!field.access) throw new Error(`${where} declares no modality`);
    if (!field.description) throw new Error(`${where} has no description`);
    for (const [arg, { description }] of Object.entries(field.args ?? {})) {
      if (!description) throw new Error(`${where}(${arg}) has no description`);
    }
  }
  return type;
};
