import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';

const SCHEMA = buildSchema(readFileSync(resolve(import.meta.dirname, '../../../schema/schema.graphql'), 'utf8'));

/** What an operation is answered with; `data` alone, or a whole answer. */
export type Answer = { data?: unknown; errors?: unknown[]; status?: number; headers?: Record<string, string> };
type Handler = (variables: Record<string, unknown>, request: IncomingMessage) => Answer | Promise<Answer>;

/** A way to answer a request for a file; the plain one unless a test says otherwise. */
export type Serve = (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => void | Promise<void>;

export interface HostedFile {
  path: string;
  bytes: Buffer;
  /** Used in turn, the plain way after the last. */
  serve: Serve[];
}

/** A small real HTTP server that speaks GraphQL by operation name and hands out files by ticket, as well or as badly as a test wants. */
export interface Portal {
  url: string;
  operations: Record<string, Handler>;
  /** Every request for a file: its path and Range header. */
  asked: { path: string; range: string | undefined }[];
  /** What was put where. */
  received: Map<string, Buffer>;
  /** Answers to PUT, in turn; 204 after the last. */
  puts: ((response: ServerResponse) => void)[];
  /** Offers an export of these files under the id, with a manifest.json unless one is among them. */
  host(id: string, files: readonly HostedFile[], options?: { pageSize?: number; ticketMs?: number }): void;
  /** Tickets handed out before this call are expired. */
  expireTickets(): void;
  stop(): Promise<void>;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const aFile = (path: string, bytes: Buffer | string | number, ...serve: Serve[]): HostedFile => ({
  path,
  bytes: typeof bytes === 'number' ? randomBytes(bytes) : Buffer.from(bytes as string),
  serve,
});

/** The whole, or the range that is asked for. */
export const plainly: Serve = (request, response, bytes) => {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const first = range ? Number(range[1]) : 0;
  if (range && first >= bytes.length) return void response.writeHead(416).end();
  response.writeHead(range ? 206 : 200, {
    'Content-Length': bytes.length - first,
    ...(range && { 'Content-Range': `bytes ${first}-${bytes.length - 1}/${bytes.length}` }),
  });
  response.end(bytes.subarray(first));
};

export const problem =
  (status: number, body: Record<string, unknown>, headers: Record<string, string> = {}): Serve =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/problem+json', ...headers });
    response.end(JSON.stringify({ status, ...body }));
  };

/** Sends `count` bytes of what is asked for and cuts the connection. */
export const cutAfter =
  (count: number): Serve =>
  (request, response, bytes) => {
    const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(first > 0 ? 206 : 200, {
      'Content-Length': bytes.length - first,
      ...(first > 0 && { 'Content-Range': `bytes ${first}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.write(bytes.subarray(first, first + count), () => response.destroy());
  };

/** The same, and the connection is reset instead of closed, as by a proxy that is ended or a network that changes. */
export const resetAfter =
  (count: number): Serve =>
  (_request, response, bytes) => {
    response.writeHead(200, { 'Content-Length': bytes.length });
    response.write(bytes.subarray(0, count), () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
  };

export async function startPortal(token = 'a-token'): Promise<Portal> {
  const files = new Map<string, HostedFile>();
  let ticketRound = 0;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    // Who sends no token is a stranger, whom the operations answer as they like; a wrong one is refused.
    const stranger = url.pathname === '/graphql' && request.headers.authorization === undefined;
    if (!stranger && request.headers.authorization !== `Bearer ${token}`)
      return problem(401, { title: 'Sign in.' })(request, response, Buffer.alloc(0));
    if (url.pathname === '/graphql') return graphql(portal, request, response);
    if (request.method === 'PUT') return receive(portal, url.pathname, request, response);
    const [, , round, id, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    const path = rest.join('/');
    portal.asked.push({ path, range: request.headers.range });
    const file = files.get(`${id} ${path}`);
    if (!file) return problem(404, { title: 'There is no such file.' })(request, response, Buffer.alloc(0));
    if (Number(round) < ticketRound)
      return problem(410, { title: 'This address has expired.' })(request, response, Buffer.alloc(0));
    await (file.serve.shift() ?? plainly)(request, response, file.bytes);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const portal: Portal = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    operations: {},
    asked: [],
    received: new Map(),
    puts: [],
    expireTickets: () => {
      ticketRound += 1;
    },
    host(id, given, { pageSize = 100, ticketMs = 300_000 } = {}) {
      const all = given.some(({ path }) => path === 'manifest.json')
        ? [...given]
        : [aFile('manifest.json', JSON.stringify({ export: id })), ...given];
      for (const file of all) files.set(`${id} ${file.path}`, file);
      const of = (variables: Record<string, unknown>, value: () => unknown): Answer => ({
        data: { export: variables.id === id ? value() : null },
      });
      portal.operations.Export = (variables) =>
        of(variables, () => ({
          id,
          state: 'SUCCEEDED',
          progress: null,
          error: null,
          fileCount: all.length,
          bytes: all.reduce((sum, { bytes }) => sum + bytes.length, 0),
          manifestSha256: sha256(all.find(({ path }) => path === 'manifest.json')!.bytes),
        }));
      portal.operations.Receipt = (variables) => of(variables, () => ({ receipt: null }));
      portal.operations.ExportFiles = (variables) =>
        of(variables, () => {
          const from = Number(variables.after ?? 0);
          const page = all.slice(from, from + pageSize);
          const nodes = page.map(({ path, bytes }) => ({
            path,
            bytes: bytes.length,
            sha256: sha256(bytes),
            file: {
              url: `/files/${ticketRound}/${[id, ...path.split('/')].map(encodeURIComponent).join('/')}`,
              expiresAt: new Date(Date.now() + ticketMs).toISOString(),
            },
          }));
          const end = from + page.length;
          return { files: { nodes, pageInfo: { hasNextPage: end < all.length, endCursor: String(end) } } };
        });
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return portal;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function graphql(portal: Portal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { query, variables } = JSON.parse(String(await bodyOf(request))) as {
    query: string;
    variables: Record<string, unknown>;
  };
  // What the real server would not take is not taken here either.
  const faults = validate(SCHEMA, parse(query)).map(({ message }) => ({ message }));
  if (faults.length > 0) return void response.writeHead(400).end(JSON.stringify({ errors: faults }));
  const name = /(?:query|mutation)\s+(\w+)/.exec(query)?.[1] ?? '';
  const handler = portal.operations[name];
  const {
    status = 200,
    headers = {},
    ...answer
  } = handler ? await handler(variables, request) : { errors: [{ message: `no ${name} here` }] };
  response
    .writeHead(status, { 'Content-Type': 'application/graphql-response+json', ...headers })
    .end(JSON.stringify(answer));
}

async function receive(
  portal: Portal,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = portal.puts.shift();
  const body = await bodyOf(request);
  if (answer) return answer(response);
  portal.received.set(path, body);
  response.writeHead(204).end();
}
