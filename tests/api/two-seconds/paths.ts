import { randomBytes, randomUUID } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import type { JobKind } from '../../../api/jobs/job-kind.ts';
import { runJobs } from '../../../api/jobs/job-runner.ts';
import { loadFacts } from '../../../api/services/access/load-facts.ts';
import { findRelease } from '../../../api/services/releases/find-release.ts';
import { type RunDeps, readRun } from '../../../api/services/runs/run.ts';
import { keepContents } from '../../../api/services/runs/run-contents.ts';
import type { AccountActor } from '../../../governance/actor.ts';
import type { Modality } from '../../../governance/modality.ts';
import { tokenSha256, tokenText } from '../../../governance/personal-token.ts';
import type { WholeServer } from '../../support/whole-server.ts';
import type { Situation } from './fact-changes.ts';

export type Headers = Record<string, string>;

/** A personal token of the person for their grant. */
export async function giveToken(whole: WholeServer, accountId: string, grantId: string) {
  const token = tokenText(randomBytes(32));
  const id = randomUUID();
  const now = whole.clock.now();
  await whole.db.pool.query(
    `INSERT INTO personal_token (id, sha256, account_id, grant_id, name, created_at, expires_at) VALUES ($1, $2, $3, $4, 'x', $5, $6)`,
    [id, tokenSha256(token), accountId, grantId, now, new Date(now.getTime() + 30 * 86_400_000)],
  );
  return { id, headers: { authorization: `Bearer ${token}` } };
}

/** The address of the first patient's film, as a query gives it now; null where it gives none. */
export async function readsFilm({ whole, study }: Situation, headers: Headers): Promise<string | null> {
  const { data } = await whole.ask(
    headers,
    'query ($code: ID!) { release { patient(code: $code) { submissions(first: 1) { nodes { video { url } } } } } }'.replace(
      'ID!',
      'String!',
    ),
    { code: study.patients[0]!.code },
  );
  return data?.release?.patient?.submissions?.nodes?.[0]?.video?.url ?? null;
}

/** A download by somebody who takes a little now and then. */
export async function slowDownload(url: string, headers: Headers) {
  const response = await new Promise<IncomingMessage>((done, failed) => {
    request(url, { headers, agent: false }, done).on('error', failed).end();
  });
  if (response.statusCode !== 200) throw new Error(`the download began with ${response.statusCode}`);
  const expected = Number(response.headers['content-length']);
  let bytes = 0;
  let over = false;
  const closed = new Promise<void>((done) => response.once('close', () => done()));
  response.on('error', () => {});
  response.once('close', () => {
    over = true;
  });
  return {
    /** Reads slowly until then, and then all that still comes: what was not cut by then would come whole. */
    async isWholeAfter(until: number): Promise<boolean> {
      while (performance.now() < until && !over) {
        bytes += (response.read(4096) as Buffer | null)?.length ?? 0;
        await new Promise((done) => setTimeout(done, 25));
      }
      response.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      response.resume();
      await closed;
      return response.complete && bytes === expected;
    },
  };
}

/** Jobs of the server that do nothing but wait until they are told to end; who may have them run is asked as ever. */
export function waitingKinds({ base, server }: WholeServer): { real: JobKind[]; waiting: JobKind[] } {
  const real = [...server.services.exports.jobKinds(), ...server.services.runs.jobKinds()];
  const deps: RunDeps = { ...base, audit: server.services.audit, loadFacts };
  const waiting = real.map(
    (kind): JobKind => ({
      ...kind,
      async run(payload, { job, signal }) {
        // As a run does when it begins to read.
        if (kind.kind === 'run-baseline') {
          const run = (await readRun(deps, (payload as { runId: string }).runId))!;
          await keepContents(deps, run, (await findRelease(base.database, null, run.releaseId))!, job);
        }
        await new Promise((_, end) => {
          if (signal.aborted) end(signal.reason);
          signal.addEventListener('abort', () => end(signal.reason));
        });
      },
    }),
  );
  return { real, waiting };
}

/** Asks for an export and makes it, as a worker does. @returns its id */
export async function readyExport(
  { base, server }: WholeServer,
  actor: AccountActor,
  modalities: readonly Modality[] = ['VIDEO'],
): Promise<string> {
  const asked = await server.services.exports.request({ actor, fold: null, part: 'ALL', modalities });
  if (!asked.ok) throw new Error(`no export: ${asked.code}`);
  const job = await base.jobs.claim('maker', ['export']);
  if (job?.id !== asked.jobId) throw new Error('another job was waiting');
  const kind = server.services.exports.jobKinds()[0]!;
  const context = { job, signal: new AbortController().signal, progress: () => {} };
  const result = await kind.run(kind.payload.parse(job.payload), context);
  await base.jobs.finish(base.database, job.id, 'maker', { state: 'SUCCEEDED', result });
  return asked.exportId;
}

/** Asks for an export that waits, then one that runs, and a baseline that runs; all with the token. */
export async function startJobs(whole: WholeServer, waiting: readonly JobKind[], actor: AccountActor) {
  const { base, server } = whole;
  const ask = async (): Promise<string> => {
    const asked = await server.services.exports.request({ actor, fold: null, part: 'ALL', modalities: ['VIDEO'] });
    if (!asked.ok) throw new Error(`no export: ${asked.code}`);
    return asked.jobId;
  };
  const queued = await ask();
  await whole.db.pool.query(`UPDATE job SET run_after = run_after + interval '30 days' WHERE id = $1`, [queued]);
  const exporting = await ask();
  const asked = await server.services.runs.request(actor, {
    ...{
      study: null,
      release: null,
      experiment: 'random-forest-pain',
      classes: null,
      preset: 'smoke',
      fold: null,
      seed: 1,
    },
  });
  if (!asked.ok) throw new Error(`no run: ${asked.code}`);
  const runners = await Promise.all(
    waiting.map((kind) =>
      runJobs({
        ...{ worker: `test-${randomUUID()}`, kinds: [kind], store: base.jobs, queue: base.queue },
        ...{ database: base.database, log: base.log, pollMs: 100 },
      }),
    ),
  );
  const running = async (id: string): Promise<boolean> => (await base.jobs.get(id))?.state === 'RUNNING';
  while (!(await running(exporting)) || !(await running(asked.jobId)) || !(await hasContents(whole, asked.runId)))
    await new Promise((done) => setTimeout(done, 20));
  return {
    ...{ queued, exporting, baseline: asked.jobId },
    async stop() {
      await Promise.all(runners.map((runner) => runner.stop()));
      await whole.db.pool.query(`UPDATE job SET state = 'CANCELLED' WHERE state IN ('QUEUED', 'RUNNING')`);
    },
  };
}

async function hasContents({ db }: WholeServer, runId: string): Promise<boolean> {
  const { rows } = await db.pool.query('SELECT contents IS NOT NULL AS kept FROM baseline_run WHERE id = $1', [runId]);
  return rows[0]?.kept === true;
}
