import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { getNamedType, parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql/index.js';
import { expect, it } from 'vitest';
import { DATA_TYPES_BY_NAME } from '../../schema/data/register.ts';
import { schema } from '../../schema/index.ts';

it('the types of the portal’s operations are those that the operations and the schema give', () => {
  const program = resolve(import.meta.dirname, '../../portal/generate.mjs');
  expect(
    execFileSync(process.execPath, ['--import', 'tsx', program, '--check'], { encoding: 'utf8', stdio: 'pipe' }),
  ).toBe('');
}, 60_000);

it('what is streamed live is states and progress: no live operation selects released data', () => {
  const folder = resolve(import.meta.dirname, '../../portal/operations');
  const texts = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
  const document = parse(texts.map((name) => readFileSync(resolve(folder, name), 'utf8')).join('\n'));
  const fragments = new Map<string, (typeof document.definitions)[number]>();
  for (const one of document.definitions) if (one.kind === 'FragmentDefinition') fragments.set(one.name.value, one);
  const selected = (start: (typeof document.definitions)[number]): string[] => {
    const types: string[] = [];
    const info = new TypeInfo(schema);
    visit(
      start,
      visitWithTypeInfo(info, {
        Field: () => void types.push(getNamedType(info.getType())?.name ?? ''),
        FragmentSpread: ({ name }) => void types.push(...selected(fragments.get(name.value)!)),
      }),
    );
    return types;
  };
  const live = document.definitions.filter(
    (one) => one.kind === 'OperationDefinition' && one.name?.value.startsWith('Live'),
  );
  expect(live.length).toBeGreaterThan(1);
  for (const one of live) expect(selected(one).filter((type) => DATA_TYPES_BY_NAME.has(type))).toEqual([]);
});
