/**
 * The server that is attacked, as a process of its own: wired as api/main.ts wires it, with the demo's accounts and grants, but with the small study of the
 * test fixtures in place of the demo's own, which takes a minute to make. Prints its address as one line of JSON.
 */
import type pg from 'pg';
import { composeServer } from '../../api/compose.ts';
import { readConfig } from '../../api/config.ts';
import { createLog } from '../../api/log.ts';
import { startServer } from '../../api/server.ts';
import { startSealer } from '../../api/services/audit/sealer.ts';
import { seedDemoAccess } from '../../api/services/demo/demo-access.ts';
import { prepareFirstStart } from '../../api/services/first-start.ts';
import { fillStudy } from '../support/study-fixture.ts';

const config = readConfig(process.env);
const log = createLog(config.ISS_LOG_LEVEL);
const base = await composeServer(config, log);
// The fixtures write as the owner does; the server's own role may do all that they need.
const pool = { query: (text: string, values?: unknown[]) => base.database.query(text, values) } as unknown as pg.Pool;
await fillStudy({ pool, objects: base.objects }, { patients: 4, frames: 45 });
await prepareFirstStart(base);
const sealer = startSealer(base.database, (error) => log.error({ err: error }, 'the log could not be sealed'));
const server = await startServer(base);
await seedDemoAccess(base, server.services, server.url);
process.stdout.write(`${JSON.stringify({ url: server.url, port: server.port, pid: process.pid })}\n`);
process.once('SIGTERM', async () => {
  await server.stop();
  await sealer.stop();
  await base.close();
  process.exit(0);
});
