import type { Actor } from '../../../governance/actor.ts';
import { RELEASE_REFUSALS } from '../../../governance/release.ts';
import { cohortOf } from '../../../pipeline/labels/cohort.ts';
import type { Sex, SkinType } from '../../../pipeline/labels/demographics.ts';
import { makeFolds, provenDisjoint } from '../../../pipeline/labels/folds.ts';
import { type PainLevel, painClassOf, painLevelOf } from '../../../pipeline/labels/pain.ts';
import { PUBLISHED_SPLITS } from '../../../pipeline/published/splits.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { RolledBack } from '../rolled-back.ts';
import { findStudy, type Study } from '../study.ts';
import { hasStoppedSharing } from '../withdrawals/stopped-sharing.ts';
import { sincePublished } from './publish-release.ts';
import { decideOnRelease, logRefusal, type ReleaseDeps, type ReleaseRefused } from './release-command.ts';
import { releaseDigest } from './release-digest.ts';

export type DraftResult =
  | { ok: true; releaseId: string; version: string; patients: number; submissions: number }
  | { ok: false; code: 'STUDY_UNKNOWN' | 'NOTHING_TO_RELEASE' | 'FOLDS_INCOMPLETE'; message: string }
  | ReleaseRefused;

interface SourcePatient {
  id: string;
  code: string;
  sex: Sex;
  skinType: SkinType;
  painTarget: number;
  ageGroup: string | null;
  sourceDevice: string | null;
  fold: number | null;
  shift: number;
}

/** Folds of a study that has none of its own are drawn with this seed, so that two drafts of the same patients have the same folds. */
const FOLD_SEED = 20210731;
const FOLDS = 10;

/**
 * Freezes what the study holds now as a draft: patients as enrolled with the dates of their submissions shifted, the current recording of each
 * submission, the folds. Unreadable submissions and withdrawn patients are left out.
 */
export async function draftRelease(
  deps: ReleaseDeps,
  actor: Actor,
  input: { study: string; version: string; notes: string },
): Promise<DraftResult> {
  return deps.database
    .transaction(
      async (sql) => {
        const study = await findStudy(sql, input.study);
        if (!study) return { ok: false, code: 'STUDY_UNKNOWN', message: 'There is no such study.' } as const;
        const { rows: known } = await sql.query<{ version: string }>(
          'SELECT version FROM release WHERE study_id = $1',
          [study.id],
        );
        const versions = known.map((row) => row.version);
        const command = { type: 'draft', version: input.version } as const;
        const decided = await decideOnRelease(deps, sql, actor, null, command, { versions });
        if (!decided.ok) return decided;
        const patients = await releasable(sql, study);
        if (patients.length === 0)
          return {
            ok: false,
            code: 'NOTHING_TO_RELEASE',
            message: 'No patient of the study has a processed submission.',
          } as const;
        const folds = foldsOf(study, patients);
        if (!folds)
          return {
            ok: false,
            code: 'FOLDS_INCOMPLETE',
            message: 'Some patients are assigned to a fold and some are not: assign all or none.',
          } as const;
        const accountId = actor.kind === 'account' ? actor.accountId : null;
        const { id, version } = decided.after;
        await sql.query(
          `INSERT INTO release (id, study_id, version, status, notes, drafted_by, drafted_at) VALUES ($1, $2, $3, 'DRAFT', $4, $5, $6)`,
          [id, study.id, version, input.notes, accountId, decided.now],
        );
        await freezePatients(sql, id, patients, folds);
        const submissions = await freezeSubmissions(sql, id);
        const since = await sincePublished(sql, study.id, { id, version });
        const allowed = await decideOnRelease(deps, sql, actor, null, command, { versions, ...since }, false);
        // Nothing stays of it but the entry in the log.
        if (!allowed.ok) throw new RolledBack(allowed);
        await sql.query('UPDATE release SET digest = $2 WHERE id = $1', [id, await releaseDigest(sql, id)]);
        await deps.audit.write(sql, {
          accountId,
          grantId: null,
          action: 'COMMAND',
          detail: {
            command: 'release draft',
            study: study.key,
            release: id,
            version,
            patients: patients.length,
            submissions,
          },
        });
        return { ok: true, releaseId: id, version, patients: patients.length, submissions } as const;
      },
      { isolation: 'repeatable read' },
    )
    .catch(async (error: { code?: string }): Promise<DraftResult> => {
      if (error instanceof RolledBack) {
        const refused = error.answer as ReleaseRefused;
        await logRefusal(deps, deps.database, actor, 'release draft', undefined, refused.code, refused.reasons);
        return refused;
      }
      // Two drafts of one version at the same moment: the second comes too late.
      if (error.code !== '23505') throw error;
      const { VERSION_INVALID: message } = RELEASE_REFUSALS;
      return {
        ok: false,
        code: 'VERSION_INVALID',
        message,
        reasons: [],
        problems: [],
        changes: [],
        nextVersion: null,
      };
    });
}

async function releasable(sql: Sql, study: Study): Promise<SourcePatient[]> {
  const { rows } = await sql.query<SourcePatient & Record<string, unknown>>(
    `SELECT p.id, p.code, p.sex, p.skin_type AS "skinType", p.pain_target AS "painTarget", p.age_group AS "ageGroup", p.source_device AS "sourceDevice", p.fold,
            x.date_shift_days AS shift
     FROM patient p JOIN patient_secret x ON x.patient_id = p.id
     WHERE p.study_id = $1
       AND NOT ${hasStoppedSharing('p.id')}
       AND EXISTS (SELECT 1 FROM submission s JOIN recording r ON r.submission_id = s.id AND r.current AND r.status = 'PROCESSED' WHERE s.patient_id = p.id)
     ORDER BY p.code`,
    [study.id],
  );
  return rows;
}

/** The study's own folds; for ISS the published ones; else stratified ones. Null when only some patients have one. */
function foldsOf(study: Study, patients: SourcePatient[]): Map<string, number> | null {
  const own = patients.filter((patient) => patient.fold !== null);
  if (own.length === patients.length) return new Map(patients.map((patient) => [patient.code, patient.fold!]));
  if (own.length > 0) return null;
  const published = new Map(
    PUBLISHED_SPLITS.flatMap((split) => split.testPatients.map((code) => [code, split.number] as const)),
  );
  if (study.key === 'iss' && patients.every((patient) => published.has(patient.code))) return published;
  if (patients.length < 2) return new Map(patients.map((patient) => [patient.code, 1]));
  const folds = makeFolds(
    patients.map((patient) => ({ patient: patient.code, painLevel: painLevelOf(patient.painTarget) })),
    Math.min(FOLDS, patients.length),
    FOLD_SEED,
  );
  const proof = provenDisjoint(folds);
  if (!proof.disjoint) throw new Error('the folds made for this release are not disjoint');
  return new Map(folds.flatMap((fold) => fold.testPatients.map((code) => [code, fold.number] as const)));
}

/** All in one statement, whatever their number. */
async function freezePatients(
  sql: Sql,
  releaseId: string,
  patients: readonly SourcePatient[],
  folds: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = patients.map((patient) => {
    const level: PainLevel = painLevelOf(patient.painTarget);
    const cohort = cohortOf(level, patient.skinType, patient.sex);
    return { ...patient, level, class: painClassOf(level), cohort, split: folds.get(patient.code) };
  });
  await sql.query(
    `INSERT INTO release_patient (release_id, patient_id, code, sex, skin_type, pain_target, pain_level, pain_class, cohort, age_group, source_device, split)
     SELECT $1, id, code, sex, "skinType", "painTarget", level, class, cohort, "ageGroup", "sourceDevice", split
     FROM jsonb_to_recordset($2) AS p(id uuid, code text, sex text, "skinType" text, "painTarget" smallint, level text, class text, cohort text,
       "ageGroup" text, "sourceDevice" text, split smallint)`,
    [releaseId, JSON.stringify(rows)],
  );
}

/** The hour, and with it the timeframe, survives the shift by whole days. */
async function freezeSubmissions(sql: Sql, releaseId: string): Promise<number> {
  const { rowCount } = await sql.query(
    `INSERT INTO release_submission (release_id, submission_id, patient_id, recording_id, recorded_at, timeframe, setting)
     SELECT rp.release_id, s.id, s.patient_id, r.id, s.recorded_at - make_interval(days => x.date_shift_days),
       CASE WHEN h BETWEEN 5 AND 7 THEN 'EARLY_AM' WHEN h BETWEEN 8 AND 11 THEN 'REG_AM' WHEN h BETWEEN 12 AND 16 THEN 'EARLY_PM'
            WHEN h BETWEEN 17 AND 20 THEN 'REG_PM' WHEN h BETWEEN 21 AND 23 THEN 'EARLY_NITE' ELSE 'LATE_NITE' END,
       s.setting
     FROM release_patient rp JOIN patient_secret x ON x.patient_id = rp.patient_id
     JOIN submission s ON s.patient_id = rp.patient_id CROSS JOIN LATERAL extract(hour FROM s.recorded_at) h
     JOIN recording r ON r.submission_id = s.id AND r.current AND r.status = 'PROCESSED'
     WHERE rp.release_id = $1`,
    [releaseId],
  );
  return rowCount ?? 0;
}
