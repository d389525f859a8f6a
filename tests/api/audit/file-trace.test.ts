import { createHash, randomUUID } from 'node:crypto';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CSRF_HEADER, CSRF_VALUE } from '../../../api/auth/csrf.ts';
import { EDITOR_PATH } from '../../../api/http/persisted-operations.ts';
import { clearEndedExports } from '../../../api/services/exports/clear-ended.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fillStudy, type StudyFixture } from '../../support/study-fixture.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';
import { aFolder, anIo, iss, type TestIo } from '../cli/an-io.ts';
import { giveToken, readsFilm, readyExport } from '../two-seconds/paths.ts';

let whole: WholeServer;
let study: StudyFixture;
let ada: FixturePerson;
let ben: FixturePerson;
let auditor: string;
const tokens = new Map<string, string>();

const sql = (text: string, values: unknown[] = []) => whole.db.pool.query(text, values);
async function ioOf(name: string): Promise<TestIo> {
  const io = anIo({
    ISS_URL: whole.server.url,
    ISS_TOKEN: tokens.get(name) ?? 'none',
    ISS_CONFIG_DIR: await aFolder(),
  });
  // The realm knows nobody of these tests, and personal tokens are for grants: the auditor's command line speaks as their portal session.
  if (name === 'aud')
    io.fetch = (_, init) =>
      fetch(`${whole.server.url}${EDITOR_PATH}`, {
        ...init,
        headers: {
          'content-type': 'application/json',
          ...{ cookie: auditor, origin: whole.server.url, [CSRF_HEADER]: CSRF_VALUE },
        },
      });
  return io;
}
async function pulledBy(name: string, exportId: string): Promise<string> {
  const folder = join(await aFolder(), 'out');
  expect(await iss(await ioOf(name), 'pull', exportId, '-o', folder)).toBe(0);
  return folder;
}
interface Holding {
  kind: string;
  id: string;
  name: string;
  by: { name: string } | null;
  release: string | null;
  until: string | null;
  taken: number;
}
/** @returns what is told, or how it ended */
async function trace(who: string, what: string): Promise<Holding[] | string> {
  const io = await ioOf(who);
  const code = await iss(io, 'audit', 'trace', what, '--json');
  if (code !== 0) return `${code} ${[...io.lines, ...io.notes].join(' ')}`;
  return io.lines.map((line) => JSON.parse(line) as Holding);
}
const brief = (found: Holding[] | string) =>
  typeof found === 'string' ? found : found.map(({ kind, id, by, taken }) => [kind, id, by?.name ?? null, taken]);

beforeAll(async () => {
  whole = await startWholeServer();
  study = await fillStudy(
    { pool: whole.db.pool, objects: whole.base.objects },
    { patients: 3, submissions: 1, frames: 10 },
  );
  const now = whole.clock.now();
  ada = await addResearcher(whole.db.pool, { name: 'ada', studyId: study.studyId, now });
  ben = await addResearcher(whole.db.pool, { name: 'ben', studyId: study.studyId, now });
  for (const [name, { accountId, grantId }] of Object.entries({ ada, ben }))
    tokens.set(name, (await giveToken(whole, accountId, grantId)).headers.authorization!.slice(7));
  const id = randomUUID();
  await sql(
    `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES ($1, 'fixture', 'aud', 'aud', 'aud', 'aud@example.org', now())`,
    [id],
  );
  await sql(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'auditor', now())`, [id]);
  auditor = await whole.session(id);
});
afterAll(() => whole.stop());

describe('iss audit trace of a file that was found somewhere', () => {
  it('names every export that held it, who could take it there and whether they did, whatever the file is called now', async () => {
    const adas = await readyExport(whole, ada.actor, ['LANDMARKS']);
    const bens = await readyExport(whole, ben.actor, ['LANDMARKS']);
    const folder = await pulledBy('ada', adas);
    const [mesh] = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.f32')).sort();
    const found = join(await aFolder(), 'found on a stick.bin');
    await writeFile(found, await readFile(join(folder, mesh!)));
    const holdings = await trace('aud', found);
    expect(brief(holdings)).toEqual(
      expect.arrayContaining([
        ['EXPORT', adas, 'ada', 1],
        ['EXPORT', bens, 'ben', 0],
      ]),
    );
    expect(holdings).toContainEqual(expect.objectContaining({ id: adas, name: mesh, until: null }));
    // A folder is known by its manifest, which is of one export alone.
    expect(brief(await trace('aud', folder))).toEqual([['EXPORT', adas, 'ada', 1]]);
    const digest = createHash('sha256')
      .update(await readFile(found))
      .digest('hex');
    expect(brief(await trace('aud', digest.toUpperCase()))).toEqual(brief(holdings));
    await appendFile(found, 'x');
    expect(await trace('aud', found)).toMatch(/held a file of SHA-256/);
  });

  it('is told to stewards and auditors alone, and is an entry of the log', async () => {
    expect(await trace('ada', '0'.repeat(64))).toMatch(/^3 /);
    const asked = '1'.repeat(64);
    await trace('aud', asked);
    const { rows } = await sql(
      `SELECT text FROM audit_entry WHERE action = 'READ_AUDIT_LOG' ORDER BY seq DESC LIMIT 1`,
    );
    expect(rows[0].text).toContain(asked);
  });

  it('names who took a recording’s own file, and an original that came from the clinic', async () => {
    const { patients } = study;
    const { recordingId, id: submissionId } = patients[0]!.submissions[0]!;
    const headers = { authorization: `Bearer ${tokens.get('ben')}` };
    const url = await readsFilm({ whole, study } as never, headers);
    const film = Buffer.from(await (await fetch(url!, { headers })).arrayBuffer());
    const place = join(await aFolder(), 'film');
    await writeFile(place, film);
    expect(brief(await trace('aud', place))).toContainEqual(['RECORDING', submissionId, 'ben', 1]);
    const { rows } = await sql('SELECT video_sha256 AS sha256 FROM recording WHERE id = $1', [recordingId]);
    expect(brief(await trace('aud', rows[0].sha256))).toContainEqual(['RECORDING', submissionId, null, 0]);
  });

  it('still names an export whose grant has ended and whose files are gone; of somebody who was erased, nothing', async () => {
    const id = await readyExport(whole, ada.actor, ['LANDMARKS', 'LABELS']);
    const folder = await pulledBy('ada', id);
    await sql(`UPDATE data_grant SET state = 'REVOKED' WHERE id = $1`, [ada.grantId]);
    await clearEndedExports(whole.base);
    expect((await sql('SELECT 1 FROM export_file WHERE export_id = $1', [id])).rows).toEqual([]);
    const files = (await readdir(join(folder, 'landmarks'), { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    for (const entry of files.slice(0, 2))
      expect(brief(await trace('aud', join(entry.parentPath, entry.name)))).toContainEqual(['EXPORT', id, 'ada', 1]);
    const [known] = (await trace('aud', folder)) as Holding[];
    expect(known).toMatchObject({ id, name: 'manifest.json', until: expect.any(String) });
    // As an erasure ends: the check-ins go, and what is kept of their files with them.
    const { rows } = await sql('SELECT DISTINCT submission_id AS id FROM export_trace WHERE submission_id IS NOT NULL');
    const cascades = await sql(
      `SELECT confdeltype FROM pg_constraint WHERE conrelid = 'export_trace'::regclass AND confrelid = 'submission'::regclass`,
    );
    expect([rows.length, cascades.rows[0].confdeltype]).toEqual([3, 'c']);
  });

  it('is said to be nothing where no entry fits', async () => {
    const io = await ioOf('aud');
    expect(await iss(io, 'audit', 'list', '--action', 'NO_SUCH')).toBe(0);
    expect(io.lines).toEqual(['No entry fits.']);
  });

  it('takes a name for a name where no such file is here', async () => {
    const io = await ioOf('aud');
    expect(await iss(io, 'audit', 'trace', 'ada')).toBe(0);
    expect(io.lines.join('\n')).toContain('ada');
  });
});
