import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { STATE_FILE } from '../../../api/cli/export-folder.ts';
import { readManifest, verifyExport } from '../../../api/cli/verify-export.ts';
import type { Manifest } from '../../../api/services/exports/manifest-format.ts';

let folder: string;
let manifest: Manifest;

const FILES: Record<string, string> = {
  'README.md': 'read me',
  'labels/patients.parquet': 'patients',
  'landmarks/9001/20201201T003232.f32': 'landmarks',
  'surveys/9001/20201201T003232/targets.csv': '',
};

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

function aManifest(): Manifest {
  const files = Object.entries(FILES).map(([path, text]) => ({
    path,
    bytes: text.length,
    sha256: hash(text),
    modality: 'LABELS',
  }));
  return {
    format: 'iss-export',
    formatVersion: 1,
    export: 'an-id',
    study: { key: 'demo', title: 'Study' },
    synthetic: true,
    release: { version: '1.0.0', state: '1.0.0', digest: null },
    contentDigest: hash('content'),
    fold: 1,
    part: 'TRAIN',
    modalities: ['LABELS'],
    grant: 'a-grant',
    requestedBy: 'ada',
    createdAt: '2025-03-15T12:00:00.000Z',
    counts: {
      patients: 1,
      submissions: 1,
      frames: 1,
      chunks: 1,
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    folds: [{ number: 1, trainPatients: ['9002'], testPatients: ['9001'], disjoint: true }],
    disjointness: 'lists compared',
    leftOut: [],
    cite: 'Cite as',
    files,
  };
}

const put = async (path: string, text: string) => {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
};
const putManifest = () => writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
const problems = async () => (await verifyExport(folder)).problems;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iss-verify-'));
  for (const [path, text] of Object.entries(FILES)) await put(path, text);
  manifest = aManifest();
  await putManifest();
});
afterEach(() => rm(folder, { recursive: true }));

test('a whole export is proved, with what names it for a later pull', async () => {
  expect(await verifyExport(folder)).toMatchObject({ ok: true, files: 5, problems: [] });
  await put(STATE_FILE, '{}');
  expect(await verifyExport(folder)).toMatchObject({ ok: true, files: 5, problems: [] });
});

describe('is named:', () => {
  test('one changed byte', async () => {
    await put('labels/patients.parquet', 'patientz');
    expect(await verifyExport(folder)).toMatchObject({
      ok: false,
      files: 5,
      problems: [
        { path: 'labels/patients.parquet', problem: 'its bytes are not those of the export: its SHA-256 differs' },
      ],
    });
  });

  test('a cut file, a longer one, a missing one, an extra one, a file where a folder was', async () => {
    await truncate(join(folder, 'labels/patients.parquet'), 3);
    await put('README.md', 'read me!');
    await rm(join(folder, 'surveys'), { recursive: true });
    await put('surveys', 'no folder');
    await put('labels/more.parquet', 'x');
    await put('.hidden', 'x');
    expect(await problems()).toEqual([
      { path: '.hidden', problem: 'is not in the manifest' },
      { path: 'README.md', problem: 'has 8 bytes instead of 7' },
      { path: 'labels/more.parquet', problem: 'is not in the manifest' },
      { path: 'labels/patients.parquet', problem: 'has 3 bytes instead of 8' },
      { path: 'surveys', problem: 'is not in the manifest' },
      { path: 'surveys/9001/20201201T003232/targets.csv', problem: 'is missing' },
    ]);
  });

  test('a link, to a file or to a folder, though its bytes be right', async () => {
    await rename(join(folder, 'README.md'), `${folder}-outside`);
    await symlink(`${folder}-outside`, join(folder, 'README.md'));
    await symlink(tmpdir(), join(folder, 'more'));
    expect(await problems()).toEqual([
      { path: 'README.md', problem: 'is a link' },
      { path: 'more', problem: 'is a link' },
    ]);
    await rm(`${folder}-outside`);
  });

  test('a file renamed in case', async () => {
    await rename(join(folder, 'README.md'), join(folder, 'readme.md'));
    expect(await problems()).toEqual([
      { path: 'README.md', problem: 'is missing' },
      { path: 'readme.md', problem: 'is not in the manifest' },
    ]);
  });

  test.each([
    '../outside',
    '/etc/passwd',
    'a/../../b',
    'C:\\x',
    'a\\b',
    'a//b',
    './a',
    'a/',
    'nul',
    'a\u0000b',
    'a\u202eb',
    'x ',
  ])('a hostile path, and nothing is read there: %j', async (path) => {
    manifest.files.push({ path, bytes: 0, sha256: hash(''), modality: null });
    manifest.counts.files += 1;
    await putManifest();
    expect(await problems()).toEqual([{ path, problem: 'is no path inside the folder' }]);
  });

  test('a path that repeats, or differs from another in case alone, or is a file and a folder, or the manifest', async () => {
    const extra = (path: string) => {
      manifest.files.push({ path, bytes: 7, sha256: hash('read me'), modality: null });
      manifest.counts.files += 1;
      manifest.counts.bytes += 7;
    };
    for (const path of ['README.md', 'readme.MD', 'Labels/x', 'README.md/x', 'manifest.json']) extra(path);
    await putManifest();
    const found = await problems();
    expect(found).toContainEqual({ path: 'README.md', problem: 'is in the manifest twice' });
    expect(found).toContainEqual({ path: 'readme.MD', problem: 'differs from README.md in case alone' });
    expect(found).toContainEqual({
      path: 'Labels/x',
      problem: 'lies in a folder that differs from labels in case alone',
    });
    expect(found).toContainEqual({ path: 'README.md', problem: 'is a file and a folder' });
    expect(found).toContainEqual({ path: 'manifest.json', problem: 'is in the manifest twice' });
  });

  test('folds that share a patient, or do not say that they are disjoint', async () => {
    manifest.folds = [
      { number: 1, trainPatients: ['9001', '9002'], testPatients: ['9001'], disjoint: true },
      { number: 2, trainPatients: ['a1'], testPatients: ['A1'], disjoint: true },
      { number: 3, trainPatients: [], testPatients: [], disjoint: false },
    ];
    await putManifest();
    expect(await problems()).toEqual([
      { path: 'manifest.json', problem: 'fold 1 is not disjoint: in training and test are 9001' },
      { path: 'manifest.json', problem: 'fold 2 is not disjoint: in training and test are A1' },
      { path: 'manifest.json', problem: 'fold 3 is not disjoint' },
    ]);
  });

  test('counts that are not those of the list', async () => {
    manifest.files.pop();
    await rm(join(folder, 'surveys'), { recursive: true });
    await putManifest();
    expect(await problems()).toEqual([{ path: 'manifest.json', problem: 'its counts are not those of its files' }]);
  });
});

describe('a manifest', () => {
  test('that is missing, damaged, of another program or of a newer form says so', async () => {
    await rm(join(folder, 'manifest.json'));
    expect(await verifyExport(folder)).toMatchObject({
      ok: false,
      files: 0,
      problems: [{ path: 'manifest.json', problem: 'is missing' }],
    });
    await writeFile(join(folder, STATE_FILE), '{}');
    expect((await verifyExport(folder)).problems).toEqual([
      {
        path: 'manifest.json',
        problem: 'is missing: the export is not here to its end; run the command that pulled it again',
      },
    ]);
    const problemOf = (text: string) => {
      const read = readManifest(text);
      return read.ok ? null : read.problems[0]?.problem;
    };
    const whole = JSON.stringify(aManifest());
    expect(problemOf(whole)).toBe(null);
    expect(problemOf(whole.slice(0, -20))).toBe('is damaged: not JSON');
    expect(problemOf('[]')).toBe('is not the manifest of an export');
    expect(problemOf('null')).toBe('is not the manifest of an export');
    expect(problemOf(whole.replace('"formatVersion":1', '"formatVersion":2'))).toBe(
      'has the form 2; this program reads 1: use a newer one',
    );
    expect(problemOf(whole.replace(hash('read me'), 'abc'))).toMatch(/^is damaged: files\.0\.sha256: /);
    expect(problemOf(whole.replace('"bytes":7', '"bytes":-7'))).toMatch(/^is damaged: files\.0\.bytes: /);
  });

  test('that is a link is not followed', async () => {
    const text = await readFile(join(folder, 'manifest.json'), 'utf8');
    await writeFile(`${folder}-manifest`, text);
    await rm(join(folder, 'manifest.json'));
    await symlink(`${folder}-manifest`, join(folder, 'manifest.json'));
    expect(await problems()).toEqual([{ path: 'manifest.json', problem: 'is a link' }]);
    await rm(`${folder}-manifest`);
  });
});
