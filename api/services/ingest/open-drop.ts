import { type Enrolment, parseEnrolment } from '../../../pipeline/labels/enrolment.ts';
import type { Problem } from '../../../pipeline/labels/problem.ts';
import { quoted } from '../../../pipeline/labels/problem.ts';
import { parseSubmissionTimestamp } from '../../../pipeline/labels/submission-timestamp.ts';
import { PIPELINE_VERSION } from '../../../pipeline/stages/process-recording.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { findStudy, listStudies, type Study } from '../study.ts';
import { type DropItem, type DropItemOffer, ITEM_COLUMNS } from './drop-item.ts';

export interface OpenDropDeps {
  database: Database;
  clock: Clock;
  ids: Ids;
  audit: AuditLog;
  maxVideoBytes: number;
}

export type OpenDropResult =
  | { ok: true; dropId: string; study: Study; items: DropItem[] }
  | {
      ok: false;
      code: 'STUDY_UNKNOWN' | 'ENROLMENT_INVALID' | 'DROP_TOO_LARGE' | 'ITEM_REPEATED';
      message: string;
      problems: readonly Problem[];
    };

const MOST_ITEMS = 50_000;

/**
 * Takes the description of a drop: enrols its patients, and says for each submission whether it is new, unchanged since it was last processed,
 * or cannot be taken and why. Nothing is written when the enrolment file is not valid. One transaction.
 */
export async function openDrop(
  deps: OpenDropDeps,
  input: { study: string; enrolment: Uint8Array; items: readonly DropItemOffer[]; accountId: string | null },
): Promise<OpenDropResult> {
  const { database, clock, ids } = deps;
  const study = await findStudy(database, input.study);
  if (!study) {
    const known = (await listStudies(database)).map((one) => one.key).join(', ');
    return {
      ok: false,
      code: 'STUDY_UNKNOWN',
      message: `There is no study ${quoted(input.study)}; there are: ${known}.`,
      problems: [],
    };
  }
  if (input.items.length > MOST_ITEMS)
    return {
      ok: false,
      code: 'DROP_TOO_LARGE',
      message: `A drop has at most ${MOST_ITEMS} submissions; this one has ${input.items.length}.`,
      problems: [],
    };
  const repeated = firstRepeated(input.items.map((item) => `${item.patient}/${item.timestamp}`));
  if (repeated !== null)
    return { ok: false, code: 'ITEM_REPEATED', message: `The drop names ${quoted(repeated)} twice.`, problems: [] };
  const enrolment = parseEnrolment(input.enrolment);
  if (!enrolment.ok)
    return {
      ok: false,
      code: 'ENROLMENT_INVALID',
      message: 'enrolment.csv cannot be used.',
      problems: enrolment.problems,
    };

  return database.transaction(async (sql) => {
    const now = clock.now();
    const dropId = ids.uuid();
    await sql.query('INSERT INTO ingest_drop (id, study_id, account_id, created_at) VALUES ($1, $2, $3, $4)', [
      dropId,
      study.id,
      input.accountId,
      now,
    ]);
    for (const patient of enrolment.value) await enrol(sql, deps, study, patient, now);
    const codes = new Set(enrolment.value.map((patient) => patient.patient));
    const processed = await processedVersions(sql, study.id);
    const items: DropItem[] = [];
    for (const offer of input.items) {
      const refusal = refusalOf(offer, codes, deps.maxVideoBytes);
      const unchanged =
        !refusal && processed.has(versionKey(offer.patient, offer.timestamp, offer.videoSha256, offer.surveySha256));
      const known = unchanged
        ? processed.get(versionKey(offer.patient, offer.timestamp, offer.videoSha256, offer.surveySha256))
        : undefined;
      const outcome = refusal ? 'REFUSED' : unchanged ? 'UNCHANGED' : 'WAITING';
      const { rows } = await sql.query<DropItem & Record<string, unknown>>(
        `INSERT INTO ingest_item (id, drop_id, patient_code, timestamp, video_sha256, survey_sha256, outcome, reason_code, reason, recording_id, created_at, finished_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${ITEM_COLUMNS}`,
        [
          ids.uuid(),
          dropId,
          offer.patient.slice(0, 64),
          offer.timestamp.slice(0, 64),
          offer.videoSha256,
          offer.surveySha256,
          outcome,
          refusal?.code ?? known?.reasonCode ?? null,
          refusal?.reason ?? known?.reason ?? null,
          known?.id ?? null,
          now,
          outcome === 'WAITING' ? null : now,
        ],
      );
      items.push(rows[0]!);
    }
    const count = (outcome: string) => items.filter((item) => item.outcome === outcome).length;
    await deps.audit.write(sql, {
      accountId: input.accountId,
      grantId: null,
      action: 'OPEN_DROP',
      detail: {
        study: study.key,
        drop: dropId,
        patients: codes.size,
        waiting: count('WAITING'),
        unchanged: count('UNCHANGED'),
        refused: count('REFUSED'),
      },
    });
    return { ok: true, dropId, study, items };
  });
}

function firstRepeated(keys: string[]): string | null {
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return null;
}

function refusalOf(
  offer: DropItemOffer,
  codes: Set<string>,
  maxVideoBytes: number,
): { code: string; reason: string } | null {
  if (!codes.has(offer.patient))
    return { code: 'PATIENT_UNKNOWN', reason: `Patient ${quoted(offer.patient)} is not in enrolment.csv.` };
  if (!parseSubmissionTimestamp(offer.timestamp))
    return {
      code: 'TIMESTAMP_INVALID',
      reason: `${quoted(offer.timestamp)} is no moment of the form 20201201T003232.`,
    };
  if (offer.videoSha256 === null) return { code: 'VIDEO_MISSING', reason: 'There is no narrative.mp4.' };
  if (offer.videoBytes > maxVideoBytes)
    return {
      code: 'VIDEO_TOO_LARGE',
      reason: `narrative.mp4 has ${offer.videoBytes} bytes; at most ${maxVideoBytes} are taken.`,
    };
  return null;
}

const versionKey = (patient: string, timestamp: string, video: string | null, survey: string | null) =>
  [patient, timestamp, video, survey ?? '-'].join('|');

interface KnownVersion {
  id: string;
  reasonCode: string | null;
  reason: string | null;
}

/** The current recordings of the study, by what they were made from. */
async function processedVersions(sql: Sql, studyId: string): Promise<Map<string, KnownVersion>> {
  const { rows } = await sql.query<
    KnownVersion & { code: string; timestamp: string; video: string; survey: string | null }
  >(
    `SELECT r.id, p.code, to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') AS timestamp, r.video_sha256 AS video, r.survey_sha256 AS survey,
            r.reason_code AS "reasonCode", r.reason
     FROM recording r JOIN submission s ON s.id = r.submission_id JOIN patient p ON p.id = s.patient_id
     WHERE p.study_id = $1 AND r.current AND r.pipeline_version = $2`,
    [studyId, PIPELINE_VERSION],
  );
  return new Map(rows.map((row) => [versionKey(row.code, row.timestamp, row.video, row.survey), row]));
}

/** Adds the patient, or corrects what the newest enrolment file says of them; a published release keeps what it said. */
async function enrol(sql: Sql, deps: OpenDropDeps, study: Study, patient: Enrolment, now: Date): Promise<void> {
  const { rows } = await sql.query<{ id: string; fresh: boolean }>(
    `INSERT INTO patient (id, study_id, code, sex, skin_type, pain_target, source_device, age_group, enrolled_on, fold, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
     ON CONFLICT (study_id, code) DO UPDATE SET sex = excluded.sex, skin_type = excluded.skin_type, pain_target = excluded.pain_target,
       source_device = excluded.source_device, age_group = excluded.age_group, enrolled_on = excluded.enrolled_on, fold = excluded.fold, updated_at = excluded.updated_at
     RETURNING id, (xmax = 0) AS fresh`,
    [
      deps.ids.uuid(),
      study.id,
      patient.patient,
      patient.sex,
      patient.skinType,
      patient.painTarget,
      patient.sourceDevice,
      patient.ageGroup,
      patient.enrolledOn,
      patient.split,
      now,
    ],
  );
  const row = rows[0]!;
  if (!row.fresh) return;
  await sql.query('INSERT INTO patient_secret (patient_id, date_shift_days) VALUES ($1, $2)', [
    row.id,
    dateShift(deps.ids),
  ]);
  // Who is under age needs a record of their own, with the day they come of age: until then nobody sees their rows.
  if (patient.ageGroup !== 'ADULT') return;
  const consent = study.description.consent;
  await sql.query(
    `INSERT INTO consent (id, patient_id, version, uses, modalities, effective_at, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $6)`,
    [deps.ids.uuid(), row.id, consent.version, consent.uses, consent.modalities, now],
  );
}

/** A secret whole number of days, 1 to 364 in either direction, so that no released date is a true one. */
function dateShift(ids: Ids): number {
  const value = ids.random(4).readUInt32BE() % 728;
  return value < 364 ? value - 364 : value - 363;
}
