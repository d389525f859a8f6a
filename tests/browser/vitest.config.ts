import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = resolve(import.meta.dirname, '../..');
const reports = process.env.TEST_REPORTS;

/** Tests in a real browser (Debian's chromium); not part of `npm test`, which runs where there is none. */
export default defineConfig({
  test: {
    root,
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: ['tests/e2e/support/global-server.ts'],
    reporters: reports
      ? [
          'default',
          ['json', { outputFile: resolve(reports, `${process.env.BROWSER_REPORT ?? 'browser'}-${process.pid}.json`) }],
        ]
      : ['default'],
    pool: 'forks',
    maxWorkers: 1,
    // A whole path of several people is one test; on a machine that others use it takes minutes.
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
