import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeServerNote } from '../../../api/data-directory.ts';
import { CHECKOUT, withoutSettings } from '../../support/started-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'iss-worker-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

const started = (settings: Record<string, string>, program = 'api/worker.ts', ...words: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', program, ...words], {
    cwd: CHECKOUT,
    encoding: 'utf8',
    env: { ...withoutSettings(process.env), ISS_DATA_DIR: folder, ...settings },
  });
  return { status, said: stderr };
};

describe('a worker, or a tool beside a server, that cannot start', () => {
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
    const tool = started(settings, 'api/cli/iss.mjs', 'audit', 'verify');
    for (const { status, said } of [server, worker, tool]) {
      expect([status, said]).toEqual([1, expect.stringContaining('ISS_DATABASE_URL: the database at 127.0.0.1:1/iss')]);
      expect(said).not.toMatch(/^\s+at |none-of-yours/m);
    }
  });

  it('says that no server has been started on its data folder', () => {
    const { status, said } = started({});
    expect([status, said]).toEqual([1, expect.stringContaining('no server has been started on the data folder')]);
    expect(said).not.toMatch(/^\s+at /m);
  });

  it('says that the server of its data folder has to be started', async () => {
    await writeServerNote(folder, { pid: 1, url: 'http://localhost:1', databasePort: 1 });
    const { status, said } = started({}, 'api/cli/iss.mjs', 'audit', 'verify');
    expect([status, said]).toEqual([1, 'iss: The database does not answer: start the server with npm start.\n']);
  });
});
