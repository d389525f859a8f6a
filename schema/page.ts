import type { ObjectRef } from '@pothos/core';
import { GraphQLError } from 'graphql/index.js';
import { builder, type Types } from './builder.ts';
import { type PageFacts, PageInfo } from './data/register.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { PageAsked, PageOf } from './services/result.ts';

type Asked = PageAsked;

interface PageAnswer<Value> extends PageOf<Value> {
  readonly asked: Asked;
}

const infoOf = <Value>({ cursors, hasNextPage, asked }: PageAnswer<Value>): PageFacts => ({
  hasNextPage,
  hasPreviousPage: asked.after !== null,
  startCursor: cursors[0] ?? null,
  endCursor: cursors.at(-1) ?? null,
});

/** A connection type of a list that is not the planner's. */
export const pageType = <Value extends object>(name: string, node: ObjectRef<Types, Value>) => {
  const edge = builder.objectRef<{ cursor: string; node: Value }>(`${name}Edge`).implement({
    description: `A ${name} in a list.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Its place in the list; opaque.' }),
      node: t.field({ type: node, description: 'The row.', resolve: (row) => row.node as never }),
    }),
  });
  return builder.objectRef<PageAnswer<Value>>(`${name}Connection`).implement({
    description: `A page of a list of ${name}.`,
    fields: (t) => ({
      nodes: t.field({ type: [node], description: 'The rows.', resolve: ({ nodes }) => [...nodes] as never }),
      edges: t.field({
        type: [edge],
        description: 'The rows with their cursors.',
        resolve: ({ nodes, cursors }) => nodes.map((row, index) => ({ node: row, cursor: cursors[index] ?? '' })),
      }),
      pageInfo: t.field({ type: PageInfo, description: 'Where the page stands.', resolve: infoOf }),
      totalCount: t.int({
        description: 'Number of all rows, under the same filter.',
        resolve: ({ totalCount }) => (typeof totalCount === 'number' ? totalCount : totalCount()),
      }),
    }),
  });
};

/** The arguments of a page, clamped to what a page may have. Throws GraphQLError for a negative length. */
export const pageAsked = ({
  first,
  after,
}: {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}): Asked & { readonly first: number } => {
  const { byDefault, max } = DEFAULT_LIMITS.pages;
  if (first != null && first < 0) {
    throw new GraphQLError('`first` is a number of rows, 0 or more.', { extensions: { code: 'BAD_USER_INPUT' } });
  }
  return { first: Math.min(first ?? byDefault, max), after: after ?? null };
};

/** A page with what was asked, as its type takes it. */
export const pageAnswer = <Value>(asked: Asked, page: PageOf<Value>): PageAnswer<Value> => ({ ...page, asked });
