import type { Request, RequestHandler } from 'express';
import { type AugmentedRequest, ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';
import { GraphQLError } from 'graphql/index.js';
import type { RequestActor } from './request-actor.ts';

/** Limits requests, and takes more of somebody's share for one that asks for more than one thing. */
export interface RequestLimit extends RequestHandler {
  /** @throws GraphQLError where so many units more are beyond the share of this minute; they are taken all the same */
  charge(request: Request, units: number): Promise<void>;
}

/**
 * So many requests a minute for each person, and a quarter of it for each address of people who are not signed in (or whose credentials do not stand).
 * Beyond it: 429 with Retry-After, as GraphQL tells an error. Counted in this process.
 */
export function requestLimit(options: {
  perMinute: number;
  actorOf: (request: Request) => Promise<RequestActor>;
  /** Told as problem details (RFC 9457), as other addresses than GraphQL's are. */
  problem?: boolean;
  /** So many for an address of strangers instead of the quarter. */
  strangersPerMinute?: number;
}): RequestLimit {
  const accountOf = async (request: Request): Promise<string | null> => {
    const actor = await options.actorOf(request).catch(() => null);
    return actor?.kind === 'account' ? actor.accountId : null;
  };
  const limitOf = (account: string | null): number =>
    account === null
      ? Math.min(options.perMinute, options.strangersPerMinute ?? Math.ceil(options.perMinute / 4))
      : options.perMinute;
  const keyOf = (account: string | null, request: Request): string => account ?? ipKeyGenerator(request.ip ?? '');
  const store = new MemoryStore();
  const limiter = rateLimit({
    store,
    windowMs: 60_000,
    limit: async (request) => limitOf(await accountOf(request)),
    keyGenerator: async (request) => keyOf(await accountOf(request), request),
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (request, response) => {
      const limit = (request as Request & Partial<AugmentedRequest>).rateLimit?.limit ?? options.perMinute;
      const seconds = Number(response.getHeader('Retry-After') ?? 60);
      const said = tooMany(limit, seconds);
      if (options.problem) {
        // Nothing of a body is read; where there is none, the connection goes on.
        if (request.method !== 'GET' && request.method !== 'HEAD') response.setHeader('Connection', 'close');
        const problem = { status: 429, code: 'TOO_MANY_REQUESTS', title: said };
        response.status(429).type('application/problem+json').send(JSON.stringify(problem));
        return;
      }
      response.status(429).json({
        errors: [
          {
            message: said,
            extensions: { code: 'TOO_MANY_REQUESTS', allowedPerMinute: limit, retryAfterSeconds: seconds },
          },
        ],
      });
    },
  });
  return Object.assign(limiter, {
    async charge(request: Request, units: number): Promise<void> {
      const account = await accountOf(request);
      const [key, allowed] = [keyOf(account, request), limitOf(account)];
      let hits = 0;
      let resets: Date | undefined;
      for (let unit = 0; unit < units; unit += 1) ({ totalHits: hits, resetTime: resets } = await store.increment(key));
      if (hits <= allowed) return;
      const seconds = Math.max(1, Math.ceil(((resets?.getTime() ?? Date.now() + 60_000) - Date.now()) / 1000));
      request.res?.setHeader('Retry-After', String(seconds));
      throw new GraphQLError(
        `${tooMany(allowed, seconds)} Each command of an operation is one, and so is what it asks for again.`,
        {
          extensions: {
            code: 'TOO_MANY_REQUESTS',
            allowedPerMinute: allowed,
            retryAfterSeconds: seconds,
            http: { status: 429 },
          },
        },
      );
    },
  });
}

const tooMany = (allowed: number, seconds: number): string =>
  `Too many requests: ${allowed} a minute are allowed. Try again in ${seconds} s.`;
