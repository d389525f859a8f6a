import { linkHash } from '../../../governance/audit.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';

const LOCK = 72707370;
const BATCH = 5000;

interface Unsealed {
  seq: number;
  tx: string;
  hash: string;
}

/**
 * Links entries that are not linked yet, in the order (transaction, number), each with the hash of the one before. Only entries whose transaction
 * and all earlier ones have ended are taken, so that none can appear behind. One sealer at a time; another returns 0 at once.
 * @returns how many were linked
 */
export async function sealOnce(database: Database): Promise<number> {
  return database.transaction(async (sql) => {
    const { rows: lock } = await sql.query<{ got: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS got', [LOCK]);
    if (!lock[0]?.got) return 0;
    const head = await headOf(sql);
    const { rows } = await sql.query<Unsealed & Record<string, unknown>>(head.restored ? AFTER_RESTORE : NEXT, [
      head.tx,
      head.seq,
    ]);
    if (rows.length === 0) return 0;
    let { position, hash } = head;
    const links = rows.map((entry) => {
      hash = linkHash(hash, entry.hash);
      position += 1;
      return { position, seq: entry.seq, tx: entry.tx, hash };
    });
    await sql.query(
      `INSERT INTO audit_link (position, entry_seq, entry_tx, hash) SELECT p, s, t::xid8, h FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS u(p, s, t, h)`,
      [
        links.map((link) => link.position),
        links.map((link) => link.seq),
        links.map((link) => link.tx),
        links.map((link) => link.hash),
      ],
    );
    return rows.length;
  });
}

// By e.tx, the number: "tx" alone would be the text of the result, in which 100 comes before 99. What has a link is passed over: in a restored database,
// whose transactions have come to the numbers of before, entries of before lie behind the head. One look by the index for each, whatever is planned.
const NEXT = `SELECT e.seq, e.tx::text AS tx, e.hash FROM audit_entry e
  WHERE (e.tx, e.seq) > ($1::text::xid8, $2::bigint) AND e.tx < pg_snapshot_xmin(pg_current_snapshot())
    AND (SELECT l.position FROM audit_link l WHERE l.entry_seq = e.seq) IS NULL ORDER BY e.tx, e.seq LIMIT ${BATCH}`;

/**
 * A database that was restored from a dump counts its transactions anew: entries of before have numbers that lie in the future, and come first. How many
 * of the last are looked through for such as were not linked yet when the dump was made.
 */
const LOOK_BACK = 100_000;
const AFTER_RESTORE = `SELECT e.seq, e.tx::text AS tx, e.hash FROM audit_entry e
  WHERE e.seq > $2::bigint - ${LOOK_BACK} AND $1::text IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_seq = e.seq)
    AND (e.tx < pg_snapshot_xmin(pg_current_snapshot()) OR e.tx >= pg_snapshot_xmax(pg_current_snapshot()))
  ORDER BY e.tx < pg_snapshot_xmax(pg_current_snapshot()), e.tx, e.seq LIMIT ${BATCH}`;

interface Head {
  position: number;
  hash: string;
  tx: string;
  seq: number;
  /** Whether its transaction is one that this database has not begun yet. */
  restored: boolean;
}

async function headOf(sql: Sql): Promise<Head> {
  const { rows } = await sql.query<Head & Record<string, unknown>>(
    `SELECT position, hash, entry_tx::text AS tx, entry_seq AS seq, entry_tx >= pg_snapshot_xmax(pg_current_snapshot()) AS restored
     FROM audit_link ORDER BY position DESC LIMIT 1`,
  );
  return rows[0] ?? { position: 0, hash: '', tx: '0', seq: 0, restored: false };
}

/** Seals until less than a full batch is left. @returns how many were linked */
export async function sealAll(database: Database): Promise<number> {
  for (let linked = 0; ; ) {
    const now = await sealOnce(database);
    linked += now;
    if (now < BATCH) return linked;
  }
}

/** Seals every `everyMs` until stopped; an error is handed on and the next round tries again. */
export function startSealer(
  database: Database,
  onError: (error: Error) => void,
  everyMs = 80,
): { stop(): Promise<void> } {
  let round: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    round ??= sealAll(database)
      .catch(onError)
      .finally(() => {
        round = undefined;
      });
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await round;
      await sealAll(database).catch(onError);
    },
  };
}
