import { appendFile, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerFacts } from './support/global-server.ts';
import { iss } from './support/iss.ts';
import { person, wholeServer } from './support/person.ts';

let server: ServerFacts;
let folder: string;
let fold: string;
beforeAll(async () => {
  server = await wholeServer();
  folder = await mkdtemp(join(tmpdir(), 'iss-export-'));
  fold = join(folder, 'fold3');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const exportArgs = (modalities: string, output: string): string[] => [
  'export',
  '--release',
  '1.0.0',
  '--fold',
  '3',
  '--part',
  'train',
  '--modalities',
  modalities,
  '-o',
  output,
  '--json',
];
const FOLD = 'LABELS,PAIN_SCORES,AUDIO_FEATURES,LANDMARKS';
const tokenOf = async (name: string) => (await person(server, name)).token;
const filesIn = async (path: string): Promise<string[]> =>
  (await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));
const verify = async () => {
  const { code, stdout } = await iss(server, null, ['verify', fold, '--json']);
  return {
    code,
    ...(JSON.parse(stdout) as { ok: boolean; files: number; problems: { path: string; problem: string }[] }),
  };
};

describe('a fold for a script', () => {
  it('is whole after ten interruptions with kill -9', async () => {
    for (let interruption = 1; interruption <= 10; interruption++) {
      const before = (await filesIn(fold)).length;
      const { code } = await iss(server, await tokenOf('researcher'), exportArgs(FOLD, fold), {
        killWhen: async () => (await filesIn(fold)).length > before + 4,
      });
      expect(code).toBeNull();
    }
    const { code, stderr } = await iss(server, await tokenOf('researcher'), exportArgs(FOLD, fold));
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const files = await filesIn(fold);
    expect(files.filter((path) => path.startsWith('landmarks/')).length).toBeGreaterThan(100);
    expect(files).toEqual(expect.arrayContaining(['manifest.json', 'README.md']));
    expect(await verify()).toMatchObject({ code: 0, ok: true, problems: [] });
  });

  it('says in its manifest what it is: release, fold, grant, a checksum for every file, and that no patient is on both sides', async () => {
    const manifest = JSON.parse(await readFile(join(fold, 'manifest.json'), 'utf8')) as Record<string, unknown>;
    const text = JSON.stringify(manifest);
    expect(text).toContain('"1.0.0"');
    expect(text).toMatch(/[0-9a-f]{64}/);
    const { data } = await (await person(server, 'researcher')).ask<{
      viewer: { grants: { id: string }[] };
      release: { split: { testPatients: { code: string }[] } };
    }>('{ viewer { grants { id } } release(version: "1.0.0") { split(number: 3) { testPatients { code } } } }');
    expect(text).toContain(data.viewer.grants[0]!.id);
    const files = await filesIn(fold);
    for (const { code } of data.release.split.testPatients)
      expect(files.filter((path) => path.split('/').includes(code))).toEqual([]);
  });

  it('does nothing more when it is asked for again', async () => {
    const path = join(fold, 'manifest.json');
    const before = (await stat(path)).mtimeMs;
    expect((await iss(server, await tokenOf('researcher'), exportArgs(FOLD, fold))).code).toBe(0);
    expect((await stat(path)).mtimeMs).toBe(before);
  });

  it('a changed byte, a missing file and one too many are named', async () => {
    const [changed, missing] = (await filesIn(fold)).filter((path) => path.endsWith('.f32')).sort();
    const handle = await open(join(fold, changed!), 'r+');
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, 1000);
    await handle.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, 1000);
    await handle.close();
    const kept = await readFile(join(fold, missing!));
    await rm(join(fold, missing!));
    await writeFile(join(fold, 'extra.txt'), 'not ours');
    const { code, ok, problems } = await verify();
    expect([code, ok]).toEqual([1, false]);
    expect(problems.map(({ path }) => path).sort()).toEqual([changed, 'extra.txt', missing].sort());
    await writeFile(join(fold, missing!), kept);
    await rm(join(fold, 'extra.txt'));
    await appendFile(join(fold, missing!), 'x');
    expect((await verify()).problems.map(({ path }) => path).sort()).toEqual([changed, missing].sort());
  });

  it('refused, it prints the reasons, exits 3 and leaves nothing', async () => {
    const none = join(folder, 'none');
    const refused = await iss(server, await tokenOf('researcher'), exportArgs('LABELS,VIDEO', none));
    expect(refused.code).toBe(3);
    expect(refused.stdout + refused.stderr).toContain('MODALITY_NOT_GRANTED');
    expect((await iss(server, await tokenOf('researcher-4'), exportArgs('FACES', none))).code).toBe(3);
    expect(await readdir(folder)).toEqual(['fold3']);
  });

  it('a fold that does not exist is a clear error, and leaves nothing', async () => {
    const args = exportArgs('LABELS', join(folder, 'none')).map((arg) => (arg === '3' ? '99' : arg));
    const { code, stdout, stderr } = await iss(server, await tokenOf('researcher'), args);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/fold/i);
    expect(await readdir(folder)).toEqual(['fold3']);
  });
});
