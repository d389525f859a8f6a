/** What the command line ends with; scripts rely on it. */
export const EXIT = { DONE: 0, FAILED: 1, USAGE: 2, REFUSED: 3, INTERRUPTED: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Why the policy refused: printed a line each. */
export interface RefusalReason {
  readonly code: string;
  /** What it concerns: a training type, a modality, a grant. */
  readonly subject: string | null;
  readonly sentence: string;
  readonly whoActsNext: string | null;
}

/** A command ends here: a sentence that says what is wrong and where, and the exit code. Never a bug. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: ExitCode;
  /** A word for scripts. */
  readonly code: string;
  readonly reasons: readonly RefusalReason[];
  /** More lines for a person: what else is wrong with a file. */
  readonly details: readonly string[];
  /** With --json, the result that was printed says it all: no second value follows. */
  readonly told: boolean;

  constructor(
    message: string,
    about: {
      exitCode?: ExitCode;
      code?: string;
      reasons?: readonly RefusalReason[];
      details?: readonly string[];
      told?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: about.cause });
    this.exitCode = about.exitCode ?? EXIT.FAILED;
    this.code = about.code ?? 'FAILED';
    this.reasons = about.reasons ?? [];
    this.details = about.details ?? [];
    this.told = about.told ?? false;
  }
}

export const wrongUsage = (message: string): CommandFailed =>
  new CommandFailed(message, { exitCode: EXIT.USAGE, code: 'USAGE' });

export const refused = (message: string, reasons: readonly RefusalReason[]): CommandFailed =>
  new CommandFailed(message, { exitCode: EXIT.REFUSED, code: 'FORBIDDEN', reasons });

/** Ctrl-C, or a signal to end. */
export const interrupted = (message = 'Interrupted: run it again to resume.'): CommandFailed =>
  new CommandFailed(message, { exitCode: EXIT.INTERRUPTED, code: 'INTERRUPTED' });

const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'access is not allowed',
  EPERM: 'this is not allowed',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full: free some space and run it again',
  EDQUOT: 'your share of the disk is used up: free some space and run it again',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
  EADDRINUSE: 'the address is in use',
};

/** A sentence about an error of the file system: what and where; undefined for any other error. */
export function systemFailure(error: unknown, where?: string): CommandFailed | undefined {
  const { code, path } = error as NodeJS.ErrnoException;
  const meaning = SYSTEM[code ?? ''];
  if (!(error instanceof Error) || error instanceof CommandFailed || meaning === undefined) return undefined;
  return new CommandFailed(`${where ?? path ?? 'A file'}: ${meaning} (${code}).`, { code: code!, cause: error });
}
