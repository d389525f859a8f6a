import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { systemClock, systemIds } from '../../api/adapters/clock/clock.ts';
import { connectDatabase, type Database, type Sql } from '../../api/adapters/database/database.ts';
import { startEmbeddedPostgres } from '../../api/adapters/database/embedded-postgres.ts';
import { migrate } from '../../api/adapters/database/migrate.ts';
import { setAppPassword, urlAs } from '../../api/adapters/database/roles.ts';
import { verifyLines } from '../../api/cli/audit-file.ts';
import { readAuditChain } from '../../api/services/audit/audit-chain.ts';
import { auditLog } from '../../api/services/audit/audit-log.ts';
import { type AuditWhere, auditRows, sealedRows } from '../../api/services/audit/audit-query.ts';
import { sealAll, startSealer } from '../../api/services/audit/sealer.ts';
import { linkHash } from '../../governance/audit.ts';

interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
}

/** Entries of the log that is looked through; five million are some 6 GB of disk and ten minutes. */
const ENTRIES = Number(process.env.ISS_BENCH_AUDIT_ENTRIES ?? 5_000_000);
const BATCH = 250_000;
const CLIENTS = 8;
const SECONDS = 5;
const START = Date.parse('2025-01-01T00:00:00Z');

const id = (kind: string, n: number | string): string => `00000000-0000-7000-${kind}-${String(n).padStart(12, '0')}`;
/** The same in SQL: of a number's text. */
const idSql = (kind: string, n: string): string => `'00000000-0000-7000-${kind}-' || lpad((${n})::text, 12, '0')`;

/** A year of a busy portal: mostly reads, by 300 people for 60 grants, of 3 releases; commands on 2,000 requests; some that happen seldom. */
const FILL = `INSERT INTO audit_entry (id, at, account_id, grant_id, action, text, hash)
  SELECT uuidv7(), at, account::uuid, g::uuid, action, t, encode(sha256(convert_to(t, 'UTF8')), 'hex') FROM (
    SELECT at, account, g, action, '{"account":"' || account || '","action":"' || action || '","at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      || '","grant":' || coalesce('"' || g || '"', 'null') || ',"modalities":["LABELS","AUDIO_FEATURES"],"operation":{"name":"Patients","sha256":"' || repeat('a', 64)
      || '"},"patients":["9001","9002","9003","9004","9005","9006","9007","9008"],' || about || '"rows":{"chunks":120,"frames":0,"patients":8,"submissions":40},"n":' || n || '}' AS t
    FROM (SELECT n, to_timestamp((${START}::bigint + n * 6000) / 1000.0) AS at, ${idSql('8001', '(n * 7919) % 300')} AS account,
        CASE WHEN n % 10 < 8 THEN ${idSql('8002', '((n * 7919) % 300) % 60')} END AS g,
        CASE WHEN n % 100000 = 0 THEN 'AUDIT_CHECKPOINT' WHEN n % 10 < 7 THEN 'READ' WHEN n % 10 = 7 THEN 'DOWNLOADED' WHEN n % 10 = 8 THEN 'COMMAND' ELSE 'JOB' END AS action,
        CASE WHEN n % 10 < 8 THEN '"releases":["' || ${idSql('8003', 'n % 3')} || '"],' WHEN n % 10 = 8 THEN '"request":"' || ${idSql('8004', '(n / 10) % 2000')} || '",' ELSE '' END AS about
      FROM generate_series($1::bigint, $2::bigint) n) a) b ORDER BY at`;

/** The log at full size: commands with it and without it, pages under filters, proving it. */
export const benchAudit = async (): Promise<readonly Figure[]> => {
  const figures: Figure[] = [];
  const add = (what: string, unit: string, value: number): void => {
    figures.push({ what, unit, value });
    console.log(`  ${what}: ${value >= 100 ? Math.round(value) : value.toPrecision(3)} ${unit}`);
  };
  const directory = await mkdtemp(join(tmpdir(), 'iss-bench-audit-'));
  const server = await startEmbeddedPostgres({
    directory: join(directory, 'cluster'),
    password: randomBytes(12).toString('hex'),
  });
  const owner = server.ownerUrl('postgres');
  const pool = new pg.Pool({ connectionString: owner, max: 2 });
  pool.on('error', () => {}); // the server ends before its last idle connection
  let database: Database | undefined;
  try {
    await migrate(owner);
    const password = randomBytes(12).toString('hex');
    await setAppPassword(owner, password);
    database = connectDatabase(urlAs(owner, 'iss_app', password), { statementTimeoutMs: 600_000 });
    await commands(database, 1); // warm
    add('commands without the log', 'a second', await commands(database, SECONDS));
    add('commands with it, empty', 'a second', await commands(database, SECONDS, true));
    await sealAll(database);

    const began = performance.now();
    await fill(pool, add);
    add(`filled to ${ENTRIES.toLocaleString('en')} entries`, 's', (performance.now() - began) / 1000);
    await pool.query('VACUUM ANALYZE audit_entry, audit_link');
    // What the fill left to be written would be waited for by every commit.
    await pool.query('CHECKPOINT');
    add('commands without the log, full', 'a second', await commands(database, SECONDS));
    add('commands with it, full', 'a second', await commands(database, SECONDS, true));
    await sealAll(database);

    await pages(database, add);
    await proof(database, join(directory, 'log.jsonl'), add);
    const { rows } = await pool.query<{ gb: number }>(
      `SELECT (pg_total_relation_size('audit_entry') + pg_total_relation_size('audit_link')) / 1e9::float8 AS gb`,
    );
    add('the log on disk', 'GB', Number(rows[0]?.gb));
    return figures;
  } finally {
    await database?.close();
    await pool.end().catch(() => {});
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
};

type Add = (what: string, unit: string, value: number) => void;

/** Commands a second of 8 clients: a transaction that writes a row, and its entry; the sealer runs beside it. */
async function commands(database: Database, seconds: number, withLog = false): Promise<number> {
  const audit = auditLog(systemClock, systemIds);
  const sealer = withLog ? startSealer(database, () => {}) : null;
  const began = performance.now();
  const over = (): boolean => performance.now() - began > seconds * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      while (!over()) {
        const halt = systemIds.uuid();
        await database.transaction(async (sql) => {
          await sql.query(
            `INSERT INTO halt (id, scope, target, reason, placed_at, placed_by, lifted_at) VALUES ($1, 'GRANT', $2::text, 'x', now(), $2::text::uuid, now())`,
            [halt, id('8001', client)],
          );
          if (withLog)
            await audit.write(sql, {
              accountId: id('8001', client),
              grantId: id('8002', client),
              action: 'COMMAND',
              detail: { command: 'halt', halt, request: id('8004', client), reason: 'x' },
            });
        });
        done += 1;
      }
    }),
  );
  const rate = done / ((performance.now() - began) / 1000);
  await sealer?.stop();
  return rate;
}

/** Fills tables first and their indexes after, which takes a third of the time. */
async function fill(pool: pg.Pool, add: Add): Promise<void> {
  const { rows: indexes } = await pool.query<{ name: string; definition: string }>(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE tablename = 'audit_entry' AND indexname NOT IN ('audit_entry_pkey', 'audit_entry_id_key')`,
  );
  for (const { name } of indexes) await pool.query(`DROP INDEX ${name}`);
  for (let n = 0; n < ENTRIES; n += BATCH) await pool.query(FILL, [n + 1, Math.min(ENTRIES, n + BATCH)]);
  const began = performance.now();
  for (const { definition } of indexes) await pool.query(definition);
  add('its indexes, made anew', 's', (performance.now() - began) / 1000);
  const head = await pool.query<{ position: string; hash: string; seq: string }>(
    'SELECT position, hash, (SELECT max(entry_seq) FROM audit_link) AS seq FROM audit_link ORDER BY position DESC LIMIT 1',
  );
  let position = Number(head.rows[0]?.position ?? 0);
  let link = head.rows[0]?.hash ?? '';
  for (let seq = Number(head.rows[0]?.seq ?? 0); ; ) {
    const { rows } = await pool.query<{ seq: string; hash: string }>(
      'SELECT seq, hash FROM audit_entry WHERE seq > $1 ORDER BY seq LIMIT 50000',
      [seq],
    );
    const links = rows.map(({ hash }) => {
      link = linkHash(link, hash);
      return link;
    });
    await pool.query(
      `INSERT INTO audit_link (position, entry_seq, entry_tx, hash) SELECT $1 + n, s, e.tx, h FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS u(s, h, n) JOIN audit_entry e ON e.seq = s ORDER BY n`,
      [position, rows.map((row) => row.seq), links],
    );
    position += rows.length;
    if (rows.length < 50_000) return;
    seq = Number(rows.at(-1)!.seq);
  }
}

const NONE: AuditWhere = {
  accountId: null,
  grant: null,
  actions: null,
  releaseId: null,
  request: null,
  from: null,
  to: null,
  nothing: false,
};

/** A page of fifty under each filter: the slowest of twenty, each of another person, grant, request or day. */
async function pages(database: Database, add: Add): Promise<void> {
  const day = (n: number): Date => new Date(START + (ENTRIES * 6000 * n) / 20);
  const filters: [string, (n: number) => Partial<AuditWhere>][] = [
    ['no filter', () => ({})],
    ['an account', (n) => ({ accountId: id('8001', n) })],
    ['a grant', (n) => ({ grant: id('8002', n) })],
    ['an action', () => ({ actions: ['READ'] })],
    ['a seldom action', () => ({ actions: ['AUDIT_CHECKPOINT'] })],
    ['two actions', () => ({ actions: ['AUDIT_CHECKPOINT', 'COMMAND'] })],
    ['a release', (n) => ({ releaseId: id('8003', n % 3) })],
    ['a request', (n) => ({ request: id('8004', n) })],
    ['a day long ago', (n) => ({ from: day(n), to: new Date(day(n).getTime() + 86_400_000) })],
    ['an account and a day', (n) => ({ accountId: id('8001', n), from: day(n), to: day(n + 1) })],
    ['an account and an action', (n) => ({ accountId: id('8001', n), actions: ['DOWNLOADED'] })],
    [
      'an account and an action that it never did',
      (n) => ({ accountId: id('8001', n), actions: ['AUDIT_CHECKPOINT'] }),
    ],
    ['a grant and an action', (n) => ({ grant: id('8002', n), actions: ['DOWNLOADED'] })],
    ['a grant and an action that was never done', (n) => ({ grant: id('8002', n), actions: ['COMMAND'] })],
    ['a grant and somebody who is not of it', (n) => ({ grant: id('8002', n), accountId: id('8001', n + 1) })],
    ['a release and an account', (n) => ({ releaseId: id('8003', n % 3), accountId: id('8001', n) })],
    ['a release and a grant', (n) => ({ releaseId: id('8003', n % 3), grant: id('8002', n) })],
    [
      'a release, an account and an action that it never did',
      (n) => ({ releaseId: id('8003', (2 * n) % 3), accountId: id('8001', n), actions: ['COMMAND'] }),
    ],
    ['a release and an action', (n) => ({ releaseId: id('8003', n % 3), actions: ['DOWNLOADED'] })],
    ['a release and an action that was never done', (n) => ({ releaseId: id('8003', n % 3), actions: ['EXPORT'] })],
    ['a request and an account', (n) => ({ request: id('8004', n), accountId: id('8001', n) })],
    ['nobody', () => ({ accountId: id('8001', 999) })],
  ];
  let worst = 0;
  let asked: [string, unknown[] | undefined] = ['', []];
  const noting: Sql = {
    query: (text, values) => {
      asked = [text, values];
      return database.query(text, values);
    },
  };
  for (const [name, of] of filters) {
    const times: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const order = n % 2 === 0 ? 'NEWEST_FIRST' : 'OLDEST_FIRST';
      const began = performance.now();
      const rows = await auditRows(noting, { ...NONE, ...of(n) }, { order, limit: 51, after: null });
      times.push(performance.now() - began);
      const last = rows.at(-1);
      if (last === undefined) continue;
      const again = performance.now();
      await auditRows(noting, { ...NONE, ...of(n) }, { order, limit: 51, after: { at: last.at, seq: last.seq } });
      times.push(performance.now() - again);
    }
    times.sort((one, other) => one - other);
    add(`page of ${name}, p50`, 'ms', times[Math.floor(times.length / 2)]!);
    add(`page of ${name}, slowest`, 'ms', times.at(-1)!);
    worst = Math.max(worst, times.at(-1)!);
    if (process.env.ISS_BENCH_EXPLAIN) {
      const { rows } = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ANALYZE ${asked[0]}`, asked[1]);
      console.log(rows.map((row) => `      ${row['QUERY PLAN']}`).join('\n'));
    }
  }
  add('slowest page of all', 'ms', worst);
}

/** Proves the log in the database and a million of it in a file. */
async function proof(database: Database, file: string, add: Add): Promise<void> {
  const heap = (): number => process.memoryUsage().rss / 1e6;
  let most = heap();
  const began = performance.now();
  const worked = process.cpuUsage();
  const report = await readAuditChain(database, {
    onPage: () => {
      most = Math.max(most, heap());
    },
  });
  // The entries of the fill have an id in their column that their text does not say: `columns` is not looked at here.
  if (report.problems.length > 0) throw new Error(JSON.stringify(report.problems.slice(0, 5)));
  add('entries proved in the database', 'a second', report.entries / ((performance.now() - began) / 1000));
  const { user, system } = process.cpuUsage(worked);
  add(
    'entries proved in the database for a second of this process',
    'a second',
    (report.entries * 1e6) / (user + system),
  );
  add('memory of it, at most', 'MB', most);

  const exported = performance.now();
  const out = createWriteStream(file);
  let lines = 0;
  for (let after = 0; lines < Math.min(1_000_000, ENTRIES); ) {
    const rows = await sealedRows(database, after + 1, Number.MAX_SAFE_INTEGER, 2_000);
    if (rows.length === 0) break;
    const text = rows.map(
      ({ position, text: t, hash, link }) => `${JSON.stringify({ position, text: t, hash, link })}\n`,
    );
    if (!out.write(text.join(''))) await once(out, 'drain');
    lines += rows.length;
    after = rows.at(-1)!.position!;
  }
  out.end();
  await finished(out);
  add('entries exported', 'a second', lines / ((performance.now() - exported) / 1000));
  const read = performance.now();
  const readWork = process.cpuUsage();
  const found = await verifyLines(createReadStream(file, { highWaterMark: 1024 * 1024 }), {
    checkpoints: [],
    signal: new AbortController().signal,
  });
  if (!found.whole) throw new Error(JSON.stringify(found.problems.slice(0, 5)));
  add('entries proved in a file', 'a second', found.entries / ((performance.now() - read) / 1000));
  const spent = process.cpuUsage(readWork);
  add(
    'entries proved in a file for a second of this process',
    'a second',
    (found.entries * 1e6) / (spent.user + spent.system),
  );
}
