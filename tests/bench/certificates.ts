import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { connectDatabase } from '../../api/adapters/database/database.ts';
import { startEmbeddedPostgres } from '../../api/adapters/database/embedded-postgres.ts';
import { migrate } from '../../api/adapters/database/migrate.ts';
import { setAppPassword, urlAs } from '../../api/adapters/database/roles.ts';
import { remindOfCertificates } from '../../api/services/access/certificate-reminders.ts';
import { pendingCertificates, pendingTotals } from '../../api/services/access/certificate-rows.ts';
import { queueMail } from '../../api/services/mail/queue-mail.ts';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';

const PEOPLE = 20_000;
const ROUNDS = 100;
const NOW = new Date('2026-06-01T12:00:00Z');

const p95 = (times: number[]): number => times.sort((one, other) => one - other)[Math.floor(times.length * 0.95)]!;

/** Certificates of 20,000 people: 100,000 that wait, and as many that are verified, some of which are about to end. */
export async function benchCertificates() {
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
    await admin.query(
      `INSERT INTO account (id, issuer, subject, username, name, email, created_at)
       SELECT gen_random_uuid(), 'bench', n, n, 'Person ' || n, 'p' || n || '@example.org', now() FROM generate_series(1, ${PEOPLE}) n`,
    );
    for (const state of ['PENDING', 'VERIFIED'])
      await admin.query(
        `INSERT INTO certificate (id, account_id, type, course, completed_on, state, object_key, file_sha256, file_bytes, content_type, uploaded_at, verified_how)
         SELECT gen_random_uuid(), a.id, t.type, 'x', date '2024-06-01' + (random() * 700)::int, $1, 'k', 'h', 1, 'application/pdf',
           timestamptz '2026-01-01' + random() * interval '100 days', CASE WHEN $1 = 'VERIFIED' THEN 'ISSUER' END
         FROM account a, (VALUES ('HIPAA'), ('GLOBAL_PRIVACY'), ('HUMAN_SUBJECTS'), ('INFORMATION_SECURITY'), ('SOCIAL_BEHAVIORAL')) t (type)`,
        [state],
      );
    await admin.query('ANALYZE');
    await admin.end();
    const database = connectDatabase(urlAs(owner, 'iss_app', password));
    const times = { first: [] as number[], deep: [] as number[], counted: [] as number[] };
    let after: string | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, cursor] of [
        ['first', null],
        ['deep', after],
      ] as const) {
        const began = performance.now();
        const page = await pendingCertificates(database, null, { first: 50, after: cursor });
        times[name].push(performance.now() - began);
        if (typeof page.totalCount === 'function') await page.totalCount();
        if (name === 'first') times.counted.push(performance.now() - began);
        after = page.cursors.at(-1) ?? null;
      }
    }
    let began = performance.now();
    await pendingTotals(database);
    const totals = performance.now() - began;
    began = performance.now();
    const sent = await remindOfCertificates({ database, clock: { now: () => NOW } });
    const reminding = performance.now() - began;
    began = performance.now();
    await remindOfCertificates({ database, clock: { now: () => NOW } });
    const again = performance.now() - began;
    began = performance.now();
    await database.transaction(async (sql) => {
      for (let n = 0; n < 1000; n++)
        await queueMail(sql, { to: { address: 'x@example.org' }, template: 'request-approved', data: { title: 'x' } });
    });
    const queueing = performance.now() - began;
    await database.close();
    return [
      {
        what: 'certificate queue, first page of 50 of 100,000, p95',
        unit: 'ms',
        value: p95(times.first),
      },
      { what: 'the same with the number of all, p95', unit: 'ms', value: p95(times.counted) },
      { what: 'certificate queue, a later page, p95', unit: 'ms', value: p95(times.deep) },
      { what: 'certificates that wait, by type', unit: 'ms', value: totals },
      { what: `reminders queued from 100,000 verified certificates: ${sent}`, unit: 's', value: reminding / 1000 },
      { what: 'the same again, with nothing to send', unit: 's', value: again / 1000 },
      { what: 'a message queued with its job', unit: 'ms', value: queueing / 1000 },
    ];
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
