import Config from 'keycloak-connect/middleware/auth-utils/config.js';
import GrantManager from 'keycloak-connect/middleware/auth-utils/grant-manager.js';
import { API_AUDIENCE, type TokenRefusal } from '../identity.ts';

/** Seconds between two requests for keys: none, or a token of a key that is newer than the last request would be refused. Jose has seen that key by then. */
const KEYS_AGAIN = 0.001;

/**
 * What keycloak-connect says of an access token that jose took: signature, issuer, audience, type and end once more, by other code. Only its function is
 * used: its middleware answers paths of its own to strangers. It is asked second, so that nobody but the realm can make it fetch keys. It knows no skew
 * of clocks, no nbf, and keeps keys that the realm has removed: those are jose's, and the stricter of the two counts.
 * @returns the refusal, or null where it agrees
 */
export function secondOpinion(issuer: string): (token: string) => Promise<TokenRefusal | null> {
  const [, server, realm] = /^(.+)\/realms\/([^/]+)$/.exec(issuer) ?? [];
  if (server === undefined || realm === undefined)
    throw new Error(`${issuer} is not the address of a Keycloak realm (…/realms/NAME)`);
  const manager = new GrantManager(
    new Config({
      ...{ realm, 'auth-server-url': server, resource: API_AUDIENCE, 'bearer-only': true },
      ...{ 'verify-token-audience': true, 'min-time-between-jwks-requests': KEYS_AGAIN },
    }),
  );
  return async (token) => {
    try {
      await manager.createGrant({ access_token: token });
      return null;
    } catch (error) {
      const said = String((error as Error | undefined)?.message ?? error);
      if (said.includes('expired'))
        return { ok: false, code: 'EXPIRED', reason: 'The token has expired. Sign in again or renew it.' };
      return { ok: false, code: 'BAD_SIGNATURE', reason: 'The token is not one that the realm stands for.' };
    }
  };
}
