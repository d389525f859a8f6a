import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { commandFor, postgresUser } from '../../../api/adapters/database/postgres-user.ts';
import { freePort, pathOf, type RunningService, removeFolder, startService, temporaryFolder } from './service.ts';

export interface PostgresServer {
  /** A database of its own, by TLS with a verified certificate, as a role that owns it and may make roles, and no more. */
  ownerUrl: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes a certificate for localhost that is its own authority, readable by a server of another user. */
export function certificateIn(folder: string): { key: string; certificate: string } {
  const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.crt')];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  execFileSync(pathOf('openssl'), [...request, '-addext', names, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  });
  return { key, certificate };
}

const OWNER = { name: 'institution_owner', password: 'tester-owner' };

/** Debian's PostgreSQL as an institution would have it: TLS, passwords, and no superuser for us. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await temporaryFolder('postgres');
  const cluster = join(folder, 'cluster');
  const programs = dirname(realpathSync(pathOf('postgres')));
  const user = await postgresUser();
  const owned = async (path: string): Promise<void> => (user ? chown(path, user.uid, user.gid) : undefined);
  const port = await freePort();
  const superuser = 'tester-superuser';
  const passwordFile = join(folder, 'password');
  await mkdir(cluster, { mode: 0o700 });
  await chmod(folder, 0o755);
  await writeFile(passwordFile, superuser);
  const { key, certificate } = certificateIn(folder);
  await chmod(key, 0o600);
  for (const path of [cluster, passwordFile, key, certificate]) await owned(path);
  const [initdb, ...made] = commandFor(
    join(programs, 'initdb'),
    [
      '-D',
      cluster,
      '-U',
      'postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--no-sync',
    ],
    user,
  );
  execFileSync(initdb!, made, { stdio: 'ignore', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
  const start = async (): Promise<RunningService> => {
    const settings = { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key, unix_socket_directories: '' };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [program, ...words] = commandFor(
      join(programs, 'postgres'),
      ['-D', cluster, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', ...flags],
      user,
    );
    return startService(program!, words, async () => {
      const client = new pg.Client(`postgresql://postgres:${superuser}@127.0.0.1:${port}/postgres`);
      client.on('error', () => {});
      await client.connect();
      await client.end();
      return true;
    });
  };
  let running = await start();
  const client = new pg.Client(`postgresql://postgres:${superuser}@127.0.0.1:${port}/postgres`);
  await client.connect();
  await client.query(`CREATE ROLE ${OWNER.name} LOGIN CREATEROLE PASSWORD '${OWNER.password}'`);
  await client.query(`CREATE DATABASE iss OWNER ${OWNER.name}`);
  await client.end();
  const tls = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: certificate });
  return {
    ownerUrl: `postgresql://${OWNER.name}:${OWNER.password}@localhost:${port}/iss?${tls}`,
    async restart() {
      // Its fast shutdown, as an operator ends it.
      await running.end('SIGINT');
      running = await start();
    },
    async stop() {
      await running.end('SIGINT');
      await removeFolder(folder);
    },
  };
}
