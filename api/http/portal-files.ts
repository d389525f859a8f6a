import { resolve } from 'node:path';
import express, { type Request, type Response, Router } from 'express';
import type { RequestActor } from './request-actor.ts';

const FOLDER = resolve(import.meta.dirname, '../../portal/dist');

/** Our own scripts, styles, pictures and films alone, no frame but that of a document. blob: is a picture that the person chose, shown before it is sent. */
const PAGE =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/** The page that draws a document which somebody sent: an origin of its own, so no cookies, and nowhere to send anything. Framed by our own pages alone. */
const DOCUMENT =
  "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'self'; img-src blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
/** The editor (Monaco) sets styles on its elements and works in workers made from blobs. */
const EDITOR =
  "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** First words of the portal's addresses; everything below them is one page that finds its way itself. */
const PAGES =
  /^\/(modalities|results|limits|dictionary|samples|ask|register|me|requests|certificates|agreement|invitation|data|runs|exports|tokens|steward|official|auditor|admin|curator|incidents)(\/[\w.~-]*)*$/;

/** The portal's pages, built by Vite. The query editor is for people who are signed in. */
export function portalFiles({ actorOf }: { actorOf: (request: Request) => Promise<RequestActor> }): Router {
  const router = Router();
  router.use(
    '/assets',
    express.static(resolve(FOLDER, 'assets'), {
      immutable: true,
      maxAge: '1y',
      index: false,
      setHeaders: (response) => {
        response.setHeader('Content-Security-Policy', EDITOR);
        // The document's page has an origin of its own, and these are everybody's.
        response.setHeader('Access-Control-Allow-Origin', '*');
      },
    }),
  );
  const page = (response: Response): void => {
    response.setHeader('Content-Security-Policy', PAGE);
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(resolve(FOLDER, 'index.html'));
  };
  router.get(['/', PAGES], (_request, response) => page(response));
  router.get('/document', (_request, response) => {
    response.setHeader('Content-Security-Policy', DOCUMENT);
    response.setHeader('X-Frame-Options', 'SAMEORIGIN');
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(resolve(FOLDER, 'document.html'));
  });
  router.get('/graphiql', async (request, response) => {
    const actor = await actorOf(request);
    if (actor.kind === 'anonymous') return response.redirect(303, '/auth/login?return=/graphiql');
    response.setHeader('Content-Security-Policy', EDITOR);
    response.setHeader('Cache-Control', 'no-store');
    response.sendFile(resolve(FOLDER, 'graphiql.html'));
  });
  // Somebody who follows a wrong link gets the portal's own page that says so, and its menu; programs get a plain 404.
  router.get(/^\/[\w.~/-]*$/, (request, response, next) => {
    if (request.accepts(['json', 'html']) !== 'html') return next();
    page(response.status(404));
  });
  return router;
}
