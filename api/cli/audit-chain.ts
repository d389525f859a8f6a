import { type ChainProblem, type ChainReport, chainVerifier } from '../../governance/audit.ts';
import type { Sql } from '../adapters/database/database.ts';

export interface AuditReport extends ChainReport {
  /** Entries that no link is made for yet: the sealer links them within a second. */
  unsealed: number;
  /** Positions of entries whose columns do not say what their sealed text says. */
  columns: readonly number[];
}

const PAGE = 5_000;

/** Prefixed to the columns' names: what the text has to say again. */
const ENTRIES = `SELECT l.position, l.hash AS link, e.hash, e.text, e.id, e.at, e.account_id AS account, e.grant_id AS "grant", e.action
  FROM audit_link l JOIN audit_entry e ON e.seq = l.entry_seq WHERE l.position > $1 ORDER BY l.position LIMIT ${PAGE}`;

interface Row {
  [column: string]: unknown;
  position: number;
  link: string;
  hash: string;
  text: string;
  id: string;
  at: Date;
  account: string | null;
  grant: string | null;
  action: string;
}

/**
 * Reads the whole log in order, a page at a time, and proves it: every text has its hash, every link fits the one before, nothing is missing from
 * 1 on, and the columns that queries filter by are those of the text.
 */
export async function readAuditChain(
  sql: Sql,
  options: { onPage?: (position: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<AuditReport> {
  const { rows: counts } = await sql.query<{ last: number; unsealed: number }>(
    `SELECT (SELECT coalesce(max(position), 0) FROM audit_link) AS last,
       (SELECT count(*) FROM audit_entry e WHERE NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_seq = e.seq)) AS unsealed`,
  );
  const { last = 0, unsealed = 0 } = counts[0] ?? {};
  const verifier = chainVerifier();
  const columns: number[] = [];
  for (let after = 0; ; ) {
    options.signal?.throwIfAborted();
    const { rows } = await sql.query<Row>(ENTRIES, [after]);
    for (const row of rows) {
      verifier.add(row);
      if (!columnsFit(row)) columns.push(row.position);
    }
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.position;
    options.onPage?.(after, last);
  }
  const chain = verifier.end();
  return { ...chain, whole: chain.whole && columns.length === 0, unsealed, columns };
}

function columnsFit({ text, id, at, account, grant, action }: Row): boolean {
  try {
    const said = JSON.parse(text) as Record<string, unknown>;
    return (
      said.id === id &&
      said.at === at.toISOString() &&
      (said.account ?? null) === account &&
      (said.grant ?? null) === grant &&
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
      return `Entry ${problem.position} was altered${problem.text ? ': its text does not have its hash' : ', or the one before it'}.`;
    case 'REMOVED':
      return problem.from === problem.to
        ? `Entry ${problem.from} was removed.`
        : `Entries ${problem.from} to ${problem.to} were removed.`;
    case 'INSERTED':
      return `Entry ${problem.position} was put in afterwards.`;
    case 'REORDERED':
      return `Entry ${problem.position} stands in another place than it was written in.`;
    case 'CHECKPOINT':
      return `The first ${problem.size} entries are not those that were signed: the log was written anew.`;
  }
}
