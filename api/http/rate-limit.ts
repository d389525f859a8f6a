import type { Request, RequestHandler } from 'express';
import { type AugmentedRequest, ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { RequestActor } from './request-actor.ts';

/**
 * So many requests a minute for each person, and a quarter of it for each address of people who are not signed in (or whose credentials do not stand).
 * Beyond it: 429 with Retry-After, as GraphQL tells an error. Counted in this process.
 */
export function requestLimit(options: {
  perMinute: number;
  actorOf: (request: Request) => Promise<RequestActor>;
  /** Told as problem details (RFC 9457), as other addresses than GraphQL's are. */
  problem?: boolean;
}): RequestHandler {
  const accountOf = async (request: Request): Promise<string | null> => {
    const actor = await options.actorOf(request).catch(() => null);
    return actor?.kind === 'account' ? actor.accountId : null;
  };
  return rateLimit({
    windowMs: 60_000,
    limit: async (request) =>
      (await accountOf(request)) === null ? Math.ceil(options.perMinute / 4) : options.perMinute,
    keyGenerator: async (request) => (await accountOf(request)) ?? ipKeyGenerator(request.ip ?? ''),
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (request, response) => {
      const limit = (request as Request & Partial<AugmentedRequest>).rateLimit?.limit ?? options.perMinute;
      const seconds = Number(response.getHeader('Retry-After') ?? 60);
      const said = `Too many requests: ${limit} a minute are allowed. Try again in ${seconds} s.`;
      if (options.problem) {
        // Nothing of the body is read.
        response.setHeader('Connection', 'close');
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
}
