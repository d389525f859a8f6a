import type { NextFunction, Request, Response } from 'express';
import { readCookie } from './cookies.ts';

export const CSRF_HEADER = 'X-ISS-CSRF';
export const CSRF_VALUE = '1';

export type CsrfRefusal = { code: 'CSRF_HEADER_MISSING' | 'CSRF_OTHER_SITE'; reason: string };

export interface CsrfRequest {
  method: string;
  headers: Record<string, string | string[] | undefined>;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request that may change something comes from our own pages. A header of our own makes a browser ask first (CORS preflight), Origin and
 * Sec-Fetch-Site say where it comes from. Requests without the session cookie, or with a bearer token beside it, cannot be forged this way.
 * @param cookieName the session cookie's name
 * @param origins of the portal's pages, e.g. `http://localhost:4000`
 */
export function csrfRefusal(
  request: CsrfRequest,
  { cookieName, origins }: { cookieName: string; origins: readonly string[] },
): CsrfRefusal | undefined {
  const { headers, method } = request;
  const one = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  if (SAFE.has(method) || one('authorization') !== undefined || !hasCookie(one('cookie'), cookieName)) return undefined;
  const site = one('sec-fetch-site');
  const origin = one('origin');
  if ((origin !== undefined && !origins.includes(origin)) || (site !== undefined && site !== 'same-origin'))
    return { code: 'CSRF_OTHER_SITE', reason: 'The request came from another site.' };
  if (one(CSRF_HEADER.toLowerCase()) !== CSRF_VALUE)
    return { code: 'CSRF_HEADER_MISSING', reason: `Send the header ${CSRF_HEADER}: ${CSRF_VALUE} with the request.` };
  return undefined;
}

const hasCookie = (header: string | undefined, name: string): boolean =>
  readCookie(header, name) !== undefined || (header ?? '').includes(`${name}=`);

/** The same as express middleware: 403 with `{ error: { code, message } }`. */
export function requireCsrf(options: { cookieName: string; origins: readonly string[] }) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const refusal = csrfRefusal(request, options);
    if (!refusal) {
      next();
      return;
    }
    response
      .status(403)
      .set('cache-control', 'no-store')
      .json({ error: { code: refusal.code, message: refusal.reason } });
  };
}
