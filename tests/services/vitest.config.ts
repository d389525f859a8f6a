import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = resolve(import.meta.dirname, '../..');
const reports = process.env.TEST_REPORTS;

/** The adapters of the real services against real servers, each started and stopped by its suite (`.ci/services` fetches them); not part of `npm test`. */
export default defineConfig({
  test: {
    root,
    include: ['tests/services/**/*.test.ts'],
    globalSetup: ['tests/support/global-database.ts'],
    reporters: reports
      ? ['default', ['json', { outputFile: resolve(reports, `services-${process.pid}.json`) }]]
      : ['default'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
});
