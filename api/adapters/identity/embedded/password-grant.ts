import type Provider from 'oidc-provider';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Realm } from '../realm.ts';
import type { Passwords } from './passwords.ts';
import { RESOURCE, resourceOf } from './provider.ts';
import type { Throttle } from './throttle.ts';

/**
 * The password grant (RFC 6749 4.3) for clients with `directAccessGrantsEnabled`: in the demo realm alone, so that a script can try the product.
 * oidc-provider does not have it, and rightly so.
 */
export function addPasswordGrant(provider: Provider, realm: Realm, passwords: Passwords, throttle: Throttle): void {
  if (!realm.clients.some((client) => client.directAccessGrantsEnabled)) return;
  const handler = async (ctx: KoaContextWithOIDC): Promise<void> => {
    const { params, client } = ctx.oidc;
    const { username, password } = params ?? {};
    if (typeof username !== 'string' || typeof password !== 'string' || !client)
      throw new errors.InvalidRequest('username and password are needed');
    if (throttle.waitSeconds(username, ctx.ip) > 0) throw new errors.InvalidGrant('too many attempts, wait a little');
    const user = await passwords.check(username, password);
    if (!user) {
      throttle.failed(username, ctx.ip);
      throw new errors.InvalidGrant('invalid user credentials');
    }
    throttle.succeeded(username, ctx.ip);

    const scope = 'openid profile email';
    const grant = new provider.Grant({ clientId: client.clientId, accountId: user.id });
    grant.addOIDCScope(scope);
    grant.addResourceScope(RESOURCE, scope);
    const grantId = await grant.save();
    const source = { accountId: user.id, client, grantId, gty: 'password', scope };

    const info = resourceOf(realm, client.clientId);
    const access = new provider.AccessToken(source as never);
    access.resourceServer = new provider.ResourceServer(RESOURCE, info);
    const refresh = new provider.RefreshToken({ ...source, resource: RESOURCE, rotations: 0 } as never);
    ctx.oidc.entity('AccessToken', access);
    ctx.oidc.entity('RefreshToken', refresh);
    ctx.body = {
      access_token: await access.save(),
      expires_in: info.accessTokenTTL,
      refresh_token: await refresh.save(),
      scope,
      token_type: 'Bearer',
    };
  };
  provider.registerGrantType('password', handler as never, ['username', 'password', 'scope']);
}
