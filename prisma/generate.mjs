// Generates the Prisma client. `prisma generate` itself needs no schema engine, but its command line downloads one
// unless PRISMA_SCHEMA_ENGINE_BINARY names an executable; any will do, since nothing here runs it.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const cli = find('prisma/build/index.js');
if (!cli) {
  console.log('The Prisma client is left as it is: prisma, a development dependency, is not installed.');
  process.exit(0);
}
const done = spawnSync(process.execPath, [cli, 'generate', '--schema', 'prisma/schema.prisma', '--no-hints'], {
  stdio: ['ignore', 'ignore', 'pipe'],
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
});
if (done.status !== 0) process.stderr.write(done.stderr);
process.exit(done.status ?? 1);

function find(file) {
  try {
    return createRequire(import.meta.url).resolve(file);
  } catch {
    return undefined;
  }
}
