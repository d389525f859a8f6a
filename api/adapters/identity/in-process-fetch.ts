import { createServer, request as httpRequest, type RequestListener } from 'node:http';
import { duplexPair } from 'node:stream';

/** The little of fetch that talking to an OpenID provider needs. */
export type SendRequest = (
  url: string,
  init?: { method?: 'GET' | 'POST'; headers?: Record<string, string>; body?: string },
) => Promise<{ status: number; text(): Promise<string> }>;

/**
 * Speaks HTTP to a handler of this process over a pair of streams: no port, no name to resolve, and the same whether the server stands behind
 * a proxy or is not listening yet. The path of the URL is sent, its origin is not looked at.
 */
export function inProcessFetch(handler: RequestListener): SendRequest {
  const server = createServer(handler);
  return (url, { method = 'GET', headers = {}, body = '' } = {}) =>
    new Promise((resolve, reject) => {
      const [near, far] = duplexPair();
      server.emit('connection', far);
      const { pathname, search, host } = new URL(url);
      const request = httpRequest({
        createConnection: () => near as never,
        method,
        path: pathname + search,
        headers: { ...headers, host, connection: 'close', 'content-length': Buffer.byteLength(body) },
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, text: async () => text });
        });
      });
      request.end(body);
    });
}
