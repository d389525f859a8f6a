import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import {
  CLI_CLIENT,
  type Discovery,
  type GrantRefusal,
  type IdentityProvider,
  IdentityUnavailable,
  PORTAL_CLIENT,
  SIGN_IN_SCOPE,
  type TokenRefusal,
  type TokenSet,
} from './identity.ts';
import type { SendRequest } from './in-process-fetch.ts';
import { rememberVerified } from './recent-tokens.ts';
import { verifyAccessToken } from './verify-access-token.ts';

const discoveryShape = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  end_session_endpoint: z.url(),
  userinfo_endpoint: z.url(),
  device_authorization_endpoint: z.url(),
});

const tokensShape = z.object({ access_token: z.string(), refresh_token: z.string(), id_token: z.string().optional() });

export interface OidcClientOptions {
  issuer: string;
  accountIssuer: string;
  keys: JWTVerifyGetKey;
  send: SendRequest;
  now: () => Date;
  /** Asked of each token that was verified: the refusal of somebody who has to agree, or null. */
  agrees?: (token: string) => Promise<TokenRefusal | null>;
}

/**
 * The portal's side of OpenID Connect: discovery, code with PKCE, refresh, logout by refresh token (as Keycloak's logout endpoint takes it).
 * The same code speaks to the embedded provider and to Keycloak; they differ in `send` and `keys`.
 */
export function createOidcClient({
  issuer,
  accountIssuer,
  keys,
  send,
  now,
  agrees,
}: OidcClientOptions): IdentityProvider {
  const verify = rememberVerified(async (token) => {
    const verified = await verifyAccessToken(token, { issuer, keys, parties: [PORTAL_CLIENT, CLI_CLIENT], now });
    return (verified.ok && (await agrees?.(token))) || verified;
  }, now);

  let known: Discovery | undefined;
  const discovery = async (): Promise<Discovery> => {
    if (known) return known;
    const response = await send(`${issuer}/.well-known/openid-configuration`);
    const found = discoveryShape.parse(JSON.parse(await response.text()));
    if (found.issuer !== issuer) throw new Error(`the realm at ${issuer} calls itself ${found.issuer}`);
    known = found;
    return found;
  };

  const post = async (
    endpoint: 'token_endpoint' | 'end_session_endpoint',
    form: Record<string, string>,
  ): Promise<{ ok: true; body: string } | GrantRefusal> => {
    try {
      const response = await send((await discovery())[endpoint], {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams({ client_id: PORTAL_CLIENT, ...form }).toString(),
      });
      const body = await response.text();
      if (response.status < 300) return { ok: true, body };
      if (response.status >= 500 || response.status === 429)
        return { ok: false, code: 'UNAVAILABLE', reason: `The realm answered ${response.status}.` };
      const error = z.object({ error: z.string() }).safeParse(parseJson(body));
      return { ok: false, code: 'REFUSED', reason: error.data?.error ?? `status ${response.status}` };
    } catch (error) {
      return { ok: false, code: 'UNAVAILABLE', reason: error instanceof Error ? error.message : String(error) };
    }
  };

  const tokens = async (form: Record<string, string>, nonce?: string): Promise<TokenSet | GrantRefusal> => {
    const answer = await post('token_endpoint', form);
    if (!answer.ok) return answer;
    const parsed = tokensShape.safeParse(parseJson(answer.body));
    if (!parsed.success) return { ok: false, code: 'BAD_TOKEN', reason: 'The realm answered without tokens.' };
    const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = parsed.data;
    const token = await verify(accessToken).catch((error: unknown) => {
      if (error instanceof IdentityUnavailable) return null;
      throw error;
    });
    if (!token) return { ok: false, code: 'UNAVAILABLE', reason: 'The keys of the realm cannot be had.' };
    if (!token.ok) return { ok: false, code: 'BAD_TOKEN', reason: token.reason };
    const tokens = { ok: true, accessToken, refreshToken, idToken, token } as const;
    if (nonce === undefined) return tokens;
    const claims = await claimsOf(idToken, nonce, token.subject);
    if (claims === null)
      return { ok: false, code: 'BAD_TOKEN', reason: 'The ID token does not belong to this sign-in.' };
    const { acr, auth_time: time } = claims;
    return {
      ...tokens,
      level: typeof acr === 'string' ? acr : undefined,
      authenticatedAt: typeof time === 'number' ? new Date(time * 1000) : undefined,
    };
  };

  /** What the ID token of this sign-in says (OpenID Connect Core 3.1.3.7); null where it is not its. */
  const claimsOf = async (idToken: string | undefined, nonce: string, subject: string): Promise<JWTPayload | null> => {
    if (idToken === undefined) return null;
    const options = { algorithms: ['RS256'], issuer, audience: PORTAL_CLIENT, clockTolerance: 30, currentDate: now() };
    const verified = await jwtVerify(idToken, keys, { ...options, subject, requiredClaims: ['exp', 'nonce'] }).catch(
      () => undefined,
    );
    return verified?.payload.nonce === nonce ? verified.payload : null;
  };

  return {
    issuer,
    accountIssuer,
    discovery,
    verifyAccessToken: verify,
    async authorizationUrl({ redirectUri, state, nonce, codeChallenge, stepUpTo }) {
      const url = new URL((await discovery()).authorization_endpoint);
      const query = {
        client_id: PORTAL_CLIENT,
        response_type: 'code',
        scope: SIGN_IN_SCOPE,
        redirect_uri: redirectUri,
      };
      const proof = { state, nonce, code_challenge: codeChallenge, code_challenge_method: 'S256' };
      // Who steps up proves everything anew, and the ID token says when; with max_age alone Keycloak takes a sign-in of the same second.
      const level = stepUpTo === undefined ? {} : { acr_values: stepUpTo, prompt: 'login', max_age: '0' };
      url.search = new URLSearchParams({ ...query, ...proof, ...level }).toString();
      return url.href;
    },
    exchangeCode: ({ code, redirectUri, codeVerifier, nonce }) =>
      tokens({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: codeVerifier }, nonce),
    refresh: (refreshToken) => tokens({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    async endSession(refreshToken) {
      const answer = await post('end_session_endpoint', { refresh_token: refreshToken });
      return answer.ok ? { ok: true } : answer;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
