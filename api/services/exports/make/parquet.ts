import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';

/** Types that pandas reads as what they are: no 64-bit integers, no instants without a zone. */
export type ColumnType = 'STRING' | 'INT32' | 'DOUBLE' | 'FLOAT' | 'BOOLEAN' | 'DOUBLES';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** True where a cell may be empty (null). */
  readonly nullable?: boolean;
}

export type Cell = string | number | boolean | readonly number[] | null;
/** Cells in the order of the columns. */
export type Row = readonly Cell[];

const ROWS_A_GROUP = 20_000;

/** A Parquet file as it is made, a group of rows in memory at a time; the same rows give the same bytes. */
export async function* parquetBytes(
  columns: readonly Column[],
  batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
  rowsAGroup = ROWS_A_GROUP,
): AsyncGenerator<Uint8Array> {
  const buffer = new ByteWriter(1 << 16);
  // An index of pages helps to skip within a group; groups are small, and without it nothing is kept for the end but their metadata.
  const writer = new ParquetWriter({ writer: buffer, schema: schemaOf(columns), createdBy: 'iss-portal' });
  let group: Row[] = [];
  const write = (): void => {
    const columnData = columns.map(({ name }, index) => ({
      name,
      data: group.map((row) => row[index] ?? null),
      offsetIndex: false,
    }));
    void writer.write({ columnData, rowGroupSize: group.length });
    group = [];
  };
  for await (const rows of batches)
    for (const row of rows) {
      group.push(row);
      if (group.length < rowsAGroup) continue;
      write();
      yield taken(buffer);
    }
  if (group.length > 0) write();
  void writer.finish();
  yield taken(buffer);
}

/** Empties the buffer; positions in the file go on counting. */
function taken(buffer: ByteWriter): Uint8Array {
  const bytes = buffer.getBytes().slice();
  buffer.index = 0;
  return bytes;
}

const PRIMITIVES = {
  STRING: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  INT32: { type: 'INT32' },
  DOUBLE: { type: 'DOUBLE' },
  FLOAT: { type: 'FLOAT' },
  BOOLEAN: { type: 'BOOLEAN' },
} as const;

const schemaOf = (columns: readonly Column[]): SchemaElement[] => [
  { name: 'schema', num_children: columns.length },
  ...columns.flatMap(({ name, type, nullable }): SchemaElement[] => {
    const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED';
    if (type !== 'DOUBLES') return [{ name, ...PRIMITIVES[type], repetition_type }];
    return [
      { name, repetition_type, converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'DOUBLE', repetition_type: 'REQUIRED' },
    ];
  }),
];
