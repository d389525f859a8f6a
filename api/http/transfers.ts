import { type Request, type Response, Router } from 'express';
import type { Logger } from 'pino';
import type { AccountActor } from '../../governance/actor.ts';
import { decide } from '../../governance/decide.ts';
import { describeReason } from '../../governance/reasons.ts';
import { StoreFull } from '../adapters/objects/object-store.ts';
import { troubleOf } from '../adapters/trouble.ts';
import type { Foundation } from '../compose.ts';
import { loadFacts } from '../services/access/load-facts.ts';
import { isUuid } from '../services/uuid.ts';
import type { Services } from '../services.ts';
import type { RequestActor } from './request-actor.ts';

const STATUS: Readonly<Record<string, number>> = {
  NO_SUCH_ITEM: 404,
  NOT_WAITING: 409,
  CHECKSUM_DIFFERS: 422,
  TOO_LARGE: 413,
  EMPTY: 422,
  TYPE_NOT_ACCEPTED: 415,
  TOO_MANY_AT_ONCE: 429,
  QUOTA_EXCEEDED: 429,
};
const FILES: Readonly<Record<string, 'video' | 'survey'>> = { 'narrative.mp4': 'video', 'survey.csv': 'survey' };

/** Bytes that come in: files of a drop (a curator's), certificates and approvals (anybody's own). The body is the file, streamed. */
export function transfers(
  base: Foundation,
  services: Services,
  actorOf: (request: Request) => Promise<RequestActor>,
  log: Logger,
): Router {
  const router = Router();

  router.put('/ingest/:drop/:patient/:timestamp/:file', async (request, response) => {
    if ((await permitted(request, response, 'INGEST')) === null) return;
    const { drop, patient, timestamp, file } = request.params as Record<string, string>;
    const kind = FILES[file ?? ''];
    if (!kind || !isUuid(drop ?? '') || `${patient}${timestamp}`.includes('\u0000'))
      return refuse(request, response, 404, 'NO_SUCH_ITEM', 'The drop announced no such file.');
    await taken(request, response, async () => {
      const result = await services.ingest.receive(drop!, patient!, timestamp!, kind, request);
      if (result.ok) response.status(204).end();
      else refuse(request, response, STATUS[result.code] ?? 400, result.code, result.message);
    });
  });

  router.put('/uploads', async (request, response) => {
    const actor = await permitted(request, response, 'UPLOAD_CERTIFICATE');
    if (actor === null) return;
    await taken(request, response, async () => {
      const result = await services.uploads.receive(actor.accountId, request);
      if (result.ok) response.json({ sha256: result.sha256, bytes: result.bytes, contentType: result.contentType });
      else refuse(request, response, STATUS[result.code] ?? 400, result.code, result.message);
    });
  });

  /** Who sends, if they may; else the refusal is on its way and the body stays unread. */
  async function permitted(
    request: Request,
    response: Response,
    action: 'INGEST' | 'UPLOAD_CERTIFICATE',
  ): Promise<AccountActor | null> {
    const actor = await actorOf(request);
    const now = base.clock.now();
    const facts = await loadFacts(base.database, actor.kind === 'account' ? actor.accountId : null, now, null);
    const decision = decide(actor, action, { kind: 'none' }, facts, now);
    if (decision.allow && actor.kind === 'account') return actor;
    const reasons = (decision.allow ? [] : decision.reasons).map(describeReason);
    const [status, code] =
      actor.kind === 'anonymous' ? ([401, 'NOT_SIGNED_IN'] as const) : ([403, 'FORBIDDEN'] as const);
    if (actor.kind !== 'account') services.strangers.count(action);
    else
      await services.audit.write(base.database, {
        accountId: actor.accountId,
        grantId: null,
        action: 'COMMAND_REFUSED',
        detail: { needs: action, code, reasons: decision.allow ? [] : decision.reasons.map((reason) => reason.code) },
      });
    refuse(request, response, status, code, reasons.map((reason) => reason.sentence).join(' '), reasons);
    return null;
  }

  /** Expected failures of storing: a full disk, a sender that went away. */
  async function taken(request: Request, response: Response, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof StoreFull)
        return refuse(
          request,
          response,
          507,
          'STORE_FULL',
          'The server has no space left; nothing of this file was kept.',
        );
      if (request.destroyed && !request.complete) return;
      log.error({ err: error, request: response.locals.requestId }, 'a transfer failed');
      const trouble = troubleOf(error);
      if (trouble) {
        if (!response.headersSent) response.setHeader('Retry-After', String(trouble.retryAfterSeconds));
        return refuse(request, response, trouble.status, trouble.code, trouble.title);
      }
      refuse(
        request,
        response,
        500,
        'INTERNAL',
        `The server failed; its log has more under ${response.locals.requestId}.`,
      );
    }
  }
  return router;
}

function refuse(
  request: Request,
  response: Response,
  status: number,
  code: string,
  title: string,
  reasons?: unknown,
): void {
  // What is left of the body is not read: the connection cannot be used for another request.
  if (!request.complete) response.setHeader('Connection', 'close');
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ status, code, title, ...(reasons !== undefined && { reasons }) }));
}
