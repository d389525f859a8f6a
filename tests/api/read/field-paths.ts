import { type GraphQLField, getNamedType, isLeafType, isObjectType, isRequiredArgument } from 'graphql/index.js';
import { DATA_TYPES_BY_NAME } from '../../../schema/data/register.ts';
import { schema } from '../../../schema/index.ts';

/** A way through the schema from a data type to one of its own or another's fields. */
export interface FieldPath {
  /** `Frame.faceImage`. */
  readonly target: string;
  /** Every field on the way, `Type.field`, the target last. */
  readonly steps: readonly string[];
  /** What is asked of the type where it begins. */
  readonly selection: string;
}

type Arguments = Readonly<Record<string, string>>;
type Field = GraphQLField<unknown, unknown>;

const fieldsOf = (type: string): [string, Field][] => {
  const object = schema.getType(type);
  return isObjectType(object) ? Object.entries(object.getFields()) : [];
};

/** @throws Error for an argument that has to be given and for which the test knows no value */
const called = (name: string, field: Field, values: Arguments): string => {
  const given = field.args.flatMap((arg) => {
    if (arg.name === 'first') return ['first: 1'];
    if (!isRequiredArgument(arg)) return [];
    const value = values[arg.name];
    if (value === undefined) throw new Error(`no value for ${name}(${arg.name})`);
    return [`${arg.name}: ${value}`];
  });
  return given.length === 0 ? name : `${name}(${given.join(', ')})`;
};

/** What a field's object is asked for: its first plain value. */
const leaf = (type: string): string =>
  fieldsOf(type).find(([, { type: of, args }]) => isLeafType(getNamedType(of)) && args.length === 0)?.[0] ??
  '__typename';

const wrapped = (name: string, field: Field, inner: string, values: Arguments): string => {
  const type = getNamedType(field.type).name;
  const body = type.endsWith('Connection') ? `nodes { ${inner} }` : inner;
  return `${called(name, field, values)} { ${body} }`;
};

const rowOf = (field: Field): string => getNamedType(field.type).name.replace(/Connection$/, '');

/** From a type to every field of every data type below it, each by a shortest way. */
export const pathsFrom = (start: string, values: Arguments): FieldPath[] => {
  const ways = new Map<string, { steps: string[]; wrap: (inner: string) => string }>([
    [start, { steps: [], wrap: (inner) => inner }],
  ]);
  const paths: FieldPath[] = [];
  for (const [type, { steps, wrap }] of ways)
    for (const [name, field] of fieldsOf(type)) {
      const target = `${type}.${name}`;
      const row = rowOf(field);
      const isObject = isObjectType(schema.getType(row));
      const asked = isObject ? wrapped(name, field, leaf(row), values) : called(name, field, values);
      paths.push({ target, steps: [...steps, target], selection: wrap(asked) });
      if (isObject && DATA_TYPES_BY_NAME.has(row) && !ways.has(row))
        ways.set(row, {
          steps: [...steps, target],
          wrap: (inner) => wrap(wrapped(name, field, inner, values)),
        });
    }
  return paths;
};
