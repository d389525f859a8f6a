import { createHash } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { messagePage, PAGE_HEADERS } from '../adapters/identity/embedded/pages.ts';
import { CLI_CLIENT, type IdentityProvider, type TokenSet } from '../adapters/identity/identity.ts';
import { accountOfToken, type SyncOptions } from './accounts.ts';
import { type CookieNames, cookie, readCookie } from './cookies.ts';
import { CSRF_HEADER, CSRF_VALUE, requireCsrf } from './csrf.ts';
import type { Decisions } from './decisions.ts';
import { returnUrl } from './return-path.ts';
import type { Sealer } from './seal.ts';
import type { Sessions } from './sessions.ts';

/** How long a sign-in may take, in seconds. */
const SIGN_IN_SECONDS = 1800;

const attempt = z.object({
  nonce: z.string(),
  verifier: z.string(),
  goTo: z.string(),
  until: z.number(),
  stepUp: z.boolean(),
});
/** How far the clocks of the realm and of this server may be apart, in ms. */
const SKEW_MS = 30_000;

export interface AuthRoutesOptions extends SyncOptions {
  identity: IdentityProvider;
  sessions: Sessions;
  sealer: Sealer;
  cookies: CookieNames;
  random: (bytes: number) => Buffer;
  publicUrl: string;
  origins: readonly string[];
  demo: boolean;
  /** Where the realm has a second factor to ask for. */
  secondFactor: Decisions['secondFactor'];
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** /auth/login, /auth/callback, /auth/logout, /auth/session and /auth/config. */
export function authRoutes(options: AuthRoutesOptions): Router {
  const { identity, sessions, sealer, cookies, random, publicUrl, now, observe, secondFactor } = options;
  const redirectUri = `${publicUrl}/auth/callback`;
  const { secure } = cookies;
  const word = () => random(32).toString('base64url');
  const retry = (response: Response, status: number, title: string, sentence: string): void => {
    response.status(status).set(PAGE_HEADERS).end(messagePage(title, sentence));
  };

  /**
   * When the second factor of a sign-in was given that asked for one; null where it was not. An `acr` of an earlier step of the realm's session is worth
   * nothing: Keycloak gives it beside the time of a later password.
   */
  const secondFactorOf = ({ level, authenticatedAt }: TokenSet, begun: number): Date | null => {
    if (level !== secondFactor?.level || authenticatedAt === undefined) return null;
    return authenticatedAt.getTime() >= begun - SKEW_MS ? authenticatedAt : null;
  };

  const router = Router();
  router.use((_request, response, next) => {
    response.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    next();
  });

  router.get('/auth/login', async (request, response) => {
    // The step's cookie must be set where the realm sends the browser back to: localhost and 127.0.0.1 are two sites to a browser.
    if (isOtherLoopback(request.get('host'), publicUrl)) {
      const again = new URL('/auth/login', publicUrl);
      if (typeof request.query.return === 'string') again.searchParams.set('return', request.query.return);
      if (request.query.second === 'factor') again.searchParams.set('second', 'factor');
      return void response.redirect(303, again.href);
    }
    const [state, nonce, verifier] = [word(), word(), word()];
    const goTo = returnUrl(request.query.return, publicUrl);
    const until = now().getTime() + SIGN_IN_SECONDS * 1000;
    const stepUp = secondFactor !== null && request.query.second === 'factor';
    const sealed = sealer.seal(JSON.stringify({ nonce, verifier, goTo, until, stepUp }), `sign-in:${state}`);
    const codeChallenge = sha256(verifier).toString('base64url');
    const asked = { redirectUri, state, nonce, codeChallenge, ...(stepUp && { stepUpTo: secondFactor.level }) };
    const url = await identity.authorizationUrl(asked);
    response.append('set-cookie', cookie(cookies.signIn(state), sealed, { secure, maxAgeSeconds: SIGN_IN_SECONDS }));
    response.redirect(303, url);
  });

  router.get('/auth/callback', async (request, response) => {
    const { state, code, iss, error } = request.query;
    const failed = (sentence: string, status = 400) => retry(response, status, 'Sign-in did not work', sentence);
    if (typeof state !== 'string' || state.length !== 43)
      return failed('The answer of the sign-in service is incomplete.');
    const name = cookies.signIn(state);
    const sealed = readCookie(request.headers.cookie, name);
    // Whatever comes of it, this attempt is used up.
    response.append('set-cookie', cookie(name, '', { secure, maxAgeSeconds: 0 }));
    const opened = sealed === undefined ? undefined : sealer.open(sealed, `sign-in:${state}`);
    if (opened === undefined) return failed('This sign-in was not begun in this browser, or it was finished already.');
    const { nonce, verifier, goTo, until, stepUp } = attempt.parse(JSON.parse(opened));
    if (until < now().getTime()) return failed('The sign-in took too long. Please start again.');
    if (iss !== undefined && iss !== identity.issuer) return failed('The answer comes from another sign-in service.');
    if (error !== undefined) return failed('The sign-in was not completed.');
    if (typeof code !== 'string') return failed('The answer of the sign-in service is incomplete.');

    const tokens = await identity.exchangeCode({ code, redirectUri, codeVerifier: verifier, nonce });
    if (!tokens.ok)
      return tokens.code === 'UNAVAILABLE'
        ? failed('The sign-in service does not answer. Try again in a minute.', 503)
        : failed('The sign-in service refused. Please start again.');
    const begun = until - SIGN_IN_SECONDS * 1000;
    const second = stepUp ? secondFactorOf(tokens, begun) : null;
    if (stepUp && second === null)
      return failed('The sign-in service did not ask for your second factor. Tell an administrator.', 403);
    const account = await accountOfToken(tokens.token, options);
    // A session that was here before, planted or not, does not live on under this sign-in.
    const before = readCookie(request.headers.cookie, cookies.session);
    if (before !== undefined) await sessions.end(before, { everywhere: false });
    const session = await sessions.start(account.id, tokens, second);
    observe({
      ...{ type: 'SIGNED_IN', accountId: account.id, at: now(), address: request.ip },
      ...(second && { secondFactor: true }),
    });
    response.append('set-cookie', cookie(cookies.session, session.cookie, { secure }));
    response.redirect(303, goTo);
  });

  const csrf = requireCsrf({ cookieName: cookies.session, origins: options.origins });
  router.post('/auth/logout', csrf, async (request, response) => {
    const value = readCookie(request.headers.cookie, cookies.session);
    const ended = value === undefined ? undefined : await sessions.end(value, { everywhere: true });
    if (ended) observe({ type: 'SIGNED_OUT', accountId: ended.accountId, at: now() });
    response.append('set-cookie', cookie(cookies.session, '', { secure, maxAgeSeconds: 0 }));
    response.status(204).end();
  });

  router.get('/auth/session', async (request, response) => {
    const value = readCookie(request.headers.cookie, cookies.session);
    const lookup = value === undefined ? ({ kind: 'none' } as const) : await sessions.find(value);
    if (lookup.kind === 'unavailable')
      return void response.status(503).json({ error: { code: 'IDENTITY_UNAVAILABLE' } });
    const csrfHeader = { name: CSRF_HEADER, value: CSRF_VALUE };
    if (lookup.kind === 'none') return void response.json({ signedIn: false, csrfHeader });
    const { account, expiresAt } = lookup.session;
    const { id, username, name, email, roles } = account;
    response.json({ signedIn: true, account: { id, username, name, email }, roles, expiresAt, csrfHeader });
  });

  // What a command line needs to sign in, wherever the realm is.
  router.get('/auth/config', (_request: Request, response) => {
    response.json({ issuer: identity.issuer, clientId: CLI_CLIENT, passwordGrant: options.demo });
  });
  return router;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function isOtherLoopback(host: string | undefined, publicUrl: string): boolean {
  const asked = URL.parse(`http://${host}`)?.hostname ?? '';
  const meant = new URL(publicUrl).hostname;
  return asked !== meant && LOOPBACK.has(asked) && LOOPBACK.has(meant);
}
