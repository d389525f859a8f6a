import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { describeSettings } from '../../api/config.ts';

test('the README names every setting with its default and meaning, and no other', async () => {
  const readme = await readFile('README.md', 'utf8');
  const told = readme.split('\n').filter((line) => /^\| `(PORT|HOST|ISS_)/.test(line));
  expect(told).toEqual(
    describeSettings().map(
      ({ key, fallback, meaning }) => `| \`${key}\` | ${fallback ? `\`${fallback}\`` : ''} | ${meaning} |`,
    ),
  );
});
