import { describe, expect, it } from 'vitest';
import { INSIDES, type Target } from './target.ts';

const WORDS = [
  "' OR 1=1 --",
  "'; DROP TABLE patient; --",
  '$1',
  '$' + '{x}',
  '\u0000',
  '%00',
  '../../etc/passwd',
  '\ud800',
  '\u0001'.concat('0\u0003'),
  "1.0.0'::text",
  '"}{',
  'é'.repeat(400),
  '-'.repeat(36),
];

/** What comes in as GraphQL. */
export const graphqlAttacks = (of: () => Target): void => {
  const refused = async (query: string, token: string | null, code: string): Promise<void> => {
    const began = performance.now();
    const answer = await of().ask(token, query);
    expect(answer.body?.errors?.[0]?.extensions?.code ?? answer.text.slice(0, 200)).toBe(code);
    expect(answer.body.data ?? null).toBeNull();
    expect(answer.text).not.toMatch(INSIDES);
    expect(performance.now() - began).toBeLessThan(5000);
  };

  describe('a query that is too much', () => {
    it.each([
      [
        '10,000 aliases',
        `{ ${Array.from({ length: 10_000 }, (_, i) => `a${i}: __typename`).join(' ')} }`,
        'GRAPHQL_PARSE_FAILED',
      ],
      ['101 aliases', `{ ${Array.from({ length: 101 }, (_, i) => `a${i}: __typename`).join(' ')} }`, 'QUERY_TOO_LARGE'],
      [
        'aliases in a fragment that nobody spreads',
        `{ __typename } fragment F on Query { ${Array.from({ length: 101 }, (_, i) => `a${i}: __typename`).join(' ')} }`,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      [
        'a thousand levels',
        `{ ${'viewer { account { '.repeat(500)} id ${'} }'.repeat(500)} }`,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      [
        'levels of patients and check-ins',
        `{ release { patients { nodes { submissions { nodes { ${'patient { submissions { nodes { '.repeat(8)} id ${'} } }'.repeat(8)} } } } } } }`,
        'QUERY_TOO_LARGE',
      ],
      ['a fragment that spreads itself', '{ ...F } fragment F on Query { ...F }', 'GRAPHQL_VALIDATION_FAILED'],
      [
        'a circle of fragments',
        '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
        'GRAPHQL_VALIDATION_FAILED',
      ],
      ['a flood of directives', `{ __typename ${'@skip(if: false) '.repeat(600)} }`, 'GRAPHQL_PARSE_FAILED'],
      [
        'the same directive again and again',
        `{ __typename ${'@skip(if: false) '.repeat(400)} }`,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      ['a flood of unknown directives', `{ __typename ${'@x '.repeat(2500)} }`, 'GRAPHQL_PARSE_FAILED'],
      [
        'pages in pages in pages',
        '{ release { patients(first: 500) { nodes { submissions(first: 500) { nodes { frames(first: 500) { nodes { id } } } } } } } }',
        'QUERY_TOO_LARGE',
      ],
      [
        'doubling fragments',
        `{ ...F0 } ${Array.from({ length: 40 }, (_, i) => `fragment F${i} on Query { ${i === 39 ? 'releases { version }' : `...F${i + 1} ...F${i + 1}`} }`).join(' ')}`,
        'QUERY_TOO_LARGE',
      ],
      [
        'inputs in inputs',
        `{ release { patients(filter: ${'{ and: '.repeat(1200)}1${' }'.repeat(1200)}) { totalCount } } }`,
        'GRAPHQL_PARSE_FAILED',
      ],
    ])('%s', async (_, query, code) => {
      const token = await of().token('researcher');
      await refused(query, token, code);
      await of().alive();
    });

    it('ids by the thousand: a page of nodes is bounded like any other, and quickly answered', async () => {
      const token = await of().token('researcher');
      const { body } = await of().ask(
        token,
        '{ release { patients(first: 1) { nodes { submissions(first: 1) { nodes { id } } } } } }',
      );
      const id = body.data.release.patients.nodes[0].submissions.nodes[0].id;
      const query =
        'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Submission { timestamp painScores { mood } audioFeatures { mfcc } } } }';
      for (const count of [40, 4000]) {
        const began = performance.now();
        const answer = await of().ask(token, query, { ids: Array.from({ length: count }, () => id) });
        expect(performance.now() - began).toBeLessThan(10_000);
        if (count > 1000) expect(answer.body.errors[0].extensions.code).toBe('QUERY_TOO_LARGE');
        else expect(answer.body.data.nodes).toHaveLength(count);
      }
    });

    it('a hundred root fields that each read rows are too many; thirty are soon answered', async () => {
      const token = await of().token('researcher');
      const fields = (count: number): string =>
        Array.from(
          { length: count },
          (_, i) => `a${i}: release { patients(first: 20) { nodes { submissions(first: 20) { nodes { id } } } } }`,
        ).join(' ');
      const began = performance.now();
      const many = await of().ask(token, `{ ${fields(99)} }`);
      expect(many.body.errors[0].extensions).toMatchObject({ code: 'QUERY_TOO_LARGE', limit: 'sources' });
      const some = await of().ask(token, `{ ${fields(30)} }`);
      expect(Object.keys(some.body.data)).toHaveLength(30);
      expect(performance.now() - began).toBeLessThan(15_000);
    });

    it('variables of every wrong kind', async () => {
      const token = await of().token('researcher');
      const query = 'query ($f: PatientFilter, $n: Int) { release { patients(filter: $f, first: $n) { totalCount } } }';
      const huge = { codes: Array.from({ length: 20_000 }, (_, i) => `9${i}`) };
      expect((await of().ask(token, query, { f: huge })).status).toBe(200);
      for (const variables of [
        { f: { codes: Array.from({ length: 60_000 }, (_, i) => `9${i}`) } },
        { f: { __proto__: null, sex: '__proto__' } },
        { n: 1e308 },
        { n: -0.5 },
        { n: '1' },
        [],
        'text',
        7,
        JSON.parse(`${'{"f":'.repeat(200)}1${'}'.repeat(200)}`) as object,
        JSON.parse('{"__proto__": {"n": 5}, "constructor": {"prototype": {}}, "n": 1e400}') as object,
      ]) {
        const answer = await of().ask(token, query, variables);
        expect([400, 413, 200]).toContain(answer.status);
        expect(answer.text).not.toMatch(INSIDES);
      }
    });
  });

  describe('a stranger', () => {
    it('learns nothing of the schema: no introspection, no suggestions', async () => {
      for (const query of [
        '{ __schema { types { name } } }',
        '{ __type(name: "Patient") { name } }',
        '{ release { x: __typename } __schema { queryType { name } } }',
        'query A { ...F } fragment F on Query { __schema { queryType { name } } }',
      ]) {
        const answer = await of().ask(null, query);
        expect(answer.body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
        expect(answer.body.data ?? null).toBeNull();
      }
      for (const query of [
        '{ releas { version } }',
        '{ release { patientz { totalCount } } }',
        '{ release(versio: "1") { version } }',
        '{ release { patients(filter: { sx: F }) { totalCount } } }',
        '{ ... on Quer { x } }',
        'query ($a: PatientFilte) { release { version } }',
      ]) {
        const answer = await of().ask(null, query);
        expect(answer.body.errors.length).toBeGreaterThan(0);
        expect(answer.text).not.toMatch(/Did you mean/i);
      }
      // By a variable, too.
      const answer = await of().ask(
        null,
        'query ($f: PatientFilter) { release { patients(filter: $f) { totalCount } } }',
        { f: { sx: 'F', sex: 'FF' } },
      );
      expect(answer.text).not.toMatch(/Did you mean/i);
      const signedIn = await of().ask(await of().token('researcher'), '{ releas { version } }');
      expect(signedIn.text).toMatch(/Did you mean/i);
    });

    it('is refused rows, and told the same of what is there and what is not', async () => {
      const rows = await of().ask(null, '{ release { version patient(code: "9001") { code } } }');
      const none = await of().ask(null, '{ release { version patient(code: "0000") { code } } }');
      const strip = (text: string): string => text.replace(/"id":"[^"]+"/g, '');
      expect(strip(rows.text)).toBe(strip(none.text));
      expect(rows.body.data.release.patient).toBeNull();
    });

    it('gives no command', async () => {
      const answer = await of().ask(
        null,
        'mutation { requestExport(input: { modalities: [LABELS] }) { __typename ... on ExpectedError { code } } }',
      );
      expect(answer.text).toMatch(/UNAUTHENTICATED|NOT_SIGNED_IN|FORBIDDEN/);
      expect(answer.text).not.toContain('Success');
      expect(answer.text).not.toMatch(INSIDES);
    });
  });

  describe('a document that is not one query', () => {
    it('several operations: the one named is answered, none is guessed', async () => {
      const token = await of().token('researcher');
      const query =
        'query A { releases { version } } query B { __typename } mutation C { requestExport(input: { modalities: [LABELS] }) { __typename } }';
      const headers = { authorization: `Bearer ${token}` };
      const none = await of().post({ query }, headers);
      expect(none.status).toBe(400);
      expect(none.body.data ?? null).toBeNull();
      expect((await of().post({ query, operationName: 'B' }, headers)).body).toEqual({ data: { __typename: 'Query' } });
      expect((await of().post({ query, operationName: 'X' }, headers)).status).toBe(400);
      expect((await of().post({ query, operationName: ['B'] }, headers)).status).toBe(400);
      // Measured too: the expensive one is not hidden behind a cheap one.
      const hidden =
        'query A { __typename } query B { release { patients(first: 500) { nodes { submissions(first: 500) { nodes { frames(first: 500) { nodes { id } } } } } } } }';
      const big = await of().post({ query: hidden, operationName: 'B' }, headers);
      expect(big.body.errors[0].extensions.code).toBe('QUERY_TOO_LARGE');
    });

    it('mutations by GET, batches, other media types, forms', async () => {
      const cookie = (await of().browser('researcher')).cookieHeader(of().url);
      const mutation = 'mutation { requestExport(input: { modalities: [LABELS] }) { __typename } }';
      for (const headers of [{ cookie }, { cookie, 'x-iss-csrf': '1', 'apollo-require-preflight': '1' }]) {
        const got = await of().fetch(`/graphql?query=${encodeURIComponent(mutation)}`, { headers });
        expect(got.status).toBeGreaterThanOrEqual(400);
        expect(got.text).not.toContain('Success');
      }
      const csrf = { cookie, 'x-iss-csrf': '1' };
      expect((await of().post([{ query: '{ __typename }' }, { query: '{ __typename }' }], csrf)).status).toBe(400);
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json-not',
        '',
      ]) {
        const answer = await of().fetch('/graphql', {
          method: 'POST',
          headers: { ...csrf, 'content-type': type },
          body: `{"query":${JSON.stringify(mutation)}}`,
        });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.text).not.toContain('Success');
        expect(answer.text).not.toMatch(INSIDES);
      }
    });

    it('a cookie without the header, from another site, with another method', async () => {
      const browser = await of().browser('researcher');
      const cookie = browser.cookieHeader(of().url);
      const body = { query: '{ viewer { account { username } } }' };
      const tries: Record<string, string>[] = [
        { cookie },
        { cookie, 'x-iss-csrf': '1', origin: 'https://evil.example' },
        { cookie, 'x-iss-csrf': '1', origin: 'null' },
        { cookie, 'x-iss-csrf': '1', 'sec-fetch-site': 'cross-site' },
        { cookie, 'x-iss-csrf': '1', 'sec-fetch-site': 'same-site' },
        { cookie, 'x-iss-csrf': '0' },
        { cookie: `a=b; ${cookie}`, origin: of().url },
        { cookie: `${cookie}; iss_session=other` },
      ];
      for (const headers of tries) {
        const answer = await of().post(body, headers);
        expect(`${JSON.stringify(headers).replace(cookie, '…')} ${answer.status}`).toMatch(/ 403$/);
      }
      const ours = await of().post(body, {
        cookie,
        'x-iss-csrf': '1',
        origin: of().url,
        'sec-fetch-site': 'same-origin',
      });
      expect(ours.body.data.viewer.account.username).toBe('researcher');
      for (const method of ['PUT', 'DELETE', 'PATCH']) {
        const answer = await of().fetch('/graphql', {
          method,
          headers: { cookie, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        expect(answer.status).toBeGreaterThanOrEqual(400);
      }
    });

    it('what is no JSON, no UTF-8, or neither', async () => {
      const headers = { authorization: `Bearer ${await of().token('researcher')}`, 'content-type': 'application/json' };
      const bodies: (string | Uint8Array)[] = [
        '',
        '{',
        'null',
        '7',
        '"x"',
        '{"query":7}',
        '{"query":null}',
        '{"query":""}',
        '{"query":"{"}',
        '{"query":"{ __typename }","variables":"x"}',
        '{"query":"{ __typename }","extensions":[]}',
        '{"query":"\\u0000"}',
        '{"query":"{ release(version: \\"\\u0000\\") { version } }"}',
        '{"query":"\ufeff{ __typename }"}',
        new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
        new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
        new Uint8Array(1000),
        `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
        `{"a":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
      ];
      for (const body of bodies) {
        const answer = await of().fetch('/graphql', { method: 'POST', headers, body: body as BodyInit });
        const what = JSON.stringify(String(body).slice(0, 40));
        expect(`${what} ${answer.status}`).toMatch(/ (200|400|413|415)$/);
        expect(answer.text).not.toMatch(INSIDES);
      }
      for (const type of ['application/json; charset=utf-16', 'application/json; charset=nonsense'])
        expect([400, 415]).toContain(
          (
            await of().fetch('/graphql', {
              method: 'POST',
              headers: { ...headers, 'content-type': type },
              body: '{"query":"{__typename}"}',
            })
          ).status,
        );
      for (const coding of ['gzip', 'deflate', 'br', 'nonsense']) {
        const answer = await of().fetch('/graphql', {
          method: 'POST',
          headers: { ...headers, 'content-encoding': coding },
          body: 'x',
        });
        expect([400, 415]).toContain(answer.status);
        expect(answer.text).not.toMatch(INSIDES);
      }
      await of().alive();
    });
  });

  describe('words from outside', () => {
    it('stay words wherever a string goes', async () => {
      const token = await of().token('researcher');
      const query = `query ($w: String!, $id: ID!, $f: PatientFilter) { release(version: $w) { version } study(key: $w) { key } node(id: $id) { id }
        other: release { patient(code: $w) { code } patients(filter: $f, after: $w) { totalCount } } }`;
      const safer = `query ($w: String!, $id: ID!, $f: PatientFilter) { release(version: $w) { version } node(id: $id) { id }
        other: release { patient(code: $w) { code submission(timestamp: $w) { id } } patients(filter: $f) { totalCount } } }`;
      for (const w of WORDS)
        for (const text of [query, safer]) {
          const variables = { w, id: w, f: { codes: [w], cohort: w, ageGroup: w, sourceDevice: w } };
          const answer = await of().ask(token, text, variables, {
            'iss-grant': JSON.stringify(w)
              .replace(/[^ -~]/g, '?')
              .slice(0, 200),
          });
          expect(answer.status).toBeLessThan(500);
          expect(JSON.stringify(answer.body.errors ?? [])).not.toContain('INTERNAL_SERVER_ERROR');
          expect(answer.text).not.toMatch(INSIDES);
        }
    });

    it('stay words in commands', async () => {
      const token = await of().token('researcher');
      for (const w of WORDS)
        for (const command of [
          'requestExport(input: { study: $w, release: $w, modalities: [LABELS] })',
          'requestExport(input: { release: $w, modalities: [LABELS], grant: $w })',
          'runBaseline(input: { study: $w, release: $w, experiment: $w })',
          'runBaseline(input: { experiment: "random-forest-pain", grant: $w })',
          'cancelExport(input: { id: $w })',
          'cancelRun(input: { id: $w })',
          'signAgreement(input: { requestId: $w, version: 1, seen: $w })',
          'verifyCertificate(input: { id: $w, how: SEEN, seen: $w })',
          'rejectCertificate(input: { id: $w, reason: $w })',
          'uploadCertificate(input: { type: HIPAA, course: $w, completedOn: $w, credentialId: $w, fileSha256: $w })',
        ]) {
          const type = /(?:requestId|id): \$w/.test(command) ? 'ID!' : 'String!';
          const query = `mutation ($w: ${type}) { ${command} { __typename ... on ExpectedError { code message } } }`;
          const answer = await of().ask(token, query, { w }, { 'iss-grant': "no-grant'; --" });
          expect(`${command} ${JSON.stringify(w)} ${answer.status}`).toMatch(/ (200|400)$/);
          expect(answer.text).not.toMatch(INSIDES);
          if (answer.text.includes('INTERNAL_SERVER_ERROR'))
            throw new Error(`${command} failed for ${JSON.stringify(w)}`);
        }
    });

    it('cursors and ids that were tampered with lead nowhere', async () => {
      const token = await of().token('researcher');
      const { body } = await of().ask(token, '{ release { patients(first: 2) { edges { cursor node { id } } } } }');
      const [{ cursor, node }] = body.data.release.patients.edges;
      const other = (text: string): string[] => [
        `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`,
        text.slice(0, -2),
        `${text}=`,
        `${text}A`,
        text.toUpperCase(),
        ` ${text}`,
        `${text}\u0000`,
        Buffer.from(`patient|9'; --`).toString('base64url'),
        Buffer.from('submission|2020-01-01 00:00:00|x').toString('base64url'),
        Buffer.from('patient|9001|9002').toString('base64url'),
        Buffer.from([0xff, 0xfe]).toString('base64url'),
        'x'.repeat(5000),
      ];
      for (const after of other(cursor)) {
        const answer = await of().ask(
          token,
          'query ($a: String) { release { patients(after: $a) { nodes { code } } } }',
          { a: after },
        );
        expect(answer.status).toBeLessThan(500);
        expect(answer.text).not.toMatch(/INTERNAL_SERVER_ERROR/);
        expect(answer.text).not.toMatch(INSIDES);
      }
      for (const id of other(node.id)) {
        const answer = await of().ask(token, 'query ($id: ID!) { node(id: $id) { id } }', { id });
        expect(answer.body.data?.node ?? null).toBeNull();
        expect(answer.text).not.toMatch(INSIDES);
      }
    });
  });
};
