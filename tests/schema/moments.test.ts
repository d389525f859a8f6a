import type { GraphQLScalarType } from 'graphql/index.js';
import { describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.ts';

const parsed = (scalar: string, text: string): unknown =>
  (schema.getType(scalar) as GraphQLScalarType).parseValue(text);

describe('a moment that is given', () => {
  it.each([
    ['2028-02-29T09:30:00Z', '2028-02-29T09:30:00.000Z'],
    ['2027-03-01T00:30:00+02:00', '2027-02-28T22:30:00.000Z'],
    ['2027-04-30T24:00:00Z', '2027-05-01T00:00:00.000Z'],
  ])('%s is %s', (text, instant) => {
    expect((parsed('DateTime', text) as Date).toISOString()).toBe(instant);
  });

  it.each([
    '2027-02-29T09:30:00Z',
    '2027-02-30T00:00:00+02:00',
    '2027-04-31T23:59:59.999Z',
    '2027-06-31T00:00Z',
  ])('of a day that is none is refused, not moved into the next month: %s', (text) => {
    expect(() => parsed('DateTime', text)).toThrow('not an instant');
    expect(() => parsed('Date', text.slice(0, 10))).toThrow('not a day');
  });
});
