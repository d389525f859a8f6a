import { decodeProtectedHeader, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import {
  API_AUDIENCE,
  SERVICE_CLIENT,
  type TokenRefusal,
  type TokenRefusalCode,
  type VerifiedToken,
} from './identity.ts';

/** Longest token that is looked at, in characters; Keycloak's are about 1,500. */
const MAX_TOKEN_LENGTH = 8192;
/** How far two clocks may be apart, in seconds. */
const SKEW_SECONDS = 30;

const text = z.string().max(300);
const claims = z.object({
  sub: text.min(1),
  azp: text.optional(),
  typ: text.optional(),
  // PostgreSQL and JavaScript both end before the year 10000.
  iat: z.number().nonnegative().max(253402300799),
  exp: z.number().nonnegative().max(253402300799),
  sid: text.optional(),
  preferred_username: text.optional(),
  name: text.optional(),
  email: text.optional(),
  realm_access: z.object({ roles: z.array(text).max(200) }).optional(),
});

export interface VerifierOptions {
  issuer: string;
  /** The realm's keys: jose's local or remote key set. */
  keys: JWTVerifyGetKey;
  /** Clients whose tokens are taken (`azp`). */
  parties: readonly string[];
  now: () => Date;
}

const refuse = (code: TokenRefusalCode, reason: string): TokenRefusal => ({ ok: false, code, reason });

const SENTENCES: Partial<Record<TokenRefusalCode, string>> = {
  EXPIRED: 'The token has expired. Sign in again or renew it.',
  NOT_YET_VALID: 'The token is not valid yet.',
  WRONG_ISSUER: 'The token comes from another realm.',
  WRONG_AUDIENCE: 'The token was not made for this service.',
  WRONG_TYPE: 'This is not an access token.',
  BAD_SIGNATURE: 'The signature of the token is wrong.',
  UNKNOWN_KEY: 'The token was signed with a key that the realm does not have.',
};

const CLAIM_CODES: Record<string, TokenRefusalCode> = {
  iss: 'WRONG_ISSUER',
  aud: 'WRONG_AUDIENCE',
  typ: 'WRONG_TYPE',
  nbf: 'NOT_YET_VALID',
};

function explain(error: unknown): TokenRefusal {
  let code: TokenRefusalCode;
  if (error instanceof errors.JWTExpired) code = 'EXPIRED';
  else if (error instanceof errors.JWTClaimValidationFailed)
    code = error.reason === 'check_failed' ? (CLAIM_CODES[error.claim] ?? 'MALFORMED') : 'MALFORMED';
  else if (error instanceof errors.JWSSignatureVerificationFailed) code = 'BAD_SIGNATURE';
  else if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    code = 'UNKNOWN_KEY';
  else if (error instanceof errors.JOSEAlgNotAllowed) code = 'ALGORITHM_NOT_ALLOWED';
  else if (error instanceof errors.JOSEError) code = 'MALFORMED';
  else throw error;
  return refuse(code, SENTENCES[code] ?? 'The token cannot be read.');
}

/**
 * Checks an access token as Keycloak makes them (RFC 7519, RFC 8725): RS256 by a key of the realm, issuer, audience, times with 30 s of skew,
 * `typ` Bearer and one of our clients, or a service account's own, as the authorized party. A refusal is a value.
 * @throws what a remote key set throws when the realm cannot be reached
 */
export async function verifyAccessToken(
  token: string,
  options: VerifierOptions,
): Promise<VerifiedToken | TokenRefusal> {
  if (token.length > MAX_TOKEN_LENGTH) return refuse('MALFORMED', 'The token is too long.');
  try {
    const header = decodeProtectedHeader(token);
    if (header.alg !== 'RS256') return refuse('ALGORITHM_NOT_ALLOWED', 'The token must be signed with RS256.');
    if (typeof header.kid !== 'string') return refuse('MALFORMED', 'The token does not name its key.');
  } catch {
    return refuse('MALFORMED', 'The token cannot be read.');
  }
  let payload: unknown;
  try {
    ({ payload } = await jwtVerify(token, options.keys, {
      algorithms: ['RS256'],
      typ: 'JWT',
      issuer: options.issuer,
      audience: API_AUDIENCE,
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: SKEW_SECONDS,
      currentDate: options.now(),
    }));
  } catch (error) {
    return explain(error);
  }
  const parsed = claims.safeParse(payload);
  if (!parsed.success) return refuse('MALFORMED', 'The token cannot be read.');
  const { sub, azp, typ, iat, exp, sid, preferred_username: username, name, email, realm_access: access } = parsed.data;
  if (typ !== 'Bearer') return refuse('WRONG_TYPE', 'This is not an access token.');
  // A person who signed in through such a client is nobody's service account: its own has the client's name.
  const service = azp !== undefined && SERVICE_CLIENT.test(azp) && username === `service-account-${azp}`;
  if (azp === undefined || !(service || options.parties.includes(azp)))
    return refuse('WRONG_PARTY', 'The token was made for a program that this service does not know.');
  if (iat * 1000 > options.now().getTime() + SKEW_SECONDS * 1000)
    return refuse('NOT_YET_VALID', 'The token is not valid yet.');
  return {
    ok: true,
    issuer: options.issuer,
    subject: sub,
    username: username ?? sub,
    name: name ?? username ?? sub,
    email: email ?? '',
    roles: access?.roles ?? [],
    party: azp,
    service,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
    sessionId: sid,
  };
}
