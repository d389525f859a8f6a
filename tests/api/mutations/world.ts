import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Request } from 'express';
import type pg from 'pg';
import pino from 'pino';
import { systemIds } from '../../../api/adapters/clock/clock.ts';
import { fileMail } from '../../../api/adapters/mail/file-mail.ts';
import { postgresQueue } from '../../../api/adapters/queue/postgres-queue.ts';
import type { Foundation } from '../../../api/compose.ts';
import { readConfig } from '../../../api/config.ts';
import { createGraphql } from '../../../api/graphql.ts';
import { transfers } from '../../../api/http/transfers.ts';
import type { Job } from '../../../api/jobs/job.ts';
import { jobStore } from '../../../api/jobs/job-store.ts';
import { contextServices } from '../../../api/services/context.ts';
import { readServices } from '../../../api/services/read/read-service.ts';
import { checkReleaseKind } from '../../../api/services/releases/release-check.ts';
import { createServices, type Services } from '../../../api/services.ts';
import type { AccountActor, AnonymousActor } from '../../../governance/actor.ts';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import type { Role } from '../../../governance/roles.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { sealedObjects } from '../../support/sealed-objects.ts';
import {
  FIXTURE_NOW,
  fillStudy,
  fixtureId,
  type StudyFixture,
  type StudyOptions,
} from '../../support/study-fixture.ts';

/** Who is there. Stewards and curators are of another institution than researchers: nobody decides for their own. */
const PEOPLE = {
  ada: ['uni', 'researcher'],
  ben: ['uni', 'researcher'],
  eve: ['lab', 'researcher'],
  olu: ['uni', 'signing-official'],
  oda: ['lab', 'signing-official'],
  sam: ['nih', 'steward'],
  sue: ['nih', 'steward'],
  cy: ['nih', 'curator'],
  aud: ['nih', 'auditor'],
  adm: ['nih', 'admin'],
  nob: ['uni', null],
} as const satisfies Record<string, readonly [string, Role | null]>;

export type Name = keyof typeof PEOPLE;
/** Somebody of the list, somebody else's account, or nobody. */
export type Who = Name | { readonly accountId: string } | null;
export const NAMES = Object.keys(PEOPLE) as readonly Name[];

export interface Answer {
  // The tests look into answers of many shapes.
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
  data?: any;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
}

/** The server's GraphQL and uploads over HTTP, on a real database, with real services; only sign-in is left out: a header says who it is. */
export interface World {
  db: TestDatabase;
  study: StudyFixture;
  services: Services;
  base: Foundation;
  clock: { at: Date; now(): Date };
  idOf(name: Name): string;
  /** Sends an operation as somebody; as nobody with null. */
  ask(who: Who, query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a mutation; its payload, with everything that a failure tells. */
  give(who: Who, mutation: string, input: Record<string, unknown>, selection?: string): Promise<Payload>;
  put(who: Who, path: string, body: Uint8Array): Promise<Response>;
  /** Runs the next waiting job of a kind as a worker does; its end. */
  work(kind: string): Promise<Job>;
  /** Entries of the log, oldest first. */
  entries(action: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

export interface Payload {
  __typename: string;
  code?: string;
  message?: string;
  reasons?: { code: string; subject: string | null; sentence: string; whoActsNext: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: a payload has the shape that its selection asks for
  [field: string]: any;
}

const FAILURE =
  '__typename ... on ExpectedError { code message } ... on Refused { reasons { code subject sentence whoActsNext } }';

/** Fields of an access request that the tests look at. */
export const REQUEST = `request { id state version seenHash whoActsNext allowedCommands
  proposal { termsHash items { modality uses } } grant { id state endsAt items { modality uses } }
  collaborators { invitationId email person { name } } signatures { by { name } as current } events { type by { name } text } }`;

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** @param strict false where a test holds a transaction of its own beside others */
export async function startWorld(options: StudyOptions = {}, { strict = true } = {}): Promise<World> {
  const db = await startTestDatabase({ strict });
  const directory = await mkdtemp(join(tmpdir(), 'iss-mutations-'));
  const { objects, keys } = sealedObjects(directory);
  const study = await fillStudy({ pool: db.pool, objects }, options);
  await addPeople(db.pool);
  const clock = { at: FIXTURE_NOW, now: () => clock.at };
  const { database } = db;
  const secret = () => randomBytes(32).toString('base64url');
  const base: Foundation = {
    config: readConfig({ ISS_DATA_DIR: directory, ISS_STUDY: study.key }),
    secrets: { databaseOwner: '', databaseApp: '', sealingKey: secret(), ticketKey: secret() },
    clock,
    ids: systemIds,
    log: pino({ level: 'silent' }),
    database,
    objects,
    keys,
    queue: postgresQueue(database),
    jobs: jobStore(database, clock, systemIds),
    mail: fileMail(join(directory, 'mail')),
    keycloak: null,
    checks: {},
    databasePort: null,
    close: async () => {},
  };
  const services = createServices(base, 'http://localhost');
  const reads = readServices({ database, defaultStudy: study.key, now: clock.now, countRefusedStranger: () => {} });
  const actorOf = async ({ headers }: Request): Promise<AccountActor | AnonymousActor> => {
    const [id, grantId, tokenGrantId] = [headers['x-test-account'], headers['iss-grant'], headers['x-test-token']];
    const { 'x-test-program': program, 'x-test-second-factor-until': until } = headers;
    if (typeof id !== 'string') return { kind: 'anonymous' };
    return {
      kind: 'account',
      accountId: id,
      ...(typeof grantId === 'string' && { grantId }),
      ...(typeof tokenGrantId === 'string' && { tokenGrantId }),
      ...(program !== undefined && { signIn: { by: 'program' } }),
      ...(typeof until === 'string' && {
        signIn: { by: 'browser', secondFactorUntil: until === 'never' ? null : new Date(until) },
      }),
    };
  };
  const bugs: unknown[] = [];
  const graphql = await createGraphql({
    context: async (request) => {
      const actor = await actorOf(request);
      return {
        actor,
        requestId: 'test',
        now: clock.now,
        newId: () => systemIds.uuid(),
        reads: reads(actor),
        tickets: { issue: () => ({ url: 'http://localhost/files/x', expiresAt: clock.now() }) },
        landmarks: services.landmarks,
        studies: services.studies,
        viewers: services.viewers,
        ...contextServices(services, actor, base),
      };
    },
    log: { info() {}, error: (fields) => bugs.push(fields) },
    newId: () => systemIds.uuid(),
  });
  const app = express();
  app.use('/graphql', graphql.middleware);
  app.use(transfers(base, services, actorOf, base.log));
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const as = (who: Who): Record<string, string> => {
    if (who === null) return {};
    return { 'x-test-account': typeof who === 'string' ? accountId(who) : who.accountId };
  };

  async function ask(
    who: Who,
    query: string,
    variables: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...as(who), ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as Answer;
    const bug = bugs.shift();
    if (bug !== undefined) throw (bug as { err?: unknown }).err ?? bug;
    return answer;
  }

  return {
    db,
    study,
    services,
    base,
    clock,
    idOf: accountId,
    ask,
    async give(who, mutation, input, selection = '') {
      const { data, errors } = await ask(
        who,
        `mutation Give($input: ${capital(mutation)}Input!) { ${mutation}(input: $input) { ${FAILURE} ${selection} } }`,
        { input },
      );
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return data[mutation] as Payload;
    },
    put: (who, path, body) => fetch(`${origin}${path}`, { method: 'PUT', headers: as(who), body: body as BodyInit }),
    async work(kindName) {
      const kinds = [services.runs, services.exports, services.withdrawals].flatMap((one) => one.jobKinds());
      const kind = [...kinds, checkReleaseKind(services.releases)].find((one) => one.kind === kindName);
      const job = await base.jobs.claim('worker', [kindName]);
      if (kind === undefined || job === null) throw new Error(`no ${kindName} waits`);
      const context = { job, signal: new AbortController().signal, progress: () => {} };
      const result = await kind.run(kind.payload.parse(job.payload), context);
      await base.jobs.finish(database, job.id, 'worker', { state: 'SUCCEEDED', result });
      return (await base.jobs.get(job.id))!;
    },
    async entries(action) {
      const { rows } = await db.pool.query('SELECT text FROM audit_entry WHERE action = $1 ORDER BY at, id', [action]);
      return rows.map(({ text }) => JSON.parse(text));
    },
    async stop() {
      server.close();
      await graphql.stop();
      await base.queue.close();
      await db.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const accountId = (name: Name): string => fixtureId('person', name);

async function addPeople(pool: pg.Pool): Promise<void> {
  const past = new Date(FIXTURE_NOW.getTime() - 90 * 86_400_000);
  await pool.query('INSERT INTO policy_version (number, policy, effective_at) VALUES ($1, $2, $3)', [
    DEFAULT_POLICY.version,
    JSON.stringify(DEFAULT_POLICY),
    past,
  ]);
  await pool.query(
    `INSERT INTO agreement (version, title, text, sha256, effective_on, grace_days, editorial, published_at) VALUES (1, 'Agreement', 'Text', $1, $2, 30, false, $3)`,
    ['0'.repeat(64), past.toISOString().slice(0, 10), past],
  );
  for (const key of ['uni', 'lab', 'nih'])
    await pool.query(
      `INSERT INTO institution (id, name, country, standing, created_at) VALUES ($1, $2, 'US', 'VERIFIED', $3)`,
      [fixtureId('institution', key), key, past],
    );
  for (const [name, [institution, role]] of Object.entries(PEOPLE)) {
    const id = accountId(name as Name);
    const institutionId = fixtureId('institution', institution);
    await pool.query(
      `INSERT INTO account (id, issuer, subject, username, name, email, institution_id, created_at) VALUES ($1, 'fixture', $2, $2, $3, $4, $5, $6)`,
      [id, name, `${capital(name)} Person`, `${name}@example.org`, institutionId, past],
    );
    if (role !== null)
      await pool.query('INSERT INTO account_role (account_id, role, given_at) VALUES ($1, $2, $3)', [id, role, past]);
    if (role === 'signing-official')
      await pool.query('INSERT INTO official (institution_id, account_id, bound_at) VALUES ($1, $2, $3)', [
        institutionId,
        id,
        past,
      ]);
  }
}
