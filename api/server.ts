import { createServer } from 'node:http';
import express, { type Request } from 'express';
import type { Context } from '../schema/context.ts';
import { hasRoom } from './adapters/disk-space.ts';
import { createAuth } from './auth/create-auth.ts';
import { decisionsOf } from './auth/decisions.ts';
import type { Foundation } from './compose.ts';
import { createGraphql } from './graphql.ts';
import { auditExport } from './http/audit-export.ts';
import { CLOSED, closedUntilReplayed } from './http/closed.ts';
import { failed } from './http/failed.ts';
import { filesHandler } from './http/files.ts';
import { allowedHosts, hostCheck } from './http/host-check.ts';
import { listen } from './http/listen.ts';
import { live } from './http/live.ts';
import { createMetrics } from './http/metrics.ts';
import { notReady } from './http/not-ready.ts';
import { EDITOR_PATH, persistedOperations, readPersistedOperations } from './http/persisted-operations.ts';
import { portalFiles } from './http/portal-files.ts';
import { requestLimit } from './http/rate-limit.ts';
import { actorReader, asGraphqlError, CredentialsRefused, type RequestActor, readActor } from './http/request-actor.ts';
import { requestLog } from './http/request-log.ts';
import { sampleFiles } from './http/sample.ts';
import { securityHeaders } from './http/security-headers.ts';
import { transfers } from './http/transfers.ts';
import { remindOfCertificates } from './services/access/certificate-reminders.ts';
import { loadFacts } from './services/access/load-facts.ts';
import { makeKeyRing } from './services/audit/checkpoint-keys.ts';
import { openRestore } from './services/backup/replay-journal.ts';
import { whenReplayed } from './services/backup/when-replayed.ts';
import { contextServices } from './services/context.ts';
import { askForClearing } from './services/exports/clear-ended.ts';
import { downloadLog } from './services/files/download-log.ts';
import { fileAccess } from './services/files/file-access.ts';
import { requeueForgotten } from './services/mail/outbox.ts';
import { readServices } from './services/read/read-service.ts';
import { askForSealing } from './services/sealing/seal-older.ts';
import { createServices, type Services } from './services.ts';

export interface RunningServer {
  url: string;
  port: number;
  services: Services;
  /** Removes what has run out: sessions, the realm's records; ends grants past their end. */
  tidy(): Promise<void>;
  /** What is not ready yet, by name; empty when all is. */
  pending: Set<string>;
  /** At once, but after a restore: then when its journal has been replayed. */
  opened: Promise<void>;
  stop(): Promise<void>;
}

/** Exports of the log, and looks at its keys: each is long work, or for everybody. */
const AUDIT_REQUESTS_PER_MINUTE = 120;
/** At /files: nobody without an account is given one, so what comes from their address is mistakes and guesses. */
const STRANGERS_DOWNLOADS_PER_MINUTE = 300;
const KEEP_COUNTS_MS = 10_000;
/** How long what ends by itself (time, sign-in, jobs) may stand in the database alone; a command waits for the journal. */
const NOTE_ENDINGS_MS = 500;

/** HTTP: sign-in, GraphQL, downloads, uploads, health, metrics, the portal's files. @throws CannotListen */
export async function startServer(base: Foundation): Promise<RunningServer> {
  const { config, clock, ids, log, database } = base;
  const app = express().disable('x-powered-by').disable('etag');
  const http = createServer(app);
  // Headers have a minute to arrive; a video may take its time.
  http.requestTimeout = 0;
  http.headersTimeout = 60_000;
  const port = await listen(http, config.PORT, config.HOST);
  const publicUrl = (config.ISS_PUBLIC_URL ?? `http://localhost:${port}`).replace(/\/+$/, '');
  const services = createServices(base, publicUrl);
  const metrics = createMetrics(database, config.dataDirectory, services.decisions);
  const pending = new Set<string>(['start']);
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(config.HOST);

  app.use(requestLog(log, ids, metrics.requests));
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.use((request, response, next) => {
    if (!pending.has('start') || request.path === '/readyz') next();
    else
      response
        .status(503)
        .setHeader('Retry-After', '1')
        .json({ status: 503, code: 'STARTING', title: 'The server is starting.' });
  });
  app.use(hostCheck(allowedHosts({ publicUrl, port, extra: config.ISS_ALLOWED_HOSTS, loopback })));
  app.use(securityHeaders(publicUrl.startsWith('https:')));
  app.get('/readyz', async (_request, response) => {
    // Not a check of the start: who makes room with the server's help has to be able to start it.
    const checks = { ...base.checks, 'disk space': () => hasRoom(config.dataDirectory) };
    const missing = [...(await notReady(checks)), ...pending];
    response.status(missing.length === 0 ? 200 : 503).json({ ready: missing.length === 0, missing });
  });
  app.get(
    '/metrics',
    async (_request, response) =>
      void response.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );

  const auth = await createAuth({
    ...{ database, clock, ids, publicUrl, log },
    dataDirectory: config.dataDirectory,
    sealingKey: Buffer.from(base.secrets.sealingKey, 'base64url'),
    demo: config.ISS_DEMO,
    decisions: decisionsOf(config),
    ...(base.keycloak && { keycloak: base.keycloak }),
    observe: ({ type, at: _, ...about }) => {
      const accountId = 'accountId' in about ? about.accountId : null;
      // What strangers try at the door is counted and logged, not chained: they could fill the log.
      if (!accountId) services.strangers.count(type);
      else
        void services.audit
          .write(database, { accountId, grantId: null, action: type, detail: JSON.parse(JSON.stringify(about)) })
          .catch((error) => log.error({ err: error }, 'a sign-in event was not written to the log'));
    },
  });
  app.use(auth.router);
  app.use(closedUntilReplayed(pending));
  const actorOf = actorReader(auth.authenticate);

  const downloads = downloadLog(database, services.audit, (error) =>
    log.error({ err: error }, 'a download was not written to the log'),
  );
  const access = fileAccess({
    database,
    clock,
    audit: services.audit,
    tickets: services.tickets,
    loadFacts,
    openExport: services.exports.openTicket,
    openCertificate: services.certificates.openFile,
    openCheckpoint: services.runs.openCheckpoint,
    openEthicsDocument: services.openEthicsDocument,
  });
  app.get(
    '/files/:ticket',
    requestLimit({
      perMinute: config.ISS_DOWNLOADS_PER_MINUTE,
      strangersPerMinute: STRANGERS_DOWNLOADS_PER_MINUTE,
      ...{ actorOf, problem: true },
    }),
    filesHandler({
      ...{ access, downloads, objects: base.objects, actorOf, log },
      refusedStranger: () => services.strangers.count('FILE'),
    }),
  );
  app.use(auth.requireCsrf);
  app.use('/uploads', requestLimit({ perMinute: config.ISS_UPLOADS_PER_MINUTE, actorOf, problem: true }));
  app.use(transfers(base, services, actorOf, log));

  const reads = readServices({
    database,
    defaultStudy: config.ISS_STUDY,
    now: () => clock.now(),
    countRefused: (reasons) => services.decisions.refused(reasons),
    countRefusedStranger: (modality) => {
      metrics.strangers.inc({ modality });
      services.strangers.count(`READ ${modality}`);
    },
  });
  app.use('/audit', requestLimit({ perMinute: AUDIT_REQUESTS_PER_MINUTE, actorOf, problem: true }));
  app.use(auditExport(base, services, actorOf, () => makeKeyRing(config.dataDirectory, ids.random)));
  const limit = requestLimit({ perMinute: config.ISS_REQUESTS_PER_MINUTE, actorOf });
  const operations = readPersistedOperations();
  const graphql = await createGraphql({
    prepare: persistedOperations(operations, (request) => auth.hasSession(request)),
    charge: limit.charge,
    log,
    newId: () => ids.uuid(),
    observe: ({ kind, failed, seconds }) => metrics.operations.observe({ kind, failed: String(failed) }, seconds),
    context: (request) => contextOf(request),
  });
  app.use(['/graphql', EDITOR_PATH], limit, graphql.middleware);
  app.use('/live', limit);
  app.use(
    live({
      ...{ operations, log },
      actorNow: (request) => readActor(auth.authenticate, request),
      execute: (text, variables, actor) => graphql.execute(text, variables, contextFor(actor, ids.uuid())),
    }),
  );
  app.use(sampleFiles());
  app.use(portalFiles({ actorOf }));
  app.use(failed(log));
  if ((await openRestore(database)) !== null) pending.add(CLOSED);
  const open = async (): Promise<void> => {
    const again = await services.withdrawals.replayErasures();
    if (again > 0) log.warn({ patients: again }, 'the database holds people who were erased: they are erased again');
    await askForSealing(base);
    await services.endings.begin();
    pending.delete(CLOSED);
  };
  const opening = pending.has(CLOSED) ? whenReplayed(database, open, log) : null;
  if (opening === null) await open();
  pending.delete('start');

  /** What is counted rather than written at once: refusals of strangers, and those of one person over and over. */
  async function keepCounts(all = false): Promise<void> {
    await services.strangers.flush(database);
    await services.audit.flush(database, all);
  }
  const counting = setInterval(
    () => void keepCounts().catch((error) => log.warn({ err: error }, 'counted refusals were not written')),
    KEEP_COUNTS_MS,
  );
  counting.unref();
  const noting = setInterval(() => {
    if (!pending.has(CLOSED))
      services.endings
        .flush()
        .catch((error) => log.error({ err: error }, 'what has ended was not noted in the journal'));
  }, NOTE_ENDINGS_MS);
  noting.unref();

  async function contextOf(request: Request): Promise<Context> {
    const actor = await actorOf(request).catch((error: unknown) => {
      throw error instanceof CredentialsRefused ? asGraphqlError(error) : error;
    });
    return contextFor(actor, request.res?.locals.requestId ?? ids.uuid());
  }

  function contextFor(actor: RequestActor, requestId: string): Context {
    return {
      actor,
      requestId,
      now: () => clock.now(),
      newId: () => ids.uuid(),
      reads: reads(actor),
      tickets: ticketsOf(services, actor),
      landmarks: services.landmarks,
      studies: services.studies,
      viewers: services.viewers,
      ...contextServices(services, actor, base),
    };
  }

  return {
    url: publicUrl,
    port,
    services,
    pending,
    opened: opening?.opened ?? Promise.resolve(),
    async tidy() {
      const steps: readonly (() => Promise<unknown>)[] = [
        () => auth.purge(),
        () => services.requests.expireDue(),
        () => requeueForgotten(database),
        () => remindOfCertificates(base),
        () => services.uploads.removeUnclaimed(),
        () => askForClearing(base),
      ];
      // One that fails keeps none of the others from being done.
      for (const step of steps)
        await step().catch((error: unknown) => log.error({ err: error }, 'what has run out could not be tidied up'));
    },
    async stop() {
      await new Promise<void>((done) => {
        http.close(() => done());
        http.closeIdleConnections();
        setTimeout(() => http.closeAllConnections(), 3000).unref();
      });
      await graphql.stop();
      await downloads.flush();
      clearInterval(counting);
      clearInterval(noting);
      opening?.stop();
      await keepCounts(true);
      if (!pending.has(CLOSED)) await services.endings.flush();
    },
  };
}

function ticketsOf(services: Services, actor: Context['actor']): Context['tickets'] {
  return {
    issue({ artifactId, part, modality, grantId, releaseId }) {
      if (actor.kind !== 'account') throw new Error('a ticket is for somebody who is signed in');
      return services.tickets.issue({
        kind: 'artifact',
        accountId: actor.accountId,
        grantId,
        releaseId,
        artifactId,
        part: part ?? null,
        modality,
      });
    },
  };
}
