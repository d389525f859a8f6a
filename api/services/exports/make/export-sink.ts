import { createHash } from 'node:crypto';
import type { Modality } from '../../../../governance/modality.ts';
import type { Database, Sql } from '../../../adapters/database/database.ts';
import type { ObjectStore } from '../../../adapters/objects/object-store.ts';

export interface MadeFile {
  readonly path: string;
  readonly modality: Modality | null;
  readonly submissionId?: string;
}

/** A file that is bytes of a stored object, perhaps after a few of its own; `bytes` counts both. */
export interface RangeFile extends MadeFile {
  readonly objectKey: string;
  readonly firstByte: number;
  readonly prefix?: Uint8Array;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where the files of an export go: bytes to the object store, a row each to `export_file`. */
export interface ExportSink {
  /** A file with an object of its own. */
  add(file: MadeFile, body: AsyncIterable<Uint8Array> | Uint8Array): Promise<{ bytes: number; sha256: string }>;
  /** A part of what is stored already. */
  range(file: RangeFile): Promise<void>;
  /** Many small files, one after the other in one object of this name. */
  pack(name: string, files: AsyncIterable<MadeFile & { readonly body: Uint8Array }>): Promise<void>;
  flush(): Promise<void>;
}

/** Proves, and holds until the transaction ends, that the job is still this attempt's. @throws JobLost */
export type Fence = (sql: Sql) => Promise<void>;

const ROWS_A_STATEMENT = 1000;

/** @param prefix of the object keys, of this attempt alone */
export function exportSink(deps: {
  database: Database;
  objects: ObjectStore;
  exportId: string;
  prefix: string;
  fence: Fence;
}): ExportSink {
  const { database, objects, exportId, prefix } = deps;
  let waiting: RangeFile[] = [];

  async function flush(): Promise<void> {
    const rows = waiting;
    waiting = [];
    if (rows.length === 0) return;
    await database.transaction(async (sql) => {
      await deps.fence(sql);
      await sql.query(
        `INSERT INTO export_file (export_id, path, object_key, first_byte, prefix, bytes, sha256, modality, submission_id)
         SELECT $1, path, object_key, first_byte, decode(prefix, 'hex'), bytes, sha256, modality, submission_id
         FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::uuid[])
           AS f(path, object_key, first_byte, prefix, bytes, sha256, modality, submission_id)`,
        [
          exportId,
          rows.map((row) => row.path),
          rows.map((row) => row.objectKey),
          rows.map((row) => row.firstByte),
          rows.map((row) => (row.prefix === undefined ? null : Buffer.from(row.prefix).toString('hex'))),
          rows.map((row) => row.bytes),
          rows.map((row) => row.sha256),
          rows.map((row) => row.modality),
          rows.map((row) => row.submissionId ?? null),
        ],
      );
    });
  }

  async function range(file: RangeFile): Promise<void> {
    waiting.push(file);
    if (waiting.length >= ROWS_A_STATEMENT) await flush();
  }

  return {
    flush,
    range,
    async add(file, body) {
      const objectKey = `${prefix}/${file.path}`;
      const stored = await objects.put(objectKey, body);
      await range({ ...file, objectKey, firstByte: 0, ...stored });
      return stored;
    },
    async pack(name, files) {
      const objectKey = `${prefix}/${name}`;
      async function* bodies(): AsyncGenerator<Uint8Array> {
        let firstByte = 0;
        for await (const { body, ...file } of files) {
          await range({ ...file, objectKey, firstByte, bytes: body.length, sha256: sha256Of(body) });
          firstByte += body.length;
          yield body;
        }
      }
      await objects.put(objectKey, bodies());
    },
  };
}

/** SHA-256 (hex) of bytes in memory. */
export const sha256Of = (...parts: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
