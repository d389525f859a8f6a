import { once } from 'node:events';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { describeReason } from '../../governance/reasons.ts';
import type { Foundation } from '../compose.ts';
import { loadFacts } from '../services/access/load-facts.ts';
import { exportAudit } from '../services/audit/audit-export.ts';
import type { KeyRing } from '../services/audit/checkpoint-keys.ts';
import type { Services } from '../services.ts';
import type { RequestActor } from './request-actor.ts';

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const word = z
  .string()
  .min(1)
  .max(320)
  .refine((text) => !text.includes('\u0000'));
const QUERY = z.strictObject({
  format: z.enum(['jsonl', 'csv']).default('jsonl'),
  account: word.optional(),
  grant: word.optional(),
  action: z
    .union([word, z.array(word).max(20)])
    .transform((given) => (Array.isArray(given) ? given : given.split(',').slice(0, 20)))
    .optional(),
  release: word.optional(),
  request: word.optional(),
  from: instant.optional(),
  to: instant.optional(),
});
const TYPES = { jsonl: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;
const RECHECK_MS = 500;

/**
 * GET /audit/export: the log as JSON lines or CSV, for who may read it, asked again while it streams. GET /audit/keys: what its checkpoints are proved
 * with, for everybody.
 */
export function auditExport(
  base: Foundation,
  services: Services,
  actorOf: (request: Request) => Promise<RequestActor>,
  keys: () => Promise<KeyRing>,
): Router {
  const router = Router();
  const { database, clock, ids, config, log } = base;
  const { audit, strangers } = services;
  const deps = { database, clock, ids, audit, strangers, loadFacts, defaultStudy: config.ISS_STUDY };

  router.get('/audit/keys', async (_request, response) => {
    response.type('text/plain').setHeader('Cache-Control', 'no-cache');
    response.send(`${(await keys()).lines.join('\n')}\n`);
  });

  router.get('/audit/export', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    const actor = await actorOf(request);
    if (actor.kind !== 'account') {
      strangers.count('auditExport');
      return problem(response, 401, 'NOT_SIGNED_IN', 'Sign in to read the log.');
    }
    const asked = QUERY.safeParse(request.query);
    if (!asked.success)
      return problem(
        response,
        400,
        'BAD_REQUEST',
        asked.error.issues.map((issue) => `${issue.path.join('.') || 'query'}: ${issue.message}`).join('; '),
      );
    const { format, action, ...rest } = asked.data;
    const filter = {
      account: rest.account ?? null,
      grant: rest.grant ?? null,
      actions: action ?? null,
      release: rest.release ?? null,
      request: rest.request ?? null,
      from: rest.from ?? null,
      to: rest.to ?? null,
    };
    const made = await exportAudit(deps, actor, filter, format);
    if (!made.ok) return problem(response, 403, 'FORBIDDEN', made.message, made.reasons.map(describeReason));
    response.status(200).setHeader('Content-Type', TYPES[format]);
    response.setHeader('Content-Disposition', `attachment; filename="audit-log.${format}"`);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    let allowed = true;
    const watch = setInterval(() => {
      void made
        .stillAllowed()
        .catch(() => false)
        .then((still) => {
          allowed = still;
          if (!still) response.destroy();
        });
    }, RECHECK_MS);
    try {
      for await (const text of made.text) {
        if (!allowed || response.destroyed) break;
        if (!response.write(text))
          await Promise.race([once(response, 'drain'), once(response, 'close')]).catch(() => {});
      }
      if (allowed && !response.destroyed) response.end();
    } catch (error) {
      log.error({ err: error, request: response.locals.requestId }, 'an export of the log broke off');
      response.destroy();
    } finally {
      clearInterval(watch);
    }
  });
  return router;
}

function problem(response: Response, status: number, code: string, title: string, reasons?: unknown): void {
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ status, code, title, ...(reasons !== undefined && { reasons }) }));
}
