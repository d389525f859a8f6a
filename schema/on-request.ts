import type { InputFieldMap, InputShapeFromFields } from '@pothos/core';
import type { Json } from '../governance/canonical.ts';
import { AccessRequest } from './access-request.ts';
import { command, type InputFields, type SuccessFields } from './command.ts';
import type { Context } from './context.ts';
import { notFound } from './errors.ts';
import { CommandRefused, FormRefused } from './expected-errors.ts';
import type { AccessRequestFacts, GivenCommand } from './services/requests.ts';

/** What commands on requests give back. */
export interface Done {
  readonly request: AccessRequestFacts;
}

export const success = (t: SuccessFields<Done>) => ({
  request: t.field({
    type: AccessRequest,
    description: 'The request as it stands now.',
    resolve: ({ request }) => request,
  }),
});

export const errors = [CommandRefused, FormRefused];

/** A repeat is given the request as it was when the command had been carried out, by who may still see it. */
export const receipt = {
  keep: ({ request }: Done) => ({ id: request.state.id, version: request.state.version }),
  again: async (kept: Json, { requests }: Context): Promise<Done> => {
    const { id, version } = kept as { readonly id: string; readonly version: number };
    const request = await requests.asOf(id, version);
    return { request: request ?? notFound('access request') };
  },
};

export const requestFields = (t: InputFields) => ({
  requestId: t.id({ required: true, description: 'The request.' }),
  expectedVersion: t.int({
    description:
      'Version that one looked at; where the request has moved on, the command is refused with REQUEST_CHANGED.',
  }),
});

export const expected = (version: number | null | undefined): { readonly expectedVersion?: number } =>
  version == null ? {} : { expectedVersion: version };

/** A command on a request that there is: its input, beside the request's id and version, and what it makes of it. */
export const onRequest = <Fields extends InputFieldMap>(
  name: string,
  description: string,
  fields: (t: InputFields) => Fields,
  commandOf: (input: InputShapeFromFields<Fields & ReturnType<typeof requestFields>>, context: Context) => GivenCommand,
): void =>
  command(name, {
    description,
    input: (t) => ({ ...requestFields(t), ...fields(t) }),
    success,
    errors,
    receipt,
    run: (input, context) => {
      const { requestId, expectedVersion } = input as unknown as InputShapeFromFields<ReturnType<typeof requestFields>>;
      const given = commandOf(input as never, context);
      return context.requests.give(requestId, { ...given, ...expected(expectedVersion) });
    },
  });

export const nothingMore = () => ({});
export const reason = (t: InputFields) => ({
  reason: t.string({ required: true, description: 'Why, so that the person can act on it.' }),
});
export const seen = (t: InputFields) => ({
  seen: t.string({ required: true, description: '`seenHash` of the request as one looked at it.' }),
});
