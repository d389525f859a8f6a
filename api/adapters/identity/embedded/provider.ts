import Provider, {
  type AccessToken,
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { isRole } from '../../../../governance/roles.ts';
import type { Sql } from '../../database/database.ts';
import { API_AUDIENCE } from '../identity.ts';
import type { Realm, RealmClient, RealmUser } from '../realm.ts';
import type { RealmKeys } from './keys.ts';
import { deviceCodePage, deviceConfirmPage, logoutPage, messagePage, PAGE_HEADERS } from './pages.ts';
import { OidcRecords } from './records.ts';

/** The one resource of the realm; RFC 8707 wants a URI, tokens carry its audience `iss-api`. */
export const RESOURCE = 'urn:iss:api';
export const REALM_PATH = '/realms/iss';
const SCOPES = 'openid profile email';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export interface EmbeddedProviderOptions {
  realm: Realm;
  keys: RealmKeys;
  publicUrl: string;
  sql: Sql;
  now: () => Date;
}

export const fullName = (user: RealmUser): string => `${user.firstName} ${user.lastName}`;

/** The claims about a person, as Keycloak's default scopes have them. */
export const personClaims = (user: RealmUser) => ({
  preferred_username: user.username,
  name: fullName(user),
  given_name: user.firstName,
  family_name: user.lastName,
  email: user.email,
  email_verified: user.emailVerified,
});

const audiences = (client: RealmClient): string[] =>
  client.protocolMappers
    .filter(({ config }) => config['access.token.claim'] === 'true')
    .map(({ config }) => config['included.client.audience']);

/** What an access token for this client is: its audience mappers and its own or the realm's life span, in seconds. */
export function resourceOf(realm: Realm, clientId: string) {
  const client = realm.clients.find((one) => one.clientId === clientId);
  if (!client || !audiences(client).includes(API_AUDIENCE)) throw new errors.InvalidTarget();
  return {
    scope: SCOPES,
    audience: API_AUDIENCE,
    accessTokenFormat: 'jwt' as const,
    accessTokenTTL: client.attributes['access.token.lifespan'] ?? realm.accessTokenLifespan,
    jwt: { sign: { alg: 'RS256' as const } },
  };
}

function clientMetadata(client: RealmClient) {
  const device = client.attributes['oauth2.device.authorization.grant.enabled'] === 'true';
  const logout = client.attributes['post.logout.redirect.uris'];
  return {
    client_id: client.clientId,
    client_name: client.name,
    token_endpoint_auth_method: 'none' as const,
    grant_types: [
      ...(client.standardFlowEnabled ? ['authorization_code'] : []),
      ...(device ? [DEVICE_GRANT] : []),
      ...(client.directAccessGrantsEnabled ? ['password'] : []),
      'refresh_token',
    ],
    response_types: client.standardFlowEnabled ? ['code' as const] : [],
    redirect_uris: client.redirectUris,
    ...(logout ? { post_logout_redirect_uris: [logout] } : {}),
  };
}

function answer(ctx: KoaContextWithOIDC, html: string): void {
  ctx.set(PAGE_HEADERS);
  ctx.body = html;
}

const xsrf = (ctx: KoaContextWithOIDC): string => (ctx.oidc.session?.state as { secret: string }).secret;

/** oidc-provider 9, made to answer at Keycloak's paths with tokens of Keycloak's shape, from the realm file. */
export function createProvider({ realm, keys, publicUrl, sql, now }: EmbeddedProviderOptions): Provider {
  const issuer = `${publicUrl}${REALM_PATH}`;
  const userOf = (id: string): RealmUser | undefined => realm.users.find((user) => user.id === id && user.enabled);
  // Consent is the data use agreement's business: these are our own clients.
  const policy = interactionPolicy.base();
  policy.remove('consent');

  const configuration: Configuration = {
    adapter: (model: string) => new OidcRecords(model, sql, now),
    clients: realm.clients.filter((client) => client.enabled && !client.bearerOnly).map(clientMetadata),
    jwks: { keys: [keys.signing as never] },
    cookies: {
      keys: keys.cookies,
      names: { session: 'iss_realm', interaction: 'iss_realm_step', resume: 'iss_realm_resume' },
      long: { signed: true, httpOnly: true, sameSite: 'lax', path: REALM_PATH },
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },
    routes: {
      authorization: '/protocol/openid-connect/auth',
      token: '/protocol/openid-connect/token',
      jwks: '/protocol/openid-connect/certs',
      end_session: '/protocol/openid-connect/logout',
      revocation: '/protocol/openid-connect/revoke',
      device_authorization: '/protocol/openid-connect/auth/device',
      code_verification: '/device',
    },
    discovery: { userinfo_endpoint: `${issuer}/protocol/openid-connect/userinfo` } as never,
    responseTypes: ['code'],
    clientAuthMethods: ['none'],
    scopes: ['openid'],
    claims: {
      openid: ['sub'],
      profile: ['preferred_username', 'name', 'given_name', 'family_name'],
      email: ['email', 'email_verified'],
    },
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: ['RS256'] },
    interactions: { policy, url: (_ctx, interaction) => `${issuer}/login/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      // Ours answers instead (userinfo.ts): this one does not take JWT access tokens.
      userinfo: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource, client) => {
          if (resource !== RESOURCE) throw new errors.InvalidTarget();
          return resourceOf(realm, client.clientId);
        },
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) =>
          answer(ctx, logoutPage({ action: `${issuer}/protocol/openid-connect/logout/confirm`, xsrf: xsrf(ctx) })),
        postLogoutSuccessSource: (ctx) => answer(ctx, messagePage('Signed out', 'You are signed out.')),
      },
      deviceFlow: {
        enabled: true,
        userCodeInputSource(ctx, _form, _out, error) {
          if (error && error.name !== 'AbortedError' && error.name !== 'NoCodeError') ctx.state.wrongUserCode = true;
          const typed = ctx.oidc.params?.user_code ?? ctx.query.code;
          const problem = error && 'The code is not right, was used already or has expired. Start again on the device.';
          const stopped = error?.name === 'AbortedError' && 'The device was refused. You can close this page.';
          answer(
            ctx,
            deviceCodePage({
              action: `${issuer}/device`,
              xsrf: xsrf(ctx),
              code: typeof typed === 'string' ? typed.slice(0, 20) : '',
              problem: stopped || problem,
            }),
          );
        },
        userCodeConfirmSource(ctx, _form, client, _deviceInfo, userCode) {
          const name = client.clientName ?? client.clientId;
          answer(ctx, deviceConfirmPage({ action: `${issuer}/device`, xsrf: xsrf(ctx), code: userCode, client: name }));
        },
        successSource: (ctx) =>
          answer(ctx, messagePage('Device connected', 'You can close this page and go back to the program.')),
      },
    },
    renderError(ctx, out) {
      answer(ctx, messagePage('Sign-in did not work', out.error_description ?? out.error));
    },
    clientBasedCORS: () => false,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: () => true,
    // A browser's tokens end with its session; a device's do not end with the browser that confirmed it.
    expiresWithSession: async (_ctx, source) => source.kind !== 'DeviceCode',
    ttl: {
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? realm.accessTokenLifespan,
      AuthorizationCode: realm.accessCodeLifespan,
      DeviceCode: realm.oauth2DeviceCodeLifespan,
      IdToken: realm.accessTokenLifespan,
      Interaction: realm.accessCodeLifespanLogin,
      Session: realm.ssoSessionMaxLifespan,
      Grant: realm.ssoSessionMaxLifespan,
      RefreshToken: (_ctx, token) =>
        Math.max(1, Math.min(realm.ssoSessionIdleTimeout, realm.ssoSessionMaxLifespan - token.totalLifetime())),
    },
    findAccount(_ctx, id) {
      const user = userOf(id);
      return user && { accountId: id, claims: () => ({ sub: id, ...personClaims(user) }) };
    },
    async loadExistingGrant(ctx) {
      const { provider, session, client } = ctx.oidc;
      if (!session?.accountId || !client) return undefined;
      const existing = session.grantIdFor(client.clientId);
      const found = existing ? await provider.Grant.find(existing) : undefined;
      if (found) return found;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(SCOPES);
      grant.addResourceScope(RESOURCE, SCOPES);
      await grant.save();
      return grant;
    },
    formats: {
      customizers: {
        jwt(_ctx, token, jwt) {
          const user = userOf(jwt.payload.sub as string);
          jwt.header = { typ: 'JWT' };
          const { client_id: party, ...payload } = jwt.payload;
          const { sessionUid, grantId } = token as AccessToken;
          const sid = sessionUid ?? grantId;
          jwt.payload = {
            ...payload,
            typ: 'Bearer',
            azp: party,
            sid,
            realm_access: { roles: (user?.realmRoles ?? []).filter(isRole) },
            ...(user && personClaims(user)),
          };
        },
      },
    },
  };
  const provider = new Provider(issuer, configuration);
  provider.proxy = true; // the headers are ours: see trustPublicUrl
  return provider;
}
