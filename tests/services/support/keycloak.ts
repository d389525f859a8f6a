import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort, pathOf, type RunningService, removeFolder, startService, temporaryFolder } from './service.ts';

const ADMIN = { username: 'root', password: 'tester-secret' };

export interface KeycloakServer {
  issuer: string;
  /** A token of the other realm that every Keycloak has. */
  foreignToken(): Promise<string>;
  /** The admin's interface of the realm; @returns the answer's JSON, or its Location. */
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Makes a confidential client with a service account that has these roles. */
  serviceClient(name: string, roles: readonly string[]): Promise<{ id: string; secret: string }>;
  process: RunningService;
  /** Stays away until `restart`. */
  kill(): Promise<void>;
  /** SIGKILL, then started again on the same port and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A Keycloak of one's own with our realm file imported, demo accounts and all. */
export async function startKeycloak(publicUrl: string): Promise<KeycloakServer> {
  const built = pathOf('keycloak');
  const home = await temporaryFolder('keycloak');
  await cp(join(built, 'bin'), join(home, 'bin'), { recursive: true });
  await cp(join(built, 'conf'), join(home, 'conf'), { recursive: true });
  await mkdir(join(home, 'data', 'import'), { recursive: true });
  for (const folder of ['lib', 'providers', 'themes']) await symlink(join(built, folder), join(home, folder));
  const realm = await readFile(resolve(import.meta.dirname, '../../../api/adapters/identity/realm-demo.json'), 'utf8');
  await writeFile(join(home, 'data/import/iss-realm.json'), realm);
  const [port, management] = [await freePort(), await freePort()];
  const server = `http://localhost:${port}`;
  const issuer = `${server}/realms/iss`;
  const start = (): Promise<RunningService> =>
    startService(
      join(home, 'bin/kc.sh'),
      [
        ...['start', '--optimized', '--cache=local', '--import-realm', '--http-enabled=true'],
        ...['--hostname-strict=false', '--http-host=127.0.0.1', `--http-port=${port}`],
        ...[`--http-management-port=${management}`, '--http-management-host=127.0.0.1'],
      ],
      async () => (await fetch(`${issuer}/.well-known/openid-configuration`)).ok,
      {
        within: 240_000,
        environment: {
          KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
          KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
          ISS_PUBLIC_URL: publicUrl,
          JAVA_OPTS_APPEND: '-XX:TieredStopAtLevel=1 -Xmx700m',
        },
      },
    );
  const foreignToken = async (): Promise<string> => {
    const body = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...ADMIN });
    const response = await fetch(`${server}/realms/master/protocol/openid-connect/token`, { method: 'POST', body });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const admin: KeycloakServer['admin'] = async (method, path, body) => {
    const response = await fetch(`${server}/admin/realms/iss${path}`, {
      method,
      headers: { authorization: `Bearer ${await foreignToken()}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? response.headers.get('location') : JSON.parse(text);
  };
  const keycloak: KeycloakServer = {
    issuer,
    foreignToken,
    process: await start(),
    kill: () => keycloak.process.end('SIGKILL'),
    async restart() {
      await keycloak.process.end('SIGKILL');
      keycloak.process = await start();
    },
    admin,
    async serviceClient(name, roles) {
      const secret = `secret of ${name}`;
      const audience = { 'included.client.audience': 'iss-api', 'access.token.claim': 'true' };
      const mapper = { name: 'audience', protocol: 'openid-connect', protocolMapper: 'oidc-audience-mapper' };
      const place = await admin('POST', '/clients', {
        ...{ clientId: name, secret, publicClient: false, serviceAccountsEnabled: true, standardFlowEnabled: false },
        ...{ directAccessGrantsEnabled: true, protocolMappers: [{ ...mapper, config: audience }] },
      });
      const client = String(place).split('/').at(-1);
      const { id } = (await admin('GET', `/clients/${client}/service-account-user`)) as { id: string };
      const given = await Promise.all(roles.map((role) => admin('GET', `/roles/${role}`)));
      await admin('POST', `/users/${id}/role-mappings/realm`, given);
      return { id: name, secret };
    },
    async stop() {
      await keycloak.process.end();
      await removeFolder(home);
    },
  };
  return keycloak;
}
