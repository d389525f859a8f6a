import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Where .ci/run wants a report in JSON of each run, to add up what ran; nowhere by default. */
const reports = process.env.TEST_REPORTS;

export default defineConfig({
  test: {
    reporters: reports
      ? ['default', ['json', { outputFile: resolve(reports, `vitest-${process.pid}.json`) }]]
      : ['default'],
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['tests/**/*.test.ts'],
          exclude: [
            ...['tests/e2e/**', 'tests/browser/**', 'tests/services/**', 'tests/shape/**', 'tests/python/**'],
            '**/node_modules/**',
          ],
          globalSetup: ['tests/support/global-database.ts'],
          // The embedded database and the nets need a moment on a cold machine; no test waits by sleeping.
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          // Its gradients are modules that Node cannot load by themselves.
          server: { deps: { inline: [/@tensorflow\/tfjs-core/] } },
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The whole product, started as a user starts it; after the parts, so that the two do not take each other's cores.
        extends: true,
        test: {
          name: 'whole',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: ['tests/e2e/support/global-server.ts'],
          testTimeout: 120_000,
          hookTimeout: 600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
