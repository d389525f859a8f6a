import { isMeantAsToken } from '../../governance/personal-token.ts';
import type { Role } from '../../governance/roles.ts';
import type { SignIn } from '../../governance/second-factor.ts';
import { type IdentityProvider, IdentityUnavailable, type TokenRefusalCode } from '../adapters/identity/identity.ts';
import { accountOfToken, type SyncOptions } from './accounts.ts';
import { readCookie } from './cookies.ts';
import type { Decisions } from './decisions.ts';
import { FirstUses } from './first-use.ts';
import type { PersonalTokens, TokenLookup } from './personal-tokens.ts';
import type { Sessions } from './sessions.ts';

export type Authentication =
  | { kind: 'anonymous' }
  | {
      kind: 'account';
      accountId: string;
      /** As our database has them at this moment; suspension and everything else is decide()'s business. */
      roles: readonly Role[];
      via: 'token' | 'personal-token' | 'session';
      /** The portal session's row, or the realm's session that the token belongs to. */
      sessionId?: string;
      /** How they signed in, where decisions ask for it. */
      signIn?: SignIn;
      /** The personal token that they come with, and the one grant that it acts for. */
      token?: { id: string; grantId: string };
    }
  | AuthenticationRefusal;

export interface AuthenticationRefusal {
  kind: 'refused';
  status: 401 | 429 | 503;
  code: TokenRefusalCode | 'NOT_BEARER' | 'IDENTITY_UNAVAILABLE' | Exclude<TokenLookup, { ok: true }>['code'];
  reason: string;
  /** With 429. */
  retryAfterSeconds?: number;
}

/** What of a request says who is asking; a node or express request fits. */
export interface CredentialsRequest {
  headers: { authorization?: string | undefined; cookie?: string | undefined };
  /** Address of the sender. */
  ip?: string | undefined;
}

export type Authenticate = (request: CredentialsRequest) => Promise<Authentication>;

export interface AuthenticateOptions extends SyncOptions {
  identity: IdentityProvider;
  sessions: Sessions;
  personalTokens: PersonalTokens;
  sessionCookie: string;
  /** What decisions ask of a sign-in; null for nothing. */
  decisions: Decisions | null;
}

const NO_ANSWER = 'The sign-in service does not answer. Try again in a minute.';

const refused = (
  code: AuthenticationRefusal['code'],
  reason: string,
  status: AuthenticationRefusal['status'] = 401,
): AuthenticationRefusal => ({ kind: 'refused', status, code, reason });

/**
 * Who is asking. An Authorization header counts alone: a bad token is refused, never replaced by the cookie beside it. A cookie without a living
 * session is nobody. Nothing is remembered between requests.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { identity, sessions, personalTokens, sessionCookie, decisions, now, observe } = options;
  const byProgram = decisions === null ? {} : { signIn: { by: 'program' } as const };
  const firstUses = new FirstUses();
  /** Who comes with a token signs in where the realm is, out of our sight: its first use here is what the log has of it. */
  const firstSeen = (
    accountId: string,
    address: string,
    by: { session: string | undefined } | { token: string },
  ): void => {
    const at = now();
    const login = 'token' in by ? by.token : (by.session ?? 'no session');
    if (!firstUses.isFirst(`${accountId} ${login}`, at.getTime())) return;
    const named = 'token' in by ? { token: by.token } : by.session === undefined ? {} : { session: by.session };
    observe({
      type: 'SIGNED_IN',
      accountId,
      at,
      address: address === '' ? undefined : address,
      how: 'token' in by ? 'personal-token' : 'token',
      ...named,
    });
  };

  const byPersonalToken = async (token: string, ip: string): Promise<Authentication> => {
    const found = await personalTokens.find(token, ip);
    if (found.ok) {
      const { accountId, roles, id, grantId } = found;
      firstSeen(accountId, ip, { token: id });
      return { kind: 'account', accountId, roles, via: 'personal-token', token: { id, grantId }, ...byProgram };
    }
    if (found.code !== 'TOO_MANY_BAD_TOKENS') return refused(found.code, found.reason);
    return { ...refused(found.code, found.reason, 429), retryAfterSeconds: found.retryAfterSeconds };
  };

  const byToken = async (authorization: string, ip: string): Promise<Authentication> => {
    const token = /^Bearer +([^\s,]+)$/i.exec(authorization.trim())?.[1];
    if (token === undefined) return refused('NOT_BEARER', 'Send the token as "Authorization: Bearer …".');
    if (isMeantAsToken(token)) return byPersonalToken(token, ip);
    const verified = await identity.verifyAccessToken(token).catch((error: unknown) => {
      if (error instanceof IdentityUnavailable) return null;
      throw error;
    });
    if (!verified) return refused('IDENTITY_UNAVAILABLE', NO_ANSWER, 503);
    if (!verified.ok) return refused(verified.code, verified.reason);
    const account = await accountOfToken(verified, options);
    firstSeen(account.id, ip, { session: verified.sessionId });
    return {
      kind: 'account',
      accountId: account.id,
      roles: account.roles,
      via: 'token',
      ...byProgram,
      ...(verified.sessionId === undefined ? {} : { sessionId: verified.sessionId }),
    };
  };

  const bySession = async (cookie: string): Promise<Authentication> => {
    const lookup = await sessions.find(cookie);
    if (lookup.kind === 'none') return { kind: 'anonymous' };
    if (lookup.kind === 'unavailable') return refused('IDENTITY_UNAVAILABLE', NO_ANSWER, 503);
    const { id, account, secondFactorAt } = lookup.session;
    const who = {
      kind: 'account',
      accountId: account.id,
      roles: account.roles,
      via: 'session',
      sessionId: id,
    } as const;
    if (decisions === null) return who;
    if (decisions.secondFactor === null) return { ...who, signIn: { by: 'browser' } };
    const until = secondFactorAt && new Date(secondFactorAt.getTime() + decisions.secondFactor.forMs);
    return { ...who, signIn: { by: 'browser', secondFactorUntil: until } };
  };

  return async ({ headers, ip }) => {
    if (headers.authorization !== undefined) return byToken(headers.authorization, ip ?? '');
    const cookie = readCookie(headers.cookie, sessionCookie);
    return cookie === undefined ? { kind: 'anonymous' } : bySession(cookie);
  };
}
