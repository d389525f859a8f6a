import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ROLES } from '../../../governance/roles.ts';

const seconds = z.int().positive();

const mapper = z.strictObject({
  name: z.string(),
  protocol: z.literal('openid-connect'),
  protocolMapper: z.literal('oidc-audience-mapper'),
  config: z.strictObject({
    'included.client.audience': z.string(),
    'id.token.claim': z.enum(['true', 'false']),
    'access.token.claim': z.enum(['true', 'false']),
  }),
});

const client = z.strictObject({
  clientId: z.string().min(1),
  name: z.string(),
  enabled: z.boolean(),
  protocol: z.literal('openid-connect'),
  publicClient: z.boolean(),
  bearerOnly: z.boolean().default(false),
  standardFlowEnabled: z.boolean(),
  // The embedded provider has neither; a realm that asks for them must not seem to work.
  implicitFlowEnabled: z.literal(false),
  serviceAccountsEnabled: z.literal(false),
  directAccessGrantsEnabled: z.boolean(),
  redirectUris: z.array(z.url()),
  webOrigins: z.array(z.string()),
  attributes: z
    .strictObject({
      'oauth2.device.authorization.grant.enabled': z.enum(['true', 'false']).optional(),
      'access.token.lifespan': z.string().regex(/^\d+$/).transform(Number).optional(),
      'pkce.code.challenge.method': z.literal('S256').optional(),
      'post.logout.redirect.uris': z.url().optional(),
      // Keycloak's; the embedded realm ends sessions in the database that it shares with us.
      'backchannel.logout.url': z.url().optional(),
      'backchannel.logout.session.required': z.enum(['true', 'false']).optional(),
    })
    .default({}),
  protocolMappers: z.array(mapper).default([]),
});

const user = z.strictObject({
  id: z.uuid(),
  username: z.string().min(1).max(100),
  enabled: z.boolean(),
  email: z.email(),
  emailVerified: z.boolean(),
  firstName: z.string().min(1),
  lastName: z.string().min(1),
  realmRoles: z.array(z.enum(ROLES)),
  credentials: z
    .array(z.strictObject({ type: z.literal('password'), value: z.string().min(1), temporary: z.literal(false) }))
    .length(1),
});

const unique = (name: string, values: string[]): string[] =>
  values.filter((value, index) => values.indexOf(value) !== index).map((value) => `${name} "${value}" appears twice`);

const realm = z
  .strictObject({
    realm: z.literal('iss'),
    enabled: z.literal(true),
    displayName: z.string(),
    sslRequired: z.enum(['external', 'all', 'none']),
    registrationAllowed: z.literal(false),
    resetPasswordAllowed: z.boolean(),
    rememberMe: z.literal(false),
    loginWithEmailAllowed: z.literal(false),
    bruteForceProtected: z.literal(true),
    failureFactor: z.int().positive(),
    waitIncrementSeconds: seconds,
    maxFailureWaitSeconds: seconds,
    defaultSignatureAlgorithm: z.literal('RS256'),
    accessTokenLifespan: seconds,
    accessCodeLifespan: seconds,
    accessCodeLifespanLogin: seconds,
    ssoSessionIdleTimeout: seconds,
    ssoSessionMaxLifespan: seconds,
    revokeRefreshToken: z.literal(true),
    refreshTokenMaxReuse: z.literal(0),
    oauth2DeviceCodeLifespan: seconds,
    oauth2DevicePollingInterval: seconds,
    // Keycloak's: a second factor where it is asked for. The embedded realm has none, and reaches no level.
    browserFlow: z.string().optional(),
    authenticationFlows: z.array(z.looseObject({ alias: z.string() })).optional(),
    authenticatorConfig: z.array(z.looseObject({ alias: z.string() })).optional(),
    roles: z.strictObject({ realm: z.array(z.strictObject({ name: z.enum(ROLES), description: z.string() })) }),
    clients: z.array(client),
    users: z.array(user),
  })
  .superRefine((value, context) => {
    const twice = [
      ...unique(
        'client',
        value.clients.map(({ clientId }) => clientId),
      ),
      ...unique(
        'user',
        value.users.map(({ username }) => username.toLowerCase()),
      ),
      ...unique(
        'user id',
        value.users.map(({ id }) => id),
      ),
    ];
    for (const message of twice) context.addIssue({ code: 'custom', message });
  });

/** A realm in Keycloak's import format, as far as the embedded provider understands it. */
export type Realm = z.infer<typeof realm>;
export type RealmClient = Realm['clients'][number];
export type RealmUser = Realm['users'][number];

/** Names the file that a realm came from and each place in it that is wrong. */
export class BadRealmError extends Error {
  override name = 'BadRealmError';
}

/**
 * Parses a realm file. `${ISS_PUBLIC_URL}` in it is the server's public URL, as Keycloak's own import replaces environment variables.
 * @param publicUrl without a slash at its end
 * @throws BadRealmError naming every key that is wrong or unknown
 */
export function parseRealm(text: string, publicUrl: string, file = 'realm'): Realm {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/\$\{ISS_PUBLIC_URL\}/g, () => publicUrl));
  } catch (error) {
    throw new BadRealmError(`${file} is not JSON: ${(error as Error).message}`);
  }
  const parsed = realm.safeParse(json);
  if (!parsed.success) throw new BadRealmError(`${file} is not a realm:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Reads realm.json, or realm-demo.json with the demo accounts. */
export async function readRealm(options: { demo: boolean; publicUrl: string }): Promise<Realm> {
  const name = options.demo ? 'realm-demo.json' : 'realm.json';
  return parseRealm(await readFile(new URL(name, import.meta.url), 'utf8'), options.publicUrl, name);
}
