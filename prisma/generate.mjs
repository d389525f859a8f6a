// Generates the Prisma client. `prisma generate` itself needs no schema engine, but its command line downloads one
// unless PRISMA_SCHEMA_ENGINE_BINARY names an executable; any will do, since nothing here runs it.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const cli = createRequire(import.meta.url).resolve('prisma/build/index.js');
const done = spawnSync(process.execPath, [cli, 'generate', '--schema', 'prisma/schema.prisma', '--no-hints'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
});
process.exit(done.status ?? 1);
