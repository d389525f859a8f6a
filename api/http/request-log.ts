import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Histogram } from 'prom-client';
import type { Ids } from '../adapters/clock/clock.ts';

declare module 'express-serve-static-core' {
  interface Locals {
    requestId: string;
  }
}

/**
 * Gives each request an id (also in the answer's X-Request-Id) and logs its end. Only the route is logged, never what stands in the address: a ticket
 * or code in it would be a secret.
 */
export function requestLog(log: Logger, ids: Ids, seconds: Histogram<'method' | 'route' | 'status'>): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    response.locals.requestId = ids.uuid();
    response.setHeader('X-Request-Id', response.locals.requestId);
    // Asked now: a part that is mounted further down sees only what is left of the path.
    const route = routeOf(request.path);
    response.once('close', () => {
      const took = (performance.now() - began) / 1000;
      const status = response.writableFinished ? response.statusCode : 499;
      seconds.observe({ method: request.method, route, status: String(status) }, took);
      log.debug(
        { request: response.locals.requestId, method: request.method, route, status, ms: Math.round(took * 1000) },
        'request',
      );
    });
    next();
  };
}

const FIRST = new Set([
  'graphql',
  'graphiql',
  'files',
  'ingest',
  'uploads',
  'auth',
  'realms',
  'healthz',
  'readyz',
  'metrics',
  'assets',
  'live',
  '',
]);

function routeOf(path: string): string {
  const first = path.split('/')[1] ?? '';
  return FIRST.has(first) ? `/${first}` : '/other';
}
