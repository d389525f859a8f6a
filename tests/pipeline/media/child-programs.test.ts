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
