import type { FieldMap, InputFieldMap } from '@pothos/core';
import type { GraphQLSchema } from 'graphql/index.js';
import { getNamedType, isObjectType } from 'graphql/index.js';
import { builder } from '../builder.ts';
import type { Context, ReleaseRecord } from '../context.ts';
import type { DataArg, DataField, DataType } from '../planner/data-type.ts';
import { NODE_TYPES } from './nodes.ts';
import { Release } from './release.ts';

/** Answers a field of a release that is open and no matter of the statement. */
export type ReleaseResolver = (release: ReleaseRecord, context: Context) => unknown;

interface ResolvedDeclaration {
  readonly type: unknown;
  readonly list: boolean;
  readonly nullable: boolean;
  readonly resolve: ReleaseResolver;
}

export const Node = builder.interfaceRef<{ readonly id: string }>('Node').implement({
  description: 'Anything of a release that has an id of its own.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'Opaque id.' }) }),
});

export interface PageFacts {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export const PageInfo = builder.objectRef<PageFacts>('PageInfo').implement({
  description: 'Where a page stands in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'True where rows follow.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'True where the page was asked for after a cursor.',
    }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'Cursor of the first row; null on an empty page.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'Cursor of the last row; null on an empty page.',
    }),
  }),
});

/** Fields of data types are answered by the planner's statement; graphql-js never comes here. */
function planned(): never {
  throw new Error('released data is read by the planner alone');
}

// Pothos derives types from what its callers write out; these are written by a loop, so they are stated here once.
type Ref = ReturnType<typeof builder.objectRef<object>>;
interface Fields {
  field(options: object): FieldMap[string];
  arg(options: object): InputFieldMap[string];
  listRef(type: unknown): unknown;
}

const PAGE_ARGS: Readonly<Record<string, DataArg>> = {
  first: { type: 'Int', description: 'How many at most; a setting says how many there may be.' },
  after: { type: 'String', description: 'Cursor of the row after which to begin.' },
};

/** Every data type that can be reached, by name. */
const dataTypes = (): ReadonlyMap<string, DataType> => {
  const found = new Map<string, DataType>();
  const visit = (type: DataType): void => {
    if (found.has(type.name)) return;
    found.set(type.name, type);
    for (const field of Object.values(type.fields)) {
      if (field.kind !== 'value' && field.kind !== 'resolved') visit(field.type());
    }
  };
  for (const type of NODE_TYPES.values()) visit(type);
  return found;
};

export const DATA_TYPES_BY_NAME = dataTypes();

const refs = new Map<string, Ref>(
  [...DATA_TYPES_BY_NAME.keys()].map((name) => [name, builder.objectRef<object>(name)]),
);
const refOf = (type: DataType): Ref => {
  const ref = refs.get(type.name);
  if (ref === undefined) throw new Error(`${type.name} is not registered`);
  return ref;
};

/** The Pothos reference of a data type, for fields of other types that give it. */
export const dataRef = refOf;

const connectionRefs = new Map<string, unknown>();
const connectionRef = (type: DataType): unknown => {
  const known = connectionRefs.get(type.name);
  if (known !== undefined) return known;
  const edge = builder.objectRef<object>(`${type.name}Edge`).implement({
    description: `A ${type.name} in a list.`,
    fields: (t) => ({
      cursor: t.string({ description: 'Its place in the list; opaque.', resolve: planned }),
      node: t.field({ type: refOf(type), description: 'The row.', resolve: planned }),
    }),
  });
  const connection = builder.objectRef<object>(`${type.name}Connection`).implement({
    description: `A page of a list of ${type.name}.`,
    fields: (t) => ({
      edges: t.field({ type: [edge], description: 'The rows with their cursors.', resolve: planned }),
      nodes: t.field({ type: [refOf(type)], description: 'The rows.', resolve: planned }),
      pageInfo: t.field({ type: PageInfo, description: 'Where the page stands.', resolve: planned }),
      totalCount: t.int({ description: 'Number of all rows, under the same filter.', resolve: planned }),
    }),
  });
  connectionRefs.set(type.name, connection);
  return connection;
};

const outputOf = (t: Fields, field: Exclude<DataField, { kind: 'resolved' }>): { type: unknown; nullable: boolean } => {
  switch (field.kind) {
    case 'value': {
      const listed = field.list === undefined ? field.type : [field.type];
      return { type: field.list === 'two' ? [t.listRef(field.type)] : listed, nullable: field.nonNull !== true };
    }
    case 'part':
      return { type: refOf(field.type()), nullable: field.nonNull !== true };
    case 'one':
      return { type: refOf(field.type()), nullable: true };
    case 'list':
      return { type: [refOf(field.type())], nullable: true };
    case 'connection':
      return { type: connectionRef(field.type()), nullable: true };
  }
};

const argsOf = (t: Fields, field: DataField): InputFieldMap =>
  Object.fromEntries(
    Object.entries({ ...field.args, ...(field.kind === 'connection' ? PAGE_ARGS : {}) }).map(
      ([name, { type, required = false, description }]) => [name, t.arg({ type, required, description })],
    ),
  );

/** Adds every data type to the schema. `resolved` answers the fields of Release that are not the statement's. */
export const registerDataTypes = (resolved: Readonly<Record<string, ResolvedDeclaration>>): void => {
  for (const [name, type] of DATA_TYPES_BY_NAME) {
    const ref = refOf(type);
    ref.implement({
      description: type.description,
      ...(type.node === undefined ? {} : { interfaces: [Node] }),
      isTypeOf: () => true,
      fields: (builderFields: unknown) => {
        const t = builderFields as Fields;
        return Object.fromEntries(
          Object.entries(type.fields).map(([key, field]) => {
            const extensions = { access: field.access };
            const args = argsOf(t, field);
            const { description } = field;
            if (field.kind !== 'resolved') {
              return [key, t.field({ ...outputOf(t, field), args, description, extensions, resolve: planned })];
            }
            const declared = name === Release.name ? resolved[key] : undefined;
            if (declared === undefined) throw new Error(`${name}.${key} has nobody to answer it`);
            return [
              key,
              t.field({
                type: declared.list ? [declared.type] : declared.type,
                nullable: declared.nullable,
                args,
                description,
                extensions,
                resolve: (release: ReleaseRecord, _: unknown, context: Context) => declared.resolve(release, context),
              }),
            ];
          }),
        );
      },
    } as Parameters<Ref['implement']>[0]);
  }
};

/**
 * Throws Error where a field can be reached from a data type whose type the planner has no mapping for: it could not
 * be read, or would be read past the policy.
 */
export const assertWholeMapping = (schema: GraphQLSchema): void => {
  for (const [name, type] of DATA_TYPES_BY_NAME) {
    const object = schema.getType(name);
    if (!isObjectType(object)) throw new Error(`${name} is not in the schema`);
    for (const [key, field] of Object.entries(object.getFields())) {
      const declared = type.fields[key];
      if (declared === undefined) throw new Error(`${name}.${key} declares no modality`);
      const target = getNamedType(field.type);
      const inner = isObjectType(target) ? target.name.replace(/Connection$/, '') : null;
      if (declared.kind !== 'resolved' && inner !== null && !DATA_TYPES_BY_NAME.has(inner)) {
        throw new Error(`${name}.${key} gives ${inner}, which is no data type`);
      }
    }
  }
};
