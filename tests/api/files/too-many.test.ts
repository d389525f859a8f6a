import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addResearcher } from '../../support/person-fixture.ts';
import { fillStudy } from '../../support/study-fixture.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';
import { aFolder, anIo, iss } from '../cli/an-io.ts';
import { giveToken, readyExport } from '../two-seconds/paths.ts';

const ALLOWED = 4;

let whole: WholeServer;
let token: string;
let exportId: string;

beforeAll(async () => {
  // Whole minutes pass when somebody waits, and no time otherwise.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  whole = await startWholeServer({ settings: { ISS_DOWNLOADS_PER_MINUTE: String(ALLOWED) } });
  const study = await fillStudy(
    { pool: whole.db.pool, objects: whole.base.objects },
    { patients: 3, submissions: 2, frames: 5 },
  );
  const ada = await addResearcher(whole.db.pool, { name: 'ada', studyId: study.studyId, now: whole.clock.now() });
  token = (await giveToken(whole, ada.accountId, ada.grantId)).headers.authorization!.replace('Bearer ', '');
  exportId = await readyExport(whole, ada.actor, ['LANDMARKS']);
});
afterAll(async () => {
  await whole?.stop();
  vi.useRealTimers();
});

describe('somebody who asks for more files in a minute than are allowed', () => {
  it('is told how long to wait, and iss pull waits for it and brings every file', async () => {
    const folder = join(await aFolder(), 'out');
    const io = anIo({ ISS_URL: whole.server.url, ISS_TOKEN: token, ISS_CONFIG_DIR: await aFolder() });
    const giveWay = io.sleep;
    io.sleep = async (milliseconds, signal) => {
      await giveWay(milliseconds, signal);
      vi.setSystemTime(Date.now() + milliseconds);
    };
    expect(await iss(io, 'pull', exportId, '-o', folder)).toBe(0);
    expect(io.slept).toContain(60_000);
    expect(await iss(io, 'verify', folder)).toBe(0);
    const refused = whole.logged.filter((line) => line.includes('"status":429'));
    expect(refused.length).toBeGreaterThan(0);
  });

  it('is refused as problem details, on a connection that stays open, and alone', async () => {
    vi.setSystemTime(Date.now() + 60_000);
    const ask = (headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
      fetch(`${whole.server.url}/files/none`, { headers });
    for (let times = 0; times < ALLOWED; times++) expect((await ask()).status).toBe(404);
    const refused = await ask();
    const { headers } = refused;
    expect([refused.status, headers.get('retry-after'), headers.get('connection')]).toEqual([429, '60', 'keep-alive']);
    expect(await refused.json()).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' });
    expect((await ask({})).status).toBe(404);
    const { data } = await whole.ask({ authorization: `Bearer ${token}` }, '{ viewer { grants { id } } }');
    expect(data.viewer.grants).toHaveLength(1);
  });
});
