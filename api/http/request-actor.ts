import { HeaderMap } from '@apollo/server';
import type { Request } from 'express';
import { GraphQLError } from 'graphql/index.js';
import type { AccountActor, AnonymousActor } from '../../governance/actor.ts';
import type { Authenticate, AuthenticationRefusal } from '../auth/authenticate.ts';

/** Who a request comes from. */
export type RequestActor = AccountActor | AnonymousActor;

/** The credentials of a request do not stand; never treated as nobody's. */
export class CredentialsRefused extends Error {
  override name = 'CredentialsRefused';
  readonly refusal: AuthenticationRefusal;
  constructor(refusal: AuthenticationRefusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

/** The same, looked up anew: for what stays open. @throws CredentialsRefused */
export async function readActor(authenticate: Authenticate, request: Request): Promise<RequestActor> {
  const found = await authenticate(request);
  if (found.kind === 'refused') throw new CredentialsRefused(found);
  if (found.kind === 'anonymous') return { kind: 'anonymous' };
  const grant = request.headers['iss-grant'];
  return {
    kind: 'account',
    accountId: found.accountId,
    ...(found.signIn && { signIn: found.signIn }),
    ...(found.token && { tokenId: found.token.id, tokenGrantId: found.token.grantId }),
    ...(typeof grant === 'string' && grant !== '' && { grantId: grant }),
  };
}

/** Token or cookie, and the grant that the caller names. Asked several times of one request, it looks once. */
export function actorReader(authenticate: Authenticate): (request: Request) => Promise<RequestActor> {
  const known = new WeakMap<Request, Promise<RequestActor>>();
  return (request) => {
    const reading = known.get(request) ?? readActor(authenticate, request);
    known.set(request, reading);
    return reading;
  };
}

/** The same refusal as GraphQL tells it. */
export const asGraphqlError = ({ refusal }: CredentialsRefused): GraphQLError =>
  new GraphQLError(refusal.reason, {
    extensions: {
      code: 'UNAUTHENTICATED',
      reason: refusal.code,
      http: {
        status: refusal.status,
        ...(refusal.retryAfterSeconds !== undefined && {
          headers: new HeaderMap([['retry-after', String(refusal.retryAfterSeconds)]]),
        }),
      },
    },
  });
