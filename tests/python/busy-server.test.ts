import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { verifyExport } from '../../api/cli/verify-export.ts';
import { aFolder } from '../api/cli/an-io.ts';
import { giveToken, readyExport } from '../api/two-seconds/paths.ts';
import { addResearcher } from '../support/person-fixture.ts';
import { fillStudy } from '../support/study-fixture.ts';
import { startWholeServer, type WholeServer } from '../support/whole-server.ts';

const ALLOWED = 5;
const MINUTE = 60_000;

let whole: WholeServer;
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  whole = await startWholeServer({
    settings: { ISS_DOWNLOADS_PER_MINUTE: String(ALLOWED), ISS_TICKET_SECONDS: '3600' },
  });
});
afterAll(async () => {
  await whole?.stop();
  vi.useRealTimers();
});

test('iss_pull.py waits where the server says that it asked for too many files in a minute, and brings every file', async () => {
  const study = await fillStudy(
    { pool: whole.db.pool, objects: whole.base.objects },
    { patients: 3, submissions: 2, frames: 5 },
  );
  const ada = await addResearcher(whole.db.pool, { name: 'ada', studyId: study.studyId, now: whole.clock.now() });
  const { headers } = await giveToken(whole, ada.accountId, ada.grantId);
  const exportId = await readyExport(whole, ada.actor, ['LANDMARKS']);
  // Each file takes a little less than its share of the server's minute, so that who is refused has to wait a second; that passes when it is told.
  let refusals = 0;
  const { logged } = whole;
  const write = logged.push.bind(logged);
  logged.push = (...lines) => {
    const answers = lines.filter((line) => line.includes('"route":"/files"'));
    const refused = answers.filter((line) => line.includes('"status":429'));
    refusals += refused.length;
    const passed = refused.length * 1000 + (answers.length - refused.length) * (MINUTE / ALLOWED - 100);
    vi.setSystemTime(Date.now() + passed);
    return write(...lines);
  };
  const folder = join(await aFolder(), 'out');
  const program = resolve(import.meta.dirname, '../../docs/examples/iss_pull.py');
  const child = spawn(process.env.ISS_PYTHON ?? 'python3', [program, exportId, '-o', folder], {
    env: {
      PATH: process.env.PATH,
      ISS_URL: whole.server.url,
      ISS_TOKEN: headers.authorization!.replace('Bearer ', ''),
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => {
      said += part;
    });
  const [code] = await once(child, 'close');
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(refusals).toBeGreaterThan(0);
  expect(await readdir(folder)).toContain('manifest.json');
  expect(await verifyExport(folder)).toMatchObject({ ok: true });
});
