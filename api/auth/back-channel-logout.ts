import express, { type Router } from 'express';
import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Database } from '../adapters/database/database.ts';
import { IdentityUnavailable, PORTAL_CLIENT } from '../adapters/identity/identity.ts';
import type { AuthEvent } from './auth-event.ts';

export interface BackChannelLogoutOptions {
  database: Database;
  issuer: string;
  accountIssuer: string;
  keys: JWTVerifyGetKey;
  now: () => Date;
  observe: (event: AuthEvent) => void;
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** A logout token older than this is not taken, in seconds: it could be one that was kept. */
const OLDEST_SECONDS = 120;
const claims = z.object({
  sub: z.string().min(1).max(300),
  iat: z.number(),
  jti: z.string().min(1).max(300),
  nonce: z.undefined().optional(),
  events: z.object({ [EVENT]: z.looseObject({}) }),
});

/**
 * The realm says that somebody has signed out, or was signed out (OpenID Connect Back-Channel Logout 1.0): every portal session of theirs ends, since
 * a session of ours does not know which of the realm's it came from. Whoever else calls needs the realm's signature.
 */
export function backChannelLogout(options: BackChannelLogoutOptions): Router {
  const { database, issuer, accountIssuer, keys, now, observe } = options;
  const router = express.Router();
  router.post('/auth/backchannel-logout', express.urlencoded({ limit: '16kb' }), async (request, response) => {
    response.set('cache-control', 'no-store');
    const token: unknown = request.body?.logout_token;
    if (typeof token !== 'string') return void response.status(400).json({ error: 'invalid_request' });
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ algorithms: ['RS256'], issuer, audience: PORTAL_CLIENT, requiredClaims: ['iat', 'jti', 'events'] },
        ...{ typ: 'logout+jwt', clockTolerance: 30, maxTokenAge: OLDEST_SECONDS, currentDate: now() },
      });
      const { sub } = claims.parse(payload);
      const { rows } = await database.query<{ accountId: string }>(
        `DELETE FROM portal_session p USING account a WHERE a.id = p.account_id AND a.issuer = $1 AND a.subject = $2
         RETURNING p.account_id AS "accountId"`,
        [accountIssuer, sub],
      );
      for (const { accountId } of rows)
        observe({ type: 'SESSION_ENDED', accountId, at: now(), reason: 'signed out at the sign-in service' });
      response.status(200).end();
    } catch (error) {
      if (error instanceof IdentityUnavailable) return void response.status(503).end();
      response.status(400).json({ error: 'invalid_request' });
    }
  });
  return router;
}
