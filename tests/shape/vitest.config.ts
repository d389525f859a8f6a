import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = resolve(import.meta.dirname, '../..');
const reports = process.env.TEST_REPORTS;

/** The study with the published shape, made and imported whole: minutes of two cores, so beside the other suites (`.ci/run`) and not part of `npm test`. */
export default defineConfig({
  test: {
    root,
    include: ['tests/shape/**/*.test.ts'],
    globalSetup: ['tests/support/global-database.ts'],
    reporters: reports
      ? ['default', ['json', { outputFile: resolve(reports, `shape-${process.pid}.json`) }]]
      : ['default'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
