import express from 'express';
import { expect, test } from 'vitest';
import { requestLimit } from '../../../api/http/rate-limit.ts';

test('a person has so many requests a minute, a stranger a quarter of them, and each their own', async () => {
  const app = express();
  const actorOf = async (request: express.Request) =>
    request.headers.authorization
      ? ({ kind: 'account', accountId: request.headers.authorization } as const)
      : ({ kind: 'anonymous' } as const);
  app.use(requestLimit({ perMinute: 8, actorOf }), (_request, response) => void response.send('ok'));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
  const ask = async (who?: string) => (await fetch(url, { headers: who ? { authorization: who } : {} })).status;
  try {
    const statuses = async (times: number, who?: string) => {
      const found: number[] = [];
      for (let i = 0; i < times; i++) found.push(await ask(who));
      return found;
    };
    expect(await statuses(9, 'anna')).toEqual([...Array(8).fill(200), 429]);
    expect(await statuses(3)).toEqual([200, 200, 429]);
    expect(await statuses(1, 'ben')).toEqual([200]);
    const refused = await fetch(url, { headers: { authorization: 'anna' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({
      errors: [{ extensions: { code: 'TOO_MANY_REQUESTS', allowedPerMinute: 8 } }],
    });
  } finally {
    server.close();
  }
});

test('more units are taken where one request asks for several things, and beyond the share it is refused', async () => {
  const app = express();
  const limit = requestLimit({
    perMinute: 10,
    actorOf: async () => ({ kind: 'account', accountId: 'anna' }) as const,
  });
  app.use(limit, async (request, response) => {
    const units = Number(request.headers.units);
    await limit.charge(request, units).then(
      () => void response.send('ok'),
      (error: Error & { extensions: unknown }) => void response.status(429).json(error.extensions),
    );
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
  try {
    const ask = (units: number) => fetch(url, { headers: { units: String(units) } });
    expect((await ask(5)).status).toBe(200);
    const beyond = await ask(4);
    expect(beyond.status).toBe(429);
    expect(Number(beyond.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await beyond.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS', allowedPerMinute: 10 });
    expect((await ask(0)).status).toBe(429);
  } finally {
    server.close();
  }
});

test('beyond it, an address that is not GraphQL tells it as problem details, and reads nothing of the body', async () => {
  const app = express();
  const actorOf = async () => ({ kind: 'account', accountId: 'ada' }) as const;
  app.use(requestLimit({ perMinute: 1, actorOf, problem: true }), (_request, response) => void response.send('ok'));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
  try {
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(200);
    const refused = await fetch(url, { method: 'PUT', body: 'x' });
    expect([refused.status, refused.headers.get('content-type'), refused.headers.get('connection')]).toEqual([
      429,
      'application/problem+json; charset=utf-8',
      'close',
    ]);
    expect(await refused.json()).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' });
  } finally {
    server.close();
  }
});
