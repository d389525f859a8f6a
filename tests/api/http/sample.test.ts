import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readManifest, verifyExport } from '../../../api/cli/verify-export.ts';
import { SAMPLE_FOLDER, sampleFiles } from '../../../api/http/sample.ts';
import { TABLES } from '../../../api/services/releases/croissant-tables.ts';
import { MODALITIES } from '../../../governance/modality.ts';
import { aFolder, anIo, iss } from '../cli/an-io.ts';

let url: string;
let stop: () => void;
beforeAll(async () => {
  const app = express().use(sampleFiles());
  const server = app.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stop = () => server.close();
});
afterAll(() => stop());

const manifestOf = async (folder: string) => {
  const read = readManifest(await readFile(join(folder, 'manifest.json'), 'utf8'));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.manifest;
};

describe('the open sample', () => {
  test('is synthetic, of every kind of data, and as whole as an export', async () => {
    const { synthetic, modalities } = await manifestOf(SAMPLE_FOLDER);
    expect(synthetic).toBe(true);
    expect(modalities).toEqual(MODALITIES.filter((modality) => modality !== 'BASELINES'));
    expect(await verifyExport(SAMPLE_FOLDER)).toMatchObject({ ok: true, problems: [] });
  });

  test.each(TABLES)('has the columns that exports have now: $path (else: npm run sample)', async ({
    path,
    columns,
  }) => {
    const bytes = await readFile(join(SAMPLE_FOLDER, path));
    const { children } = parquetSchema(
      await parquetMetadataAsync(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer),
    );
    expect(children.map(({ element }) => element.name)).toEqual(columns.map(({ name }) => name));
  });

  test('is pulled without an account, verified, and kept when it is pulled again', async () => {
    const folder = join(await aFolder(), 'sample');
    const terminal = anIo({ ISS_URL: url });
    expect(await iss(terminal, 'pull', '--sample', '-o', folder)).toBe(0);
    expect(await verifyExport(folder)).toMatchObject({ ok: true });
    expect(await manifestOf(folder)).toEqual(await manifestOf(SAMPLE_FOLDER));
    const again = anIo({ ISS_URL: url });
    expect(await iss(again, 'pull', '--sample', '-o', folder)).toBe(0);
    expect(again.lines.join()).toMatch(/of them there already/);
  });

  test('goes on where a pull was cut off', async () => {
    const whole = await readFile(join(SAMPLE_FOLDER, 'manifest.json'));
    const response = await fetch(`${url}/sample/manifest.json`, { headers: { Range: 'bytes=10-' } });
    expect(response.status).toBe(206);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(whole.subarray(10));
  });

  test.each([
    '/sample/',
    '/sample/../package.json',
    '/sample/%2e%2e/package.json',
    '/sample/none',
    '/sample/..%2fpackage.json',
  ])('gives nothing else: %s', async (path) => {
    expect((await fetch(`${url}${path}`)).status).toBe(404);
  });

  test('an export or the sample is named, not both and not neither', async () => {
    expect(await iss(anIo({ ISS_URL: url }), 'pull', '-o', 'x')).toBe(2);
    expect(await iss(anIo({ ISS_URL: url }), 'pull', 'one', '--sample', '-o', 'x')).toBe(2);
  });
});
