import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = resolve(import.meta.dirname, '../..');
const reports = process.env.TEST_REPORTS;

/** What people read exports with in Python; not part of `npm test`, which needs Node alone. `ISS_PYTHON` names a Python with tests/python/requirements.txt. */
export default defineConfig({
  test: {
    root,
    include: ['tests/python/**/*.test.ts'],
    globalSetup: ['tests/support/global-database.ts'],
    reporters: reports
      ? ['default', ['json', { outputFile: resolve(reports, `python-${process.pid}.json`) }]]
      : ['default'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
  },
});
