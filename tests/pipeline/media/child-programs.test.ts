import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, 'pipeline/media/process');

test('the programs of the media processes, plain JavaScript, pass the same type check as the rest', () => {
  const programs = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  const flags = [
    ...[
      '--ignoreConfig',
      '--noEmit',
      '--allowJs',
      '--checkJs',
      '--strict',
      '--noUncheckedIndexedAccess',
      '--skipLibCheck',
    ],
    ...['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,dom,esnext.disposable', '--types', 'node'],
    ...['--allowImportingTsExtensions', '--exactOptionalPropertyTypes'],
  ];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const check = () =>
    execFileSync(process.execPath, [tsc, ...flags, ...programs.map((name) => join(folder, name))], {
      cwd: root,
      encoding: 'utf8',
    });
  expect(programs).toContain('decode-process.mjs');
  expect(check()).toBe('');
});

test.each([
  ['upright', [1, 0, 0, 1], 0, []],
  ['turned clockwise by 90 degrees', [0, 1, -1, 0], 90, ['transpose=dir=clock']],
  ['turned by 180 degrees', [-1, 0, 0, -1], 180, ['hflip', 'vflip']],
  ['turned clockwise by 270 degrees', [0, -1, 1, 0], 270, ['transpose=dir=cclock']],
  ['mirrored left to right, as some front cameras do', [-1, 0, 0, 1], 180, ['vflip', 'hflip', 'vflip']],
  ['mirrored top to bottom', [1, 0, 0, -1], 0, ['vflip']],
  ['a little askew', [0.98, 0.17, -0.17, 0.98], 0, []],
])('a display matrix that says %s', async (_, [a, b, c, d], degrees, filters) => {
  const { uprightFilters } = await import(join(folder, 'orientation.mjs'));
  const fixed = [a, b, 0, c, d, 0, 0, 0, 16384].map((value) => Math.round((value as number) * 65536));
  expect(uprightFilters(Buffer.from(Int32Array.from(fixed).buffer))).toEqual({ degrees, filters });
});
