import type { Actor } from '../../../governance/actor.ts';
import { isDataUseCode } from '../../../governance/data-use.ts';
import type { ConsentCommands } from '../../../schema/services/curation.ts';
import type { CommandDeps } from '../command-deps.ts';
import { permitOf } from '../permit.ts';

/** Records of what patients consented to, by one actor: a steward or a curator. The newest counts, for every read from then on. */
export function consentCommands(deps: CommandDeps, actor: Actor): ConsentCommands {
  const { database, clock, ids, audit } = deps;
  const permit = permitOf(deps, actor);
  return {
    async record({ study, patient, version, uses, modalities, adultFrom, reconsentedOn }) {
      const allowed = await permit('RECORD_CONSENT', { command: 'recordConsent' });
      if (!allowed.ok) return allowed;
      const unknown = uses.filter((code) => !isDataUseCode(code));
      if (unknown.length > 0) {
        const message = `These are no Data Use Ontology codes that the study knows: ${unknown.join(', ')}.`;
        return { ok: false, code: 'USES_UNKNOWN', message };
      }
      if (version.trim() === '')
        return { ok: false, code: 'VERSION_MISSING', message: 'Say which version of the form was signed.' };
      return database.transaction(async (sql) => {
        const { rows } = await sql.query<{ id: string }>(
          'SELECT p.id FROM patient p JOIN study s ON s.id = p.study_id WHERE s.key = $1 AND p.code = $2 FOR UPDATE OF p',
          [study ?? deps.defaultStudy, patient],
        );
        const patientId = rows[0]?.id;
        if (patientId === undefined) {
          return { ok: false, code: 'PATIENT_UNKNOWN', message: 'There is no such patient in the study.' } as const;
        }
        const id = ids.uuid();
        const effectiveAt = clock.now();
        await sql.query(
          `INSERT INTO consent (id, patient_id, version, uses, modalities, adult_from, reconsented_at, effective_at, recorded_at, recorded_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)`,
          [id, patientId, version, uses, modalities, adultFrom, reconsentedOn, effectiveAt, allowed.actor.accountId],
        );
        await audit.write(sql, {
          accountId: allowed.actor.accountId,
          grantId: null,
          action: 'COMMAND',
          detail: {
            command: 'recordConsent',
            consent: id,
            patient: patientId,
            version,
            uses,
            modalities,
            adultFrom,
            reconsentedOn,
          },
        });
        return {
          ok: true,
          consent: { id, patient, version, uses, modalities, adultFrom, reconsentedOn, effectiveAt },
        } as const;
      });
    },
  };
}
