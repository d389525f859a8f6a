import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CHECKOUT, withoutSettings } from '../../support/started-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'iss-worker-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

const started = (settings: Record<string, string>) => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'api/worker.ts'], {
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

  it('says that no server has been started on its data folder', () => {
    const { status, said } = started({});
    expect([status, said]).toEqual([1, expect.stringContaining('no server has been started on the data folder')]);
    expect(said).not.toMatch(/^\s+at /m);
  });
});
