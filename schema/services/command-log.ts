/** Sees to it that every command leaves an entry in the log. */
export interface CommandLog {
  /** Runs a command; where it wrote no entry of its own, one is written that says what became of it. */
  around<Outcome extends { readonly ok: boolean; readonly code?: string }>(
    command: string,
    work: () => Promise<Outcome>,
  ): Promise<Outcome>;
}
