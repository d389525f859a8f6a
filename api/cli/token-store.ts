import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandFailed } from './exit.ts';
import { withLock } from './file-lock.ts';
import type { Io } from './io.ts';

const LOGIN = z.object({
  server: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresAt: z.iso.datetime(),
});

/** A login to one server. Its tokens are never printed. */
export type StoredLogin = z.infer<typeof LOGIN>;

export interface TokenStore {
  /** The login kept for the server, or null. @throws CommandFailed where the file is damaged */
  read(server: string): Promise<StoredLogin | null>;
  /** Whole or not at all, readable by its owner alone. */
  write(login: StoredLogin): Promise<void>;
  remove(server: string): Promise<void>;
  /** Alone among all processes: a refresh token that is used twice ends the login. */
  locked<Result>(server: string, work: () => Promise<Result>): Promise<Result>;
}

/** The folder of the settings: `ISS_CONFIG_DIR`, or `~/.config/iss`. */
export const configDirectory = (environment: Record<string, string | undefined>): string =>
  environment.ISS_CONFIG_DIR || join(homedir(), '.config', 'iss');

/** A file for each server (mode 0600) in a folder that only its owner enters (0700). */
export function tokenStore(directory: string, io: Pick<Io, 'now' | 'sleep'>): TokenStore {
  const fileOf = (server: string): string => join(directory, `login-${encodeURIComponent(server)}.json`);
  const folder = async (): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  };
  return {
    async read(server) {
      const file = fileOf(server);
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      if (text === null) return null;
      if (((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600);
      const login = LOGIN.safeParse(parsed(text));
      if (login.success && login.data.server === server) return login.data;
      throw new CommandFailed(`${file} is damaged: run iss logout, then iss login.`, { code: 'LOGIN_DAMAGED' });
    },
    async write(login) {
      await folder();
      const file = fileOf(login.server);
      const fresh = `${file}.${process.pid}.new`;
      await writeFile(fresh, JSON.stringify(login), { mode: 0o600 });
      await rename(fresh, file);
    },
    remove: (server) => rm(fileOf(server), { force: true }),
    async locked(server, work) {
      await folder();
      const file = `${fileOf(server)}.lock`;
      const busy = `Another iss is renewing the login and does not end; if none runs, remove ${file}.`;
      return withLock(file, io, { waitMs: 30_000, busy }, work);
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
