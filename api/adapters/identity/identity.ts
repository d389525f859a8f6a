/** Why an access token is not taken. */
export type TokenRefusalCode =
  | 'MALFORMED'
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'WRONG_ISSUER'
  | 'WRONG_AUDIENCE'
  | 'WRONG_TYPE'
  | 'WRONG_PARTY'
  | 'BAD_SIGNATURE'
  | 'UNKNOWN_KEY'
  | 'ALGORITHM_NOT_ALLOWED';

export interface TokenRefusal {
  ok: false;
  code: TokenRefusalCode;
  /** A sentence for the bearer; never carries the token. */
  reason: string;
}

/** What an access token says, once everything about it was checked. */
export interface VerifiedToken {
  ok: true;
  issuer: string;
  subject: string;
  username: string;
  name: string;
  email: string;
  /** Role names as the realm wrote them; governance/roles decides which mean something here. */
  roles: readonly string[];
  /** The client it was made for (`azp`). */
  party: string;
  /** True for a program that signed in as itself (client credentials): there is no person behind it. */
  service: boolean;
  issuedAt: Date;
  expiresAt: Date;
  sessionId: string | undefined;
}

/** A fresh set of tokens, its access token already verified. */
export interface TokenSet {
  ok: true;
  accessToken: string;
  refreshToken: string;
  idToken: string | undefined;
  token: VerifiedToken;
  /** Of a sign-in by code, from its ID token: the level that was reached (`acr`), and when its bearer last proved who they are (`auth_time`). */
  level?: string | undefined;
  authenticatedAt?: Date | undefined;
}

export interface GrantRefusal {
  ok: false;
  /** REFUSED: the realm said no (a used code, an ended session, a disabled account). BAD_TOKEN: it answered with a token that does not verify. UNAVAILABLE: no answer. */
  code: 'REFUSED' | 'BAD_TOKEN' | 'UNAVAILABLE';
  reason: string;
}

/** The part of OpenID discovery that is used here; every value an absolute URL. */
export interface Discovery {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  jwks_uri: string;
  end_session_endpoint: string;
  userinfo_endpoint: string;
  device_authorization_endpoint: string;
}

/** Who somebody is. The embedded realm and Keycloak both answer as this; tests/contracts/identity-contract.ts says what must hold. */
export interface IdentityProvider {
  /** `iss` of every token. */
  readonly issuer: string;
  /** What account.issuer holds: the issuer, or a fixed name where the issuer's URL may move with the port. */
  readonly accountIssuer: string;
  discovery(): Promise<Discovery>;
  verifyAccessToken(token: string): Promise<VerifiedToken | TokenRefusal>;
  /** Where to send a browser to sign in (code flow, PKCE S256). */
  authorizationUrl(request: {
    redirectUri: string;
    state: string;
    nonce: string;
    codeChallenge: string;
    /** Asks for everything anew, however fresh the sign-in, and for this level (`acr_values`). */
    stepUpTo?: string;
  }): Promise<string>;
  exchangeCode(request: {
    code: string;
    redirectUri: string;
    codeVerifier: string;
    nonce: string;
  }): Promise<TokenSet | GrantRefusal>;
  /** Renews the portal's tokens; the refresh token given is used up. */
  refresh(refreshToken: string): Promise<TokenSet | GrantRefusal>;
  /** Ends the realm's session behind a refresh token, so that a new sign-in asks for the password again. */
  endSession(refreshToken: string): Promise<{ ok: true } | GrantRefusal>;
}

/** The realm does not answer, so that nothing can be said of a token. */
export class IdentityUnavailable extends Error {
  override name = 'IdentityUnavailable';
}

/** Clients of the realm file. */
export const PORTAL_CLIENT = 'iss-portal';
export const CLI_CLIENT = 'iss-cli';
/** Clients that are programs with an account of their own: confidential ones of this name in a Keycloak realm, with a service account. */
export const SERVICE_CLIENT = /^iss-service-[a-z0-9-]{1,60}$/;
export const API_AUDIENCE = 'iss-api';
/** Scopes that every sign-in asks for. */
export const SIGN_IN_SCOPE = 'openid profile email';
