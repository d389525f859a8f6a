import { unwrapResolverError } from '@apollo/server/errors';
import { type GraphQLFormattedError, type GraphQLSchema, isEnumType } from 'graphql/index.js';
import { troubleOf } from '../adapters/trouble.ts';

/** What is needed of a pino logger. */
export interface ErrorLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A word that is no value of an enum is told the values that there are. */
const withValues = (message: string, schema: GraphQLSchema): string =>
  message.replace(/Value ("[^"]*") does not exist in "(\w+)" enum\..*$/s, (text, word: string, name: string) => {
    const type = schema.getType(name);
    if (!isEnumType(type)) return text;
    return `${word} is no value of ${name}: ${type
      .getValues()
      .map((one) => one.name)
      .join(', ')}.`;
  });

/**
 * Errors as people see them: an id that is in the log, and for whatever nobody foresaw nothing more. Stack traces, SQL
 * and paths stay in the log.
 */
export const formatter =
  (log: ErrorLog, newId: () => string, schema: GraphQLSchema) =>
  (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const id = newId();
    const code = String(formatted.extensions?.code ?? 'INTERNAL_SERVER_ERROR');
    const { stacktrace: _, http: __, ...extensions } = formatted.extensions ?? {};
    const cause = unwrapResolverError(error);
    if (code !== 'INTERNAL_SERVER_ERROR') {
      log.info({ errorId: id, code, path: formatted.path }, formatted.message);
      return { ...formatted, message: withValues(formatted.message, schema), extensions: { ...extensions, code, id } };
    }
    log.error({ errorId: id, err: cause, path: formatted.path }, 'an operation failed');
    const place = {
      ...(formatted.path === undefined ? {} : { path: formatted.path }),
      ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    };
    const trouble = troubleOf(cause);
    if (trouble) return { message: trouble.title, ...place, extensions: { code: trouble.code, id } };
    return {
      message: `Something went wrong on our side. If it lasts, tell the operators this number: ${id}`,
      ...place,
      extensions: { code: 'INTERNAL_SERVER_ERROR', id },
    };
  };
