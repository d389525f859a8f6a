import SchemaBuilder from '@pothos/core';
import { GraphQLError } from 'graphql/index.js';
import { isLocalDate } from '../governance/calendar.ts';
import type { Context } from './context.ts';

/** The one Pothos builder: every file of this folder adds its types to it. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Date: { Input: string; Output: string };
    LocalDateTime: { Input: string; Output: string };
    SafeInt: { Input: number; Output: number };
    JSON: { Input: unknown; Output: unknown };
    Base64: { Input: Uint8Array; Output: Uint8Array };
  };
}>({ defaultFieldNullability: false });

/** What Pothos knows of this schema, for helpers that are generic. */
export type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Found> ? Found : never;

const wrong = (what: string): GraphQLError =>
  new GraphQLError(`not ${what}`, { extensions: { code: 'BAD_USER_INPUT' } });

builder.scalarType('DateTime', {
  description: 'An instant as ISO 8601 with a zone, for instance 2026-03-01T09:30:00.000Z.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/;
    // Date takes 29 February of any year, and means the first of March by it.
    const sound = typeof value === 'string' && form.test(value) && isLocalDate(value.slice(0, 10));
    const time = sound ? new Date(value) : null;
    if (time === null || Number.isNaN(time.getTime())) throw wrong('an instant of the form 2026-03-01T09:30:00Z');
    return time;
  },
});

builder.scalarType('Date', {
  description: 'A day of the calendar as ISO 8601, for instance 2026-03-01.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'string' || !isLocalDate(value)) throw wrong('a day of the form 2026-03-01');
    return value;
  },
});

builder.scalarType('LocalDateTime', {
  description:
    'A local wall time as ISO 8601 without a zone, for instance 2020-12-01T00:32:32: the zone of a recording is not known and not invented.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(value)) {
      throw wrong('a local time of the form 2020-12-01T00:32:32');
    }
    return value;
  },
});

builder.scalarType('SafeInt', {
  description: 'A whole number up to 2^53 - 1: counts of bytes outgrow Int.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (!Number.isSafeInteger(value)) throw wrong('a whole number below 2^53');
    return value as number;
  },
});

builder.scalarType('JSON', {
  description: 'A JSON value whose shape its field describes.',
  serialize: (value) => value,
  parseValue: (value) => value,
});

builder.scalarType('Base64', {
  description: 'Bytes as base64 (RFC 4648, section 4).',
  serialize: (value) => Buffer.from(value).toString('base64'),
  parseValue: (value) => {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : null;
    if (bytes === null || bytes.toString('base64') !== value) throw wrong('base64');
    return bytes;
  },
});

builder.queryType({ description: 'What can be asked.' });

builder.mutationType({ description: 'What can be done. Each takes one input and says what became of it.' });
