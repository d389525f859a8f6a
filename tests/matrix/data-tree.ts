import { type GraphQLField, getNamedType, isLeafType, isObjectType, isRequiredArgument } from 'graphql/index.js';
import { schema } from '../../schema/index.ts';
import { DATA_FIELDS } from './data-fields.ts';

type Field = GraphQLField<unknown, unknown>;

const fieldsOf = (type: string): [string, Field][] => {
  const object = schema.getType(type);
  return isObjectType(object) ? Object.entries(object.getFields()) : [];
};

/** The type of a field's rows: of a connection that of its nodes. */
const rowOf = (field: Field): string => getNamedType(field.type).name.replace(/Connection$/, '');
const isPage = (field: Field): boolean => getNamedType(field.type).name.endsWith('Connection');

/** Where a type is looked at in full, for those whose shortest way leads where something is empty. */
const HOMES: Readonly<Record<string, string>> = { SignedFile: 'Frame.image' };

/** The field through which each type is looked at: a way of single values before one of lists. */
const homes = (): ReadonlyMap<string, string> => {
  const found = new Map<string, string>(Object.entries(HOMES));
  const waiting = ['Release'];
  for (const type of waiting)
    for (const [name, field] of fieldsOf(type).sort(([, a], [, b]) => Number(isPage(a)) - Number(isPage(b)))) {
      const row = rowOf(field);
      if (DATA_FIELDS[row] === undefined || row === 'Release' || waiting.includes(row)) continue;
      if (!found.has(row)) found.set(row, `${type}.${name}`);
      waiting.push(row);
    }
  return found;
};

const called = (name: string, field: Field, values: Readonly<Record<string, string>>): string => {
  const given = field.args.flatMap((arg) => {
    if (arg.name === 'first') return ['first: 1'];
    return isRequiredArgument(arg) ? [`${arg.name}: ${values[arg.name]}`] : [];
  });
  return given.length === 0 ? name : `${name}(${given.join(', ')})`;
};

/** What a field's object is asked for where it is not looked at: its first plain value. */
const leaf = (type: string): string =>
  fieldsOf(type).find(([, { type: of, args }]) => isLeafType(getNamedType(of)) && args.length === 0)?.[0] ??
  '__typename';

export type Outcome = 'GIVEN' | 'NULL' | 'ABSENT' | `REFUSED ${string}`;

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
  readonly data: any;
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions?: Record<string, unknown>;
  }[];
}

/** One operation that asks for every field of every type of released data, and how to read its answer. */
export const dataTree = (values: Readonly<Record<string, string>>) => {
  const home = homes();
  const isHome = (type: string, name: string, field: Field): boolean => home.get(rowOf(field)) === `${type}.${name}`;
  const select = (type: string): string =>
    fieldsOf(type)
      .map(([name, field]) => {
        const row = rowOf(field);
        const ask = called(name, field, values);
        if (!isObjectType(schema.getType(row))) return ask;
        const inner = isHome(type, name, field) ? select(row) : leaf(row);
        return `${ask} { ${isPage(field) ? `nodes { ${inner} }` : inner} }`;
      })
      .join(' ');

  /** What became of every field, by `Type.field`. */
  const outcomes = ({ data, errors }: Answer): ReadonlyMap<string, Outcome> => {
    const refused = new Map<string, string>();
    for (const { path, extensions } of errors ?? []) {
      const reasons = ((extensions?.reasons ?? []) as { code: string }[]).map(({ code }) => code);
      const way = (path ?? []).filter((step) => typeof step === 'string' && step !== 'nodes').join('.');
      refused.set(way, `${extensions?.code === 'FORBIDDEN' ? '' : `${extensions?.code} `}${reasons.sort().join(' ')}`);
    }
    const found = new Map<string, Outcome>();
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
    const walk = (type: string, value: any, way: string): void => {
      for (const [name, field] of fieldsOf(type)) {
        const here = `${way}.${name}`;
        const told = refused.get(here);
        const raw = value?.[name];
        const given = isPage(field) ? raw?.nodes : raw;
        const one = Array.isArray(given) && isObjectType(schema.getType(rowOf(field))) ? given[0] : given;
        found.set(
          `${type}.${name}`,
          told !== undefined ? `REFUSED ${told}` : value == null ? 'ABSENT' : one == null ? 'NULL' : 'GIVEN',
        );
        if (isHome(type, name, field)) walk(rowOf(field), one, here);
      }
    };
    walk('Release', data?.release, 'release');
    return found;
  };
  const parents = new Map([...home].map(([type, field]) => [type, field]));
  return {
    query: `query ($version: String!) { release(version: $version) { ${select('Release')} } }`,
    outcomes,
    parents,
  };
};

/** `Type.field` of every type of released data that the schema has. */
export const dataFieldsOfSchema = (types: Iterable<string>): string[] =>
  [...types].flatMap((type) => fieldsOf(type).map(([name]) => `${type}.${name}`)).sort();
