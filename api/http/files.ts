import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { ObjectStore } from '../adapters/objects/object-store.ts';
import { byteRange, rangeStillMeant } from '../services/files/byte-range.ts';
import type { DownloadLog } from '../services/files/download-log.ts';
import type { FileAccess, OpenedFile } from '../services/files/file-access.ts';
import type { RequestActor } from './request-actor.ts';

export interface FilesDeps {
  access: FileAccess;
  downloads: DownloadLog;
  objects: ObjectStore;
  actorOf: (request: Request) => Promise<RequestActor>;
  log: Logger;
  /** Counts what is refused to people who are not signed in. */
  refusedStranger?: () => void;
  /** How often access is asked again while a file streams, in milliseconds. */
  recheckMs?: number;
}

/**
 * GET /files/<ticket>: the bytes a ticket stands for, whole or a range, for the account it was made for. Anything else about a ticket (another
 * person's, forged, of something that may not be known) looks alike: 404.
 */
export function filesHandler(deps: FilesDeps): RequestHandler {
  return async (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox; frame-ancestors 'none'");
    const actor = await deps.actorOf(request);
    if (actor.kind !== 'account') deps.refusedStranger?.();
    const found = actor.kind === 'account' ? await deps.access.open(String(request.params.ticket), actor) : null;
    if (!found) return problem(response, 404, 'NOT_FOUND', 'There is no such file.');
    if (found.kind === 'expired')
      return problem(response, 410, 'TICKET_EXPIRED', 'This address has expired: ask for a new one.');
    if (found.kind === 'refused')
      return problem(response, 403, 'FORBIDDEN', 'Access does not allow this any more.', found.reasons);
    await send(deps, request, response, found);
  };
}

async function send(deps: FilesDeps, request: Request, response: Response, file: OpenedFile): Promise<void> {
  const etag = `"${file.etag}"`;
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('ETag', etag);
  response.setHeader('Content-Type', file.contentType);
  response.setHeader(
    'Content-Disposition',
    `${file.inline ? 'inline' : 'attachment'}; filename="${file.name.replace(/[^\w.-]/g, '_')}"`,
  );
  if (file.sha256) response.setHeader('X-ISS-SHA256', file.sha256);
  const range = rangeStillMeant(headerOf(request, 'if-range'), etag)
    ? byteRange(request.headers.range, file.bytes)
    : null;
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${file.bytes}`);
    return problem(response, 416, 'RANGE_OUTSIDE', `The file has ${file.bytes} bytes.`);
  }
  const { first, last } = range ?? { first: 0, last: file.bytes - 1 };
  if (range) response.setHeader('Content-Range', `bytes ${first}-${last}/${file.bytes}`);
  response.status(range ? 206 : 200).setHeader('Content-Length', String(last - first + 1));
  await deps.downloads.begin(file);
  if (request.method === 'HEAD' || file.bytes === 0) {
    response.end();
    return;
  }
  await stream(deps, response, file, first, last);
}

/** Sends the bytes; when access ends meanwhile, the connection is cut, so that nobody takes what arrived for the whole. */
async function stream(
  deps: FilesDeps,
  response: Response,
  file: OpenedFile,
  first: number,
  last: number,
): Promise<void> {
  let allowed = true;
  let asking = false;
  const watch = setInterval(async () => {
    if (asking) return;
    asking = true;
    allowed = await file.stillAllowed().catch(() => false);
    asking = false;
    if (!allowed) response.destroy();
  }, deps.recheckMs ?? 500);
  let sent = 0;
  try {
    for await (const part of bytesOf(deps.objects, file, first, last)) {
      if (!allowed || response.destroyed) break;
      sent += part.length;
      if (!response.write(part)) await drained(response);
    }
    if (allowed && !response.destroyed) response.end();
  } catch (error) {
    deps.log.error({ err: error, request: response.locals.requestId }, 'a download broke off');
    response.destroy();
  } finally {
    clearInterval(watch);
    deps.downloads.sent(file, sent, allowed);
  }
}

/** A file of an export may begin with bytes of its own (a wav header) before those of the stored object. */
async function* bytesOf(
  objects: ObjectStore,
  file: OpenedFile,
  first: number,
  last: number,
): AsyncIterable<Uint8Array> {
  const prefix = file.prefix?.length ?? 0;
  if (file.prefix && first < prefix) yield file.prefix.subarray(first, Math.min(prefix, last + 1));
  if (last < prefix) return;
  const start = file.firstByte - prefix;
  yield* objects.read(file.objectKey, { first: start + Math.max(first, prefix), last: start + last });
}

/** Until the reader has taken what was sent, or is gone; leaves no listener behind. */
function drained(response: Response): Promise<void> {
  return new Promise((done) => {
    const over = (): void => {
      response.off('drain', over).off('close', over);
      done();
    };
    response.on('drain', over).on('close', over);
  });
}

const headerOf = (request: Request, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

function problem(response: Response, status: number, code: string, title: string, reasons?: readonly string[]): void {
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ status, code, title, ...(reasons && { reasons }) }));
}
