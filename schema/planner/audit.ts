import { canonicalText } from '../../governance/canonical.ts';
import type { Modality } from '../../governance/modality.ts';
import type { Reason } from '../../governance/reasons.ts';
import { COUNTED } from './data-type.ts';
import { joinedCodes, SEPARATOR } from './relation.ts';
import type { Row } from './row.ts';
import type { Moment, SqlScope } from './sql.ts';

/** What an entry says that is known before the statement runs; its id and time come with the moment. */
export interface AuditFacts {
  readonly accountId: string;
  readonly grantId: string | null;
  readonly operation: { readonly name: string | null; readonly sha256: string };
  readonly modalities: readonly Modality[];
  readonly releases: readonly string[];
  /** The personal token that the reader came with; null without one. */
  readonly token: string | null;
  readonly refused: readonly { readonly modality: Modality; readonly reasons: readonly Reason[] }[];
}

/** Columns of the statement's `data` that the entry is completed from: which patients, and how many rows of a kind. */
export const tallyColumns = (top: Row): string[] => [
  `${top.codes.length === 0 ? 'NULL::text' : joinedCodes(top.codes)} AS codes`,
  ...COUNTED.map((kind) => `${(top.counts.get(kind) ?? ['0']).join(' + ')} AS ${kind}`),
];

/**
 * The entry, written by the statement that it is about: SQL of an INSERT that reads `data`. Its text is canonical
 * (RFC 8785): everything known beforehand is canonical text already, cut where the patients and the numbers of rows go,
 * and what JSON text the database makes of a code is what the RFC asks for.
 */
export const auditInsert = (sql: SqlScope, facts: AuditFacts): string => {
  const before = ({ now, entryId }: Moment): string =>
    canonicalText({
      account: facts.accountId,
      action: actionOf(facts),
      at: now.toISOString(),
      grant: facts.grantId,
      id: entryId,
      modalities: [...facts.modalities],
      operation: { name: facts.operation.name, sha256: facts.operation.sha256 },
    });
  const between = canonicalText({
    refused: facts.refused.map(({ modality, reasons }) => ({
      modality,
      reasons: reasons.map(({ code, subject }) => ({ code, subject })),
    })),
    releases: [...facts.releases],
  });
  const patients = `coalesce((SELECT string_agg(DISTINCT c.code COLLATE "C", ',' ORDER BY c.code COLLATE "C") FROM unnest(string_to_array(data.codes, ${SEPARATOR})) AS c(code)), '')`;
  const rows = [...COUNTED]
    .sort()
    .map((kind) => `'"${kind}":' || data.${kind}`)
    .join(` || ',' || `);
  const text = [
    sql.late('entry', (moment) => `${before(moment).slice(0, -1)},"patients":[`, 'text'),
    patients,
    sql.param(`],${between.slice(1, -1)},"rows":{`, 'text'),
    rows,
    facts.token === null ? "'}}'" : sql.param(`},"token":${JSON.stringify(facts.token)}}`, 'text'),
  ].join(' || ');
  const values = [
    sql.late('entry id', ({ entryId }) => entryId, 'uuid'),
    sql.now(),
    sql.param(facts.accountId, 'uuid'),
    sql.param(facts.grantId, 'uuid'),
    sql.param(actionOf(facts), 'text'),
  ];
  return `INSERT INTO audit_entry (id, at, account_id, grant_id, action, text, hash) SELECT ${values.join(', ')}, entry.text, encode(sha256(convert_to(entry.text, 'UTF8')), 'hex') FROM (SELECT ${text} AS text FROM data) entry`;
};

/** READ where anything was given, REFUSED where nothing was. */
const actionOf = ({ modalities }: AuditFacts): string => (modalities.length > 0 ? 'READ' : 'REFUSED');
