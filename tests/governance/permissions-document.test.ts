import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ROLE_ACTIONS } from '../../governance/actions.ts';
import { permissionsDocument } from '../../governance/permissions-document.ts';
import { COMMANDS } from '../../governance/request/permissions.ts';

describe('docs/permissions.md', () => {
  it('is what the tables say: where this fails, run npm run docs', async () => {
    expect(await readFile('docs/permissions.md', 'utf8')).toBe(permissionsDocument());
  });

  it('has a row for every command and every action', () => {
    const text = permissionsDocument();
    for (const name of [...COMMANDS, ...ROLE_ACTIONS]) expect(text).toMatch(new RegExp(`^\\| ${name}( \\*)? \\|`, 'm'));
  });
});
