import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { collectFields } from 'graphql/execution/collectFields.js';
import {
  type DocumentNode,
  GraphQLError,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql/index.js';
import type { Context } from '../schema/context.ts';
import { createExecutor, type Executor } from '../schema/executor.ts';
import { schema } from '../schema/index.ts';
import { stringifyResult } from '../schema/json-text.ts';
import { DEFAULT_LIMITS, type Limits, measure, refuseBeyond } from '../schema/limits.ts';
import { type Trouble, troubleOf } from './adapters/trouble.ts';
import { type ErrorLog, formatter } from './graphql/format-error.ts';

export interface GraphqlDeps {
  /**
   * Who asks and the services that answer them. Throws GraphQLError (UNAUTHENTICATED, with `extensions.http.status`) for
   * credentials that do not stand.
   */
  readonly context: (request: Request) => Promise<Context>;
  readonly log: ErrorLog;
  /** An id for an error, to be found in the log. */
  readonly newId: () => string;
  readonly limits?: Limits;
  /** Runs on the parsed body before it is answered: puts the texts of persisted operations in. */
  readonly prepare?: RequestHandler;
  /** Takes more of somebody's share of requests: each command of an operation is one. Throws GraphQLError. */
  readonly charge?: (request: Request, units: number) => Promise<void>;
  /** Told of every operation, for metrics. */
  readonly observe?: (operation: { readonly kind: string; readonly failed: boolean; readonly seconds: number }) => void;
}

export interface Graphql {
  /** To be mounted at /graphql. */
  readonly middleware: Express;
  /** Answers one operation as a request would be answered, as text. */
  execute(text: string, variables: Record<string, unknown>, context: Context): Promise<string>;
  stop(): Promise<void>;
}

/** Under which a context holds what it was made for: Apollo hands its plugins a copy of the context, which has this too. */
const REQUEST = Symbol('request');
type Asked = Context & { readonly [REQUEST]?: Request };

/** GraphQL over HTTP. Answers of released data pass through as the text that the database wrote. */
export const createGraphql = async (deps: GraphqlDeps): Promise<Graphql> => {
  const limits = deps.limits ?? DEFAULT_LIMITS;
  const formatError = formatter(deps.log, deps.newId, schema);
  const server = new ApolloServer<Context>({
    gateway: gatewayOf(createExecutor(schema, limits.pages)),
    nodeEnv: 'production',
    introspection: true, // asked per person, see limits
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.tokens },
    formatError,
    stringifyResult,
    logger: {
      debug() {},
      info() {},
      warn() {},
      error: (message) => deps.log.error({ apollo: String(message) }, 'apollo'),
    },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      operationPlugin(limits, deps.observe, async (context, units) => {
        const request = (context as Asked)[REQUEST];
        if (request !== undefined) await deps.charge?.(request, units);
      }),
    ],
  });
  await server.start();
  // An application of its own: an entity tag would be a hash over every large answer.
  const middleware = express();
  middleware.disable('etag').disable('x-powered-by');
  middleware.use((_, response, next) => {
    response.setHeader('cache-control', 'no-store');
    next();
  });
  middleware.use(boundedBody(limits, formatError));
  middleware.use(express.json({ limit: limits.bodyBytes, type: ['application/json', 'application/*+json'] }));
  if (deps.prepare) middleware.use(deps.prepare);
  middleware.use(
    expressMiddleware(server, {
      context: async ({ req }) => {
        const context = await deps.context(req).catch((error: unknown) => {
          const trouble = troubleOf(error);
          throw trouble ? unavailable(error, trouble) : error;
        });
        return Object.assign(context, { [REQUEST]: req });
      },
    }),
  );
  middleware.use(unreadableBody(formatError));
  return {
    middleware,
    async execute(text, variables, contextValue) {
      const { body } = await server.executeOperation({ query: text, variables }, { contextValue });
      if (body.kind !== 'single') throw new Error('an answer came in parts');
      return stringifyResult(body.singleResult as Parameters<typeof stringifyResult>[0]);
    },
    stop: () => server.stop(),
  };
};

/** Nothing was begun: the status says so, and when to come again. */
const unavailable = (error: unknown, { title, code, status, retryAfterSeconds }: Trouble): GraphQLError =>
  new GraphQLError(title, {
    originalError: error as Error,
    extensions: {
      code,
      http: { status, headers: new HeaderMap([['retry-after', String(retryAfterSeconds)]]) },
    },
  });

type Gateway = NonNullable<ConstructorParameters<typeof ApolloServer>[0]['gateway']>;

/** Apollo's way to hand over execution: our executor instead of graphql-js. */
const gatewayOf = (executor: Executor): Gateway => {
  let loaded: Parameters<Gateway['onSchemaLoadOrUpdate']>[0] | null = null;
  return {
    onSchemaLoadOrUpdate(callback) {
      loaded = callback;
      return () => {
        loaded = null;
      };
    },
    async load() {
      loaded?.({ apiSchema: schema, coreSupergraphSdl: '' });
      return {
        executor: async ({ document, operation, request, queryHash, context }) => {
          // Apollo leaves it to a gateway to find that there is no such operation, or none named among several.
          if ((operation as typeof operation | undefined) === undefined) return { errors: [unknownOperation()] };
          return executor(
            { document, operation, variables: request.variables, documentSha256: queryHash },
            context as unknown as Context,
          );
        },
      };
    },
    async stop() {},
  };
};

const unknownOperation = (): GraphQLError =>
  new GraphQLError('Name one of the operations of the document.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } },
  });

/** No text of ours holds U+0000, and the database takes none; said once here, it need not be thought of again. */
const refuseNul = (document: DocumentNode, variables: unknown): void => {
  let found = JSON.stringify(variables ?? null).includes('\\u0000');
  visit(document, {
    StringValue: ({ value }) => {
      found ||= value.includes('\u0000');
    },
  });
  if (found)
    throw new GraphQLError('Text does not hold the character U+0000.', {
      extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
    });
};

/** Limits before anything is executed, nothing that helps strangers to guess names, and a word to the metrics. */
const operationPlugin = (
  limits: Limits,
  observe: GraphqlDeps['observe'],
  charge: (context: Context, units: number) => Promise<void>,
): ApolloServerPlugin<Context> => ({
  async requestDidStart() {
    const start = performance.now();
    return {
      async didResolveOperation({ document, operation, request, contextValue }) {
        if (operation === undefined) return;
        refuseNul(document, request.variables);
        const size = measure(schema, document, operation, request.variables ?? {}, limits.pages);
        refuseBeyond(size, limits, contextValue.actor.kind !== 'anonymous');
        // Commands of one operation are as many requests, and so is what it asks for again: each can write to the log.
        const more = Math.max(0, commandsOf(document, operation, request.variables ?? {}) - 1) + size.repeats;
        if (more > 0) await charge(contextValue, more);
      },
      async willSendResponse({ response, contextValue, document, operationName }) {
        const { body } = response;
        if (body.kind !== 'single') return;
        const { errors } = body.singleResult;
        if (errors !== undefined && contextValue.actor.kind === 'anonymous') {
          body.singleResult.errors = errors.map((error) => ({ ...error, message: withoutSuggestion(error.message) }));
        }
        observe?.({
          kind: kindOf(document, operationName),
          failed: errors !== undefined,
          seconds: (performance.now() - start) / 1000,
        });
      },
    };
  },
});

/** How many commands an operation gives; 0 for a query, and for one whose variables do not fit, which is not carried out. */
const commandsOf = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number => {
  const root = schema.getMutationType();
  if (operation.operation !== 'mutation' || root == null) return 0;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (coerced === undefined) return 0;
  const fragments = Object.fromEntries(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  return collectFields(schema, fragments, coerced, root, operation.selectionSet).size;
};

const kindOf = (document: DocumentNode | undefined, name: string | null | undefined): string =>
  document === undefined ? 'none' : (getOperationAST(document, name)?.operation ?? 'none');

const withoutSuggestion = (message: string): string => message.replace(/ Did you mean .*$/s, '');

/**
 * A body that is announced as too large is refused before it is read, and one that does not arrive in time is given up. The connection ends with the
 * answer: what is left of the body stands in it.
 */
const boundedBody =
  ({ bodyBytes, bodySeconds }: Limits, formatError: ReturnType<typeof formatter>): RequestHandler =>
  (request, response, next) => {
    const end = (status: number, message: string): void => {
      response.setHeader('connection', 'close');
      const error = formatError({ message, extensions: { code: 'BAD_REQUEST' } }, null);
      response.status(status).json({ errors: [error] });
    };
    if (Number(request.headers['content-length'] ?? 0) > bodyBytes) return end(413, 'The request is too large.');
    const timer = setTimeout(() => {
      if (!request.complete && !response.headersSent) end(408, 'The request did not arrive in time.');
    }, bodySeconds * 1000);
    response.once('close', () => clearTimeout(timer));
    request.once('end', () => clearTimeout(timer));
    next();
  };

/** A body that is too large or no JSON. */
const unreadableBody =
  (formatError: ReturnType<typeof formatter>): ErrorRequestHandler =>
  (error: { status?: number; type?: string }, _, response, __) => {
    if (response.headersSent) return;
    const status = error.status !== undefined && error.status >= 400 && error.status < 500 ? error.status : 500;
    const message =
      status === 413
        ? 'The request is too large.'
        : status < 500
          ? 'The request is not valid JSON.'
          : 'Something went wrong.';
    const code = status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR';
    response.status(status).json({ errors: [formatError({ message, extensions: { code } }, error)] });
  };
