import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql/index.js';
import { DATA_TYPES_BY_NAME } from './data/register.ts';
import type { PageLimits } from './planner/planner.ts';

/** What a query may ask for. All of it are settings. */
export interface Limits {
  readonly depth: number;
  /** Objects that a query could give, connections multiplied out; a stranger has less. */
  readonly cost: number;
  readonly strangersCost: number;
  readonly aliases: number;
  /** Lexical tokens of a document; beyond, it is not even parsed. */
  readonly tokens: number;
  /** A drop is announced in one: some 230 bytes a submission. */
  readonly bodyBytes: number;
  /** Seconds that a body may take to arrive. */
  readonly bodySeconds: number;
  readonly pages: PageLimits;
}

export const DEFAULT_LIMITS: Limits = {
  depth: 16,
  cost: 200_000,
  strangersCost: 5_000,
  aliases: 100,
  tokens: 4_000,
  bodyBytes: 2 * 1024 * 1024,
  bodySeconds: 30,
  pages: { max: 500, byDefault: 20 },
};

/** Rows that are counted for a list whose length nothing tells. */
const UNKNOWN_LIST = 10;

export interface QuerySize {
  readonly depth: number;
  readonly cost: number;
  readonly aliases: number;
  readonly introspects: boolean;
  /** How often it asks again for what it has asked for already and a service answers: each time costs as much, and may be in the log, as a request. */
  readonly repeats: number;
}

interface Measure {
  readonly depth: number;
  readonly cost: number;
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * What an operation could cost at most: one for every object, as often as the lists above it are long, and more for
 * fields that say so. A fragment is measured once however often it is spread, so measuring is linear in the document.
 */
export const measure = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
  pages: PageLimits,
): QuerySize => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const known = new Map<string, Measure>();
  const root = schema.getRootType(operation.operation);
  const aliased = new Map<string, number>();
  /** Planned reads have a bound of their own (sources), commands are counted where they are given; without another name the same is asked once. */
  const note = ({ alias, name }: FieldNode, typeName: string, planned: boolean): void => {
    const counts = alias !== undefined && !planned && !typeName.endsWith('Connection');
    if (counts && !(operation.operation === 'mutation' && typeName === root?.name))
      aliased.set(name.value, (aliased.get(name.value) ?? 0) + 1);
  };
  const ofSelection = (selection: SelectionSetNode, typeName: string): Measure => {
    let depth = 0;
    let cost = 0;
    for (const node of selection.selections) {
      const inner =
        node.kind === Kind.FIELD
          ? ofField(node, typeName)
          : node.kind === Kind.FRAGMENT_SPREAD
            ? ofFragment(node.name.value)
            : ofSelection(node.selectionSet, node.typeCondition?.name.value ?? typeName);
      depth = Math.max(depth, inner.depth);
      cost += inner.cost;
    }
    return { depth, cost };
  };

  const ofFragment = (name: string): Measure => {
    const measured = known.get(name);
    if (measured !== undefined) return measured;
    const fragment = fragments.get(name);
    const made =
      fragment === undefined
        ? { depth: 0, cost: 0 }
        : ofSelection(fragment.selectionSet, fragment.typeCondition.name.value);
    known.set(name, made);
    return made;
  };

  const ofField = (node: FieldNode, typeName: string): Measure => {
    const name = node.name.value;
    const declared = DATA_TYPES_BY_NAME.get(typeName)?.fields[name];
    const own = declared?.cost ?? 0;
    if (node.selectionSet === undefined) return { depth: 1, cost: own };
    note(node, typeName, declared !== undefined);
    const type = schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[name] : undefined;
    if (field === undefined) return { depth: 1 + ofSelection(node.selectionSet, '').depth, cost: own };
    const target = getNamedType(field.type);
    const inner = ofSelection(node.selectionSet, isCompositeType(target) ? target.name : '');
    const times =
      declared?.kind === 'connection' ||
      (declared === undefined && isCompositeType(target) && target.name.endsWith('Connection'))
        ? pageOf(argumentOf(node, 'first', variables), pages)
        : declared?.kind === 'list'
          ? declared.expected
          : (lengthOf(argumentOf(node, 'ids', variables)) ??
            (isListType(getNullableType(field.type)) && !typeName.endsWith('Connection') ? UNKNOWN_LIST : 1));
    return { depth: 1 + inner.depth, cost: own + times * (1 + inner.cost) };
  };

  const whole = ofSelection(operation.selectionSet, root?.name ?? '');
  const repeats = [...aliased.values()].reduce((sum, times) => sum + times - 1, 0);
  return { ...whole, ...wordsOf(document), repeats };
};

const words = new WeakMap<DocumentNode, Pick<QuerySize, 'aliases' | 'introspects'>>();

/** What of a document does not depend on variables; looked for once, since documents are kept. */
const wordsOf = (document: DocumentNode): Pick<QuerySize, 'aliases' | 'introspects'> => {
  const known = words.get(document);
  if (known !== undefined) return known;
  let aliases = 0;
  let introspects = false;
  visit(document, {
    Field: ({ alias, name }) => {
      if (alias !== undefined) aliases += 1;
      if (name.value === '__schema' || name.value === '__type') introspects = true;
    },
  });
  const made = { aliases, introspects };
  words.set(document, made);
  return made;
};

const argumentOf = (node: FieldNode, name: string, variables: Variables): unknown => {
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
  if (value === undefined) return undefined;
  if (value.kind === Kind.VARIABLE) return variables[value.name.value];
  if (value.kind === Kind.INT) return Number(value.value);
  return value.kind === Kind.LIST ? value.values : undefined;
};

const pageOf = (first: unknown, { max, byDefault }: PageLimits): number =>
  typeof first === 'number' && first >= 0 ? Math.min(first, max) : byDefault;

const lengthOf = (list: unknown): number | null => (Array.isArray(list) ? list.length : null);

const SENTENCE = {
  depth: (is: number, allowed: number) => `This query is ${is} fields deep; ${allowed} are allowed.`,
  aliases: (is: number, allowed: number) => `This query has ${is} aliases; ${allowed} are allowed.`,
  cost: (is: number, allowed: number) =>
    `This query costs ${is}; ${allowed} is allowed. Ask for shorter pages or fewer lists in lists.`,
} as const;

/** Throws GraphQLError for a query beyond the limits, saying what it is and what is allowed. */
export const refuseBeyond = (size: QuerySize, limits: Limits, signedIn: boolean): void => {
  const allowed = { depth: limits.depth, cost: signedIn ? limits.cost : limits.strangersCost, aliases: limits.aliases };
  for (const what of ['depth', 'aliases', 'cost'] as const) {
    if (size[what] <= allowed[what]) continue;
    throw new GraphQLError(SENTENCE[what](size[what], allowed[what]), {
      extensions: {
        code: 'QUERY_TOO_LARGE',
        limit: what,
        [what]: size[what],
        allowed: allowed[what],
        http: { status: 400 },
      },
    });
  }
  if (size.introspects && !signedIn) {
    throw new GraphQLError('Sign in to look up what the API offers; the documentation tells it to everybody.', {
      extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
    });
  }
};
