import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anIo, iss } from './an-io.ts';
import { type Portal, startPortal } from './portal.ts';

let portal: Portal;
beforeEach(async () => {
  portal = await startPortal();
});
afterEach(() => portal.stop());
const io = () => anIo({ ISS_URL: portal.url, ISS_TOKEN: 'a-token' });

const kind = (changes: object = {}) => ({
  ...{ kind: 'export', paused: false, atOnce: null, queued: 2, running: 1, failed: 1, waitingSince: null },
  ...changes,
});
const job = (id: string) => ({
  ...{ id, kind: 'export', code: 'WORKER_DIED', message: 'It ended \u001b[2J three times.', attempts: 3 },
  failedAt: '2026-03-01T05:00:00.000Z',
});

describe('iss jobs', () => {
  test('list tells how every kind stands, and every page of what was given up', async () => {
    portal.operations.Jobs = ({ after }) => ({
      data: {
        jobKinds: [kind(), kind({ kind: 'run-baseline', paused: true, atOnce: 1 })],
        failedJobs: {
          nodes: [job(after === null ? 'j1' : 'j2')],
          pageInfo: { hasNextPage: after === null, endCursor: 'c' },
        },
      },
    });
    const terminal = io();
    expect(await iss(terminal, 'jobs', 'list')).toBe(0);
    const text = terminal.lines.join('\n');
    expect(text).toMatch(/run-baseline +2 +1 +1 +paused, 1 at once/);
    expect(text).toMatch(/j1 .*\nj2 .*WORKER_DIED: It ended \\x1b\[2J three times\.\n2 jobs given up\.$/);
    const json = io();
    expect(await iss(json, 'jobs', 'list', '--json')).toBe(0);
    expect(JSON.parse(json.lines.join('')).failed).toHaveLength(2);
  });

  test('retry, pause, resume and limit say what was done', async () => {
    portal.operations.retryJob = ({ input }) => ({
      data: { retryJob: { __typename: 'RetryJobSuccess', id: (input as { id: string }).id } },
    });
    const held = (name: string, changes: object) => () => ({
      data: { [name]: { __typename: `${name.charAt(0).toUpperCase()}${name.slice(1)}Success`, kind: kind(changes) } },
    });
    portal.operations.pauseJobs = held('pauseJobs', { paused: true });
    portal.operations.resumeJobs = held('resumeJobs', {});
    const limits: unknown[] = [];
    portal.operations.limitJobs = ({ input }) => {
      limits.push(input);
      return held('limitJobs', { atOnce: 1 })();
    };
    const terminal = io();
    expect(await iss(terminal, 'jobs', 'retry', 'j1')).toBe(0);
    expect(await iss(terminal, 'jobs', 'pause', 'export')).toBe(0);
    expect(await iss(terminal, 'jobs', 'resume', 'export')).toBe(0);
    expect(await iss(terminal, 'jobs', 'limit', 'export', '1')).toBe(0);
    expect(await iss(terminal, 'jobs', 'limit', 'export')).toBe(0);
    expect(await iss(io(), 'jobs', 'limit', 'export', 'many')).toBe(2);
    expect(terminal.lines).toEqual([
      'Job j1 waits to be done again.',
      'export: paused; 2 waiting, 1 running.',
      'export: not held; 2 waiting, 1 running.',
      'export: 1 at once; 2 waiting, 1 running.',
      'export: 1 at once; 2 waiting, 1 running.',
    ]);
    expect(limits).toMatchObject([{ kind: 'export', atOnce: 1 }, { kind: 'export' }]);
  });
});
