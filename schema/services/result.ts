import type { Reason } from '../../governance/reasons.ts';

/** A command that was not carried out: a value, expected, with a literal code. */
export interface Failed<Code extends string = string> {
  readonly ok: false;
  readonly code: Code;
  /** What to do about it, as a sentence. */
  readonly message: string;
}

/** Not carried out because the policy says no: every reason that the person may be told. */
export interface Refused extends Failed<'FORBIDDEN'> {
  readonly reasons: readonly Reason[];
}

export type Result<Success, Code extends string> = ({ readonly ok: true } & Success) | Failed<Code> | Refused;

/** Something that may be looked at, or the reasons why not. */
export type Seen<Value> = { readonly ok: true; readonly value: Value } | Refused;

/** A page of a list by keyset: `after` is the cursor that a page before ended with. */
export interface PageOf<Value> {
  readonly nodes: readonly Value[];
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  /** Or how they are counted: once, and only where somebody asks for it. */
  readonly totalCount: number | (() => Promise<number>);
}

export interface PageAsked {
  /** Rows of the page at most, within the limit. */
  readonly first: number;
  readonly after: string | null;
}
