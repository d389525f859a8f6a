import { resolve } from 'node:path';
import express, { type Response, Router } from 'express';

/** The open sample as `npm run sample` made it: an export of a synthetic study, in its own paths. */
export const SAMPLE_FOLDER = resolve(import.meta.dirname, '../../portal/sample');

/**
 * GET /sample/<path>: files of the open synthetic sample, for everybody, with ranges and checksums as those of an export; /sample/manifest.json lists them.
 * Nothing of a study is in it.
 */
export function sampleFiles(): Router {
  const router = Router();
  const headers = (response: Response): void => {
    response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox; frame-ancestors 'none'");
    response.setHeader('Cache-Control', 'public, max-age=3600');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  };
  router.use(
    '/sample',
    express.static(SAMPLE_FOLDER, { index: false, redirect: false, dotfiles: 'ignore', setHeaders: headers }),
  );
  router.use('/sample', (_request, response) => {
    response.status(404).type('application/problem+json');
    response.send(JSON.stringify({ status: 404, code: 'NOT_FOUND', title: 'The sample has no such file.' }));
  });
  return router;
}
