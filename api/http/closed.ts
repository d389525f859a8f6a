import type { RequestHandler } from 'express';

/** What readyz names between a restore and the replay. */
export const CLOSED = 'replay of the journal of endings (iss replay)';

/** After a restore everything but signing in waits until what has ended since the backup has been replayed. @param pending what readyz names */
export const closedUntilReplayed =
  (pending: ReadonlySet<string>): RequestHandler =>
  (_request, response, next) => {
    if (!pending.has(CLOSED)) return next();
    const title = 'The system was restored from a backup. It opens when what has ended since then has been replayed.';
    response.status(503).setHeader('Retry-After', '60').json({ status: 503, code: 'NOT_REPLAYED', title });
  };
