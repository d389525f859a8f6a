import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '../adapters/database/database.ts';
import { freeBytes } from '../adapters/disk-space.ts';
import { type DecisionCount, decisionCount } from '../services/audit/decision-count.ts';

/** What /metrics tells (Prometheus). Nothing here names a person or a patient. */
export function createMetrics(database: Database, dataDirectory: string, decisions: DecisionCount = decisionCount()) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'iss_' });
  const jobs = new Gauge({
    name: 'iss_jobs',
    help: 'Jobs by kind and state',
    labelNames: ['kind', 'state'],
    registers: [registry],
    async collect() {
      const { rows } = await database.query<{ kind: string; state: string; n: number }>(
        'SELECT kind, state, count(*)::int AS n FROM job GROUP BY kind, state',
      );
      this.reset();
      for (const { kind, state, n } of rows) this.set({ kind, state }, n);
    },
  });
  new Gauge({
    name: 'iss_jobs_given_up',
    help: 'Jobs that were given up, by kind and why',
    labelNames: ['kind', 'code'],
    registers: [registry],
    async collect() {
      const { rows } = await database.query<{ kind: string; code: string; n: number }>(
        `SELECT kind, coalesce(error ->> 'code', 'UNKNOWN') AS code, count(*)::int AS n FROM job WHERE state = 'FAILED' GROUP BY 1, 2`,
      );
      this.reset();
      for (const { kind, code, n } of rows) this.set({ kind, code }, n);
    },
  });
  new Gauge({
    name: 'iss_jobs_waiting_seconds',
    help: 'How long the oldest job of a kind has waited that could begin',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      const { rows } = await database.query<{ kind: string; seconds: number }>(
        `SELECT kind, extract(epoch FROM now() - min(created_at))::float8 AS seconds FROM job WHERE state = 'QUEUED' AND run_after <= now() GROUP BY kind`,
      );
      this.reset();
      for (const { kind, seconds } of rows) this.set({ kind }, Math.max(0, seconds));
    },
  });
  new Gauge({
    name: 'iss_jobs_paused',
    help: 'Kinds of jobs that a curator has paused',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      const { rows } = await database.query<{ kind: string }>('SELECT kind FROM job_control WHERE paused');
      this.reset();
      for (const { kind } of rows) this.set({ kind }, 1);
    },
  });
  new Counter({
    name: 'iss_job_seconds_total',
    help: 'Seconds from the first beginning of jobs to their end, by kind and state',
    labelNames: ['kind', 'state'],
    registers: [registry],
    async collect() {
      const { rows } = await database.query<{ kind: string; state: string; seconds: number }>(
        `SELECT kind, state, coalesce(sum(extract(epoch FROM finished_at - started_at)), 0)::float8 AS seconds
         FROM job WHERE finished_at IS NOT NULL AND started_at IS NOT NULL GROUP BY 1, 2`,
      );
      this.reset();
      for (const { kind, state, seconds } of rows) this.inc({ kind, state }, Math.max(0, seconds));
    },
  });
  new Counter({
    name: 'iss_ingest_items_total',
    help: 'Submissions of drops, by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
    async collect() {
      const { rows } = await database.query<{ outcome: string; n: number }>(
        'SELECT outcome, count(*)::int AS n FROM ingest_item GROUP BY outcome',
      );
      this.reset();
      for (const { outcome, n } of rows) this.inc({ outcome }, n);
    },
  });
  // An erasure takes a patient's seconds out of the rows: the fall would say whose they were to whoever knows how much they sent. So only what is added is told.
  let seen: number | null = null;
  new Counter({
    name: 'iss_ingest_recording_seconds_total',
    help: 'Seconds of work in which recordings were made into data, since this process was first asked',
    registers: [registry],
    async collect() {
      const { rows } = await database.query<{ seconds: number }>(
        'SELECT coalesce(sum(seconds), 0)::float8 AS seconds FROM ingest_item WHERE finished_at IS NOT NULL',
      );
      const sum = rows[0]?.seconds ?? 0;
      this.inc(Math.max(0, sum - (seen ?? sum)));
      seen = sum;
    },
  });
  new Counter({
    name: 'iss_refusals_total',
    help: 'Refusals of people who are signed in, by reason, since this process began',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [reason, n] of decisions.refusals()) this.inc({ reason }, n);
    },
  });
  new Counter({
    name: 'iss_decisions_total',
    help: 'What people were allowed and did, and what they were refused, by the log’s word for it, since this process began',
    labelNames: ['action'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [action, n] of decisions.entries()) this.inc({ action }, n);
    },
  });
  new Gauge({
    name: 'iss_database_connections',
    help: 'Connections of the pool: open, idle, and how many wait for one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, n] of Object.entries(database.connections())) this.set({ state }, n);
    },
  });
  new Gauge({
    name: 'iss_data_folder_free_bytes',
    help: 'Bytes that are free on the disk of the data folder',
    registers: [registry],
    async collect() {
      this.set(await freeBytes(dataDirectory));
    },
  });
  return {
    registry,
    jobs,
    requests: new Histogram({
      name: 'iss_http_request_seconds',
      help: 'HTTP requests',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [registry],
    }),
    operations: new Histogram({
      name: 'iss_graphql_operation_seconds',
      help: 'GraphQL operations',
      labelNames: ['kind', 'failed'],
      buckets: [0.002, 0.01, 0.05, 0.2, 1, 5],
      registers: [registry],
    }),
    strangers: new Counter({
      name: 'iss_refusals_of_strangers_total',
      help: 'Refused reads of people who are not signed in',
      labelNames: ['modality'],
      registers: [registry],
    }),
  };
}
