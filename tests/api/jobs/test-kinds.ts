import { z } from 'zod';
import type { Database } from '../../../api/adapters/database/database.ts';
import type { JobKind } from '../../../api/jobs/job-kind.ts';

const PAYLOAD = z.object({ name: z.string() });
type Payload = z.infer<typeof PAYLOAD>;

/** Kinds for tests. A job may run as long as the table `allowed` has its name; each start leaves a row in `started`. */
export function testKinds(database: Database): JobKind[] {
  const common = {
    payload: PAYLOAD,
    maxAttempts: 3,
    priority: 0,
    refusals: async (_job: unknown, { name }: Payload) => {
      const { rows } = await database.query('SELECT 1 FROM allowed WHERE name = $1', [name]);
      return rows.length > 0 ? [] : ['GRANT_REVOKED'];
    },
  };
  const started = (name: string) =>
    database.query('INSERT INTO started (name, pid) VALUES ($1, $2)', [name, process.pid]);
  const kind = (one: JobKind<Payload>): JobKind => one as JobKind as JobKind<unknown>;
  return [
    kind({
      ...common,
      kind: 'wait',
      async run({ name }, { signal }) {
        await started(name);
        await new Promise((_, stop) => signal.addEventListener('abort', () => stop(signal.reason)));
      },
    }),
    kind({
      ...common,
      kind: 'block',
      async run({ name }) {
        await started(name);
        // Nothing else of this process runs from here on: neither beats nor words.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
      },
    }),
    kind({
      ...common,
      kind: 'quick',
      async run({ name }) {
        await started(name);
        return { by: process.pid };
      },
    }),
  ];
}

export const TABLES = `CREATE TABLE allowed (name text PRIMARY KEY); CREATE TABLE started (name text, pid int, at timestamptz DEFAULT now());
  GRANT ALL ON allowed, started TO iss_app`;
