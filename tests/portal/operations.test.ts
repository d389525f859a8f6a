import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

it('the types of the portal’s operations are those that the operations and the schema give', () => {
  const program = resolve(import.meta.dirname, '../../portal/generate.mjs');
  expect(
    execFileSync(process.execPath, ['--import', 'tsx', program, '--check'], { encoding: 'utf8', stdio: 'pipe' }),
  ).toBe('');
}, 60_000);
