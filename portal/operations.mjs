// The operations of the portal: every document of portal/operations/*.graphql, with the text under which the server knows it.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, parse, print, visit } from 'graphql';

const FOLDER = join(import.meta.dirname, 'operations');

/** Names of the files, without `.graphql`; `fragments` may be used by all. */
export const operationFiles = () =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.graphql') && name !== 'fragments.graphql')
    .map((name) => name.slice(0, -'.graphql'.length))
    .sort();

const definitionsOf = (name) => parse(readFileSync(join(FOLDER, `${name}.graphql`), 'utf8')).definitions;

/** One file with the fragments that it uses. */
export function documentOf(name) {
  const definitions = [...definitionsOf(name), ...definitionsOf('fragments')];
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const operations = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return { kind: Kind.DOCUMENT, definitions: [...operations, ...usedBy(operations, fragments)] };
}

function usedBy(nodes, fragments) {
  const used = new Set();
  const look = (node) =>
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (!fragment) throw new Error(`There is no fragment ${name.value}.`);
        if (used.has(fragment)) return;
        used.add(fragment);
        look(fragment);
      },
    });
  nodes.forEach(look);
  return [...used];
}

/** Every operation of a file with its text and its id, `sha256:` and the SHA-256 of the text. */
export function operationsOf(name) {
  const { definitions } = documentOf(name);
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  return definitions
    .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    .map((operation) => {
      if (!operation.name) throw new Error(`An operation of ${name}.graphql has no name.`);
      const text = [operation, ...usedBy([operation], fragments)].map(print).join('\n\n');
      const id = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      return { id, name: operation.name.value, kind: operation.operation, text };
    });
}

/** What the server accepts from the portal: id to text. */
export function persistedOperations() {
  const all = operationFiles().flatMap(operationsOf);
  const names = all.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new Error(`Two operations are called ${twice}.`);
  return Object.fromEntries(all.map(({ id, text }) => [id, text]));
}
