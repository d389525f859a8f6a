import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { createLocalJWKSet } from 'jose';
import type { Database } from '../../database/database.ts';
import type { IdentityProvider } from '../identity.ts';
import { inProcessFetch } from '../in-process-fetch.ts';
import { createOidcClient } from '../oidc-client.ts';
import { type Realm, readRealm } from '../realm.ts';
import { deviceLimits } from './device-limits.ts';
import { loadRealmKeys } from './keys.ts';
import { type LoginEvent, loginRoutes } from './login.ts';
import { logoutRoute } from './logout.ts';
import { addPasswordGrant } from './password-grant.ts';
import { hashPasswords } from './passwords.ts';
import { createProvider, personClaims, REALM_PATH } from './provider.ts';
import { createThrottle } from './throttle.ts';

/** account.issuer of people of the embedded realm: its URL moves with the port, its people do not. */
export const EMBEDDED_ACCOUNT_ISSUER = 'urn:iss:embedded-realm';

export interface EmbeddedIdentityOptions {
  database: Database;
  clock: { now(): Date };
  ids: { random(bytes: number): Buffer };
  /** Without a slash at its end. */
  publicUrl: string;
  dataDirectory: string;
  demo: boolean;
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
  observe?: (event: LoginEvent) => void;
  /** Instead of the realm file. */
  realm?: Realm;
}

/**
 * The embedded realm: the port and the pages and endpoints under /realms/iss.
 * @throws BadRealmError, or Error naming identity-keys.json when it is damaged
 */
export async function createEmbeddedIdentity(
  options: EmbeddedIdentityOptions,
): Promise<{ identity: IdentityProvider; router: Router }> {
  const { database, clock, ids, publicUrl, log } = options;
  const now = () => clock.now();
  const realm = structuredClone(options.realm ?? (await readRealm({ demo: options.demo, publicUrl })));
  const [keys, passwords] = await Promise.all([loadRealmKeys(options.dataDirectory, ids.random), hashPasswords(realm)]);
  const throttle = createThrottle(realm, now);
  const provider = createProvider({ realm, keys, publicUrl, sql: database, now });
  provider.use(deviceLimits(createThrottle(realm, now), now));
  addPasswordGrant(provider, realm, passwords, throttle);
  provider.on('server_error', (_ctx, error: Error) => log.error({ err: error }, 'the embedded realm failed'));

  const answerRealm = provider.callback();
  const observe = options.observe ?? (() => {});
  const router = Router();
  const realmRouter = Router();
  realmRouter.use(trustPublicUrl(publicUrl));
  realmRouter.use(loginRoutes({ provider, passwords, throttle, publicUrl, observe }));
  realmRouter.use(logoutRoute(provider));
  router.use(REALM_PATH, realmRouter);

  const app = express();
  app.use(router);
  const { kty, n, e, kid } = keys.signing as Record<'kty' | 'n' | 'e' | 'kid', string>;
  const identity = createOidcClient({
    issuer: provider.issuer,
    accountIssuer: EMBEDDED_ACCOUNT_ISSUER,
    keys: createLocalJWKSet({ keys: [{ kty, n, e, kid, alg: 'RS256', use: 'sig' }] }),
    send: inProcessFetch(app),
    now,
  });

  realmRouter.get('/protocol/openid-connect/userinfo', async (request, response) => {
    const [, token] = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '') ?? [];
    const verified = token === undefined ? undefined : await identity.verifyAccessToken(token);
    const user = verified?.ok && realm.users.find(({ id, enabled }) => id === verified.subject && enabled);
    response.set('cache-control', 'no-store');
    if (!user) return void response.status(401).set('www-authenticate', 'Bearer error="invalid_token"').end();
    response.json({ sub: user.id, ...personClaims(user) });
  });
  // A link with the code in it fills the field; the provider itself would send the form by script.
  realmRouter.get('/device', (request, response, next) => {
    const code = request.query.user_code;
    if (typeof code !== 'string') return next();
    response.redirect(303, `${REALM_PATH}/device?code=${encodeURIComponent(code)}`);
  });
  realmRouter.use((request, response) => answerRealm(request, response));
  return { identity, router };
}

/** Links and cookies follow the configured public URL and the address that express found; what the client's own headers say of either is overwritten. */
function trustPublicUrl(publicUrl: string) {
  const { protocol, host } = new URL(publicUrl);
  return (request: Request, _response: Response, next: NextFunction): void => {
    request.headers['x-forwarded-for'] = request.ip ?? '127.0.0.1';
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    request.headers['x-forwarded-host'] = host;
    next();
  };
}
