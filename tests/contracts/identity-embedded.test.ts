import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { createEmbeddedIdentity } from '../../api/adapters/identity/embedded/embedded-identity.ts';
import { Browser } from '../api/auth/browser.ts';
import { startTestDatabase } from '../support/database.ts';
import { identityContract } from './identity-contract.ts';

identityContract('the embedded realm', async () => {
  const database = await startTestDatabase();
  const folders: string[] = [];
  let handler: RequestListener = (_request, response) => response.end();
  const server = createServer((request, response) => handler(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const publicUrl = `http://localhost:${(server.address() as AddressInfo).port}`;
  let shift = 0;
  const realm = async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'iss-identity-'));
    folders.push(dataDirectory);
    return createEmbeddedIdentity({
      database: database.database,
      clock: { now: () => new Date(Date.now() + shift * 1000) },
      ids: { random: randomBytes },
      publicUrl,
      dataDirectory,
      demo: true,
      log: { warn() {}, error: (fields) => console.error(fields) },
    });
  };
  const other = await realm();
  const { identity, router } = await realm();
  const serve = (routes: express.Router): RequestListener => express().use(routes);
  handler = serve(router);

  return {
    identity,
    shiftClock: (seconds) => {
      shift = seconds;
    },
    redirectUri: `${publicUrl}/auth/callback`,
    secondFactor: null,
    serviceClient: null,
    async signIn(authorizationUrl, browser = new Browser()) {
      const login = await browser.open(authorizationUrl);
      if (login.url.startsWith(`${publicUrl}/auth/callback`)) return new URL(login.url);
      const back = await browser.submit(login, { username: 'researcher', password: 'demo' });
      return new URL(back.url);
    },
    fetch,
    async foreignToken() {
      handler = serve(other.router);
      const body = { grant_type: 'password', client_id: 'iss-cli', username: 'researcher', password: 'demo' };
      const url = `${publicUrl}/realms/iss/protocol/openid-connect/token`;
      const response = await fetch(url, { method: 'POST', body: new URLSearchParams(body) });
      handler = serve(router);
      return ((await response.json()) as { access_token: string }).access_token;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await database.stop();
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    },
  };
});
