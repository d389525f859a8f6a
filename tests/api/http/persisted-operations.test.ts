import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { persistedOperations } from '../../../api/http/persisted-operations.ts';

const app = express();
app.use(express.json());
const bySession = (request: express.Request) => request.headers.cookie !== undefined;
app.use(
  ['/graphql', '/graphiql/graphql'],
  persistedOperations(new Map([['sha256:aa', 'query Known { study { key } }']]), bySession),
  (request, response) => void response.json(request.body),
);
const http = createServer(app);
let url: string;
beforeAll(async () => {
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterAll(() => http.close());

async function post(path: string, body: unknown, cookie?: string) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(cookie !== undefined && { cookie }) },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { query?: string; errors?: { extensions: { code: string } }[] };
  return { status: response.status, answer, code: answer.errors?.[0]?.extensions.code };
}

describe('with the cookie of the portal', () => {
  it('a named operation is answered, whoever asks', async () => {
    for (const cookie of ['iss_session=a', undefined]) {
      const { answer } = await post('/graphql', { documentId: 'sha256:aa', variables: { a: 1 } }, cookie);
      expect(answer).toEqual({ query: 'query Known { study { key } }', variables: { a: 1 } });
    }
  });

  it('a document of one’s own is refused, beside a name too, and in every form of body', async () => {
    expect((await post('/graphql', { query: '{ viewer { roles } }' }, 'a=b')).code).toBe('PERSISTED_OPERATION_NEEDED');
    expect((await post('/graphql', [{ query: '{ viewer { roles } }' }], 'a=b')).code).toBe(
      'PERSISTED_OPERATION_NEEDED',
    );
    const both = await post('/graphql', { documentId: 'sha256:aa', query: '{ viewer { roles } }' }, 'a=b');
    expect(both.answer.query).toBe('query Known { study { key } }');
    expect((await fetch(`${url}/graphql?query={viewer{roles}}`, { headers: { cookie: 'a=b' } })).status).toBe(400);
    expect((await fetch(`${url}/graphiql/graphql?query={viewer{roles}}`, { headers: { cookie: 'a=b' } })).status).toBe(
      400,
    );
  });

  it('a name in the body of a GET does not let the query of its address through', async () => {
    // fetch sends no body with GET; others do.
    const body = JSON.stringify({ documentId: 'sha256:aa' });
    const headers = { cookie: 'a=b', 'content-type': 'application/json', 'content-length': String(body.length) };
    const asked = request(`${url}/graphql?query={viewer{roles}}`, { method: 'GET', headers });
    asked.end(body);
    const [response] = await once(asked, 'response');
    expect(response.statusCode).toBe(400);
    response.resume();
  });

  it('a name that is not known says that the page is old', async () => {
    for (const documentId of ['sha256:bb', 7, null, {}]) {
      const { status, code } = await post('/graphql', { documentId }, 'a=b');
      expect([status, code]).toEqual([400, 'PERSISTED_OPERATION_UNKNOWN']);
    }
  });
});

it('the query editor, tokens and strangers send documents', async () => {
  expect((await post('/graphiql/graphql', { query: '{ study { key } }' }, 'a=b')).status).toBe(200);
  expect((await post('/graphql', { query: '{ study { key } }' })).status).toBe(200);
});
