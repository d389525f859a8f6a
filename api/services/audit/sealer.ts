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
    const { rows } = await sql.query<Unsealed & Record<string, unknown>>(
      `SELECT seq, tx::text AS tx, hash FROM audit_entry
       WHERE (tx, seq) > ($1::text::xid8, $2::bigint) AND tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY tx, seq LIMIT ${BATCH}`,
      [head.tx, head.seq],
    );
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

async function headOf(sql: Sql): Promise<{ position: number; hash: string; tx: string; seq: number }> {
  const { rows } = await sql.query<{ position: number; hash: string; tx: string; seq: number }>(
    'SELECT position, hash, entry_tx::text AS tx, entry_seq AS seq FROM audit_link ORDER BY position DESC LIMIT 1',
  );
  return rows[0] ?? { position: 0, hash: '', tx: '0', seq: 0 };
}

/** Seals every `everyMs` until stopped; an error is handed on and the next round tries again. */
export function startSealer(
  database: Database,
  onError: (error: Error) => void,
  everyMs = 80,
): { stop(): Promise<void> } {
  let round: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    round ??= sealOnce(database)
      .catch(onError)
      .finally(() => {
        round = undefined;
      });
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await round;
      await sealOnce(database).catch(onError);
    },
  };
}
