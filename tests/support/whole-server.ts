import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { systemIds } from '../../api/adapters/clock/clock.ts';
import { fileMail } from '../../api/adapters/mail/file-mail.ts';
import { postgresQueue } from '../../api/adapters/queue/postgres-queue.ts';
import { CSRF_HEADER, CSRF_VALUE } from '../../api/auth/csrf.ts';
import type { Foundation } from '../../api/compose.ts';
import { readConfig } from '../../api/config.ts';
import { EDITOR_PATH } from '../../api/http/persisted-operations.ts';
import { jobStore } from '../../api/jobs/job-store.ts';
import { type RunningServer, startServer } from '../../api/server.ts';
import { startTestDatabase, type TestDatabase } from './database.ts';
import { sealedObjects } from './sealed-objects.ts';

/** The server as it listens, sign-in and tokens included, on a database of its own; its clock is moved by hand. */
export interface WholeServer {
  db: TestDatabase;
  base: Foundation;
  server: RunningServer;
  /** Runs with the real time, and so much ahead of it, in ms. */
  clock: { ahead: number; now(): Date };
  /** Every line that was logged. */
  logged: string[];
  /** A portal session of somebody: the cookie's header. */
  session(accountId: string): Promise<string>;
  ask(headers: Record<string, string>, query: string, variables?: Record<string, unknown>): Promise<Asked>;
  stop(): Promise<void>;
}

export interface Asked {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
  data: any;
  errors: { message: string; extensions: Record<string, unknown> & { reasons?: { code: string }[] } }[];
}

/** @param options.ahead ms by which its clock is ahead of the real time */
export async function startWholeServer(
  options: {
    settings?: Record<string, string>;
    ahead?: number;
    /** What was there before, as after a restore. */
    db?: TestDatabase;
    directory?: string;
    secrets?: Foundation['secrets'];
  } = {},
): Promise<WholeServer> {
  const db = options.db ?? (await startTestDatabase());
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'iss-whole-')));
  const clock = { ahead: options.ahead ?? 0, now: () => new Date(Date.now() + clock.ahead) };
  const logged: string[] = [];
  const { database } = db;
  const secret = () => randomBytes(32).toString('base64url');
  const base: Foundation = {
    config: readConfig({ ISS_DATA_DIR: directory, PORT: '0', ISS_DEMO: 'false', ...options.settings }),
    secrets: options.secrets ?? { databaseOwner: '', databaseApp: '', sealingKey: secret(), ticketKey: secret() },
    clock,
    ids: systemIds,
    log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
    database,
    ...sealedObjects(directory),
    queue: postgresQueue(database),
    jobs: jobStore(database, clock, systemIds),
    mail: fileMail(join(directory, 'mail')),
    keycloak: null,
    checks: { database: () => database.query('SELECT 1') },
    databasePort: null,
    close: async () => {},
  };
  const server = await startServer(base);
  return {
    ...{ db, base, server, clock, logged },
    async session(accountId) {
      const cookie = randomBytes(32).toString('base64url');
      // Renewed in days to come, so that the realm, which knows nobody of these tests, is never asked.
      const later = new Date(clock.now().getTime() + 10 * 86_400_000);
      await db.pool.query(
        `INSERT INTO portal_session (id, account_id, sealed_tokens, created_at, renewed_at, expires_at) VALUES ($1, $2, 'sealed', $3, $3, $3)`,
        [createHash('sha256').update(cookie).digest('hex'), accountId, later],
      );
      return `iss_session=${cookie}`;
    },
    async ask(headers, query, variables = {}) {
      // With a cookie the query editor's path alone takes documents.
      const response = await fetch(`${server.url}${'cookie' in headers ? EDITOR_PATH : '/graphql'}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...csrf(headers, server.url), ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors = [] } = (await response.json()) as Partial<Asked>;
      return { status: response.status, headers: response.headers, data, errors };
    },
    async stop() {
      await server.stop();
      await base.queue.close();
      await db.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What the portal's pages send with a cookie. */
const csrf = (headers: Record<string, string>, origin: string): Record<string, string> =>
  'cookie' in headers ? { origin, [CSRF_HEADER]: CSRF_VALUE } : {};
