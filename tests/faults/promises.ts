import { createHash } from 'node:crypto';
import { pino } from 'pino';
import type { ObjectStore } from '../../api/adapters/objects/object-store.ts';
import { composeBeside } from '../../api/compose.ts';
import { readConfig } from '../../api/config.ts';
import { problemText, readAuditChain } from '../../api/services/audit/audit-chain.ts';
import { askForClearing } from '../../api/services/exports/clear-ended.ts';
import { SUBMISSIONS } from './drop.ts';
import { Passing, patiently } from './patience.ts';
import { type Ledger, type People, REFERENCE } from './setting.ts';
import type { World } from './world.ts';

/** Waits until nothing is being done and nothing is about to be: no job waits or runs, no mail is on its way, the log is sealed. */
export function quiet(world: World): Promise<void> {
  return patiently('all is quiet', async () => {
    const { rows } = await world.owner
      .query<{ what: string }>(
        `SELECT format('job %s of %s is %s (attempt %s)', id, kind, state, attempts) AS what FROM job
           WHERE state = 'RUNNING' OR state = 'QUEUED' AND run_after < now() + interval '10 minutes'
         UNION ALL SELECT format('mail %s is %s', id, state) FROM outbox WHERE state IN ('WAITING', 'SENDING')
         UNION ALL SELECT 'an entry of the log is not sealed' FROM audit_entry e
           WHERE NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_seq = e.seq)`,
      )
      .catch((error: Error) => {
        throw new Passing(error.message);
      });
    if (rows.length > 0) throw new Passing(rows.map(({ what }) => what).join('; '));
  });
}

/** Ends of jobs that are no fault: what was told to end, and the mail that nobody can know about. */
const ENDS = new Set(['MAIL_IN_DOUBT', 'SELECTION_CHANGED']);

/** Holds everything against docs/operations.md, "What holds whatever dies". @returns what is broken; nothing where all holds */
export async function brokenPromises(world: World, people: People, ledger: Ledger): Promise<string[]> {
  const config = readConfig({ ...world.settings, ISS_DATA_DIR: world.dataDirectory });
  const base = await composeBeside(config, pino({ level: 'silent' }));
  try {
    // What ended exports left is removed by a job that the server asks for every ten minutes.
    await askForClearing(base);
    await quiet(world);
    const all = [
      rows(world, ledger),
      jobs(world),
      objects(world, base.objects),
      halfExports(world, people),
      mails(world),
      audit(world, base.database),
    ];
    return (await Promise.all(all)).flat();
  } finally {
    await base.close();
  }
}

const MADE = `SELECT p.code, s.recorded_at::text AS at, count(*) OVER (PARTITION BY s.id)::int AS recordings, r.current, r.status,
    r.frame_count, r.face_count, r.landmark_count, r.chunk_count, r.audio_vector,
    (SELECT json_agg(json_build_array(a.kind, a.bytes, a.sha256) ORDER BY a.kind) FROM artifact a WHERE a.recording_id = r.id) AS artifacts,
    (SELECT json_agg(json_build_array(c.number, c.start_seconds, c.first_frame, c.last_frame, c.audio_vector) ORDER BY c.number) FROM chunk c WHERE c.recording_id = r.id) AS chunks,
    (SELECT json_build_array(v.pain_now, v.mood, v.sleep) FROM survey v WHERE v.recording_id = r.id) AS survey
  FROM patient p JOIN submission s ON s.patient_id = p.id JOIN recording r ON r.submission_id = s.id ORDER BY p.code, s.recorded_at`;

/** What was told to be done is there, once, and says what it said. */
async function rows({ owner }: World, ledger: Ledger): Promise<string[]> {
  const broken: string[] = [];
  const made = (await owner.query<{ code: string }>(MADE)).rows;
  const of = (patient: string): string[] =>
    made.filter(({ code }) => code === patient).map(({ code: _, ...rest }) => JSON.stringify(rest));
  const reference = of(REFERENCE);
  if (reference.length !== SUBMISSIONS) broken.push(`the reference has ${reference.length} recordings`);
  for (const patient of ledger.patients)
    if (of(patient).join('\n') !== reference.join('\n'))
      broken.push(
        `patient ${patient} is not what the reference is:\n${of(patient).join('\n')}\n${reference.join('\n')}`,
      );

  const strings = async (text: string): Promise<string[]> =>
    (await owner.query<{ is: string }>(text)).rows.map(({ is }) => is);
  const same = (what: string, found: readonly string[], told: readonly string[]): void => {
    const [left, right] = [[...found].sort().join(', '), [...told].sort().join(', ')];
    if (left !== right) broken.push(`${what}: there are ${left}, and told were ${right}`);
  };
  same('patients', await strings('SELECT code AS is FROM patient'), ledger.patients);
  same(
    'withdrawals',
    await strings('SELECT p.code AS is FROM withdrawal w JOIN patient p ON p.id = w.patient_id'),
    ledger.withdrawn,
  );
  same(
    'published releases',
    await strings(`SELECT version || ' ' || digest AS is FROM release WHERE status <> 'DRAFT'`),
    [...ledger.releases].map((one) => one.join(' ')),
  );
  same('requests', await strings('SELECT id::text AS is FROM access_request'), ledger.granted);
  same('grants', await strings('SELECT request_id::text AS is FROM data_grant'), ledger.granted);
  same(
    'revoked grants',
    await strings(`SELECT request_id::text AS is FROM data_grant WHERE state = 'REVOKED'`),
    ledger.revoked,
  );
  const events = await strings(
    `SELECT format('%s %s x %s', request_id, type, count(*)) AS is FROM request_event GROUP BY request_id, type HAVING count(*) > 1`,
  );
  if (events.length > 0) broken.push(`events of requests are doubled: ${events.join(', ')}`);
  const exports = new Map(
    (
      await owner.query<{ id: string; sha: string }>(
        'SELECT id::text, manifest_sha256 AS sha FROM data_export WHERE ready_at IS NOT NULL',
      )
    ).rows.map(({ id, sha }) => [id, sha]),
  );
  for (const [id, sha] of ledger.exports)
    if (exports.get(id) !== sha) broken.push(`export ${id} has another manifest than what was pulled`);
  return broken;
}

/** Every job has come to an end, and no end is for want of tries. */
async function jobs({ owner }: World): Promise<string[]> {
  const { rows: failed } = await owner.query<{ id: string; kind: string; state: string; error: { code?: string } }>(
    `SELECT id, kind, state, error FROM job WHERE state = 'FAILED' OR state IN ('SUCCEEDED', 'REFUSED', 'CANCELLED') AND finished_at IS NULL`,
  );
  return failed
    .filter(({ error }) => !ENDS.has(error?.code ?? ''))
    .map(({ id, kind, state, error }) => `job ${id} of ${kind} is ${state}: ${JSON.stringify(error)}`);
}

const NAMED = `SELECT object_key AS key, bytes::float8 AS bytes, sha256 FROM artifact`;
const IN_EXPORTS = `SELECT DISTINCT f.object_key AS key FROM export_file f JOIN data_export x ON x.id = f.export_id WHERE x.cleared_at IS NULL`;

/** Every object that a row names is there with its bytes, and no object is left that none names. */
async function objects({ owner }: World, store: ObjectStore): Promise<string[]> {
  const broken: string[] = [];
  const { rows: named } = await owner.query<{ key: string; bytes: number; sha256: string }>(NAMED);
  const { rows: exported } = await owner.query<{ key: string }>(IN_EXPORTS);
  for (const { key, bytes, sha256 } of named) {
    const hash = createHash('sha256');
    let came = 0;
    try {
      for await (const part of store.read(key)) {
        hash.update(part);
        came += part.length;
      }
    } catch (error) {
      broken.push(`artifact ${key} cannot be read: ${(error as Error).message}`);
      continue;
    }
    if (came !== bytes || hash.digest('hex') !== sha256)
      broken.push(`artifact ${key} has other bytes than its row says`);
  }
  const known = new Set([...named, ...exported].map(({ key }) => key));
  const there = new Set<string>();
  for await (const key of store.list('')) there.add(key);
  for (const { key } of exported) if (!there.has(key)) broken.push(`a file of an export is not there: ${key}`);
  for (const key of there)
    if (!known.has(key) && /^sealed\/(EXPORT\/|[^/]+\/[^/]+\/artifacts\/)/.test(key))
      broken.push(`an object is left that nothing names: ${key}`);
  return broken;
}

/** An export that is not made shows no file to who asked for it. */
async function halfExports({ owner }: World, { researcher }: People): Promise<string[]> {
  const { rows: halves } = await owner.query<{ id: string }>('SELECT id FROM data_export WHERE ready_at IS NULL');
  const broken: string[] = [];
  for (const { id } of halves) {
    const text = 'query ($id: ID!) { export(id: $id) { files(first: 1) { nodes { path } } } }';
    const shown = await researcher.ask<unknown>(text, { id }).then(JSON.stringify, () => '');
    if (shown.includes('"path"')) broken.push(`export ${id} shows files though it is not made`);
  }
  return broken;
}

/** No mail went twice; what is said to be sent went once; only what is in doubt may have gone or not. */
async function mails({ owner, services }: World): Promise<string[]> {
  const { rows: told } = await owner.query<{ id: string; state: string }>('SELECT id, state FROM outbox');
  return told.flatMap(({ id, state }) => {
    const came = services.mails.filter((mail) => mail.id === id).length;
    const fine = state === 'SENT' ? came === 1 : state === 'IN_DOUBT' ? came <= 1 : came === 0;
    return fine ? [] : [`mail ${id} is ${state} and came ${came} times`];
  });
}

async function audit({ owner }: World, database: Parameters<typeof readAuditChain>[0]): Promise<string[]> {
  const report = await readAuditChain(database);
  const unlogged = await owner.query<{ is: string }>(
    `SELECT format('%s %s', name, command_id) AS is FROM command_receipt WHERE result IS NULL`,
  );
  return [
    ...report.problems.map(problemText),
    ...report.columns.map((position) => `entry ${position} of the log was altered`),
    ...report.strays.map((id) => `entry ${id} of the log has no link`),
    ...(report.whole ? [] : ['the log is not whole']),
    ...unlogged.rows.map(({ is }) => `a command has a receipt without an outcome: ${is}`),
  ];
}
