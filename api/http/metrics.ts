import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '../adapters/database/database.ts';

/** What /metrics tells (Prometheus). Nothing here names a person or a patient. */
export function createMetrics(database: Database) {
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
    name: 'iss_database_connections',
    help: 'Connections of the pool: open, idle, and how many wait for one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, n] of Object.entries(database.connections())) this.set({ state }, n);
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
