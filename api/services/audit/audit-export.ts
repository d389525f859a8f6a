import type { AccountActor } from '../../../governance/actor.ts';
import { decide } from '../../../governance/decide.ts';
import type { AuditFilter } from '../../../schema/services/audit.ts';
import { safe } from '../../cli/terminal.ts';
import type { CommandDeps } from '../command-deps.ts';
import { csvText } from '../exports/make/csv.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { FROM_THE_FIRST } from './audit-chain.ts';
import { filterText } from './audit-commands.ts';
import { type AuditCursor, type AuditRow, auditRows, sealedRows, whereOf } from './audit-query.ts';
import { byToken } from './by-token.ts';
import { entryDetail } from './entry-facts.ts';

export type ExportFormat = 'jsonl' | 'csv';

const PAGE = 2_000;
const HEADER = [
  ...['position', 'at', 'action', 'command', 'account', 'name', 'grant', 'request', 'releases', 'modalities'],
  ...['patients', 'rows', 'bytes', 'reasons', 'text', 'hash', 'link'],
];

/**
 * The log as text, oldest first, a page at a time; asked for a page at a time, so that a slow reader costs no memory. Without a filter it is what is
 * sealed, in the order of the chain, and proves itself (`iss audit verify FILE`). The entry that says so is written before the first line leaves, and
 * another with the number of lines at the end.
 */
export async function exportAudit(deps: CommandDeps, actor: AccountActor, filter: AuditFilter, format: ExportFormat) {
  const { database, audit } = deps;
  const about = { query: 'auditExport', format, filter: filterText(filter) };
  const allowed = await permitOf(deps, actor)('READ_AUDIT_LOG', about);
  if (!allowed.ok) return allowed;
  const who = { accountId: actor.accountId, grantId: null };
  await audit.write(database, { ...who, action: 'EXPORT_AUDIT_LOG', detail: { ...about, ...byToken(actor) } });
  const whole = Object.values(filter).every((value) => value === null);
  const began = deps.clock.now();

  async function* pages(): AsyncGenerator<AuditRow[]> {
    if (whole) {
      const { rows } = await database.query<{ last: number }>(
        'SELECT coalesce(max(position), 0) AS last FROM audit_link',
      );
      const last = Number(rows[0]?.last ?? 0);
      for (let from: number | string = FROM_THE_FIRST; ; ) {
        const page: AuditRow[] = await sealedRows(database, from, last, PAGE);
        if (page.length > 0) yield page;
        if (page.length < PAGE) return;
        from = page.at(-1)!.position! + 1;
      }
    }
    const where = await whereOf(database, filter, deps.defaultStudy);
    const to = where.to === null || where.to > began ? began : where.to;
    for (let after: AuditCursor | null = null; ; ) {
      const page = await auditRows(database, { ...where, to }, { order: 'OLDEST_FIRST', limit: PAGE, after });
      if (page.length > 0) yield page;
      const end = page.at(-1);
      if (end === undefined || page.length < PAGE) return;
      after = { at: end.at, seq: end.seq };
    }
  }

  async function* text(): AsyncGenerator<string> {
    let entries = 0;
    let complete = false;
    try {
      if (format === 'csv') yield csvText(HEADER, []);
      for await (const page of pages()) {
        const people = await peopleOf(
          database,
          page.map(({ accountId }) => accountId),
        );
        const lines = page.map((row) => lineOf(row, people.get(row.accountId ?? '')?.name ?? null, format));
        entries += page.length;
        yield lines.join('');
      }
      complete = true;
    } finally {
      await audit.write(database, { ...who, action: 'AUDIT_LOG_EXPORTED', detail: { format, entries, complete } });
    }
  }

  return {
    ok: true,
    text: text(),
    /** Asked again while it is on its way. */
    async stillAllowed() {
      const now = deps.clock.now();
      const facts = await deps.loadFacts(database, actor.accountId, now, null);
      return decide(actor, 'READ_AUDIT_LOG', { kind: 'none' }, facts, now).allow;
    },
  } as const;
}

function lineOf(row: AuditRow, name: string | null, format: ExportFormat): string {
  const { position, at, action, accountId, grantId, text, hash, link } = row;
  if (format === 'jsonl') return `${JSON.stringify({ position, text, hash, link, name })}\n`;
  const said = entryDetail(text);
  // csvText makes formulas harmless and quotes; a time, an id or a number begins with neither.
  const cells = [
    ...[position, at.toISOString(), action, said.command, accountId, name, grantId, said.request],
    ...[said.releases.join(' '), said.modalities.join(' '), said.patients, said.rows, said.bytes],
    ...[said.reasons.join(' '), text, hash, link],
  ];
  // What a terminal or a spreadsheet would obey is written as its code.
  return csvText(
    cells.map((cell) => safe(cell === null ? '' : String(cell))),
    [],
  );
}
