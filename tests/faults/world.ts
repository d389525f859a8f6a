import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { SMTPServer } from 'smtp-server';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../api/adapters/database/embedded-postgres.ts';
import { type KeycloakServer, startKeycloak } from '../services/support/keycloak.ts';
import { type RedisServer, startRedis } from '../services/support/redis.ts';
import { freePort, removeFolder, temporaryFolder } from '../services/support/service.ts';
import { type S3Server, startS3 } from '../services/support/versitygw.ts';
import { CHECKOUT, type StartedServer, startServerProcess, withoutSettings } from '../support/started-server.ts';
import { Passing, patiently } from './patience.ts';

export type Victim = 'server' | 'worker 1' | 'worker 2' | 'Redis' | 'S3 server' | 'PostgreSQL' | 'Keycloak';

/** The real servers, which outlive a world. */
export interface Services {
  postgres: EmbeddedPostgres;
  cluster: string;
  redis: RedisServer;
  s3: S3Server;
  keycloak: KeycloakServer;
  mails: ReceivedMail[];
  smtpPort: number;
  port: number;
  stop(): Promise<void>;
}

export interface ReceivedMail {
  id: string;
  to: string;
}

/** The portal, two workers and an empty database, bucket prefix and data folder of their own on the real servers. */
export interface World {
  services: Services;
  url: string;
  /** The portal's process. */
  pid(): number;
  settings: Record<string, string>;
  dataDirectory: string;
  /** The database's owner: for looking, and for what first administrators do by hand. */
  owner: pg.Pool;
  kill(victim: Victim): Promise<void>;
  /** Starts one, without a look at whether the portal is ready. */
  startWorker(victim: 'worker 1' | 'worker 2'): void;
  /** Starts again what was killed, and waits until it answers. */
  restart(victim: Victim): Promise<void>;
  stop(): Promise<void>;
}

/** @param s3Root where the S3 server keeps its objects; a folder of its own unless given */
export async function startServices(s3Root?: string): Promise<Services> {
  const folder = await temporaryFolder('faults-postgres');
  const cluster = join(folder, 'cluster');
  const port = await freePort();
  const [postgres, redis, s3, keycloak] = await Promise.all([
    // What is committed has to outlive its server, so with everything that takes.
    startEmbeddedPostgres({ directory: cluster, password: randomBytes(12).toString('hex') }),
    startRedis(),
    startS3({ versioned: true, root: s3Root }),
    startKeycloak(`http://localhost:${port}`),
  ]);
  const mails: ReceivedMail[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, taken) {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      stream.on('end', () => {
        const id = /^Message-ID: <portal\.([^@>]+)@/im.exec(text)?.[1] ?? '';
        const { rcptTo } = session.envelope;
        mails.push({ id, to: rcptTo[0]?.address ?? '' });
        taken();
      });
    },
  });
  // A worker that is killed in the middle of a conversation is what this is about.
  smtp.on('error', () => {});
  await new Promise<void>((done) => smtp.listen(0, '127.0.0.1', () => done()));
  const smtpPort = (smtp.server.address() as AddressInfo).port;
  return {
    ...{ postgres, cluster, redis, s3, keycloak, mails, smtpPort, port },
    async stop() {
      await Promise.allSettled([postgres.stop(), redis.stop(), s3.stop(), keycloak.stop()]);
      await new Promise<void>((done) => smtp.close(() => done()));
      await removeFolder(folder);
    },
  };
}

/** @param logs folder for what the processes say @param more settings of portal and workers */
export async function startWorld(
  services: Services,
  number: number,
  logs: string,
  more: Record<string, string> = {},
): Promise<World> {
  const { postgres, cluster, redis, s3, keycloak, smtpPort, port } = services;
  const name = `world_${number}`;
  const admin = new pg.Client({ connectionString: postgres.ownerUrl('postgres') });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const settings: Record<string, string> = {
    PORT: String(port),
    ISS_DEMO: '0',
    ISS_STUDY: 'iss',
    ISS_WORKERS: '0',
    ISS_CHECKPOINT_MINUTES: '1',
    ISS_DATABASE_URL: postgres.ownerUrl(name),
    ISS_REDIS_URL: redis.url.replace(/0$/, String(number % 16)),
    ISS_S3_ENDPOINT: s3.settings.endpoint,
    ISS_S3_BUCKET: s3.settings.bucket,
    ISS_S3_ACCESS_KEY: s3.settings.accessKey,
    ISS_S3_SECRET_KEY: s3.settings.secretKey,
    ISS_S3_PREFIX: `world-${number}/`,
    ISS_OIDC_ISSUER: keycloak.issuer,
    ISS_SMTP_URL: `smtp://127.0.0.1:${smtpPort}?tls=none`,
    ISS_MAIL_FROM: 'portal@example.org',
    ...more,
  };
  const folder = await temporaryFolder('faults');
  const dataDirectory = join(folder, 'data');
  await mkdir(logs, { recursive: true });
  const said = createWriteStream(join(logs, 'portal.log'), { flags: 'a' });
  const startServer = async (): Promise<StartedServer> => {
    const started = await startServerProcess({
      dataDirectory,
      settings: { ...settings, ISS_LOG_LEVEL: 'info' },
      readyWithin: 120,
    });
    said.write(`${started.output()}\n`);
    started.process.stderr?.pipe(said, { end: false });
    return started;
  };
  let server = await startServer();
  const workers = new Map<Victim, ChildProcess>();
  const startWorker = (victim: Victim): void => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'api/worker.ts'], {
      cwd: CHECKOUT,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...withoutSettings(process.env), ...settings, ISS_LOG_LEVEL: 'info', ISS_DATA_DIR: dataDirectory },
    });
    child.stderr?.pipe(said, { end: false });
    workers.set(victim, child);
  };
  startWorker('worker 1');
  startWorker('worker 2');
  const owner = new pg.Pool({ connectionString: settings.ISS_DATABASE_URL, max: 2 });
  owner.on('error', () => {});

  const killChild = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const isReady = async (): Promise<void> => {
    const { missing } = (await (await fetch(`${server.url}/readyz`)).json()) as { missing: string[] };
    if (missing.length > 0) throw new Passing(`not ready: ${missing.join(', ')}`);
  };
  return {
    services,
    url: server.url,
    pid: () => server.process.pid!,
    settings,
    dataDirectory,
    owner,
    startWorker,
    async kill(victim) {
      if (victim === 'server') return killChild(server.process);
      if (victim === 'Redis') return redis.kill();
      if (victim === 'S3 server') return s3.kill();
      if (victim === 'Keycloak') return keycloak.kill();
      if (victim !== 'PostgreSQL') return killChild(workers.get(victim)!);
      const [pid] = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
      // Its starter has it back on the same port.
      process.kill(Number(pid), 'SIGKILL');
    },
    async restart(victim) {
      if (victim === 'server') server = await startServer();
      else if (victim === 'Redis') await redis.restart();
      else if (victim === 'S3 server') await s3.restart();
      else if (victim === 'Keycloak') await keycloak.restart();
      else if (victim !== 'PostgreSQL') startWorker(victim);
      await patiently('the portal is ready', isReady);
    },
    async stop() {
      const ends = await Promise.all([
        server.stop(),
        ...[...workers.values()].map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
          const gone = once(child, 'exit');
          child.kill('SIGTERM');
          await gone;
          // One that had only begun to start knows of no graceful end.
          return child.signalCode === 'SIGTERM' ? 0 : child.exitCode;
        }),
      ]);
      await owner.end();
      await removeFolder(folder);
      said.end();
      if (ends.some((code) => code !== 0)) throw new Error(`portal and workers ended with ${ends.join(', ')}`);
    },
  };
}
