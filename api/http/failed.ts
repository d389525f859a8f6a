import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { troubleOf } from '../adapters/trouble.ts';
import { CredentialsRefused } from './request-actor.ts';

/** What nothing else answered for: refused credentials, and bugs, told without their text. */
export const failed = (log: Logger): ErrorRequestHandler => {
  return (error, _request, response, _next) => {
    response.setHeader('Cache-Control', 'no-store');
    if (error instanceof CredentialsRefused) {
      const { status, code, reason, retryAfterSeconds } = error.refusal;
      if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
      if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer error="invalid_token"');
      response
        .status(status)
        .type('application/problem+json')
        .send(JSON.stringify({ status, code, title: reason }));
      return;
    }
    const { requestId } = response.locals;
    // A path that is not percent-encoded as it should be (express says 400): the sender's mistake, not ours.
    if (error instanceof URIError && !response.headersSent) {
      response
        .status(400)
        .type('application/problem+json')
        .send(
          JSON.stringify({ status: 400, code: 'BAD_REQUEST', title: 'The address is not encoded as it should be.' }),
        );
      return;
    }
    log.error({ err: error, request: requestId }, 'a request failed');
    const trouble = troubleOf(error);
    if (response.headersSent) response.destroy();
    else if (trouble) {
      const { retryAfterSeconds, ...said } = trouble;
      response
        .status(said.status)
        .setHeader('Retry-After', String(retryAfterSeconds))
        .type('application/problem+json')
        .send(JSON.stringify(said));
    } else
      response
        .status(500)
        .type('application/problem+json')
        .send(
          JSON.stringify({
            status: 500,
            code: 'INTERNAL',
            title: `The server failed; its log has more under ${requestId}.`,
          }),
        );
  };
};
