import { GraphQLError } from 'graphql/index.js';
import { describeReason, publicReasons } from '../governance/reasons.ts';
import type { Failed, Refused, Seen } from './services/result.ts';

/** A query for one thing that is not there. */
export const notFound = (what: string): never => {
  throw new GraphQLError(`There is no such ${what}.`, { extensions: { code: 'NOT_FOUND' } });
};

/** A query that the policy refuses, with every reason that the person may be told. */
export const forbidden = ({ message, reasons }: Omit<Refused, 'ok' | 'code'>): GraphQLError =>
  new GraphQLError(message, {
    extensions: { code: 'FORBIDDEN', reasons: publicReasons(reasons).map(describeReason) },
  });

/** What a query may see; throws GraphQLError with the literal code, and with the reasons where the policy refuses. */
export const seen = <Value>(answer: Seen<Value> | Failed): Value => {
  if (answer.ok) return answer.value;
  if ('reasons' in answer) throw forbidden(answer);
  throw new GraphQLError(answer.message, { extensions: { code: answer.code } });
};
