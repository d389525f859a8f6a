/** What we use of the package: a function that says whether it takes a token. Its own types are of its middleware, which is not used. */
declare module 'keycloak-connect/middleware/auth-utils/config.js' {
  export default class Config {
    constructor(config: Record<string, string | number | boolean>);
  }
}
declare module 'keycloak-connect/middleware/auth-utils/grant-manager.js' {
  import type Config from 'keycloak-connect/middleware/auth-utils/config.js';
  export default class GrantManager {
    constructor(config: Config);
    createGrant(tokens: { access_token: string }): Promise<unknown>;
  }
}
