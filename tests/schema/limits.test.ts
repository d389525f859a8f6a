import { getOperationAST, parse } from 'graphql/index.js';
import { describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.ts';
import { DEFAULT_LIMITS, measure, type QuerySize, refuseBeyond } from '../../schema/limits.ts';

const sizeOf = (query: string, variables: Record<string, unknown> = {}): QuerySize => {
  const document = parse(query);
  return measure(schema, document, getOperationAST(document)!, variables, DEFAULT_LIMITS.pages);
};

describe('what a query costs', () => {
  it('is one an object, connections multiplied', () => {
    expect(sizeOf('{ release { version } }').cost).toBe(1);
    const deep =
      '{ release { patients(first: 29) { nodes { submissions(first: 5) { nodes { frames(first: 20) { nodes { number } } } } } } } }';
    // 29 x (nodes + submissions 5 x (nodes + frames 20 x nodes)) and what holds them
    expect(sizeOf(deep).cost).toBe(1 + 29 * (1 + 1 + 5 * (1 + 1 + 20 * (1 + 1))));
  });

  it('counts the pages of every other list as well', () => {
    expect(sizeOf('{ accessRequests(first: 100) { nodes { id events { type } } } }').cost).toBe(100 * (1 + 1 + 10));
  });

  it('knows pages from variables, and takes the page by default where none is named', () => {
    const query = 'query ($n: Int) { release { patients(first: $n) { nodes { code } } } }';
    expect(sizeOf(query, { n: 100 }).cost).toBe(1 + 100 * 2);
    expect(sizeOf(query).cost).toBe(1 + 20 * 2);
    expect(sizeOf(query, { n: 1e9 }).cost).toBe(1 + 500 * 2);
  });

  it('is the same through fragments, and measured in a moment where they multiply', () => {
    const one = sizeOf('{ release { patients(first: 7) { nodes { submissions(first: 3) { totalCount } } } } }');
    const other = sizeOf(`{ ...R } fragment R on Query { release { ... on Release { patients(first: 7) { ...C } } } }
      fragment C on PatientConnection { nodes { ... { submissions(first: 3) { totalCount } } } }`);
    expect(other.cost).toBe(one.cost);
    const bomb = Array.from({ length: 60 }, (_, n) => `fragment F${n} on Patient { ...F${n + 1} ...F${n + 1} }`).join(
      ' ',
    );
    const size = sizeOf(
      `{ release { patients { nodes { ...F0 } } } } ${bomb} fragment F60 on Patient { submissions { totalCount } }`,
    );
    expect(size.cost).toBeGreaterThan(2 ** 60);
  });

  it('counts aliases wherever they are, and depth', () => {
    const aliases = Array.from({ length: 10 }, (_, n) => `a${n}: release { version }`).join(' ');
    expect(sizeOf(`{ ${aliases} }`)).toMatchObject({ aliases: 10, depth: 2, cost: 10 });
  });

  it('counts how often the same is asked again of what no planned read answers, wherever it is, and fragments once', () => {
    const many = (field: string) => Array.from({ length: 10 }, (_, n) => `a${n}: ${field}`).join(' ');
    expect(sizeOf(`{ ${many('studyReport { release }')} }`).repeats).toBe(9);
    expect(
      sizeOf(`{ viewer { grants { ...G } } } fragment G on Grant { ${many('accessLog { nodes { at } }')} }`).repeats,
    ).toBe(9);
    expect(sizeOf(`{ release { patients { ${many('nodes { code }')} } } }`).repeats).toBe(0);
    expect(sizeOf('{ mine: viewer { id } studyReport { release } }').repeats).toBe(0);
    // Commands are counted by themselves.
    expect(sizeOf(`mutation { ${many('cancelRun(input: { commandId: "c", id: "i" }) { __typename }')} }`).repeats).toBe(
      0,
    );
  });

  it('says what a refused query is and what is allowed', () => {
    const size = sizeOf(
      '{ release { patients(first: 500) { nodes { submissions(first: 500) { nodes { frames(first: 500) { nodes { number } } } } } } } }',
    );
    expect(() => refuseBeyond(size, DEFAULT_LIMITS, true)).toThrow(
      expect.objectContaining({
        message: `This query costs ${size.cost}; 200000 is allowed. Ask for shorter pages or fewer lists in lists.`,
        extensions: expect.objectContaining({ code: 'QUERY_TOO_LARGE', cost: size.cost, allowed: 200_000 }),
      }),
    );
  });

  it('lets the signed-in look up the schema, and nobody else', () => {
    const size = sizeOf('{ a: __schema { queryType { name } } }');
    expect(() => refuseBeyond(size, DEFAULT_LIMITS, true)).not.toThrow();
    expect(() => refuseBeyond(size, DEFAULT_LIMITS, false)).toThrow('Sign in');
    expect(sizeOf('{ __typename }').introspects).toBe(false);
  });
});
