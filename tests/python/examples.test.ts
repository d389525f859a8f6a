import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import express from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyExport } from '../../api/cli/verify-export.ts';
import { sampleFiles } from '../../api/http/sample.ts';
import { aFolder } from '../api/cli/an-io.ts';
import { aFile, type Portal, plainly, type Serve, startPortal } from '../api/cli/portal.ts';

const PYTHON = process.env.ISS_PYTHON ?? 'python3';
const PULL = resolve(import.meta.dirname, '../../docs/examples/iss_pull.py');

async function python(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(PYTHON, args, { env: { PATH: process.env.PATH, ...environment } });
  let out = '';
  let err = '';
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.on('data', (part) => {
    err += part;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

describe('the open sample, read as the README shows', () => {
  test('is pulled by the one file of Python, read by pandas, by Croissant’s own reader and by the example Dataset', async () => {
    const server = express().use(sampleFiles()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const folder = join(await aFolder(), 'sample');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const pulled = await python([PULL, '--sample', '-o', folder], { ISS_URL: url });
      expect(pulled, pulled.err).toMatchObject({ code: 0 });
      const again = await python([PULL, '--sample', '-o', folder], { ISS_URL: url });
      expect(again.out).toMatch(/: 0 files pulled, \d+ there already/);
    } finally {
      server.close();
    }
    expect(await verifyExport(folder)).toMatchObject({ ok: true });
    const read = await python([resolve(import.meta.dirname, 'read_sample.py'), folder]);
    expect(read, read.err).toMatchObject({ code: 0 });
    const { rows, issues, patients, mesh, dataset } = JSON.parse(read.out);
    expect(issues).toBe('');
    expect(patients).toEqual(['9001', '9002']);
    expect(mesh.slice(1)).toEqual([468, 3]);
    expect(rows).toMatchObject({ patients: 2, submissions: 2, surveys: 2, splits: 4, landmark_index: dataset[0] });
    expect(dataset.slice(1, 3)).toEqual([[468, 3], true]);
  });
});

describe('iss_pull.py on an export', () => {
  let portal: Portal;
  let folder: string;
  beforeEach(async () => {
    portal = await startPortal();
    folder = join(await aFolder(), 'out');
  });
  afterEach(() => portal.stop());
  const pull = () => python([PULL, 'one', '-o', folder], { ISS_URL: portal.url, ISS_TOKEN: 'a-token' });

  test('brings every file, the manifest last', async () => {
    portal.host(
      'one',
      Array.from({ length: 7 }, (_, i) => aFile(`a/${i % 2}/${i}.bin`, 1000 + i)),
      { pageSize: 3 },
    );
    expect(await pull()).toMatchObject({ code: 0 });
    expect(portal.asked.at(-1)?.path).toBe('manifest.json');
    expect((await readFile(join(folder, 'a/1/3.bin'))).length).toBe(1003);
  });

  test('goes on where a connection broke off, and waits where it is told to', async () => {
    const broken: Serve = (_request, response, bytes) => {
      response.writeHead(200, { 'Content-Length': bytes.length });
      response.write(bytes.subarray(0, 400), () => response.destroy());
    };
    const busy: Serve = (_request, response) => void response.writeHead(429, { 'Retry-After': '0' }).end();
    portal.host('one', [aFile('a.bin', 1000, broken, busy, plainly)]);
    expect(await pull()).toMatchObject({ code: 0 });
    expect(portal.asked.some(({ range }) => range === 'bytes=400-')).toBe(true);
  });

  test('refuses a path outside its folder, and saves nothing of it', async () => {
    portal.host('one', [aFile('../outside.txt', 'x')]);
    const { code, err } = await pull();
    expect(code).toBe(1);
    expect(err).toMatch(/outside the folder/);
    expect(existsSync(join(folder, '../outside.txt'))).toBe(false);
  });

  test('keeps no file whose bytes are not the listed ones, and overwrites none that is there', async () => {
    const wrong: Serve = (_request, response, bytes) => void response.writeHead(200).end(Buffer.alloc(bytes.length));
    portal.host('one', [aFile('a.bin', 500, wrong)]);
    expect(await pull()).toMatchObject({ code: 1 });
    expect(existsSync(join(folder, 'a.bin'))).toBe(false);
    await writeFile(join(folder, 'a.bin'), 'mine');
    expect((await pull()).err).toMatch(/differs from the export/);
    expect(await readFile(join(folder, 'a.bin'), 'utf8')).toBe('mine');
  });
});
