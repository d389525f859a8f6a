import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGraphql, type Graphql } from '../../../api/graphql.ts';
import { ANONYMOUS } from '../../../governance/actor.ts';
import type { Context } from '../../../schema/context.ts';
import { DEFAULT_LIMITS } from '../../../schema/limits.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { type Reading, startReading } from './support.ts';

let reading: Reading;
let person: FixturePerson;
let graphql: Graphql;
let server: Server;
let url: string;
let broken: Partial<Context> = {};
const charged: number[] = [];
const logged: { level: string; fields: Record<string, unknown> }[] = [];

beforeAll(async () => {
  reading = await startReading({ patients: 3, frames: 12 });
  person = await addResearcher(reading.db.pool, { name: 'everything', studyId: reading.study.studyId });
  let ids = 0;
  graphql = await createGraphql({
    context: async (request) => ({
      ...reading.context(request.headers.authorization === 'Bearer person' ? person.actor : ANONYMOUS),
      ...broken,
    }),
    log: {
      info: (fields) => logged.push({ level: 'info', fields: fields as Record<string, unknown> }),
      error: (fields) => logged.push({ level: 'error', fields: fields as Record<string, unknown> }),
    },
    newId: () => `error-${++ids}`,
    limits: { ...DEFAULT_LIMITS, bodyBytes: 20_000, tokens: 1_000 },
    charge: async (_, units) => void charged.push(units),
  });
  const app = express();
  app.use('/graphql', graphql.middleware);
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});
afterAll(async () => {
  server?.close();
  await graphql?.stop();
  await reading?.stop();
});

const post = async (body: unknown, headers: Record<string, string> = { authorization: 'Bearer person' }) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
};
const STRANGER = {};

describe('GraphQL over HTTP', () => {
  it('answers a POST, the text of the statement passed through', async () => {
    const answer = await post({ query: '{ release { patients(first: 1) { nodes { code } } } }' });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('{"data":{"release":{"patients":{"nodes":[{"code":"9001"}]}}}}\n');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('etag')).toBeNull();
  });

  it('speaks application/graphql-response+json to who asks for it, with the status of the specification', async () => {
    const accept = { authorization: 'Bearer person', accept: 'application/graphql-response+json' };
    const good = await post({ query: '{ release { version } }' }, accept);
    expect(good.headers.get('content-type')).toMatch(/^application\/graphql-response\+json/);
    expect((await post({ query: '{ release { nothing } }' }, accept)).status).toBe(400);
    expect(
      (await post({ query: 'query ($n: Int!) { release { patients(first: $n) { totalCount } } }' }, accept)).status,
    ).toBe(400);
    expect((await post({ query: '{ release { patients(first: 900) { totalCount } } }' }, accept)).status).toBe(400);
  });

  it('takes queries by GET, and nothing that a form of another site could send', async () => {
    const get = (query: string, headers: Record<string, string>) =>
      fetch(`${url}?query=${encodeURIComponent(query)}`, { headers });
    expect(await (await get('{ release { version } }', { 'apollo-require-preflight': '1' })).json()).toEqual({
      data: { release: { version: '1.0.0' } },
    });
    expect((await get('{ release { version } }', {})).status).toBe(400);
    const form = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{"query":"{ release { version } }"}',
    });
    expect(form.status).toBe(400);
  });

  it('refuses a batch, a body too large, and what is no JSON', async () => {
    expect(
      (await post([{ query: '{ release { version } }' }, { query: '{ release { version } }' }])).body.errors[0],
    ).toMatchObject({ message: 'Operation batching disabled.' });
    const large = await post({ query: `{ release { version } } # ${'x'.repeat(30_000)}` });
    expect(large.status).toBe(413);
    expect(large.body.errors[0]).toMatchObject({
      message: 'The request is too large.',
      extensions: { code: 'BAD_REQUEST', id: expect.any(String) },
    });
    const broken = await post('{"query": ');
    expect(broken.status).toBe(400);
    expect(broken.body.errors[0].message).toBe('The request is not valid JSON.');
  });

  it('takes a request of somebody’s share for each command of an operation, and each time that it asks for the same again', async () => {
    const ask = async (count: number, operation: string, field: string) => {
      charged.length = 0;
      const fields = Array.from({ length: count }, (_, at) => `a${at}: ${field}`).join(' ');
      await post({ query: `${operation} { ${fields} }` });
      return charged.reduce((sum, units) => sum + units, 0);
    };
    const command = 'cancelRun(input: { commandId: "c", id: "i" }) { __typename }';
    expect(await ask(1, 'query', 'studyReport { release }')).toBe(0);
    expect(await ask(40, 'query', 'studyReport { release }')).toBe(39);
    expect(await ask(1, 'mutation', command)).toBe(0);
    expect(await ask(20, 'mutation', command)).toBe(19);
  });

  it('refuses ten thousand aliases before it looks at them', async () => {
    const many = await post({ query: `{ ${Array.from({ length: 900 }, (_, n) => `a${n}:__typename`).join(' ')} }` });
    expect(many.body.errors[0].message).toMatch(/Document contains more that 1000 tokens/);
    const some = await post({ query: `{ ${Array.from({ length: 150 }, (_, n) => `a${n}:__typename`).join(' ')} }` });
    expect(some.status).toBe(400);
    expect(some.body.errors[0]).toMatchObject({
      message: 'This query has 150 aliases; 100 are allowed.',
      extensions: { code: 'QUERY_TOO_LARGE', aliases: 150, allowed: 100 },
    });
  });

  it('says what a costly query costs, and allows strangers less', async () => {
    const query = '{ release { patients(first: 100) { nodes { submissions(first: 100) { totalCount } } } } }';
    expect((await post({ query })).status).toBe(200);
    const stranger = await post({ query }, STRANGER);
    expect(stranger.status).toBe(400);
    expect(stranger.body.errors[0].extensions).toMatchObject({ code: 'QUERY_TOO_LARGE', limit: 'cost', allowed: 5000 });
  });

  it('lets nobody look up the schema unless signed in, though the document is known already', async () => {
    const query = '{ __schema { queryType { name } } }';
    expect((await post({ query })).body.data).toEqual({ __schema: { queryType: { name: 'Query' } } });
    expect((await post({ query }, STRANGER)).status).toBe(401);
  });

  it('suggests names to the signed-in only', async () => {
    const query = '{ release { versio } }';
    expect((await post({ query })).body.errors[0].message).toMatch(/Did you mean "version"/);
    expect((await post({ query }, STRANGER)).body.errors[0].message).toBe(
      'Cannot query field "versio" on type "Release".',
    );
  });

  it('keeps what nobody foresaw in the log, under an id that the answer names', async () => {
    logged.length = 0;
    broken = {
      reads: {
        situation: () => Promise.reject(new Error('connect ECONNREFUSED /secret/path SELECT * FROM patient')),
        run: async () => '',
        refusedStranger() {},
        refused() {},
      },
    };
    const answer = await post({ query: '{ release { version } }' });
    broken = { studies: { ...reading.context(ANONYMOUS).studies, study: () => Promise.reject(new Error('SELECT 1')) } };
    const partly = await post({ query: '{ release { version study { key } } study { key } }' });
    broken = {};
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/secret|SELECT|stack/);
    const { id } = answer.body.errors[0].extensions;
    expect(answer.body.errors[0].message).toContain(id);
    expect(logged[0]).toMatchObject({
      level: 'error',
      fields: { errorId: id, err: expect.objectContaining({ message: expect.stringContaining('secret') }) },
    });
    expect(partly.text).not.toMatch(/SELECT/);
    expect(partly.body.data).toBeNull();
  });

  it('gives the refused their reasons and an id', async () => {
    const answer = await post({ query: '{ release { patients { totalCount } } }' }, STRANGER);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      errors: [
        {
          message: 'patients needs access to LABELS. Sign in first.',
          locations: [{ line: 1, column: 13 }],
          path: ['release', 'patients'],
          extensions: {
            code: 'FORBIDDEN',
            id: expect.any(String),
            modality: 'LABELS',
            reasons: [{ code: 'NOT_SIGNED_IN', subject: null, sentence: 'Sign in first.', whoActsNext: 'YOU' }],
          },
        },
      ],
      data: { release: { patients: null } },
    });
  });
});
