import type { Actor } from '../../../governance/actor.ts';
import { isDataUseCode } from '../../../governance/data-use.ts';
import { isSeen } from '../../../governance/seen-signs.ts';
import type { Problem } from '../../../pipeline/labels/problem.ts';
import { quoted } from '../../../pipeline/labels/problem.ts';
import type { ConsentCommands, ConsentDetails, ConsentInput } from '../../../schema/services/curation.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { readConsents } from './read-consents.ts';

type Said = Omit<ConsentInput, 'study' | 'patient'>;
interface NewRecord extends Said {
  readonly patientId: string;
  readonly undoes?: string;
  readonly importId?: string;
}
type Row = Omit<ConsentDetails, 'recordedBy'> & { recordedById: string | null; patientId: string };

const patientUnknown = {
  ok: false,
  code: 'PATIENT_UNKNOWN',
  message: 'There is no such patient in the study.',
} as const;
const MOST_PROBLEMS = 200;

/** Which fields a record has, for the log: what they say of a patient stands in the record alone, which an erasure reaches. */
const fieldsOf = (said: Said): string[] =>
  Object.entries(said)
    .filter(([, value]) => value !== null)
    .map(([field]) => field);

const SELECT = `SELECT c.id, c.patient_id AS "patientId", p.code AS patient, c.version, c.uses, c.modalities, to_char(c.adult_from, 'YYYY-MM-DD') AS "adultFrom",
    to_char(c.reconsented_at, 'YYYY-MM-DD') AS "reconsentedOn", c.effective_at AS "effectiveAt", c.recorded_by AS "recordedById", c.undoes, c.import_id AS "importId"
  FROM consent c JOIN patient p ON p.id = c.patient_id JOIN study s ON s.id = p.study_id`;

/**
 * Records of what patients consented to, by one actor: a steward or a curator. The newest counts, for every read from then on; none is ever changed,
 * so that a mistake is put right by another record.
 */
export function consentCommands(deps: CommandDeps, actor: Actor): ConsentCommands {
  const { database, clock, ids, audit } = deps;
  const permit = permitOf(deps, actor);

  /** Newest first: for one moment, the one recorded later. */
  async function details(
    sql: Sql,
    where: string,
    values: unknown[],
  ): Promise<(ConsentDetails & { patientId: string })[]> {
    const { rows } = await sql.query<Row & Record<string, unknown>>(
      `${SELECT} WHERE ${where} ORDER BY c.effective_at DESC, c.id DESC`,
      values,
    );
    const people = await peopleOf(
      sql,
      rows.map(({ recordedById }) => recordedById),
    );
    return rows.map(({ recordedById, ...row }) => ({ ...row, recordedBy: people.get(recordedById ?? '') ?? null }));
  }

  async function write(sql: Sql, of: NewRecord, by: string): Promise<string> {
    const id = ids.uuid();
    await sql.query(
      `INSERT INTO consent (id, patient_id, version, uses, modalities, adult_from, reconsented_at, effective_at, recorded_at, recorded_by, undoes, import_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11)`,
      [
        ...[id, of.patientId, of.version, of.uses, of.modalities, of.adultFrom, of.reconsentedOn, clock.now(), by],
        ...[of.undoes ?? null, of.importId ?? null],
      ],
    );
    return id;
  }

  /** Held, so that what is recorded of a patient at once by two is one after the other. Nobody who is erased is found. */
  async function patients(sql: Sql, study: string | null, codes: readonly string[]): Promise<Map<string, string>> {
    const { rows } = await sql.query<{ id: string; code: string }>(
      `SELECT p.id, p.code FROM patient p JOIN study s ON s.id = p.study_id WHERE s.key = $1 AND p.code = ANY ($2::text[]) AND p.erased_at IS NULL
       ORDER BY p.id FOR UPDATE OF p`,
      [study ?? deps.defaultStudy, codes],
    );
    return new Map(rows.map(({ id, code }) => [code, id]));
  }

  async function written(sql: Sql, id: string): Promise<ConsentDetails> {
    const [consent] = await details(sql, 'c.id = $1', [id]);
    if (consent === undefined) throw new Error('a consent that was just recorded is gone');
    return consent;
  }

  return {
    async record({ study, patient, ...said }) {
      const allowed = await permit('RECORD_CONSENT', { command: 'recordConsent' });
      if (!allowed.ok) return allowed;
      const unknown = said.uses.filter((code) => !isDataUseCode(code));
      if (unknown.length > 0) {
        const message = `These are no Data Use Ontology codes that the study knows: ${unknown.map(quoted).join(', ')}.`;
        return { ok: false, code: 'USES_UNKNOWN', message };
      }
      if (!isSeen(said.version))
        return { ok: false, code: 'VERSION_MISSING', message: 'Say which version of the form was signed.' };
      return database.transaction(async (sql) => {
        const patientId = (await patients(sql, study, [patient])).get(patient);
        if (patientId === undefined) return patientUnknown;
        const id = await write(sql, { ...said, patientId }, allowed.actor.accountId);
        await audit.write(sql, {
          accountId: allowed.actor.accountId,
          grantId: null,
          action: 'COMMAND',
          detail: { command: 'recordConsent', consent: id, fields: fieldsOf(said) },
        });
        return { ok: true, consent: await written(sql, id) } as const;
      });
    },

    async undo({ study, patient, consent: undoes }) {
      const allowed = await permit('RECORD_CONSENT', { command: 'undoConsent', consent: undoes });
      if (!allowed.ok) return allowed;
      return database.transaction(async (sql) => {
        const patientId = (await patients(sql, study, [patient])).get(patient);
        if (patientId === undefined) return patientUnknown;
        const [newest, before] = await details(sql, 'c.patient_id = $1', [patientId]);
        if (newest === undefined || newest.id !== undoes) {
          const message = 'That is not the newest record of this patient; look at them again.';
          return { ok: false, code: 'CONSENT_NOT_NEWEST', message } as const;
        }
        const { version, uses, modalities, adultFrom, reconsentedOn } = before ?? {
          ...{ version: newest.version, uses: [], modalities: [], adultFrom: null, reconsentedOn: null },
        };
        const said = { version, uses, modalities, adultFrom, reconsentedOn };
        const id = await write(sql, { ...said, patientId, undoes }, allowed.actor.accountId);
        await audit.write(sql, {
          accountId: allowed.actor.accountId,
          grantId: null,
          action: 'COMMAND',
          detail: { command: 'undoConsent', consent: id, undoes, fields: fieldsOf(said) },
        });
        return { ok: true, consent: await written(sql, id) } as const;
      });
    },

    async import({ study, file }) {
      const allowed = await permit('RECORD_CONSENT', { command: 'importConsents' });
      if (!allowed.ok) return allowed;
      const refused = (problems: readonly Problem[]) => ({
        ok: false as const,
        code: 'CONSENTS_INVALID' as const,
        message: 'The file cannot be used; nothing of it was recorded.',
        problems: problems.slice(0, MOST_PROBLEMS).map(({ code, line, column, message }) => ({
          ...{ code, message, line: line ?? null, column: column ?? null },
        })),
      });
      const parsed = readConsents(file);
      if (!parsed.ok) return refused(parsed.problems);
      return database.transaction(async (sql) => {
        const lines = parsed.value;
        const known = await patients(
          sql,
          study,
          lines.map(({ patient }) => patient),
        );
        const strangers = lines.filter(({ patient }) => !known.has(patient));
        if (strangers.length > 0)
          return refused(
            strangers.map(({ line, patient: value }) => ({
              ...{ code: 'PATIENT_UNKNOWN' as const, line, column: 'patient', value },
              message: `Line ${line}, column patient: ${quoted(value)} is no patient of the study.`,
            })),
          );
        const importId = ids.uuid();
        const consents: { consent: string; fields: string[] }[] = [];
        for (const { line: _, patient, ...said } of lines) {
          const id = await write(sql, { ...said, patientId: known.get(patient)!, importId }, allowed.actor.accountId);
          consents.push({ consent: id, fields: fieldsOf(said) });
        }
        await audit.write(sql, {
          accountId: allowed.actor.accountId,
          grantId: null,
          action: 'COMMAND',
          detail: {
            ...{ command: 'importConsents', study: study ?? deps.defaultStudy, import: importId },
            consents,
          },
        });
        return { ok: true, importId, recorded: lines.length } as const;
      });
    },

    async read(id) {
      const allowed = await permit('RECORD_CONSENT', { query: 'consent', consent: id });
      return allowed.ok ? { ok: true, value: (await details(database, 'c.id = $1', [id]))[0] ?? null } : allowed;
    },

    async history(study, patient) {
      const allowed = await permit('RECORD_CONSENT', { query: 'consents' });
      if (!allowed.ok) return allowed;
      const value = await details(database, 's.key = $1 AND p.code = $2', [study ?? deps.defaultStudy, patient]);
      return { ok: true, value };
    },
  };
}
