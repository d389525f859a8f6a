import { z } from 'zod';

/** What is needed of the world: fetch, a clock and a sleep that ends early when the signal aborts. */
export interface LoginDependencies {
  fetch: typeof fetch;
  now: () => Date;
  sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** Where a server's realm is and what may be asked of it. */
export interface LoginEndpoints {
  issuer: string;
  clientId: string;
  token: string;
  device: string;
  revocation: string | undefined;
  /** Whether the password grant is offered (the demo realm alone). */
  passwordGrant: boolean;
}

export interface CliTokens {
  ok: true;
  accessToken: string;
  refreshToken: string;
  expiresAt: Date;
}

export interface LoginRefusal {
  ok: false;
  /** REFUSED: by the person, or a wrong password. EXPIRED: the code was not confirmed in time. SIGNED_OUT: the refresh token counts no more. UNAVAILABLE: no sensible answer. */
  code: 'REFUSED' | 'EXPIRED' | 'SIGNED_OUT' | 'UNAVAILABLE' | 'NOT_OFFERED';
  reason: string;
}

export interface DeviceLogin {
  ok: true;
  deviceCode: string;
  /** What the person types, or compares, e.g. `BCDF-GHJK`. */
  userCode: string;
  verificationUrl: string;
  /** The same with the code filled in. */
  verificationUrlComplete: string;
  intervalSeconds: number;
  expiresAt: Date;
}

const configShape = z.object({ issuer: z.url(), clientId: z.string(), passwordGrant: z.boolean() });
const discoveryShape = z.object({
  issuer: z.string(),
  token_endpoint: z.url(),
  device_authorization_endpoint: z.url(),
  revocation_endpoint: z.url().optional(),
});
const deviceShape = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.url(),
  verification_uri_complete: z.url().optional(),
  expires_in: z.number().positive(),
  interval: z.number().positive().default(5),
});
const tokenShape = z.object({ access_token: z.string(), refresh_token: z.string(), expires_in: z.number().positive() });

const SCOPE = 'openid profile email';
/** A request that takes longer than this has failed, in ms. */
const TIMEOUT_MS = 15_000;

const unavailable = (reason: string): LoginRefusal => ({ ok: false, code: 'UNAVAILABLE', reason });

async function ask(
  dependencies: LoginDependencies,
  url: string,
  form?: Record<string, string>,
): Promise<{ status: number; json: unknown } | LoginRefusal> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const body = form && new URLSearchParams(form);
    const response = await dependencies.fetch(url, body ? { method: 'POST', body, signal } : { signal });
    const text = await response.text();
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
  } catch (error) {
    return unavailable(`${new URL(url).origin} does not answer as expected: ${(error as Error).message}`);
  }
}

const oauthError = (json: unknown): string =>
  z.object({ error: z.string() }).safeParse(json).data?.error ?? 'unknown answer';

function tokensOf(dependencies: LoginDependencies, json: unknown): CliTokens | LoginRefusal {
  const parsed = tokenShape.safeParse(json);
  if (!parsed.success) return unavailable('the realm answered without tokens');
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = parsed.data;
  return { ok: true, accessToken, refreshToken, expiresAt: new Date(dependencies.now().getTime() + seconds * 1000) };
}

/** Asks a server where people sign in. @param serverUrl e.g. `http://localhost:4000` */
export async function discoverLogin(
  serverUrl: string,
  dependencies: LoginDependencies,
): Promise<({ ok: true } & LoginEndpoints) | LoginRefusal> {
  const config = await ask(dependencies, new URL('/auth/config', serverUrl).href);
  if ('ok' in config) return config;
  const where = configShape.safeParse(config.json);
  if (!where.success) return unavailable(`${serverUrl} is not an ISS server`);
  const found = await ask(dependencies, `${where.data.issuer}/.well-known/openid-configuration`);
  if ('ok' in found) return found;
  const realm = discoveryShape.safeParse(found.json);
  if (!realm.success || realm.data.issuer !== where.data.issuer)
    return unavailable('the realm describes itself wrongly');
  return {
    ok: true,
    ...where.data,
    token: realm.data.token_endpoint,
    device: realm.data.device_authorization_endpoint,
    revocation: realm.data.revocation_endpoint,
  };
}

/** Begins a device login (RFC 8628): show `verificationUrl` and `userCode`, then poll. */
export async function startDeviceLogin(
  endpoints: LoginEndpoints,
  dependencies: LoginDependencies,
): Promise<DeviceLogin | LoginRefusal> {
  const answer = await ask(dependencies, endpoints.device, { client_id: endpoints.clientId, scope: SCOPE });
  if ('ok' in answer) return answer;
  const parsed = deviceShape.safeParse(answer.json);
  if (!parsed.success) return unavailable(`the realm refused a device login: ${oauthError(answer.json)}`);
  const device = parsed.data;
  return {
    ok: true,
    deviceCode: device.device_code,
    userCode: device.user_code,
    verificationUrl: device.verification_uri,
    verificationUrlComplete: device.verification_uri_complete ?? device.verification_uri,
    intervalSeconds: device.interval,
    expiresAt: new Date(dependencies.now().getTime() + device.expires_in * 1000),
  };
}

/**
 * Waits for the person. `slow_down` adds five seconds to the interval for good; a realm that does not answer is asked again at twice the interval
 * (RFC 8628 3.5), until the code expires.
 * @throws what `sleep` throws when the signal aborts
 */
export async function pollDeviceLogin(
  endpoints: LoginEndpoints,
  login: DeviceLogin,
  dependencies: LoginDependencies,
  signal?: AbortSignal,
): Promise<CliTokens | LoginRefusal> {
  let seconds = login.intervalSeconds;
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: endpoints.clientId,
    device_code: login.deviceCode,
  };
  while (dependencies.now().getTime() < login.expiresAt.getTime()) {
    await dependencies.sleep(seconds * 1000, signal);
    const answer = await ask(dependencies, endpoints.token, form);
    if ('ok' in answer || answer.status >= 500) {
      seconds *= 2;
      continue;
    }
    if (answer.status === 200) return tokensOf(dependencies, answer.json);
    const error = oauthError(answer.json);
    if (error === 'slow_down') seconds += 5;
    else if (error === 'access_denied') return { ok: false, code: 'REFUSED', reason: 'The login was refused.' };
    else if (error === 'expired_token') break;
    else if (error !== 'authorization_pending') return unavailable(`the realm answered: ${error}`);
  }
  return { ok: false, code: 'EXPIRED', reason: 'The code was not confirmed in time. Start again.' };
}

/** New tokens for old ones; the refresh token given is used up, so store the new one before anything else. */
export async function refreshTokens(
  endpoints: LoginEndpoints,
  refreshToken: string,
  dependencies: LoginDependencies,
): Promise<CliTokens | LoginRefusal> {
  const form = { grant_type: 'refresh_token', client_id: endpoints.clientId, refresh_token: refreshToken };
  const answer = await ask(dependencies, endpoints.token, form);
  if ('ok' in answer) return answer;
  if (answer.status === 200) return tokensOf(dependencies, answer.json);
  return answer.status >= 500
    ? unavailable(`the realm answered ${answer.status}`)
    : { ok: false, code: 'SIGNED_OUT', reason: 'The login has ended. Sign in again.' };
}

/** The password grant of the demo realm, so that a script can try the product. */
export async function passwordLogin(
  endpoints: LoginEndpoints,
  credentials: { username: string; password: string },
  dependencies: LoginDependencies,
): Promise<CliTokens | LoginRefusal> {
  if (!endpoints.passwordGrant)
    return {
      ok: false,
      code: 'NOT_OFFERED',
      reason: 'Only the demo realm takes a password here. Use the device login.',
    };
  const form = { grant_type: 'password', client_id: endpoints.clientId, scope: SCOPE, ...credentials };
  const answer = await ask(dependencies, endpoints.token, form);
  if ('ok' in answer) return answer;
  if (answer.status === 200) return tokensOf(dependencies, answer.json);
  return answer.status >= 500
    ? unavailable(`the realm answered ${answer.status}`)
    : { ok: false, code: 'REFUSED', reason: 'User name or password is wrong, or there were too many attempts.' };
}

/** Ends a login: its refresh token counts no more. Quiet where the realm does not offer that. */
export async function revokeLogin(
  endpoints: LoginEndpoints,
  refreshToken: string,
  dependencies: LoginDependencies,
): Promise<void> {
  if (!endpoints.revocation) return;
  const form = { client_id: endpoints.clientId, token: refreshToken, token_type_hint: 'refresh_token' };
  await ask(dependencies, endpoints.revocation, form);
}
