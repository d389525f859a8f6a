import { createHash } from 'node:crypto';
import { canonicalText, sha256 } from '../../../governance/canonical.ts';
import type { PictureEmbedding } from '../../../pipeline/baselines/network/picture-embedding.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { ObjectExists, type ObjectStore, readWhole } from '../../adapters/objects/object-store.ts';
import { sealedPlace } from '../../adapters/objects/sealed-store.ts';
import { patientOwner } from '../ingest/drop-item.ts';
import { markedSubjects, writeLineage } from '../lineage.ts';
import { RolledBack, rollBackWith } from '../rolled-back.ts';
import { type PictureSource, pictureOf, type WantedPictures } from './picture-source.ts';
import type { RunDeps } from './run.ts';

/** Raised with every change after which the same pictures and weights give other numbers. */
export const EMBEDDING_VERSION = '1';

export interface Backbone extends Pick<PictureEmbedding, 'name' | 'numbers'> {
  /** SHA-256 of its weights. */
  readonly sha256: string;
  of: PictureEmbedding['of'];
}

type Deps = Pick<RunDeps, 'database' | 'objects' | 'ids' | 'clock'>;

/**
 * Pictures as the numbers of a fixed network, made once for a recording: the next run that may read the same pictures finds them. They lie under the
 * patient's key and go with it; who has withdrawn since has them blocked. A run asks only for recordings whose pictures its holder may use now.
 */
export function keptEmbeddings(deps: Deps, backbone: Backbone): PictureSource {
  return async (wanted, signal) => {
    const identity = identityOf(wanted, backbone);
    const known = await keptOf(deps, wanted, identity, backbone.numbers);
    if (known !== null) return known;
    const made: Float32Array[] = [];
    for (const part of wanted.parts) {
      signal.throwIfAborted();
      made.push(await backbone.of(await pictureOf(deps, wanted.pack, part)));
    }
    if (made.length > 0) await keep(deps, wanted, identity, backbone, made);
    return made;
  };
}

/** Everything that the numbers follow from; a recording that is processed anew has its files at other places. */
const identityOf = ({ kind, pack, parts }: WantedPictures, { name, sha256: weights }: Backbone): string =>
  sha256(canonicalText({ kind, pack: pack.objectKey, parts: [...parts], name, weights, code: EMBEDDING_VERSION }));

/** What is said to be kept. @returns null where nothing is */
async function keptRow(sql: Sql, recordingId: string, identity: string) {
  const { rows } = await sql.query<{ id: string; key: string; hash: string }>(
    'SELECT id, object_key AS key, sha256 AS hash FROM embedding WHERE recording_id = $1 AND identity = $2',
    [recordingId, identity],
  );
  return rows[0] ?? null;
}

/** Numbers that are there whole and held back by nobody. */
async function keptOf(
  { database, objects }: Deps,
  { recordingId, parts }: WantedPictures,
  identity: string,
  numbers: number,
): Promise<Float32Array[] | null> {
  const row = await keptRow(database, recordingId, identity);
  if (!row || (await objects.size(row.key)) !== parts.length * numbers * 4) return null;
  if ((await markedSubjects(database, 'EMBEDDING', [row.id])).has(row.id)) return null;
  const bytes = await readWhole(objects, row.key);
  if (createHash('sha256').update(bytes).digest('hex') !== row.hash) return null;
  const all = new Float32Array(new Uint8Array(bytes).buffer);
  return parts.map((_, at) => all.subarray(at * numbers, (at + 1) * numbers));
}

/** Keeps the numbers, unless the patient has withdrawn meanwhile. Of two runs that make the same at once, one keeps them. */
async function keep(
  { database, objects, ids, clock }: Deps,
  { recordingId, kind, parts }: WantedPictures,
  identity: string,
  { name, numbers }: Backbone,
  made: readonly Float32Array[],
): Promise<void> {
  const { rows } = await database.query<{ patientId: string; code: string; study: string }>(
    `SELECT p.id AS "patientId", p.code, st.key AS study FROM recording r JOIN submission s ON s.id = r.submission_id
     JOIN patient p ON p.id = s.patient_id JOIN study st ON st.id = p.study_id WHERE r.id = $1`,
    [recordingId],
  );
  const [whose] = rows;
  if (!whose) return;
  const all = new Float32Array(made.length * numbers);
  made.forEach((values, at) => {
    all.set(values, at * numbers);
  });
  const place = `${sealedPlace(patientOwner(whose.study, whose.code))}embeddings/${recordingId}/${identity}`;
  const id = ids.uuid();
  const { key, stored } = await store(objects, new Uint8Array(all.buffer), place, id);
  await rollBackWith(() =>
    database.transaction(async (sql) => {
      if (!(await writeLineage(sql, { subject: 'EMBEDDING', id, patients: [whose.patientId] }))) return;
      const { rowCount } = await sql.query(
        `INSERT INTO embedding (id, recording_id, source, backbone, identity, pictures, object_key, bytes, sha256, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (recording_id, identity) DO NOTHING`,
        [id, recordingId, kind, name, identity, parts.length, key, stored.bytes, stored.sha256, clock.now()],
      );
      // Somebody else's are kept: no lineage stays of these.
      if (rowCount === 0) throw new RolledBack(undefined);
    }),
  );
  // Whoever has withdrawn, or has numbers kept by another run: what lies there may be that row's, or nobody's.
  if ((await keptRow(database, recordingId, identity))?.key !== key) await objects.remove(key);
}

/**
 * Stores numbers at their place; beside it where other bytes lie there, which another machine's arithmetic made of the same pictures: those of a run
 * that was killed before its row was written would keep the place from everybody.
 */
async function store(objects: ObjectStore, bytes: Uint8Array, place: string, id: string) {
  const key = `${place}.f32`;
  try {
    return { key, stored: await objects.put(key, bytes) };
  } catch (error) {
    if (!(error instanceof ObjectExists)) throw error;
    const beside = `${place}-${id}.f32`;
    return { key: beside, stored: await objects.put(beside, bytes) };
  }
}
