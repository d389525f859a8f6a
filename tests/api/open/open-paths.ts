import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isObjectType,
} from 'graphql/index.js';
import { schema } from '../../../schema/index.ts';

/** An operation that asks for the leaves of one type, and the way to it. */
export interface OnePath {
  readonly name: string;
  readonly query: string;
}

/** Values of arguments, by `field(argument)` or `(argument)`; others that are required make a path unreachable. */
export type Values = Readonly<Record<string, string>>;

const argumentsOf = (field: GraphQLField<unknown, unknown>, values: Values): string | null => {
  const given: string[] = [];
  for (const { name, type } of field.args) {
    const value = values[`${field.name}(${name})`] ?? values[`(${name})`];
    if (value !== undefined) given.push(`${name}: ${value}`);
    else if (String(type).endsWith('!')) return null;
  }
  return given.length === 0 ? '' : `(${given.join(', ')})`;
};

interface Step {
  readonly type: GraphQLNamedType;
  readonly name: string;
  readonly open: string;
  readonly close: string;
}

/**
 * Operations for every leaf that a query reaches, those of each type on their own: an error of one then hides nothing of
 * another. A type is looked into on the two shortest ways that lead to it.
 */
export const everyPath = (values: Values): OnePath[] => {
  const paths: OnePath[] = [];
  const looked = new Map<string, number>();
  const query = schema.getQueryType();
  const steps: Step[] = query ? [{ type: query, name: '', open: '{', close: ' }' }] : [];
  for (const { type, name, open, close } of steps) {
    const times = looked.get(type.name) ?? 0;
    looked.set(type.name, times + 1);
    if (times >= 2) continue;
    if (isAbstractType(type)) {
      for (const one of schema.getPossibleTypes(type))
        steps.push({
          type: one,
          name: `${name}<${one.name}>`,
          open: `${open} ... on ${one.name} {`,
          close: ` }${close}`,
        });
      continue;
    }
    const leaves: string[] = [];
    for (const field of Object.values((type as GraphQLObjectType).getFields())) {
      const given = argumentsOf(field, values);
      if (given === null) continue;
      const inner = getNamedType(field.type);
      const way = name === '' ? field.name : `${name}.${field.name}`;
      if (isObjectType(inner) || isAbstractType(inner))
        steps.push({ type: inner, name: way, open: `${open} ${field.name}${given} {`, close: ` }${close}` });
      else leaves.push(`${field.name}${given}`);
    }
    if (leaves.length > 0) paths.push({ name, query: `${open} ${leaves.join(' ')}${close}` });
  }
  return paths;
};

/** Every number in an answer, by the names that lead to it. */
export const numbersIn = (value: unknown, path = ''): string[] => {
  if (typeof value === 'number') return [path];
  if (Array.isArray(value)) return value.flatMap((one) => numbersIn(one, path));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => numbersIn(inner, path === '' ? name : `${path}.${name}`));
};
