import { MigrationMismatch } from './adapters/database/migrate.ts';
import { InvalidConfig } from './config.ts';
import { DataDirectoryRefused } from './data-directory.ts';
import { CannotListen } from './http/listen.ts';

const EXPECTED = [InvalidConfig, DataDirectoryRefused, MigrationMismatch, CannotListen];

/** Why a program does not start: a line that an operator can act on, or, where nobody has thought of it, the error with its stack. */
export const startRefusal = (what: string, error: unknown): string =>
  EXPECTED.some((kind) => error instanceof kind)
    ? (error as Error).message
    : `${what} could not start: ${(error as Error).stack ?? error}`;
