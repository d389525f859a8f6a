import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { connectDatabase } from '../../api/adapters/database/database.ts';
import { startEmbeddedPostgres } from '../../api/adapters/database/embedded-postgres.ts';
import { migrate } from '../../api/adapters/database/migrate.ts';
import { setAppPassword, urlAs } from '../../api/adapters/database/roles.ts';
import type { RequestReader } from '../../api/services/access/request-reader.ts';
import { requestPage } from '../../api/services/access/request-views.ts';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';

const REQUESTS = 100_000;
const EVENTS = 20;
const ROUNDS = 100;
const PAGE = 50;
const NOW = new Date('2026-06-01T12:00:00Z');
/** `n` as the id of a row of a kind; later numbers sort later. */
const id = (kind: string, n: string): string =>
  `(lpad(to_hex(${n}), 8, '0') || '-0000-7000-8000-00000000000${kind}')::uuid`;

const p95 = (times: readonly number[]): number =>
  [...times].sort((one, other) => one - other)[Math.floor(times.length * 0.95)] ?? 0;

const FILL = [
  `INSERT INTO study (id, key, title, time_zone, created_at) VALUES (${id('1', '1')}, 'bench', 'Bench', 'America/New_York', now())`,
  `INSERT INTO institution (id, name, country, standing, created_at) SELECT ${id('2', 'n')}, 'Institution ' || n, 'US', 'VERIFIED', now() FROM generate_series(1, 500) n`,
  `INSERT INTO account (id, issuer, subject, username, name, email, institution_id, created_at)
   SELECT ${id('3', 'n')}, 'bench', n, n, 'Person ' || n, 'p' || n || '@example.org', ${id('2', '1 + n % 500')}, now() FROM generate_series(1, 20000) n`,
  `INSERT INTO account_role (account_id, role, given_at) SELECT ${id('3', 'n')}, CASE WHEN n <= 5 THEN 'steward' ELSE 'researcher' END, now() FROM generate_series(1, 20000) n`,
  `INSERT INTO access_request (id, study_id, applicant_id, institution_id, state, title, version, created_at, changed_at, waits_for, first_submitted_at, decided_at)
   SELECT ${id('4', 'n')}, ${id('1', '1')}, ${id('3', '10 + n % 19000')}, ${id('2', '1 + n % 500')}, CASE WHEN n % 10 = 0 THEN 'SUBMITTED' WHEN n % 10 = 1 THEN 'DRAFT' ELSE 'APPROVED' END,
     'Research ' || n, ${EVENTS}, now(), now(), CASE WHEN n % 10 = 0 THEN 'STEWARD' END, timestamptz '2024-06-01' + n * interval '10 minutes',
     CASE WHEN n % 10 > 1 THEN timestamptz '2024-06-20' + n * interval '10 minutes' END FROM generate_series(1, ${REQUESTS}) n`,
  `INSERT INTO request_party (request_id, account_id) SELECT id, applicant_id FROM access_request`,
  `INSERT INTO request_event (request_id, number, type, data, actor_id, at)
   SELECT r.id, e, t.type, jsonb_build_object('type', t.type, 'by', r.applicant_id, 'at', '2025-01-01T00:00:00.000Z') ||
     CASE WHEN e = 1 THEN jsonb_build_object('requestId', r.id, 'institutionId', r.institution_id)
          WHEN e < 8 THEN jsonb_build_object('form', jsonb_build_object('title', r.title, 'plainSummary', repeat('plain words ', 20), 'detail', repeat('in detail ', 60)))
          WHEN e = 8 THEN jsonb_build_object('seen', 'x') ELSE jsonb_build_object('text', repeat('a note ', 10), 'to', 'STEWARDS') END, r.applicant_id, now()
   FROM access_request r, generate_series(1, ${EVENTS}) e, LATERAL (SELECT CASE WHEN e = 1 THEN 'RequestCreated' WHEN e < 8 THEN 'FormEdited' WHEN e = 8 THEN 'RequestSubmitted' ELSE 'CommentAdded' END AS type) t`,
  'ANALYZE',
];

/** Pages of the stewards' queue over 100,000 requests with 20 events each: as they come, by what waits, deep in it, and with what may be done. */
export async function benchRequests() {
  const folder = await mkdtemp(join(tmpdir(), 'iss-bench-'));
  const server = await startEmbeddedPostgres({
    directory: join(folder, 'cluster'),
    password: randomBytes(9).toString('hex'),
    durable: false,
  });
  try {
    const owner = server.ownerUrl('postgres');
    await migrate(owner);
    const password = randomBytes(9).toString('hex');
    await setAppPassword(owner, password);
    const admin = new pg.Client({ connectionString: owner });
    await admin.connect();
    await admin.query('INSERT INTO policy_version (number, policy, effective_at) VALUES (1, $1, $2)', [
      JSON.stringify(DEFAULT_POLICY),
      new Date('2020-01-01T00:00:00Z'),
    ]);
    for (const statement of FILL) await admin.query(statement);
    await admin.query('VACUUM access_request');
    const steward = (await admin.query<{ id: string }>(`SELECT ${id('3', '1')} AS id`)).rows[0]?.id ?? '';
    const institution = (await admin.query<{ id: string }>(`SELECT ${id('2', '7')} AS id`)).rows[0]?.id ?? '';
    await admin.end();
    const database = connectDatabase(urlAs(owner, 'iss_app', password));
    const person = { institutionId: null, email: 'p1@example.org', suspended: false, roles: ['steward' as const] };
    const reader: RequestReader = {
      accountId: steward,
      actor: { kind: 'account', accountId: steward, ...person },
      email: person.email,
      officialOf: null,
      steward: true,
      tokenGrantId: null,
    };
    const look = { sql: database, reader, now: NOW };
    const all = { states: null, waitsFor: null, mine: false };
    const waiting = { states: ['SUBMITTED' as const], waitsFor: 'STEWARD' as const, mine: false };
    const times: Record<string, number[]> = {
      all: [],
      counted: [],
      waiting: [],
      deep: [],
      official: [],
      allowed: [],
      mine: [],
    };
    const official = { ...look, reader: { ...reader, steward: false, officialOf: institution } };
    let after: string | null = null;
    for (let round = 0; round < ROUNDS; round += 1) {
      const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
        const began = performance.now();
        const result = await work();
        times[name]?.push(performance.now() - began);
        return result;
      };
      await timed('all', () => requestPage(look, all, { first: PAGE, after: null }));
      await timed('counted', async () => {
        const { totalCount } = await requestPage(look, all, { first: PAGE, after: null });
        return typeof totalCount === 'number' ? totalCount : totalCount();
      });
      await timed('official', () => requestPage(official, all, { first: PAGE, after: null }));
      const page = await timed('waiting', () => requestPage(look, waiting, { first: PAGE, after: null }));
      if (page.nodes.length !== PAGE) throw new Error(`a page of ${page.nodes.length}`);
      const deep: { cursors: readonly string[] } = await timed('deep', () =>
        requestPage(look, all, { first: PAGE, after }),
      );
      after = deep.cursors.at(-1) ?? null;
      await timed('mine', () => requestPage(look, { ...all, mine: true }, { first: PAGE, after: null }));
      await timed('allowed', async () => {
        const { nodes } = await requestPage(look, waiting, { first: PAGE, after: null });
        return Promise.all(nodes.map((node) => node.allowedCommands()));
      });
    }
    await database.close();
    const of = (name: string, what: string) => ({ what: `${what}, p95`, unit: 'ms', value: p95(times[name] ?? []) });
    return [
      of('all', `queue page of ${PAGE} of ${REQUESTS} requests, ${EVENTS} events each`),
      of('counted', 'the same with the number of all'),
      of('waiting', 'what waits for stewards'),
      of('deep', 'the following pages'),
      of('official', 'requests of an institution, for its official'),
      of('mine', 'requests of one team'),
      of('allowed', 'what waits for stewards, with the commands offered for each'),
    ];
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
