import type { Role } from '../../governance/roles.ts';
import type { IdentityProvider, TokenRefusalCode } from '../adapters/identity/identity.ts';
import { accountOfToken, type SyncOptions } from './accounts.ts';
import { readCookie } from './cookies.ts';
import type { Sessions } from './sessions.ts';

export type Authentication =
  | { kind: 'anonymous' }
  | {
      kind: 'account';
      accountId: string;
      /** As our database has them at this moment; suspension and everything else is decide()'s business. */
      roles: readonly Role[];
      via: 'token' | 'session';
      /** The portal session's row, or the realm's session that the token belongs to. */
      sessionId?: string;
    }
  | AuthenticationRefusal;

export interface AuthenticationRefusal {
  kind: 'refused';
  status: 401 | 503;
  code: TokenRefusalCode | 'NOT_BEARER' | 'IDENTITY_UNAVAILABLE';
  reason: string;
}

/** What of a request says who is asking; a node or express request fits. */
export interface CredentialsRequest {
  headers: { authorization?: string | undefined; cookie?: string | undefined };
}

export type Authenticate = (request: CredentialsRequest) => Promise<Authentication>;

export interface AuthenticateOptions extends SyncOptions {
  identity: IdentityProvider;
  sessions: Sessions;
  sessionCookie: string;
}

const refused = (
  code: AuthenticationRefusal['code'],
  reason: string,
  status: 401 | 503 = 401,
): AuthenticationRefusal => ({ kind: 'refused', status, code, reason });

/**
 * Who is asking. An Authorization header counts alone: a bad token is refused, never replaced by the cookie beside it. A cookie without a living
 * session is nobody. Nothing is remembered between requests.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { identity, sessions, sessionCookie } = options;

  const byToken = async (authorization: string): Promise<Authentication> => {
    const token = /^Bearer +([^\s,]+)$/i.exec(authorization.trim())?.[1];
    if (token === undefined) return refused('NOT_BEARER', 'Send the token as "Authorization: Bearer …".');
    const verified = await identity.verifyAccessToken(token);
    if (!verified.ok) return refused(verified.code, verified.reason);
    const account = await accountOfToken(verified, options);
    return {
      kind: 'account',
      accountId: account.id,
      roles: account.roles,
      via: 'token',
      ...(verified.sessionId === undefined ? {} : { sessionId: verified.sessionId }),
    };
  };

  const bySession = async (cookie: string): Promise<Authentication> => {
    const lookup = await sessions.find(cookie);
    if (lookup.kind === 'none') return { kind: 'anonymous' };
    if (lookup.kind === 'unavailable')
      return refused('IDENTITY_UNAVAILABLE', 'The sign-in service does not answer. Try again in a minute.', 503);
    const { id, account } = lookup.session;
    return { kind: 'account', accountId: account.id, roles: account.roles, via: 'session', sessionId: id };
  };

  return async ({ headers }) => {
    if (headers.authorization !== undefined) return byToken(headers.authorization);
    const cookie = readCookie(headers.cookie, sessionCookie);
    return cookie === undefined ? { kind: 'anonymous' } : bySession(cookie);
  };
}
