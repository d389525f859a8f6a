import { type CliTokens, discoverLogin, type LoginRefusal, refreshTokens } from '../auth/device-login.ts';
import { CommandFailed } from './exit.ts';
import type { Io } from './io.ts';
import type { StoredLogin, TokenStore } from './token-store.ts';

/** A token this close to its end is renewed first, in ms. */
const MARGIN_MS = 20_000;

export interface Session {
  /** An access token that is good for now. @throws CommandFailed where nobody is signed in */
  token(): Promise<string>;
  /** Another token after the server refused `rejected`, or null where there is none. */
  renew(rejected: string): Promise<string | null>;
}

export const notSignedIn = (server: string): CommandFailed =>
  new CommandFailed(`Nobody is signed in at ${server}: run iss login.`, { code: 'NOT_SIGNED_IN' });

/** `ISS_TOKEN` as it is; otherwise the kept login, renewed when it has expired, by one process at a time. */
export function openSession(server: string, store: TokenStore, io: Io): Session {
  const given = io.environment.ISS_TOKEN;
  if (given) return { token: async () => given, renew: async () => null };
  let renewing: Promise<string> | undefined;

  const good = (login: StoredLogin): boolean => Date.parse(login.expiresAt) - io.now().getTime() > MARGIN_MS;

  async function refresh(rejected: string | null): Promise<string> {
    return store.locked(server, async () => {
      // Another process may have renewed it meanwhile.
      const login = await store.read(server);
      if (!login) throw notSignedIn(server);
      if (login.accessToken !== rejected && good(login)) return login.accessToken;
      const endpoints = await discoverLogin(server, io);
      if (!endpoints.ok) throw loginFailed(endpoints, server);
      const fresh = await refreshTokens(endpoints, login.refreshToken, io);
      if (fresh.ok) {
        await store.write(toStored(server, fresh));
        return fresh.accessToken;
      }
      if (fresh.code === 'SIGNED_OUT') await store.remove(server);
      throw fresh.code === 'SIGNED_OUT'
        ? new CommandFailed(`The login at ${server} has ended: run iss login.`, { code: 'NOT_SIGNED_IN' })
        : loginFailed(fresh, server);
    });
  }

  const refreshOnce = (rejected: string | null): Promise<string> => {
    renewing ??= refresh(rejected).finally(() => {
      renewing = undefined;
    });
    return renewing;
  };

  return {
    async token() {
      const login = await store.read(server);
      if (!login) throw notSignedIn(server);
      return good(login) ? login.accessToken : refreshOnce(null);
    },
    renew: (rejected) => refreshOnce(rejected),
  };
}

export const toStored = (server: string, tokens: CliTokens): StoredLogin => ({
  server,
  accessToken: tokens.accessToken,
  refreshToken: tokens.refreshToken,
  expiresAt: tokens.expiresAt.toISOString(),
});

/** What a realm refused, as the command's end. */
export function loginFailed({ code, reason }: LoginRefusal, server: string): CommandFailed {
  if (code === 'UNAVAILABLE' && reason.startsWith(server) && reason.endsWith('fetch failed'))
    return new CommandFailed(noServer(server), { code: 'NO_SERVER' });
  const whole = reason.startsWith('http') ? reason : reason.charAt(0).toUpperCase() + reason.slice(1);
  return new CommandFailed(/[.!?]$/.test(whole) ? whole : `${whole}.`, { code });
}

export const noServer = (server: string): string =>
  `No server answers at ${server}: start it with npm start, or set ISS_URL.`;
