import { collectFields } from 'graphql/execution/collectFields.js';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql/index.js';
import type { Context, Situation, Statement, StudyRef } from './context.ts';
import { fillText } from './fill-text.ts';
import { JsonText } from './json-text.ts';
import { PLANNED, type Plan, type Roots, situationKeys } from './planner/plan.ts';
import { PlanCache } from './planner/plan-cache.ts';
import type { PageLimits, ResolvedField } from './planner/planner.ts';
import type { Moment, PlannedStatement } from './planner/sql.ts';

export interface Operation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** SHA-256 of the document's text. */
  readonly documentSha256: string;
}

type Result = ExecutionResult<Record<string, unknown>>;
export type Executor = (operation: Operation, context: Context) => Promise<Result>;

/**
 * Answers operations: released data by one planned statement, everything else by graphql-js, merged in the order of
 * the document. Where released data is part of the answer, `data` is a `JsonText`.
 */
export const createExecutor = (schema: GraphQLSchema, pages: PageLimits): Executor => {
  const release = schema.getType('Release');
  if (!isObjectType(release)) throw new Error('the schema has no Release');
  // Fields of a release that graphql-js answers are executed as if the release were the root.
  const releaseSchema = new GraphQLSchema({ ...schema.toConfig(), query: release, mutation: null, subscription: null });

  const plans = new PlanCache();

  const byGraphql = (
    { document, variables }: Operation,
    operation: OperationDefinitionNode,
    nodes: readonly FieldNode[] | null,
    context: Context,
    root?: { schema: GraphQLSchema; value: unknown },
  ): Promise<Result> =>
    Promise.resolve(
      execute({
        schema: root?.schema ?? schema,
        document: {
          kind: Kind.DOCUMENT,
          definitions: [
            ...document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION),
            nodes === null
              ? operation
              : { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: nodes } },
          ],
        },
        rootValue: root?.value,
        contextValue: context,
        variableValues: variables ?? {},
      }),
    ) as Promise<Result>;

  return async (request, context) => {
    const { document, operation } = request;
    const query = schema.getQueryType();
    if (operation.operation !== 'query' || query == null) return byGraphql(request, operation, null, context);
    const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {});
    if (coerced.errors !== undefined) return { errors: coerced.errors };
    const variables = coerced.coerced;
    const fragments = fragmentsOf(document);
    const roots: Roots = collectFields(schema, fragments, variables, query, operation.selectionSet);
    const others = [...roots.values()].filter(([node]) => !isPlanned(node));
    if (others.length === roots.size) return byGraphql(request, operation, null, context);

    // Nothing but the statement and what it is decided from stands between the question and the answer, so these wait for nobody.
    const [situations, rest] = await Promise.all([
      loadSituations(schema, roots, variables, context),
      others.some(([node]) => node?.name.value !== '__typename')
        ? byGraphql(request, operation, others.flat(), context)
        : null,
    ]);
    const moment: Moment = { now: context.now(), entryId: context.newId() };
    let planned: Plan;
    try {
      planned = plans.plan({
        schema,
        fragments,
        variables,
        roots,
        situations,
        pages,
        actor: context.actor,
        operation: { name: operation.name?.value ?? null, sha256: request.documentSha256 },
      });
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
    if (context.actor.kind === 'anonymous' && planned.refused.length > 0)
      context.reads.refusedStranger(planned.refused);
    else if (planned.errors.length > 0) context.reads.refused(reasonsOf(planned.errors));
    const [text, resolved] = await Promise.all([
      planned.statement === null ? (planned.text ?? '{}') : context.reads.run(bind(planned.statement, moment)),
      Promise.all(
        planned.resolved.map((field) =>
          byGraphql(request, operation, field.nodes, context, { schema: releaseSchema, value: field.release }),
        ),
      ),
    ]);
    const errors = [
      ...planned.errors,
      ...(rest?.errors ?? []),
      ...planned.resolved.flatMap((field, index) => below(field, resolved[index]?.errors ?? [])),
    ];
    // A root field that may not be null and failed takes the whole answer with it, as the specification says.
    if (rest !== null && rest.data == null) return { errors, data: null };
    const filled = await fillText(text, planned, { rest: rest?.data ?? {}, resolved }, context);
    return {
      ...(errors.length > 0 ? { errors } : {}),
      data: new JsonText(filled) as unknown as Record<string, unknown>,
    };
  };
};

const bind = ({ text, values }: PlannedStatement, moment: Moment): Statement => ({ text, values: values(moment) });

const isPlanned = (node: FieldNode | undefined): boolean => node !== undefined && PLANNED.has(node.name.value);

const fragmentsOf = (document: DocumentNode): Record<string, FragmentDefinitionNode> =>
  Object.fromEntries(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((definition) => [definition.name.value, definition]),
  );

/** What the planned root fields are decided from: one load for each study that they name. */
const loadSituations = async (
  schema: GraphQLSchema,
  roots: Roots,
  variables: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<ReadonlyMap<string, Situation | null>> => {
  const keys = new Set<string>();
  for (const [node] of roots.values()) {
    const field = node === undefined ? undefined : schema.getQueryType()?.getFields()[node.name.value];
    if (node === undefined || field === undefined || !isPlanned(node)) continue;
    for (const key of situationKeys(node.name.value, getArgumentValues(field, node, variables))) keys.add(key);
  }
  return new Map(
    await Promise.all(
      [...keys].map(
        async (key): Promise<[string, Situation | null]> => [key, await context.reads.situation(refOf(key))],
      ),
    ),
  );
};

const refOf = (key: string): StudyRef => {
  const [kind, name = ''] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
  return kind === 'release' ? { releaseId: name } : { key: name === '' ? null : name };
};

/** Errors of a field under a release, at their place in the whole answer. */
const below = (field: ResolvedField, errors: readonly GraphQLError[]): GraphQLError[] =>
  errors.map(
    ({ message, nodes, originalError, extensions, path }) =>
      new GraphQLError(message, {
        nodes: nodes ?? null,
        originalError: originalError ?? null,
        extensions,
        path: [...field.path.slice(0, -1), ...(path ?? [])],
      }),
  );

/** Codes of the reasons that errors tell, each once. */
const reasonsOf = (errors: readonly GraphQLError[]): readonly string[] => [
  ...new Set(
    errors.flatMap(({ extensions }) =>
      ((extensions.reasons ?? []) as readonly { readonly code: string }[]).map(({ code }) => code),
    ),
  ),
];
