import { GraphQLError } from 'graphql/index.js';
import { builder } from './builder.ts';

/** An expected failure of a command: a literal code and a sentence that a person can act on. */
export interface ExpectedError<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
}

/** Every type of expected failure. */
export const Failure = builder.interfaceRef<ExpectedError>('Failure').implement({
  description: 'Why a command was not carried out.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'What is wrong, as a word.' }),
    message: t.exposeString('message', { description: 'What is wrong and what to do, as a sentence.' }),
  }),
});

/**
 * A type for expected failures that share a shape, for the unions that mutations return. A resolver returns the value
 * with `__typename` set to the type's name.
 */
export const failureType = (name: string, description: string) =>
  builder.objectRef<ExpectedError>(name).implement({
    description,
    interfaces: [Failure],
    isTypeOf: (value) => (value as { __typename?: unknown }).__typename === name,
  });

/** A query for one thing that is not there. */
export const notFound = (what: string): never => {
  throw new GraphQLError(`There is no such ${what}.`, { extensions: { code: 'NOT_FOUND' } });
};

/** A command or query of a signed-in person, asked by nobody. */
export const notSignedIn = (): never => {
  throw new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } });
};
