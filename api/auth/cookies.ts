/** The session cookie's plain name; with https it is `__Host-iss_session`, which no other host or path can set. */
const SESSION = 'iss_session';
const SIGN_IN = 'iss_sign_in_';

export interface CookieNames {
  session: string;
  /** The cookie of one sign-in under way, by its state: two tabs do not disturb each other. */
  signIn(state: string): string;
  secure: boolean;
}

export function cookieNames(publicUrl: string): CookieNames {
  const secure = publicUrl.startsWith('https:');
  const prefix = secure ? '__Host-' : '';
  return { secure, session: prefix + SESSION, signIn: (state) => `${prefix}${SIGN_IN}${state.slice(0, 16)}` };
}

/** The value of a cookie (RFC 6265); undefined when absent, or when two differ, as a neighbouring host could have planted one. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = new Set<string>();
  for (const pair of (header ?? '').split(';')) {
    const cut = pair.indexOf('=');
    if (cut > 0 && pair.slice(0, cut).trim() === name) values.add(pair.slice(cut + 1).trim());
  }
  const [value, second] = values;
  return second === undefined && value !== '' ? value : undefined;
}

/** A Set-Cookie value; without `maxAgeSeconds` it lives as long as the browser, with 0 it is removed. */
export function cookie(name: string, value: string, options: { secure: boolean; maxAgeSeconds?: number }): string {
  const parts = [`${name}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  if (options.secure) parts.push('Secure');
  if (options.maxAgeSeconds !== undefined) parts.push(`Max-Age=${options.maxAgeSeconds}`);
  return parts.join('; ');
}
