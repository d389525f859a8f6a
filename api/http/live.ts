import { type Request, Router } from 'express';
import type { Logger } from 'pino';
import type { PersistedOperations } from './persisted-operations.ts';
import { CredentialsRefused, type RequestActor } from './request-actor.ts';

export interface LiveDeps {
  operations: PersistedOperations;
  /** Who asks at this moment, looked up anew each time. */
  actorNow: (request: Request) => Promise<RequestActor>;
  /** Answers an operation as /graphql would, as text. */
  execute: (text: string, variables: Record<string, unknown>, actor: RequestActor) => Promise<string>;
  log: Logger;
  everyMs?: number;
}

/** Answers that are repeated in this time without a change; then a comment keeps the connection open. */
const HEARTBEAT_MS = 15_000;
/** A stream ends after this time and the page asks again if somebody still looks: a forgotten tab does not keep a session alive. */
const LONGEST_MS = 10 * 60_000;
const STREAMS_PER_PERSON = 8;

/**
 * GET /live?documentId=…&variables=…: the answer of one of the portal's `Live…` queries, and again whenever it has changed, as server-sent events.
 * Every look is a request of its own: the session and the policy are asked anew, so what ends access ends the stream's answers. Only operations whose
 * name begins with `Live` are answered: they read states and progress, never data.
 */
export function live(deps: LiveDeps): Router {
  const open = new Map<string, number>();
  const router = Router();
  router.head('/live', (_request, response) => void response.status(405).setHeader('Allow', 'GET').end());
  router.get('/live', async (request, response) => {
    const text = deps.operations.get(String(request.query.documentId));
    const variables = variablesOf(request.query.variables);
    const actor = await deps.actorNow(request);
    const refuse = (status: number, code: string, title: string): void =>
      void response.status(status).type('application/problem+json').send(JSON.stringify({ status, code, title }));
    if (actor.kind !== 'account') return refuse(401, 'NOT_SIGNED_IN', 'Sign in first.');
    if (text === undefined || variables === null || !/^query Live/.test(text))
      return refuse(400, 'NOT_LIVE', 'There is no such live operation.');
    // Whoever left while they were looked up said so before anybody listened: they would keep a place until the longest time is over.
    if (response.destroyed) return;
    const { accountId } = actor;
    const streams = open.get(accountId) ?? 0;
    if (streams >= STREAMS_PER_PERSON) return refuse(429, 'TOO_MANY_STREAMS', 'Too many pages are open at once.');
    open.set(accountId, streams + 1);
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.write('retry: 2000\n\n');
    let last = '';
    let lastSent = performance.now();
    const began = lastSent;
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    const end = (word?: string): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      const left = (open.get(accountId) ?? 1) - 1;
      if (left > 0) open.set(accountId, left);
      else open.delete(accountId);
      if (word) response.write(`event: end\ndata: ${JSON.stringify(word)}\n\n`);
      response.end();
    };
    response.on('close', () => end());
    const look = async (): Promise<void> => {
      try {
        const now = await deps.actorNow(request);
        if (now.kind !== 'account' || now.accountId !== accountId) return end('SIGNED_OUT');
        const answer = await deps.execute(text, variables, now);
        if (over) return;
        const time = performance.now();
        if (answer !== last || time - lastSent > HEARTBEAT_MS) {
          response.write(answer !== last ? `data: ${answer}\n\n` : ': still here\n\n');
          lastSent = time;
          last = answer;
        }
        if (time - began > LONGEST_MS) return end();
      } catch (error) {
        if (!(error instanceof CredentialsRefused)) deps.log.error({ err: error }, 'a live answer failed');
        return end();
      }
      timer = setTimeout(() => void look(), deps.everyMs ?? 1000);
    };
    await look();
  });
  return router;
}

function variablesOf(text: unknown): Record<string, unknown> | null {
  if (text === undefined) return {};
  if (typeof text !== 'string' || text.length > 4000) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
