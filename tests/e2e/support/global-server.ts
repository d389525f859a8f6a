import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type StartedServer, startServerProcess } from '../../support/started-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where tests ask for the server: it is started by the first of them that does. */
    wholeServer: string;
  }
}

/** What a test is told about the server. */
export interface ServerFacts {
  url: string;
  dataDirectory: string;
  pid: number;
  answeredAfter: number;
  readyAfter: number;
  /** What it wrote to its terminal so far. */
  output: string;
}

/** Asking again is better than an answer that takes minutes: a client gives up on headers after five. */
const PATIENCE_MS = 20_000;
const after = (ms: number): Promise<null> => new Promise((done) => setTimeout(() => done(null), ms).unref());

/**
 * One server for all tests of the whole. Making its study takes a minute and both cores, so it is started when the first test of the whole asks for
 * it, after the tests of the parts. Only one test file runs at a time.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // A folder that outlives the run spares the minute while one works on these tests; a clean run has none.
  const kept = process.env.TEST_DATA_DIR;
  const dataDirectory = kept ?? join(await mkdtemp(join(tmpdir(), 'iss-whole-')), 'data');
  let starting: Promise<StartedServer> | undefined;
  const desk = createServer(async (request, response) => {
    try {
      if (request.url === '/restart') {
        const before = await starting;
        await before?.stop();
        starting = startServerProcess({ dataDirectory, settings: before ? { PORT: new URL(before.url).port } : {} });
      }
      starting ??= startServerProcess({ dataDirectory });
      const started = await Promise.race([starting, after(PATIENCE_MS)]);
      if (started === null) {
        response.writeHead(202).end();
        return;
      }
      const { url, process, answeredAfter, readyAfter, output } = started;
      const facts: ServerFacts = { url, dataDirectory, pid: process.pid!, answeredAfter, readyAfter, output: output() };
      response.end(JSON.stringify(facts));
    } catch (error) {
      response.writeHead(500).end((error as Error).message);
    }
  });
  desk.listen(0, '127.0.0.1');
  await once(desk, 'listening');
  project.provide('wholeServer', `http://127.0.0.1:${(desk.address() as AddressInfo).port}`);
  return async () => {
    desk.close();
    desk.closeAllConnections();
    await (await starting?.catch(() => undefined))?.stop();
    if (!kept) await rm(join(dataDirectory, '..'), { recursive: true, force: true });
  };
}
