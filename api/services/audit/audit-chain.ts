import {
  type ChainProblem,
  type ChainReport,
  type Checkpoint,
  chainVerifier,
  MOST_NAMED,
} from '../../../governance/audit.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../uuid.ts';

export interface AuditReport extends ChainReport {
  /** Entries that no link is made for yet: the sealer links them within a second. */
  unsealed: number;
  /** Positions of entries whose columns do not say what their sealed text says. */
  columns: readonly number[];
  /** Ids of entries that lie among the sealed ones and have no link: put in afterwards, or their link was taken out. */
  strays: readonly string[];
}

const PAGE = 5_000;
/** Before the first place of all: places below one are nobody's, so what stands there was put there. */
export const FROM_THE_FIRST = '-9223372036854775808';

/** Prefixed to the columns' names: what the text has to say again. A link whose entry is gone is read too, and all that share a place, at a page's end as well. */
const ENTRIES = `SELECT l.position, l.hash AS link, e.hash, e.text, e.id, e.at, e.account_id AS account, e.grant_id AS "grant", e.action
  FROM audit_link l LEFT JOIN audit_entry e ON e.seq = l.entry_seq WHERE l.position >= $1 ORDER BY l.position FETCH FIRST ${PAGE} ROWS WITH TIES`;

interface Row {
  [column: string]: unknown;
  position: number;
  link: string;
  hash: string | null;
  text: string | null;
  id: string;
  at: Date;
  account: string | null;
  grant: string | null;
  action: string;
}

/**
 * What has no link: the sealer goes by (transaction, number) and leaves none behind, so whatever lies before the last linked one was never its to link, nor
 * is what names a transaction that this database is yet to begin. Until the first entry after a restore is linked, those of before lie in the future: then
 * nothing can be said.
 */
const UNLINKED = `WITH head AS (SELECT entry_tx AS tx, entry_seq AS seq, entry_tx >= pg_snapshot_xmax(pg_current_snapshot()) AS restored
      FROM audit_link ORDER BY position DESC LIMIT 1)
  SELECT e.id, NOT coalesce(h.restored, false) AND (coalesce((e.tx, e.seq) < (h.tx, h.seq), false) OR e.tx >= pg_snapshot_xmax(pg_current_snapshot())) AS stray
  FROM audit_entry e LEFT JOIN head h ON true WHERE NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_seq = e.seq)`;

/**
 * Reads the whole log in order, a page at a time, and proves it: every text has its hash, every link fits the one before, nothing is missing from
 * 1 on, the columns that queries filter by are those of the text, and the heads are those that were signed.
 */
export async function readAuditChain(
  sql: Sql,
  options: {
    checkpoints?: readonly Checkpoint[];
    /** What is known to be sound: only what comes behind it is read, and not what has no link. */
    start?: Checkpoint;
    onPage?: (position: number, total: number) => void;
    signal?: AbortSignal;
  } = {},
): Promise<AuditReport> {
  const verifier = chainVerifier(options.checkpoints, options.start);
  const columns: number[] = [];
  const { rows: lasts } = await sql.query<{ last: number }>('SELECT max(position) AS last FROM audit_link');
  const total = Number(lasts[0]?.last ?? 0);
  const page = (from: number | string) => sql.query<Row>(ENTRIES, [from]);
  for (let coming = page(options.start ? options.start.size + 1 : FROM_THE_FIRST); ; ) {
    options.signal?.throwIfAborted();
    const { rows } = await coming;
    const after = rows.at(-1)?.position;
    const more = rows.length >= PAGE && after !== undefined;
    // The database reads on while this page is proved.
    if (more) coming = page(after + 1);
    for (const row of rows) {
      verifier.add(row);
      if (row.text !== null && columns.length < MOST_NAMED && !columnsFit(row)) columns.push(row.position);
    }
    if (!more) break;
    options.onPage?.(after, total);
  }
  const { rows: unlinked } = options.start
    ? { rows: [] }
    : await sql.query<{ id: string; stray: boolean }>(`${UNLINKED} LIMIT ${MOST_NAMED}`);
  const strays = unlinked.filter(({ stray }) => stray).map(({ id }) => id);
  const chain = verifier.end();
  return {
    ...chain,
    whole: chain.whole && columns.length === 0 && strays.length === 0,
    unsealed: unlinked.length - strays.length,
    columns,
    strays,
  };
}

function columnsFit({ text, id, at, account, grant, action }: Row): boolean {
  try {
    const said = JSON.parse(text ?? '') as Record<string, unknown>;
    // What was named as a grant and is no id stands in the text alone.
    const saidGrant = typeof said.grant === 'string' && isUuid(said.grant) ? said.grant.toLowerCase() : null;
    return (
      said.id === id &&
      said.at === at.toISOString() &&
      (said.account ?? null) === account &&
      saidGrant === grant &&
      said.action === action
    );
  } catch {
    return false;
  }
}

/** What happened to the log, as a sentence. */
export function problemText(problem: ChainProblem): string {
  switch (problem.kind) {
    case 'ALTERED':
      return problem.text
        ? `Entry ${problem.position} was altered: its text does not have its hash.`
        : `Entry ${problem.position} was altered, or the one before it, or what stood between them was removed.`;
    case 'REMOVED':
      return problem.from === problem.to
        ? `Entry ${problem.from} was removed.`
        : `Entries ${problem.from} to ${problem.to} were removed.`;
    case 'INSERTED':
      return `Entry ${problem.position} was put in afterwards.`;
    case 'REORDERED':
      return `Entry ${problem.position} stands in another place than it was written in${problem.was === null ? '' : ` (${problem.was})`}.`;
    case 'CHECKPOINT': {
      const { size, from, last, standsAt } = problem;
      const signed = last === size ? `at ${size}` : `at ${size} and later up to ${last}`;
      if (standsAt === null)
        return `Entries ${from} to ${size} are not those that were signed ${signed}: the log was written anew.`;
      const moved = Math.abs(size - standsAt);
      const what = standsAt < size ? 'removed' : 'put in';
      return `Entries ${from} to ${size} are not those that were signed ${signed}: what was entry ${size} is now ${standsAt}, so ${moved} before it ${moved === 1 ? 'was' : 'were'} ${what}.`;
    }
  }
}
