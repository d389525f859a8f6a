import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Clock, type Ids, systemIds } from './adapters/clock/clock.ts';
import { databaseClock } from './adapters/clock/database-clock.ts';
import { connectDatabase, type Database } from './adapters/database/database.ts';
import { startEmbeddedPostgres } from './adapters/database/embedded-postgres.ts';
import { migrate } from './adapters/database/migrate.ts';
import { setAppPassword, urlAs } from './adapters/database/roles.ts';
import { createKeycloakIdentity, type KeycloakIdentity } from './adapters/identity/keycloak/keycloak-identity.ts';
import { fileKeys } from './adapters/keys/file-keys.ts';
import type { SealKeys } from './adapters/keys/seal-keys.ts';
import { fileMail } from './adapters/mail/file-mail.ts';
import type { MailSender } from './adapters/mail/mail.ts';
import { smtpMail } from './adapters/mail/smtp-mail.ts';
import { fileStore } from './adapters/objects/file-store.ts';
import type { ObjectStore } from './adapters/objects/object-store.ts';
import { s3Store } from './adapters/objects/s3/s3-store.ts';
import { sealedStore } from './adapters/objects/sealed-store.ts';

import { postgresQueue } from './adapters/queue/postgres-queue.ts';
import type { JobQueue } from './adapters/queue/queue.ts';
import { redisQueue } from './adapters/queue/redis-queue.ts';
import { ServiceRefused } from './adapters/service-refused.ts';
import { type Config, InvalidConfig } from './config.ts';
import {
  DataDirectoryRefused,
  isRestoring,
  keyFolder,
  lockDataDirectory,
  makeSecrets,
  openDataDirectory,
  readSecrets,
  readServerNote,
  type Secrets,
  sealingKeys,
  workFolder,
} from './data-directory.ts';
import { type JobStore, jobStore } from './jobs/job-store.ts';

/** The adapters and what is built on them alone. The only place that chooses implementations. */
export interface Foundation {
  config: Config;
  secrets: Secrets;
  clock: Clock;
  ids: Ids;
  log: Logger;
  database: Database;
  objects: ObjectStore;
  /** Of whom objects are sealed: for who destroys them. */
  keys: SealKeys;
  queue: JobQueue;
  jobs: JobStore;
  mail: MailSender;
  /** Where people sign in; null with the embedded realm. */
  keycloak: KeycloakIdentity | null;
  /** Asks each real service whether it answers, by its name; what is not ready throws. */
  checks: Readonly<Record<string, () => Promise<unknown>>>;
  /** Port of the embedded database, for the note that workers read; null with a database of one's own. */
  databasePort: number | null;
  close(): Promise<void>;
}

/** For the server: starts what is embedded, migrates, connects. @throws DataDirectoryRefused, MigrationMismatch, InvalidConfig */
export async function composeServer(config: Config, log: Logger): Promise<Foundation> {
  await openDataDirectory(config.dataDirectory);
  const unlock = await lockDataDirectory(config.dataDirectory);
  const undo: (() => Promise<void>)[] = [unlock];
  try {
    if (await isRestoring(config.dataDirectory))
      throw new DataDirectoryRefused(
        `a restore into ${config.dataDirectory} was cut off: begin it again with iss restore`,
      );
    const secrets = await makeSecrets(config.dataDirectory);
    let ownerUrl = config.ISS_DATABASE_URL;
    let databasePort: number | null = null;
    if (!ownerUrl) {
      const server = await startEmbeddedPostgres({
        directory: join(config.dataDirectory, 'postgres'),
        password: secrets.databaseOwner,
        log: (line) => log.debug({ postgres: line }),
      }).catch((error: Error) => {
        const said = error.message.replaceAll(/\s*\n\s*/g, ' | ');
        throw new DataDirectoryRefused(`the database in ${config.dataDirectory} does not start: ${said}`, {
          cause: error,
        });
      });
      undo.unshift(() => server.stop());
      databasePort = server.port;
      ownerUrl = server.ownerUrl('postgres');
    }
    const applied = await migrate(ownerUrl).catch((error: unknown) => {
      throw asRefusal(error, config);
    });
    if (applied.length > 0) log.info({ migrations: applied }, 'the database was migrated');
    await setAppPassword(ownerUrl, secrets.databaseApp);
    const appUrl = urlAs(ownerUrl, 'iss_app', secrets.databaseApp);
    const base = await foundation(config, log, secrets, appUrl, databasePort, undo, config.ISS_DATABASE_POOL);
    undo.splice(0, undo.length, () => base.close());
    for (const check of Object.values(base.checks))
      await check().catch((error: Error) => {
        throw error instanceof ServiceRefused ? new InvalidConfig(error.message, { cause: error }) : error;
      });
    return base;
  } catch (error) {
    for (const step of undo) await step().catch(() => {});
    throw error;
  }
}

/** What an operator can act on, where the database is not to be had: in one line, without its password. */
function asRefusal(error: unknown, config: Config): unknown {
  const { code } = error as { code?: string };
  if (code === undefined) return error;
  if (config.ISS_DATABASE_URL) {
    const { hostname, port, pathname } = new URL(config.ISS_DATABASE_URL);
    const where = `${hostname}:${port || '5432'}${pathname}`;
    return new InvalidConfig(`ISS_DATABASE_URL: the database at ${where} cannot be used: ${reasonOf(error)}`);
  }
  // PostgreSQL's codes of refused passwords.
  if (code === '28P01' || code === '28000')
    return new DataDirectoryRefused(
      `secrets.json does not fit the database in ${config.dataDirectory}: bring both back from the same backup`,
      { cause: error },
    );
  return error;
}

const reasonOf = (error: unknown): string => {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || 'no reason given';
};

/** For a worker or a tool beside the server: connects to what the server started. @throws if no server's database can be found */
export async function composeBeside(config: Config, log: Logger): Promise<Foundation> {
  await openDataDirectory(config.dataDirectory);
  const secrets = await readSecrets(config.dataDirectory);
  const note = await readServerNote(config.dataDirectory);
  if (!config.ISS_DATABASE_URL && !note?.databasePort)
    throw new DataDirectoryRefused(
      `no server has been started on the data folder ${config.dataDirectory}: run npm start first, or set ISS_DATABASE_URL`,
    );
  const url = config.ISS_DATABASE_URL
    ? urlAs(config.ISS_DATABASE_URL, 'iss_app', secrets.databaseApp)
    : urlAs(`postgresql://x@127.0.0.1:${note?.databasePort}/postgres`, 'iss_app', secrets.databaseApp);
  const base = await foundation(config, log, secrets, url, note?.databasePort ?? null, [], 4);
  await base.checks.database!().catch(async (error: unknown) => {
    await base.close();
    throw asRefusal(error, config);
  });
  return base;
}

/** The store of the settings, as it keeps bytes: what belongs to somebody lies in it sealed. */
export interface ManagedStore extends ObjectStore {
  sweep(): Promise<number>;
  close?: () => void;
  check?: () => Promise<void>;
}

export function objectsOf(config: Config): ManagedStore {
  const { ISS_S3_ENDPOINT: endpoint, ISS_S3_ENCRYPTION: encryption } = config;
  if (!endpoint) return fileStore(config.dataDirectory);
  return s3Store(
    {
      endpoint,
      region: config.ISS_S3_REGION,
      bucket: config.ISS_S3_BUCKET!,
      accessKey: config.ISS_S3_ACCESS_KEY!,
      secretKey: config.ISS_S3_SECRET_KEY!,
      prefix: config.ISS_S3_PREFIX,
      encryption: !encryption
        ? null
        : encryption === 'AES256'
          ? { kind: 'AES256' }
          : { kind: 'aws:kms', key: encryption.slice('aws:kms:'.length) || null },
    },
    join(config.dataDirectory, 'copies'),
  );
}

async function foundation(
  config: Config,
  log: Logger,
  secrets: Secrets,
  appUrl: string,
  databasePort: number | null,
  undo: (() => Promise<void>)[],
  poolSize: number,
): Promise<Foundation> {
  const database = connectDatabase(appUrl, {
    poolSize,
    statementTimeoutMs: config.ISS_STATEMENT_SECONDS * 1000,
  });
  const clock = databaseClock(database, log);
  await clock.set();
  const files = objectsOf(config);
  const keys = fileKeys(keyFolder(config), sealingKeys(secrets));
  // Beside the start, not before it: nobody waits for what a killed process left.
  Promise.all([files.sweep(), keys.sweep()]).catch((error: Error) =>
    log.warn({ error: error.message }, 'half-written files could not be removed'),
  );
  const redis = config.ISS_REDIS_URL ? redisQueue(config.ISS_REDIS_URL, { log }) : null;
  const queue = redis ?? postgresQueue(database);
  const smtp = config.ISS_SMTP_URL ? smtpMail(config.ISS_SMTP_URL, config.ISS_MAIL_FROM!) : null;
  const mail = smtp ?? fileMail(join(config.dataDirectory, 'mail'));
  const { ISS_OIDC_ISSUER: issuer } = config;
  const keycloak = issuer ? createKeycloakIdentity({ issuer, now: () => clock.now() }) : null;
  const steps = [
    async () => clock.stop(),
    () => mail.close(),
    () => queue.close(),
    async () => files.close?.(),
    () => database.close(),
    ...undo.splice(0),
  ];
  return {
    config,
    secrets,
    log,
    clock,
    ids: systemIds,
    database,
    objects: sealedStore(files, keys, workFolder(config)),
    keys,
    queue,
    jobs: jobStore(database, clock, systemIds),
    mail,
    keycloak,
    checks: {
      database: () => database.query('SELECT 1'),
      ...(files.check && { 'object store': files.check }),
      ...(redis && { queue: redis.check }),
      ...(smtp && { mail: smtp.check }),
      ...(keycloak && { identity: keycloak.check }),
    },
    databasePort,
    async close() {
      for (const step of steps)
        await step().catch((error: Error) => log.warn({ error: error.message }, 'a part did not close'));
    },
  };
}
