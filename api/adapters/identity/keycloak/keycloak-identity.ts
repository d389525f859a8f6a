import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { ServiceRefused } from '../../service-refused.ts';
import { type IdentityProvider, IdentityUnavailable } from '../identity.ts';
import type { SendRequest } from '../in-process-fetch.ts';
import { createOidcClient } from '../oidc-client.ts';
import { secondOpinion } from './second-opinion.ts';

export interface KeycloakOptions {
  /** …/realms/NAME, as `iss` of its tokens says. */
  issuer: string;
  now: () => Date;
  /** A request that takes longer has failed, in ms. */
  timeoutMs?: number;
  /** How long the realm's keys are believed, in ms: so long, and half a minute, a key that it has removed can go on. */
  keysMs?: number;
  /** After the keys were asked for, an unknown key does not ask again for so long, in ms. */
  coolMs?: number;
}

export interface KeycloakIdentity {
  identity: IdentityProvider;
  /** The realm's keys, for what it sends us beside access tokens. @throws IdentityUnavailable */
  keys: JWTVerifyGetKey;
  /** @throws ServiceRefused where the realm does not answer, or calls itself otherwise */
  check(): Promise<void>;
}

/** A Keycloak realm, made from our realm file. Tokens are verified here, by jose and by keycloak-connect, which both have to agree. */
export function createKeycloakIdentity({
  issuer,
  now,
  timeoutMs = 10_000,
  keysMs = 5 * 60_000,
  coolMs = 10_000,
}: KeycloakOptions): KeycloakIdentity {
  const remote = createRemoteJWKSet(new URL(`${issuer}/protocol/openid-connect/certs`), {
    ...{ timeoutDuration: timeoutMs, cooldownDuration: coolMs, cacheMaxAge: keysMs },
  });
  const keys: JWTVerifyGetKey = async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      throw new IdentityUnavailable('the keys of the realm cannot be had', { cause: error });
    }
  };
  const send: SendRequest = async (url, init) => {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, text: () => response.text() };
  };
  const identity = createOidcClient({
    ...{ issuer, accountIssuer: issuer, keys, send, now },
    agrees: secondOpinion(issuer),
  });
  return {
    identity,
    keys,
    async check() {
      const response = await send(`${issuer}/.well-known/openid-configuration`).catch((error: Error) => {
        throw new ServiceRefused(`ISS_OIDC_ISSUER: ${issuer} does not answer: ${error.message}`, { cause: error });
      });
      const found = (await response
        .text()
        .then(JSON.parse)
        .catch(() => null)) as { issuer?: unknown } | null;
      if (response.status !== 200 || found?.issuer !== issuer)
        throw new ServiceRefused(
          `ISS_OIDC_ISSUER: ${issuer} answers ${response.status}${found?.issuer === undefined ? '' : ` and calls itself ${found.issuer}`}`,
        );
    },
  };
}
