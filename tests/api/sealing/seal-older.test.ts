import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ObjectStore, readWhole } from '../../../api/adapters/objects/object-store.ts';
import { JobPostponed } from '../../../api/jobs/job-kind.ts';
import { askForSealing, clearUnsealedKind, sealOlderKind } from '../../../api/services/sealing/seal-older.ts';
import { asked, type ExportWorld, made, paths, read, startExportWorld, work } from '../exports/export-world.ts';

let world: ExportWorld;
let exportId = '';
/** Checksums of the export's files, by path, before anything was moved. */
let before: Map<string, string>;
const sql = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);

async function keys(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const key of world.objects.list(prefix)) found.push(key);
  return found;
}
const unsealed = async () => (await keys('')).filter((key) => !key.startsWith('sealed/'));

async function contents(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of await paths(world, exportId, 500))
    found.set(path, (await read(world, exportId, path)).toString('hex'));
  return found;
}

/** Puts an object where it lay before there were keys, in clear. */
async function older(objects: ObjectStore, key: string, place: string): Promise<void> {
  await objects.put(place, await readWhole(objects, key));
  await objects.remove(key);
  for (const table of ['artifact', 'export_file'])
    await sql(`UPDATE ${table} SET object_key = $2 WHERE object_key = $1`, [key, place]);
}

async function run(name: 'seal-older' | 'clear-unsealed') {
  const kind = name === 'seal-older' ? sealOlderKind(world.deps) : clearUnsealedKind(world.deps);
  const job = await world.deps.jobs.claim('worker', [name]);
  if (job === null) throw new Error(`no ${name} waits`);
  const context = { job, signal: new AbortController().signal, progress: () => {} };
  const result = await kind.run(kind.payload.parse(job.payload) as never, context).catch(async (error: unknown) => {
    await sql(`UPDATE job SET state = 'QUEUED', locked_by = NULL WHERE id = $1`, [job.id]);
    throw error;
  });
  await world.deps.jobs.finish(world.deps.database, job.id, 'worker', { state: 'SUCCEEDED', result });
  return result;
}

beforeAll(async () => {
  world = await startExportWorld({ patients: 3, folds: 2, submissions: 1, frames: 12 });
  exportId = await made(world, { fold: null, part: 'ALL', modalities: ['LABELS', 'LANDMARKS', 'AUDIO'] });
  before = await contents();
  for (const key of await keys('sealed/demo/')) {
    const [, , , , ...rest] = key.split('/');
    await older(world.objects, key, `artifacts/demo/${rest.join('/')}`);
  }
  for (const key of await keys('sealed/EXPORT/'))
    await older(world.objects, key, key.replace('sealed/EXPORT/', 'exports/'));
  await world.objects.put('sources/demo/9001/20210101T101010/notes.csv', Buffer.from('their answers'));
  await world.objects.put('uploads/somebody/certificate', Buffer.from('no patient’s'));
});
afterAll(() => world.stop());

describe('what was stored before patients had keys', () => {
  it('is read and exported as ever', async () => {
    expect((await keys('sealed/')).length).toBe(0);
    expect(await contents()).toEqual(before);
  });

  it('is sealed by a job that a start asks for once, and read as before', async () => {
    const older = (await unsealed()).length;
    const job = await askForSealing(world.deps);
    expect(job).not.toBeNull();
    expect(await askForSealing(world.deps)).toBe(job);
    const { rows } = await sql('SELECT id, object_key AS key FROM artifact ORDER BY id LIMIT 1');
    const damaged = rows[0].key;
    await world.objects.remove(damaged);
    await world.objects.put(damaged, Buffer.from('not what it was'));
    const result = await run('seal-older');
    expect(result).toMatchObject({ sources: 1, kept: 1 });
    const left = await sql(`SELECT object_key AS key FROM artifact WHERE object_key NOT LIKE 'sealed/%'`);
    expect(left.rows).toEqual([{ key: damaged }]);
    const now = await contents();
    const differ = [...before].filter(([path, bytes]) => now.get(path) !== bytes).map(([path]) => path);
    // The files of the damaged object alone: what it was is not known any more, and it was not sealed as if it were.
    expect(differ.length).toBeLessThanOrEqual(1);
    expect((await unsealed()).length).toBe(older);
  });

  it('stays beside what was sealed while a job runs that may have read its names, then goes', async () => {
    const { jobId } = await asked(world, { fold: null, part: 'ALL', modalities: ['LABELS'] });
    await sql(
      `UPDATE job SET state = 'RUNNING', started_at = '2020-01-01', locked_by = 'w', heartbeat_at = now() WHERE id = $1`,
      [jobId],
    );
    await expect(run('clear-unsealed')).rejects.toThrow(JobPostponed);
    expect((await unsealed()).length).toBeGreaterThan(3);
    await sql(`UPDATE job SET state = 'QUEUED', started_at = NULL, locked_by = NULL WHERE id = $1`, [jobId]);
    await run('clear-unsealed');
    const { rows } = await sql(`SELECT object_key AS key FROM artifact WHERE object_key NOT LIKE 'sealed/%'`);
    expect(await unsealed()).toEqual([rows[0].key, 'uploads/somebody/certificate']);
    expect((await readWhole(world.objects, 'sealed/demo/9001/sources/20210101T101010/notes.csv')).toString()).toBe(
      'their answers',
    );
    await work(world);
  });

  it('is moved to its own patient’s place alone, and nothing else of an artifact can be changed', async () => {
    const { database } = world.deps;
    const { rows } = await sql(
      `SELECT object_key AS key FROM artifact WHERE object_key LIKE 'sealed/demo/9002/%' LIMIT 1`,
    );
    await sql(`UPDATE artifact SET object_key = 'artifacts/demo/one' WHERE object_key = $1`, [rows[0].key]);
    const move = (was: string, now: string) => database.query('SELECT name_sealed_objects($1, $2)', [[was], [now]]);
    for (const [was, now] of [
      ['artifacts/demo/one', 'sealed/demo/9003/artifacts/one'],
      ['artifacts/demo/one', 'sealed/demo/9002/sources/one'],
      ['artifacts/demo/one', 'artifacts/demo/two'],
      ['uploads/somebody/certificate', 'sealed/demo/9002/artifacts/one'],
      ['exports/x/one', 'sealed/demo/9002/artifacts/one'],
    ] as const)
      await expect(move(was, now), `${was} ${now}`).rejects.toThrow('not where these objects belong');
    await move('artifacts/demo/one', rows[0].key);
    await expect(database.query(`UPDATE artifact SET object_key = 'x'`)).rejects.toThrow('permission denied');
  });
});

it('a start of a server that has nothing unsealed asks for nothing', async () => {
  await sql(`UPDATE artifact SET object_key = 'sealed/demo/9001/artifacts/gone' WHERE object_key NOT LIKE 'sealed/%'`);
  for (const key of await unsealed()) await world.objects.remove(key);
  expect(await askForSealing(world.deps)).toBeNull();
});
