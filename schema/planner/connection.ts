import type { FieldNode } from 'graphql/index.js';
import { cursorSql } from './cursor.ts';
import type { Args, ConnectionField, Page, Source } from './data-type.ts';
import { constant, type Json, objectOf, plainOf, raw, wordOf } from './json.ts';
import type { Place, Planner } from './planner.ts';
import { arrayOf, attach, levelOf, rowsSql } from './relation.ts';
import type { Row } from './row.ts';

type Selected = readonly (readonly [key: string, nodes: readonly FieldNode[]])[];

const nameOf = (nodes: readonly FieldNode[]): string => nodes[0]?.name.value ?? '';

/** A page of related rows as a Relay connection, written by one lateral. */
export const connectionJson = (
  planner: Planner,
  parent: Row,
  field: ConnectionField,
  args: Args,
  page: Page,
  place: Place,
): Json => {
  const type = field.type();
  const selected: Selected = [...planner.subfields(`${type.name}Connection`, place.nodes)];
  const more = selected.some(
    ([, nodes]) =>
      nameOf(nodes) === 'pageInfo' &&
      [...planner.subfields('PageInfo', nodes).values()].some((inner) => nameOf(inner) === 'hasNextPage'),
  );
  const source = field.source(parent, args, more ? { ...page, limit: page.limit + 1 } : page);
  const row = levelOf(parent, type, source);
  const keys = source.order.map((_, index) => `${row.alias}.k${index + 1}`);
  const cursor = cursorSql(field.sort, keys);
  const below = (key: string, nodes: readonly FieldNode[], inner: readonly string[]): Place => ({
    ...place,
    path: [...place.path, key, ...inner],
    nodes,
  });

  const edge = (key: string, nodes: readonly FieldNode[]): Json =>
    objectOf(
      [...planner.subfields(`${type.name}Edge`, nodes)].map(([inner, innerNodes]) => {
        const name = nameOf(innerNodes);
        if (name === 'cursor') return [inner, wordOf(cursor)];
        if (name === 'node') return [inner, planner.object(type, row, below(key, innerNodes, [inner]))];
        return [inner, constant(`${type.name}Edge`)];
      }),
    );

  const end = (direction: 'ASC' | 'DESC'): Json =>
    wordOf(`(array_agg(${cursor} ORDER BY ${keys.map((key) => `${key} ${direction}`).join(', ')}))[1]`);

  const pageInfo = (nodes: readonly FieldNode[]): Json =>
    objectOf(
      [...planner.subfields('PageInfo', nodes)].map(([inner, innerNodes]) => {
        switch (nameOf(innerNodes)) {
          case 'hasNextPage':
            return [inner, hasNextPage(row, field, parent, args, page)];
          case 'hasPreviousPage':
            return [inner, constant(page.after !== null)];
          case 'startCursor':
            return [inner, end('ASC')];
          case 'endCursor':
            return [inner, end('DESC')];
          default:
            return [inner, constant('PageInfo')];
        }
      }),
    );

  const json = objectOf(
    selected.map(([key, nodes]) => {
      switch (nameOf(nodes)) {
        case 'nodes':
          return [key, arrayOf(row, source, planner.object(type, row, below(key, nodes, [])))];
        case 'edges':
          return [key, arrayOf(row, source, edge(key, nodes))];
        case 'pageInfo':
          return [key, pageInfo(nodes)];
        case 'totalCount':
          return [key, plainOf(totalSql(field.source(parent, args, null)))];
        default:
          return [key, constant(`${type.name}Connection`)];
      }
    }),
  );
  const keyset = keysetSql(field, source, page, planner);
  return attach(parent, row, rowsSql(row, source, { limit: page.limit, keyset, more }), json, true);
};

/** The rows after a cursor's; undefined where all are, or the source has left the others out itself. */
const keysetSql = (field: ConnectionField, source: Source, page: Page, planner: Planner): string | undefined => {
  if (page.after === null || source.sliced === true) return undefined;
  const after = page.after.map((value, index) => planner.sql.param(value, field.keys[index] ?? 'text'));
  return `(${source.order.join(', ')}) > (${after.join(', ')})`;
};

const totalSql = (source: Source): string =>
  source.total ??
  `(SELECT count(*) FROM ${source.from(new Set())}${source.where.length === 0 ? '' : ` WHERE ${source.where.join(' AND ')}`})`;

const hasNextPage = (row: Row, field: ConnectionField, parent: Row, args: Args, page: Page): Json =>
  page.limit > 0
    ? raw(`coalesce(max(${row.alias}.got) > ${Math.trunc(page.limit)}, false)::text`)
    : raw(`(${totalSql(field.source(parent, args, null))} > 0)::text`);
