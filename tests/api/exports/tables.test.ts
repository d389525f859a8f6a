import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { csvText } from '../../../api/services/exports/make/csv.ts';
import { type Column, parquetBytes, type Row } from '../../../api/services/exports/make/parquet.ts';

const COLUMNS: Column[] = [
  { name: 'n', type: 'INT32' },
  { name: 'text', type: 'STRING', nullable: true },
  { name: 'list', type: 'DOUBLES', nullable: true },
  { name: 'flag', type: 'BOOLEAN' },
  { name: 'score', type: 'FLOAT', nullable: true },
  { name: 'figure', type: 'DOUBLE', nullable: true },
];

async function file(batches: Iterable<Row[]>, columns = COLUMNS, rowsAGroup?: number): Promise<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for await (const part of parquetBytes(columns, batches, rowsAGroup)) parts.push(part);
  return new Uint8Array(Buffer.concat(parts)).buffer;
}

describe('Parquet', () => {
  test('gives back what was written, over several groups of rows and with empty cells', async () => {
    const rows: Row[] = [
      [1, 'a', [1, 2.5], true, 0.5, 1e-300],
      [-2_147_483_648, null, null, false, null, null],
      [2_147_483_647, 'ä, "\n', [3], true, 0.25, -1],
      [4, '', [], false, 1, 0],
    ];
    const written = await file([[rows[0]!], rows.slice(1)], COLUMNS, 2);
    expect(parquetMetadata(written).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([2, 2]);
    const read = (await parquetReadObjects({ file: written })) as Record<string, unknown>[];
    expect(read.map(({ n, text, list, flag, score, figure }) => [n, text, list ?? null, flag, score, figure])).toEqual(
      rows,
    );
  });

  test('of no rows has its columns', async () => {
    const written = await file([]);
    expect(parquetMetadata(written).schema.map(({ name }) => name)).toEqual([
      'schema',
      'n',
      'text',
      'list',
      'list',
      'element',
      'flag',
      'score',
      'figure',
    ]);
    expect(await parquetReadObjects({ file: written })).toEqual([]);
  });

  test('is the same, byte for byte, in however many batches the rows came', async () => {
    const rows = Array.from(
      { length: 1000 },
      (_, i): Row => [i, `row ${i % 7}`, [i / 3], i % 2 === 0, i / 8, Math.sin(i)],
    );
    const one = Buffer.from(await file([rows], COLUMNS, 300));
    expect(
      Buffer.from(
        await file(
          rows.map((row) => [row]),
          COLUMNS,
          300,
        ),
      ).equals(one),
    ).toBe(true);
  });

  test('has no 64-bit integers', async () => {
    const written = await file([[[1, 'a', [1], true, 0.5, 1]]]);
    expect(parquetMetadata(written).schema.flatMap(({ type }) => type ?? [])).not.toContain('INT64');
    await expect(file([[[2 ** 31, 'a', [1], true, 0.5, 1]]])).rejects.toThrow('int32');
  });

  test('gives out its bytes group by group', async () => {
    let most = 0;
    let total = 0;
    const batches = (function* () {
      for (let i = 0; i < 50; i++)
        yield Array.from(
          { length: 1000 },
          (_, k): Row => [i * 1000 + k, `text ${i * k}`, null, true, null, Math.sin(i * k)],
        );
    })();
    for await (const part of parquetBytes(COLUMNS, batches, 1000)) {
      most = Math.max(most, part.length);
      total += part.length;
    }
    expect(total / most).toBeGreaterThan(30);
  });
});

describe('CSV', () => {
  test('follows RFC 4180', () => {
    expect(
      csvText(
        ['a', 'b'],
        [
          ['x,y', 1.5],
          ['say "yes"', null],
          ['two\nlines', -3],
        ],
      ),
    ).toBe('a,b\r\n"x,y",1.5\r\n"say ""yes""",\r\n"two\nlines",-3\r\n');
  });

  test.each([
    '=1+1',
    '+1',
    '-1',
    '@a',
    '\tx',
    '\rx',
    '\n=1',
    '＝1+1',
    '＋1',
    '－1',
    '＠a',
    '=HYPERLINK("x","y")',
  ])('a text that a spreadsheet would calculate is led by an apostrophe: %j', (text) => {
    const cell = csvText(['a'], [[text]]).slice(3, -2);
    expect(cell.replace(/^"/, '')[0]).toBe("'");
  });

  test('a negative number stays a number', () => {
    expect(csvText(['a'], [[-0.5]])).toBe('a\r\n-0.5\r\n');
  });
});
