import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CHECKOUT, withoutSettings } from '../../support/started-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'iss-worker-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

const started = (settings: Record<string, string>, program = 'api/worker.ts') => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', program], {
    cwd: CHECKOUT,
    encoding: 'utf8',
    env: { ...withoutSettings(process.env), ISS_DATA_DIR: folder, ...settings },
  });
  return { status, said: stderr };
};

describe('a worker that cannot start', () => {
  it('names the setting, and no line of ours', () => {
    expect(started({ ISS_REDDIS_URL: 'redis://localhost' })).toEqual({
      status: 1,
      said: expect.stringMatching(/^the configuration is not valid:\n {2}ISS_REDDIS_URL: no such setting\n$/m),
    });
  });

  it('names a database that does not answer', () => {
    // What a server leaves in its data folder before it comes to its database.
    const settings = { ISS_DATABASE_URL: 'postgresql://iss:none-of-yours@127.0.0.1:1/iss', ISS_DEMO: '0' };
    const server = started(settings, 'api/main.ts');
    const worker = started(settings);
    for (const { status, said } of [server, worker]) {
      expect([status, said]).toEqual([1, expect.stringContaining('ISS_DATABASE_URL: the database at 127.0.0.1:1/iss')]);
      expect(said).not.toMatch(/^\s+at |none-of-yours/m);
    }
  });

  it('says that no server has been started on its data folder', () => {
    const { status, said } = started({});
    expect([status, said]).toEqual([1, expect.stringContaining('no server has been started on the data folder')]);
    expect(said).not.toMatch(/^\s+at /m);
  });
});
