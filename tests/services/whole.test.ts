import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../api/adapters/database/embedded-postgres.ts';
import { eventually } from '../contracts/eventually.ts';
import { CHECKOUT, type StartedServer, startServerProcess, withoutSettings } from '../support/started-server.ts';
import { type KeycloakServer, startKeycloak } from './support/keycloak.ts';
import { certificateIn } from './support/postgres.ts';
import { type RedisServer, startRedis } from './support/redis.ts';
import { absent, freePort, removeFolder, temporaryFolder } from './support/service.ts';
import { type S3Server, startS3 } from './support/versitygw.ts';

const missing = [absent('keycloak'), absent('versitygw'), absent('redis'), absent('openssl')].includes(true);

/** Gives a running PostgreSQL a certificate. @returns the authority's file */
async function addTls(cluster: string, owner: pg.Client): Promise<string> {
  const { key, certificate } = certificateIn(cluster);
  // The server runs as a user of its own where we are root, and takes a key that root's group may read.
  const { uid, gid } = await import('node:fs/promises').then(({ stat }) => stat(cluster));
  const { chown } = await import('node:fs/promises');
  for (const file of [key, certificate]) await chown(file, uid, gid);
  await chmod(key, 0o600);
  await owner.query(`ALTER SYSTEM SET ssl = on`);
  await owner.query('SELECT pg_reload_conf()');
  return certificate;
}

describe.skipIf(missing)('the whole portal on real services', () => {
  const folders: string[] = [];
  let postgres: EmbeddedPostgres;
  let owner: pg.Client;
  let redis: RedisServer;
  let s3: S3Server;
  let keycloak: KeycloakServer;
  let smtp: SMTPServer;
  let server: StartedServer;
  let worker: ChildProcess | undefined;
  let settings: Record<string, string>;
  let dataDirectory: string;

  const folder = async (name: string): Promise<string> => {
    const made = await temporaryFolder(name);
    folders.push(made);
    return made;
  };
  const startWorker = (clockShiftMs = 0): ChildProcess =>
    spawn(process.execPath, ['--import', './tests/support/shifted-clock.mjs', '--import', 'tsx', 'api/worker.ts'], {
      cwd: CHECKOUT,
      stdio: 'ignore',
      env: {
        ...withoutSettings(process.env),
        ...settings,
        ISS_DATA_DIR: dataDirectory,
        TEST_CLOCK_SHIFT_MS: String(clockShiftMs),
      },
    });
  const ready = async (): Promise<{ ready: boolean; missing: string[] }> =>
    (await fetch(`${server.url}/readyz`)).json() as Promise<{ ready: boolean; missing: string[] }>;
  const addJob = async (): Promise<string> => {
    const id = randomUUID();
    // A mail that is not in the outbox: work of a moment, with nothing to do.
    await owner.query(
      `INSERT INTO job (id, kind, payload, state, priority, max_attempts, run_after, created_at)
       VALUES ($1, 'send-mail', $2, 'QUEUED', 0, 3, now(), now())`,
      [id, JSON.stringify({ outboxId: randomUUID() })],
    );
    return id;
  };
  const isDone = async (id: string): Promise<boolean> =>
    (await owner.query('SELECT state FROM job WHERE id = $1', [id])).rows[0]?.state === 'SUCCEEDED';

  beforeAll(async () => {
    const cluster = join(await folder('postgres'), 'cluster');
    const port = await freePort();
    [postgres, redis, s3, keycloak] = await Promise.all([
      startEmbeddedPostgres({ directory: cluster, password: randomBytes(12).toString('hex'), durable: false }),
      startRedis(),
      startS3({ versioned: true }),
      startKeycloak(`http://localhost:${port}`),
    ]);
    owner = new pg.Client({ connectionString: postgres.ownerUrl('postgres') });
    owner.on('error', () => {});
    await owner.connect();
    const authority = await addTls(cluster, owner);
    smtp = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'] });
    await new Promise<void>((done) => smtp.listen(0, '127.0.0.1', () => done()));
    const url = new URL(postgres.ownerUrl('postgres'));
    url.hostname = 'localhost';
    url.search = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: authority }).toString();
    settings = {
      PORT: String(port),
      ISS_DEMO: '0',
      ISS_WORKERS: '0',
      ISS_DATABASE_URL: url.href,
      ISS_REDIS_URL: redis.url,
      ISS_S3_ENDPOINT: s3.settings.endpoint,
      ISS_S3_BUCKET: s3.settings.bucket,
      ISS_S3_ACCESS_KEY: s3.settings.accessKey,
      ISS_S3_SECRET_KEY: s3.settings.secretKey,
      ISS_OIDC_ISSUER: keycloak.issuer,
      ISS_SMTP_URL: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}?tls=none`,
      ISS_MAIL_FROM: 'portal@example.org',
    };
    dataDirectory = await folder('data');
    server = await startServerProcess({ dataDirectory, settings, readyWithin: 120 });
  });
  afterAll(async () => {
    if (worker?.exitCode === null && worker.signalCode === null) {
      worker.kill('SIGTERM');
      await once(worker, 'exit');
    }
    await server?.stop();
    await owner?.end().catch(() => {});
    await Promise.allSettled([postgres?.stop(), redis?.stop(), s3?.stop(), keycloak?.stop()]);
    await new Promise<void>((done) => (smtp ? smtp.close(() => done()) : done()));
    for (const one of folders) await removeFolder(one);
  });

  it('is ready, migrated, as a role of its own, and speaks TLS with the database', async () => {
    expect(await ready()).toEqual({ ready: true, missing: [] });
    const { rows } = await owner.query(
      `SELECT DISTINCT usename, ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'iss%'`,
    );
    expect(rows).toEqual([{ usename: 'iss_app', ssl: true }]);
  });

  it('knows a person of Keycloak by their token, and nobody by a demo token', async () => {
    const body = new URLSearchParams({
      grant_type: 'password',
      client_id: 'iss-cli',
      username: 'steward',
      password: 'demo',
    });
    const answer = await fetch(`${keycloak.issuer}/protocol/openid-connect/token`, { method: 'POST', body });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const asked = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { roles } }' }),
    });
    expect(await asked.json()).toEqual({ data: { viewer: { roles: ['STEWARD'] } } });
    expect((await fetch(`${server.url}/realms/iss/.well-known/openid-configuration`)).status).toBe(404);
  });

  it('has jobs done by a worker beside it, which goes on though Redis and the worker itself are killed', async () => {
    worker = startWorker();
    const first = await addJob();
    await eventually('the first is done', () => isDone(first), 60_000);
    await redis.kill();
    await eventually('Redis is missed', async () => (await ready()).missing.includes('queue'));
    const second = await addJob();
    await eventually('the second is done without Redis', () => isDone(second));
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const third = await addJob();
    worker = startWorker();
    await redis.restart();
    await eventually('the third is done by the next worker', () => isDone(third), 60_000);
    await eventually('all is ready again', async () => (await ready()).ready);
  });

  it.each([
    -2, 2,
  ])('has jobs done by a worker whose machine’s clock is %s hours off, by the database’s', async (hours) => {
    const before = worker!;
    before.kill('SIGTERM');
    await once(before, 'exit');
    worker = startWorker(hours * 3600_000);
    const id = await addJob();
    await eventually('it is done', () => isDone(id), 60_000);
    const { rows } = await owner.query(
      'SELECT abs(extract(epoch FROM finished_at - now())) < 600 AS now FROM job WHERE id = $1',
      [id],
    );
    expect(rows).toEqual([{ now: true }]);
  });

  it('goes on when the database and Redis close the connections that were idle', async () => {
    const closed = await owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'iss_app' AND state = 'idle'`,
    );
    expect(closed.rows.length).toBeGreaterThan(1);
    expect(await redis.say('CLIENT KILL TYPE normal SKIPME yes')).toMatch(/^:[1-9]/);
    expect(await redis.say('CLIENT KILL TYPE pubsub SKIPME yes')).toMatch(/^:/);
    const id = await addJob();
    await eventually('the job is done', () => isDone(id), 60_000);
    await eventually('all is ready', async () => (await ready()).ready);
    const ask = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ viewer { roles } }' }),
    });
    expect(ask.status).toBe(200);
  });

  it('leaves what a newer server asks for to newer workers, and does what comes after it', async () => {
    const newer = [randomUUID(), randomUUID()];
    const add = `INSERT INTO job (id, kind, payload, state, priority, max_attempts, run_after, created_at, version) VALUES ($1, $2, '{}', 'QUEUED', 9, 3, now(), now(), $3)`;
    await owner.query(add, [newer[0], 'of-tomorrow', 1]);
    await owner.query(add, [newer[1], 'send-mail', 99]);
    const id = await addJob();
    await eventually('what it knows is done', () => isDone(id), 60_000);
    const { rows } = await owner.query('DELETE FROM job WHERE id = ANY($1) RETURNING state, attempts', [newer]);
    expect(rows).toEqual(Array(2).fill({ state: 'QUEUED', attempts: 0 }));
    expect((await ready()).ready).toBe(true);
  });

  it('names the object store while it is away, and is ready when it is back', async () => {
    await s3.kill();
    await eventually('it is missed', async () => (await ready()).missing.includes('object store'));
    await s3.restart();
    await eventually('all is ready again', async () => (await ready()).ready);
  });

  it('keeps no secret in what it wrote', async () => {
    const written = server.output();
    const secrets = [s3.settings.secretKey, new URL(settings.ISS_DATABASE_URL!).password];
    for (const secret of secrets) expect(written).not.toContain(secret);
  });

  it('refuses to start where a service cannot be used, in a line that names the setting', async () => {
    const other = await folder('refused');
    const start = (change: Record<string, string>) =>
      startServerProcess({
        dataDirectory: other,
        settings: { ...settings, PORT: '0', ...change },
        readyWithin: 60,
      }).then(
        async (started) => {
          await started.stop();
          return 'it started';
        },
        (error: Error) => error.message,
      );
    expect(await start({ ISS_S3_BUCKET: 'nowhere' })).toContain('ISS_S3_BUCKET: nowhere at');
    expect(await start({ ISS_DEMO: '1' })).toContain('ISS_DEMO: the demo accounts');
  });
});
