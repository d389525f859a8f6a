import type { Database } from '../../../adapters/database/database.ts';
import type { ManifestHead } from '../manifest-format.ts';

interface FileRow {
  path: string;
  bytes: number;
  sha256: string;
  modality: string | null;
}

const ROWS_AT_ONCE = 5000;

/** The text of `manifest.json`, a line for each file of `export_file`, by path; some thousand lines in memory at a time. */
export async function* manifestBytes(
  database: Database,
  exportId: string,
  head: ManifestHead,
): AsyncGenerator<Uint8Array> {
  const opening = JSON.stringify(head, null, 2).replace(/\n}$/, ',\n  "files": [');
  yield Buffer.from(opening);
  let after: string | null = null;
  for (;;) {
    const rows: FileRow[] = await nextRows(database, exportId, after);
    const last = rows.at(-1);
    if (last === undefined) break;
    const lines = rows.map((row, i) => `${after === null && i === 0 ? '' : ','}\n    ${JSON.stringify(row)}`);
    yield Buffer.from(lines.join(''));
    after = last.path;
  }
  yield Buffer.from('\n  ]\n}\n');
}

/** By the bytes of the path: the column's collation is "C", and its key is read in that order. */
async function nextRows(database: Database, exportId: string, after: string | null): Promise<FileRow[]> {
  const { rows } = await database.query<FileRow & Record<string, unknown>>(
    `SELECT path, bytes, sha256, modality FROM export_file WHERE export_id = $1 AND ($2::text IS NULL OR path > $2) ORDER BY path LIMIT ${ROWS_AT_ONCE}`,
    [exportId, after],
  );
  return rows;
}
