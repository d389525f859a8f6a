import type { Json } from '../../governance/canonical.ts';

/** What a command that its sender gave an id comes to. */
export type Once<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly code: 'COMMAND_ID_REUSED' | 'COMMAND_ID_INVALID'; readonly message: string };

export interface CommandReceipts {
  /**
   * Carries a command out once for each id: the first time by `work`, with its receipt in the same transaction; a repeat
   * of the same is given the first outcome by `again`, and anything else under that id is refused.
   */
  once<Result>(
    of: { readonly commandId: string; readonly name: string; readonly input: Json },
    work: () => Promise<Result>,
    kept: { readonly keep: (result: Result) => Json; readonly again: (kept: Json) => Promise<Result> },
  ): Promise<Once<Result>>;
}
