import { Router, urlencoded } from 'express';
import type Provider from 'oidc-provider';

/**
 * POST logout with a client and its refresh token, as Keycloak takes it: ends the realm's session and everything that was given out under the grant.
 * (GET is the provider's own, with a page that asks.)
 */
export function logoutRoute(provider: Provider): Router {
  const router = Router();
  router.post(
    '/protocol/openid-connect/logout',
    urlencoded({ extended: false, limit: '8kb' }),
    async (request, response) => {
      const { client_id: clientId, refresh_token: value } = (request.body ?? {}) as Record<string, unknown>;
      response.set('cache-control', 'no-store');
      const token = typeof value === 'string' ? await provider.RefreshToken.find(value) : undefined;
      if (!token || token.clientId !== clientId || !token.grantId) {
        response.status(400).json({ error: 'invalid_grant', error_description: 'invalid refresh token' });
        return;
      }
      const session = token.sessionUid ? await provider.Session.findByUid(token.sessionUid) : undefined;
      const grants = new Set([token.grantId]);
      if (token.expiresWithSession && session) {
        for (const { grantId } of Object.values(session.authorizations ?? {})) if (grantId) grants.add(grantId);
        await session.destroy();
      }
      for (const grantId of grants) {
        await provider.RefreshToken.revokeByGrantId(grantId);
        await (await provider.Grant.find(grantId))?.destroy();
      }
      response.status(204).end();
    },
  );
  return router;
}
