import { Router } from 'express';
import type { Database } from '../adapters/database/database.ts';
import { createEmbeddedIdentity } from '../adapters/identity/embedded/embedded-identity.ts';
import { purgeOidcRecords } from '../adapters/identity/embedded/records.ts';
import type { IdentityProvider } from '../adapters/identity/identity.ts';
import type { KeycloakIdentity } from '../adapters/identity/keycloak/keycloak-identity.ts';
import type { Realm } from '../adapters/identity/realm.ts';
import type { SyncOptions } from './accounts.ts';
import type { AuthEvent } from './auth-event.ts';
import { type Authenticate, type CredentialsRequest, createAuthenticate } from './authenticate.ts';
import { backChannelLogout } from './back-channel-logout.ts';
import { cookieNames, readCookie } from './cookies.ts';
import { requireCsrf } from './csrf.ts';
import type { Decisions } from './decisions.ts';
import { personalTokens } from './personal-tokens.ts';
import { authRoutes } from './routes.ts';
import { createSealer } from './seal.ts';
import { createSessions, type Sessions } from './sessions.ts';

export interface AuthDependencies {
  database: Database;
  clock: { now(): Date };
  ids: { uuid(): string; random(bytes: number): Buffer };
  /** Where browsers reach this server, without a slash at its end, e.g. `http://localhost:4000`. */
  publicUrl: string;
  dataDirectory: string;
  /** 32 bytes; seals the realm's tokens in the database. */
  sealingKey: Buffer;
  /** With the demo accounts and the password grant for scripts. */
  demo: boolean;
  log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** Hears every sign-in, failure, end and change of roles, for the audit log. */
  observe?: (event: AuthEvent) => void;
  /** Further origins whose pages may change things with the cookie (a development server); the public URL's always may. */
  origins?: readonly string[];
  /** Instead of the realm file. */
  realm?: Realm;
  /** Instead of the embedded realm. */
  keycloak?: KeycloakIdentity;
  /** What decisions ask of a sign-in; nothing by default. */
  decisions?: Decisions | null;
}

export interface Auth {
  /** /realms/iss/… and /auth/…; mount it at the root, before any body parser. */
  router: Router;
  authenticate: Authenticate;
  identity: IdentityProvider;
  sessions: Sessions;
  /** Whether a request comes with the portal's cookie and no token, so that the cookie is what counts. */
  hasSession(request: CredentialsRequest): boolean;
  /** Middleware for every other route that changes something by cookie. */
  requireCsrf: ReturnType<typeof requireCsrf>;
  /** Removes what has ended from portal_session and oidc_record; call it now and then, e.g. every hour. Done once at the start. */
  purge(): Promise<void>;
}

/** Sign-in as a whole, with the embedded realm or Keycloak. */
export async function createAuth(dependencies: AuthDependencies): Promise<Auth> {
  const { database, clock, ids, log, demo, decisions = null } = dependencies;
  const publicUrl = dependencies.publicUrl.replace(/\/+$/, '');
  const now = () => clock.now();
  const observe = (event: AuthEvent): void => {
    if (event.type === 'ROLES_REFUSED')
      log.warn(event, 'an account holds roles that exclude each other in the realm; neither counts');
    else log.info(event, 'sign-in event');
    dependencies.observe?.(event);
  };
  const { keycloak } = dependencies;
  const { identity, router: realmRouter } = keycloak
    ? {
        identity: keycloak.identity,
        router: backChannelLogout({ ...keycloak.identity, ...keycloak, database, now, observe }),
      }
    : await createEmbeddedIdentity({
        ...{ database, clock, ids, publicUrl, demo, log },
        dataDirectory: dependencies.dataDirectory,
        observe: (event) => observe({ ...event, at: now() }),
        ...(dependencies.realm ? { realm: dependencies.realm } : {}),
      });
  const { accountIssuer } = identity;
  const cookies = cookieNames(publicUrl);
  const sealer = createSealer(dependencies.sealingKey, ids.random);
  const origins = [new URL(publicUrl).origin, ...(dependencies.origins ?? [])];
  const sync: SyncOptions = { database, accountIssuer, now, uuid: ids.uuid, observe };
  const sessions = createSessions({ ...sync, identity, sealer, random: ids.random });
  const purge = async (): Promise<void> => {
    await sessions.purge();
    await purgeOidcRecords(database, now());
  };
  await purge();

  const router = Router();
  router.use(realmRouter);
  router.use(
    authRoutes({
      ...{ ...sync, identity, sessions, sealer, cookies, random: ids.random, publicUrl, origins, demo },
      secondFactor: decisions?.secondFactor ?? null,
    }),
  );
  return {
    router,
    authenticate: createAuthenticate({
      ...{ ...sync, identity, sessions, sessionCookie: cookies.session, decisions },
      personalTokens: personalTokens(database, now),
    }),
    identity,
    sessions,
    hasSession: ({ headers }) =>
      headers.authorization === undefined && readCookie(headers.cookie, cookies.session) !== undefined,
    requireCsrf: requireCsrf({ cookieName: cookies.session, origins }),
    purge,
  };
}
