import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Response } from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { live } from '../../../api/http/live.ts';
import type { RequestActor } from '../../../api/http/request-actor.ts';

let actor: RequestActor = { kind: 'account', accountId: 'a' };
/** What happens while it is looked up who asks. */
let meanwhile = async (_response: Response): Promise<void> => {};
let answer = '{"data":{"n":1}}';
const app = express().use(
  live({
    operations: new Map([
      ['live', 'query LiveRun { run { state } }'],
      ['data', 'query RunPage { run { state } }'],
    ]),
    actorNow: async (request) => {
      await meanwhile(request.res!);
      return actor;
    },
    execute: async () => answer,
    log: pino({ level: 'silent' }),
    everyMs: 5,
  }),
);
const http = createServer(app);
let url: string;
beforeAll(async () => {
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/live?documentId=`;
});
afterAll(() => http.close());

it('sends an answer once, again when it has changed, and ends with the session', async () => {
  const response = await fetch(`${url}live`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  let heard = '';
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    heard += part;
    if (heard.includes('{"n":1}') && !heard.includes('{"n":2}')) answer = '{"data":{"n":2}}';
    if (heard.includes('{"n":2}')) actor = { kind: 'anonymous' };
  }
  expect(heard).toBe(
    'retry: 2000\n\ndata: {"data":{"n":1}}\n\ndata: {"data":{"n":2}}\n\nevent: end\ndata: "SIGNED_OUT"\n\n',
  );
});

it('answers nobody who is not signed in, and live operations alone', async () => {
  actor = { kind: 'anonymous' };
  expect((await fetch(`${url}live`)).status).toBe(401);
  actor = { kind: 'account', accountId: 'a' };
  for (const id of ['data', 'nothing', 'live&variables=7', 'live&variables={']) {
    expect([id, (await fetch(url + id)).status]).toEqual([id, 400]);
  }
});

it('gives back the place of whoever left before it was known who they are', async () => {
  actor = { kind: 'account', accountId: 'hasty' };
  const left: Promise<unknown>[] = [];
  for (let page = 0; page < 8; page++) {
    const abort = new AbortController();
    meanwhile = async (response) => {
      const closed = once(response, 'close');
      left.push(closed);
      abort.abort();
      await closed;
    };
    await expect(fetch(`${url}live`, { signal: abort.signal })).rejects.toThrow();
    await Promise.all(left);
  }
  meanwhile = async () => {};
  const abort = new AbortController();
  expect((await fetch(`${url}live`, { signal: abort.signal })).status).toBe(200);
  abort.abort();
});
