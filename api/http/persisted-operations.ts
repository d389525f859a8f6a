import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Request, RequestHandler } from 'express';

const FILE = resolve(import.meta.dirname, '../../portal/dist/operations.json');

/** Where the query editor sends: the one place where a session's cookie goes with a document of its own. */
export const EDITOR_PATH = '/graphiql/graphql';

/** Id of an operation of the portal -> its text. */
export type PersistedOperations = ReadonlyMap<string, string>;

/** What the portal's build says its pages send; nothing where it was not built. */
export function readPersistedOperations(file = FILE): PersistedOperations {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}

/**
 * Puts the text of a named operation in the place of its `documentId`, and refuses documents that come with the portal's cookie: a page that was
 * tricked into sending something can send no more than what the portal's own pages send. Tokens and strangers may send documents; so may the query
 * editor, at its own path. To be mounted behind the JSON parser.
 * @param bySession whether the request's credentials are the portal's cookie
 */
export function persistedOperations(
  operations: PersistedOperations,
  bySession: (request: Request) => boolean,
): RequestHandler {
  return (request, response, next) => {
    const refuse = (code: string, message: string): void => {
      response.status(400).json({ errors: [{ message, extensions: { code } }] });
    };
    const body = request.body as Record<string, unknown> | undefined;
    // A query in the address would be answered in place of the named one.
    const id = request.method === 'POST' ? body?.documentId : undefined;
    if (id !== undefined) {
      const text = typeof id === 'string' ? operations.get(id) : undefined;
      if (text === undefined)
        return refuse('PERSISTED_OPERATION_UNKNOWN', 'The portal was renewed meanwhile: load the page again.');
      const { documentId: _, ...rest } = body!;
      request.body = { ...rest, query: text };
      return next();
    }
    if ((request.baseUrl !== EDITOR_PATH || request.method !== 'POST') && bySession(request))
      return refuse(
        'PERSISTED_OPERATION_NEEDED',
        'With the session of the portal only its own operations are answered; send documents with a token, or from the query editor.',
      );
    next();
  };
}
