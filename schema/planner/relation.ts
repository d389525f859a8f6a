import { GraphQLError } from 'graphql/index.js';
import type { DataType, Source } from './data-type.ts';
import { type Json, raw, render } from './json.ts';
import { Row } from './row.ts';

/**
 * Lists and rows that one operation may ask for. Each is a part of the one statement, and the time to plan a statement grows with the square of its
 * parts: fifty took a quarter of a second, four thousand (`nodes` of as many ids) kept a core for minutes.
 */
const MOST_SOURCES = 100;

/** The level of a relation's rows, below `parent`. Throws GraphQLError where an operation asks for too many. */
export const levelOf = (parent: Row, type: DataType, source: Source): Row => {
  if (parent.scope.sql.countSource() > MOST_SOURCES)
    throw new GraphQLError(
      `This query asks for more than ${MOST_SOURCES} lists and single rows. Ask for lists instead of single rows, or in several queries.`,
      { extensions: { code: 'QUERY_TOO_LARGE', limit: 'sources', allowed: MOST_SOURCES, http: { status: 400 } } },
    );
  const row = new Row(type.name, parent.scope.sql.alias(), parent.scope, parent, source.columns);
  if (type.counted !== undefined) row.count(type.counted, '1');
  if (type.patientCode !== undefined) row.codes.push(type.patientCode(row));
  return row;
};

interface Cut {
  readonly limit: number | null;
  /** SQL that leaves out the rows before a page. */
  readonly keyset?: string | undefined;
  /** True where the rows have to know whether there are more: `got` then counts one beyond the limit. */
  readonly more?: boolean;
}

/** The rows themselves, in order: columns that fields asked for and the sort keys as k1, k2, ... */
export const rowsSql = (row: Row, source: Source, { limit, keyset, more = false }: Cut): string => {
  const columns = [
    ...[...row.needed].map((name) => `${source.columns[name]} AS ${name}`),
    ...source.order.map((key, index) => `${key} AS k${index + 1}`),
  ];
  const where = [...source.where, ...(keyset === undefined ? [] : [keyset])];
  const sql = [
    `SELECT ${columns.length === 0 ? '1' : columns.join(', ')}`,
    `FROM ${source.from(row.needed)}`,
    where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`,
    source.order.length === 0 ? '' : `ORDER BY ${source.order.join(', ')}`,
    limit === null ? '' : `LIMIT ${Math.trunc(limit) + (more ? 1 : 0)}`,
  ];
  const rows = sql.filter((part) => part !== '').join(' ');
  if (!more) return rows;
  const keys = source.order.map((_, index) => `s.k${index + 1}`).join(', ');
  return `SELECT s.*, count(*) OVER () AS got FROM (${rows}) s ORDER BY ${keys} LIMIT ${Math.trunc(limit ?? 0)}`;
};

/** Stands between patients' codes on their way up: JSON text holds no control characters. */
export const SEPARATOR = "E'\\x1f'";

/** PostgreSQL's functions take a hundred arguments. */
const MOST_ARGUMENTS = 90;

/** One SQL text of several, any of which may be null; null where all are. */
export const joinedCodes = (codes: readonly string[]): string => {
  if (codes.length === 1) return codes[0] ?? 'NULL';
  const groups: string[] = [];
  for (let i = 0; i < codes.length; i += MOST_ARGUMENTS)
    groups.push(`nullif(concat_ws(${SEPARATOR}, ${codes.slice(i, i + MOST_ARGUMENTS).join(', ')}), '')`);
  return groups.length === 1 ? (groups[0] ?? 'NULL') : joinedCodes(groups);
};

/** Names, below an alias, of what a level tells the level above for the audit entry. */
const tallies = (row: Row, aggregated: boolean): string[] => {
  const counts = [...row.counts].map(([kind, each]) => {
    const sum = each.join(' + ');
    if (!aggregated) return `${sum} AS ${kind}`;
    return sum === '1' ? `count(*) AS ${kind}` : `coalesce(sum(${sum}), 0) AS ${kind}`;
  });
  if (row.codes.length === 0) return counts;
  const codes = joinedCodes(row.codes);
  return [...counts, aggregated ? `string_agg(${codes}, ${SEPARATOR}) AS codes` : `${codes} AS codes`];
};

/**
 * Joins a level to the one above: `json` is one text for each row of the level, or, aggregated, for all of them.
 * Gives the JSON that stands for it above.
 */
export const attach = (parent: Row, row: Row, rows: string, json: Json, aggregated: boolean): Json => {
  const alias = parent.scope.sql.alias();
  const columns = [`${render(json)} AS j`, ...tallies(row, aggregated)];
  const body = `SELECT ${columns.join(', ')} FROM (${rows}) ${row.alias} ${row.joins.join(' ')}`;
  parent.joins.push(
    aggregated ? `CROSS JOIN LATERAL (${body}) ${alias}` : `LEFT JOIN LATERAL (${body}) ${alias} ON true`,
  );
  for (const kind of row.counts.keys()) {
    parent.count(kind, aggregated ? `${alias}.${kind}` : `coalesce(${alias}.${kind}, 0)`);
  }
  if (row.codes.length > 0) parent.codes.push(`${alias}.codes`);
  return raw(aggregated ? `${alias}.j` : `coalesce(${alias}.j, 'null')`);
};

/** A JSON array of one text for each row, in the source's order. */
export const arrayOf = (row: Row, source: Source, json: Json): Json => {
  const keys = source.order.map((_, index) => `${row.alias}.k${index + 1}`).join(', ');
  return raw(`'[' || coalesce(string_agg(${render(json)}, ',' ORDER BY ${keys}), '') || ']'`);
};

/** One related row as JSON, or null. */
export const oneJson = (parent: Row, type: DataType, source: Source, object: (row: Row) => Json): Json => {
  const row = levelOf(parent, type, source);
  const json = object(row);
  return attach(parent, row, rowsSql(row, source, { limit: 1 }), json, false);
};

/** All related rows as a JSON array. */
export const listJson = (parent: Row, type: DataType, source: Source, object: (row: Row) => Json): Json => {
  const row = levelOf(parent, type, source);
  const json = arrayOf(row, source, object(row));
  return attach(parent, row, rowsSql(row, source, { limit: null }), json, true);
};
