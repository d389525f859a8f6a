import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RECEIPT_FILE } from '../../../api/cli/export-folder.ts';
import { verifyExport } from '../../../api/cli/verify-export.ts';
import { type CheckpointKey, parseKeyLine } from '../../../governance/checkpoint.ts';
import { addResearcher } from '../../support/person-fixture.ts';
import { type ExportWorld, made, paths, read, readManifest, startExportWorld } from './export-world.ts';

let world: ExportWorld;
let exportId: string;
let folder: string;
let note: string;
let keys: CheckpointKey[];

beforeAll(async () => {
  world = await startExportWorld({ patients: 2, folds: 2, submissions: 1, frames: 3 }, 60_000);
  exportId = await made(world);
  folder = await mkdtemp(join(tmpdir(), 'iss-receipt-'));
  for (const path of await paths(world, exportId, 500)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), await read(world, exportId, path));
  }
  note = (await world.exports.receipt(exportId, world.person.actor))!;
  await writeFile(join(folder, RECEIPT_FILE), note);
  keys = (await world.deps.receiptKeys()).lines.map((line) => parseKeyLine(line)!);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await world.stop();
});

/** A copy of the folder with one file changed. */
async function changed(path: string, text: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'iss-receipt-'));
  await cp(folder, copy, { recursive: true });
  await writeFile(join(copy, path), text);
  return copy;
}

describe('the receipt of an export', () => {
  test('says what was given to whom under which grant, and is proved without a server', async () => {
    const manifest = await readManifest(world, exportId);
    expect(await verifyExport(folder, { keys })).toMatchObject({
      ok: true,
      signed: 'PROVED',
      receipt: {
        export: exportId,
        grant: world.person.grantId,
        holder: manifest.requestedBy,
        release: '1.0.0',
        state: manifest.release.stateDigest,
        content: manifest.contentDigest,
        files: manifest.counts.files + 1,
      },
    });
  });

  test('is the same each time it is asked for', async () => {
    expect(await world.exports.receipt(exportId, world.person.actor)).toBe(note);
  });

  test('is given to nobody else', async () => {
    const other = await addResearcher(world.db.pool, { name: 'bob', studyId: world.study.studyId });
    expect(await world.exports.receipt(exportId, other.actor)).toBeNull();
  });

  test('with another holder in it is named as changed', async () => {
    const copy = await changed(RECEIPT_FILE, note.replace(/^holder .*$/m, 'holder mallory'));
    expect(await verifyExport(copy, { keys })).toMatchObject({
      ok: false,
      signed: 'WRONG',
      problems: [{ path: RECEIPT_FILE, problem: 'is damaged, or was changed after it was signed' }],
    });
  });

  test('beside another manifest is named, even where that manifest and its files agree', async () => {
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    const copy = await changed('manifest.json', JSON.stringify({ ...manifest, requestedBy: 'mallory' }));
    expect(await verifyExport(copy, { keys })).toMatchObject({ ok: false, signed: 'WRONG', receipt: null });
  });

  test('by a key that nobody here knows proves nothing, and says so', async () => {
    expect(await verifyExport(folder)).toMatchObject({ ok: true, signed: 'UNKNOWN_KEY', receipt: null });
  });

  test('comes with a description of the tables in Croissant, under the policy in force', async () => {
    const croissant = JSON.parse(await readFile(join(folder, 'croissant.json'), 'utf8'));
    expect(croissant).toMatchObject({ conformsTo: 'http://mlcommons.org/croissant/1.1', version: '1.0.0' });
    const described = croissant.distribution.map(({ includes }: { includes: string }) => includes);
    expect(described).toEqual(['patients', 'submissions', 'chunks', 'splits'].map((name) => `labels/${name}.parquet`));
    expect(croissant.distribution[0].usageInfo.at(-1).text).toMatch(/data use agreement.*one steward agrees/);
  });
});
