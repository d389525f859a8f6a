import {
  type GraphQLField,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql/index.js';
import { schema } from '../../../schema/index.ts';
import type { Answer } from '../../api/mutations/world.ts';
import { DATA_FIELDS } from '../data-fields.ts';

type Field = GraphQLField<unknown, unknown>;

const fieldsOf = (type: string): [string, Field][] => {
  const object = schema.getType(type);
  return isObjectType(object) ? Object.entries(object.getFields()) : [];
};
const named = (field: Field): string => getNamedType(field.type).name;
const isObject = (type: string): boolean => isObjectType(schema.getType(type));
/** Released data has a matrix of its own; of a release what is not that is looked at here. */
const isData = (type: string): boolean => DATA_FIELDS[type] !== undefined;

/** Values of arguments that have to be given, wherever they stand. */
const ARGUMENTS: Readonly<Record<string, string>> = { modality: 'FACES' };
/** The list of whole requests in a request would lead to itself. */
const again = (type: string, above: readonly string[]): boolean => above.includes(type);

const called = (name: string, field: Field, first: number): string => {
  const given = field.args.flatMap((arg) => {
    if (arg.name === 'first') return [`first: ${first}`];
    return isRequiredArgument(arg) ? [`${arg.name}: ${ARGUMENTS[arg.name]}`] : [];
  });
  return given.length === 0 ? name : `${name}(${given.join(', ')})`;
};

/** All that a type has, to the depth at which released data or a type that was entered already begins. */
export const everythingOf = (type: string, first = 50, deep = 20, above: readonly string[] = []): string =>
  fieldsOf(type)
    .flatMap(([name, field]) => {
      const of = named(field);
      if (isObject(of) && deep === 0) return [];
      if (isData(type) && name !== 'id' && (!isObject(of) || isData(of) || of.endsWith('Connection'))) return [];
      if (!isObject(of)) return again(type, above) && field.args.length > 0 ? [] : [called(name, field, first)];
      if (isData(of) || again(of.replace(/Connection$/, ''), [...above, type]))
        return of.endsWith('Connection') ? [`${called(name, field, first)} { nodes { id } totalCount }`] : [];
      // A row of a page is the same by both ways: what it is is looked at by `nodes`.
      if (type.endsWith('Edge')) return [`${name} { __typename }`];
      return [`${called(name, field, first)} { ${everythingOf(of, first, deep - 1, [...above, type])} }`];
    })
    .join(' ') || '__typename';

export type Outcome = 'GIVEN' | 'NOTHING' | `REFUSED ${string}`;

/** What one person was told of one field of one thing. */
export interface Told {
  /** `Type.field`. */
  readonly field: string;
  /** The nearest thing with an id. */
  readonly thing: string;
  /** The object itself: the thing, or a part of it. */
  readonly key: string;
  readonly outcome: Outcome;
}

type Value = Readonly<Record<string, unknown>>;
const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
const NAMES_OF_PARTS = ['id', 'invitationId', 'key', 'number', 'path', 'text', 'minute'];
const nameOf = (value: Value, index: number): string =>
  String(NAMES_OF_PARTS.map((name) => value[name]).find((found) => found != null) ?? index);

interface Refusals {
  /** By the way to it, places in lists among the steps. */
  readonly at: ReadonlyMap<string, string>;
  /** Without those: of a list one error may stand for all. */
  readonly all: ReadonlyMap<string, string>;
}

const refusals = (errors: Answer['errors']): Refusals => {
  const found = (errors ?? []).map(({ path, extensions, message }) => {
    const reasons = [...new Set(((extensions?.reasons ?? []) as { code: string }[]).map(({ code }) => code))];
    const code = extensions?.code === 'FORBIDDEN' ? [] : [String(extensions?.code ?? message)];
    return { path: path ?? [], told: [...code, ...reasons.sort()].join(' ') };
  });
  const plain = (path: readonly (string | number)[]) => path.filter((step) => typeof step === 'string').join('.');
  return {
    at: new Map(found.map(({ path, told }) => [path.join('.'), told])),
    all: new Map(found.map(({ path, told }) => [plain(path), told])),
  };
};

/** Everything that an answer tells, field by field. @param root the type that the whole answer is of @param name what has no id is a part of */
export function toldBy({ data, errors }: Answer, root: string, name: string): Told[] {
  const refused = refusals(errors);
  const found: Told[] = [];
  const refusedAt = (way: readonly (string | number)[]): string | undefined => {
    const here = way.join('.');
    return (
      refused.at.get(here) ??
      [...refused.at].find(([path]) => path.startsWith(`${here}.`))?.[1] ??
      refused.all.get(way.filter((step) => typeof step === 'string').join('.'))
    );
  };
  const walk = (type: string, value: Value, way: readonly (string | number)[], thing: string, key: string): void => {
    for (const [name, field] of fieldsOf(type)) {
      if (!(name in value)) continue;
      const raw = value[name];
      const told = isNothing(raw) ? refusedAt([...way, name]) : undefined;
      const outcome = told !== undefined ? (`REFUSED ${told}` as const) : isNothing(raw) ? 'NOTHING' : 'GIVEN';
      if (DATA_FIELDS[type]?.[name] === undefined) found.push({ field: `${type}.${name}`, thing, key, outcome });
      const of = named(field);
      if (outcome !== 'GIVEN' || !isObject(of)) continue;
      const list = isListType(getNullableType(field.type));
      for (const [index, one] of (list ? (raw as Value[]) : [raw as Value]).entries()) {
        if (one === null) continue;
        const id = typeof one.id === 'string' && of !== 'Person' ? `${of}:${one.id}` : undefined;
        const part = `${key}.${name}${list ? `[${nameOf(one, index)}]` : ''}`;
        walk(of, one, [...way, name, ...(list ? [index] : [])], id ?? thing, id ?? part);
      }
    }
  };
  if (data != null) walk(root, data as Value, [], name, name);
  return found;
}

/** `Type.field` of all that can be answered and is not released data. */
export const fieldsOfSchema = (): string[] =>
  Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap(({ name }) => fieldsOf(name).map(([field]) => [name, field] as const))
    .filter(([type, field]) => DATA_FIELDS[type]?.[field] === undefined)
    .map(([type, field]) => `${type}.${field}`)
    .sort();
