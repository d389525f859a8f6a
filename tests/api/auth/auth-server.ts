import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import type { Realm } from '../../../api/adapters/identity/realm.ts';
import type { AuthEvent } from '../../../api/auth/auth-event.ts';
import { type Auth, createAuth } from '../../../api/auth/create-auth.ts';
import type { Decisions } from '../../../api/auth/decisions.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { Browser, type Page } from './browser.ts';

export interface AuthServer {
  url: string;
  auth: Auth;
  database: TestDatabase;
  dataDirectory: string;
  events: AuthEvent[];
  /** Builds everything anew on the same data, as a restart does. */
  restart(options?: { realm?: Realm; demo?: boolean }): Promise<void>;
  /** Signs a new browser in and returns it. */
  signIn(username: string, browser?: Browser): Promise<Browser>;
  session(browser: Browser): Promise<{ signedIn: boolean; roles?: string[]; account?: { id: string; name: string } }>;
  /** Tokens by the password grant. */
  passwordTokens(username: string, password?: string): Promise<{ access_token: string; refresh_token: string }>;
  token(form: Record<string, string>): Promise<{ status: number; json: Record<string, unknown> }>;
  stop(): Promise<void>;
}

/** The real sign-in over real HTTP: a database of its own, a port of its own, a data folder of its own. */
export async function startAuthServer(
  options: { realm?: Realm; decisions?: Decisions | null; now?: () => Date; behindProxy?: true } = {},
): Promise<AuthServer> {
  const database = await startTestDatabase();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'iss-auth-'));
  let handler: RequestListener = (_request, response) => response.end();
  const server = createServer((request, response) => handler(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const sealingKey = randomBytes(32);
  const events: AuthEvent[] = [];

  const build = async (realm: Realm | undefined, demo: boolean): Promise<Auth> => {
    const auth = await createAuth({
      database: database.database,
      clock: { now: options.now ?? (() => new Date()) },
      ids: { uuid: randomUUID, random: randomBytes },
      publicUrl: url,
      dataDirectory,
      sealingKey,
      demo,
      log: { info() {}, warn() {}, error: (fields) => console.error(fields) },
      observe: (event) => events.push(event),
      ...(realm ? { realm } : {}),
      decisions: options.decisions ?? null,
    });
    const app = express();
    if (options.behindProxy) app.set('trust proxy', true);
    app.use(auth.router);
    app.post('/change', auth.requireCsrf, async (request, response) => {
      response.json(await auth.authenticate(request));
    });
    app.get('/whoami', async (request, response) => {
      response.json(await auth.authenticate(request));
    });
    app.get('/', (_request, response) => void response.send('start page'));
    handler = app;
    return auth;
  };

  const api: AuthServer = {
    url,
    auth: await build(options.realm, true),
    database,
    dataDirectory,
    events,
    async restart({ realm, demo = true } = {}) {
      api.auth = await build(realm, demo);
    },
    async signIn(username, browser = new Browser()) {
      const login = await browser.open(`${url}/auth/login`);
      const page = await browser.submit(login, { username, password: 'demo' });
      if (page.url !== `${url}/`) throw new Error(`${page.status} ${page.url} ${page.body}`);
      return browser;
    },
    async session(browser) {
      return JSON.parse((await browser.send(`${url}/auth/session`)).body);
    },
    async token(form) {
      const response = await fetch(`${url}/realms/iss/protocol/openid-connect/token`, {
        method: 'POST',
        body: new URLSearchParams(form),
      });
      return { status: response.status, json: (await response.json()) as Record<string, unknown> };
    },
    async passwordTokens(username, password = 'demo') {
      const { status, json } = await api.token({ grant_type: 'password', client_id: 'iss-cli', username, password });
      if (status !== 200) throw new Error(JSON.stringify(json));
      return json as { access_token: string; refresh_token: string };
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await database.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
  return api;
}

export type { Page };
