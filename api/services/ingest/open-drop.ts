import { type Enrolment, parseEnrolment } from '../../../pipeline/labels/enrolment.ts';
import { type Problem, quoted } from '../../../pipeline/labels/problem.ts';
import { pipelineVersion } from '../../../pipeline/stages/pipeline-version.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { findStudy, listStudies, type Study } from '../study.ts';
import { type DropItem, type DropItemOffer, ITEM_COLUMNS, type ItemOutcome } from './drop-item.ts';
import { enrolAll, keepCorrections } from './enrol.ts';
import { firstRepeated, type Refusal, refusalOf } from './offer-refusal.ts';

export interface OpenDropDeps {
  database: Database;
  clock: Clock;
  ids: Ids;
  audit: AuditLog;
  maxVideoBytes: number;
  chunkSeconds: number;
}

export type OpenDropResult =
  | { ok: true; dropId: string; study: Study; items: DropItem[] }
  | {
      ok: false;
      code: 'STUDY_UNKNOWN' | 'ENROLMENT_INVALID' | 'DROP_TOO_LARGE' | 'ITEM_REPEATED' | 'DROP_SYNTHETIC';
      message: string;
      problems: readonly Problem[];
    };

/** As many as fit into the body that GraphQL takes. */
const MOST_ITEMS = 8_000;

/**
 * Takes the description of a drop: enrols its patients, and says for each submission whether it is new, unchanged since it was last processed,
 * or cannot be taken and why. Nothing is written when the enrolment file is not valid. One transaction.
 */
export async function openDrop(
  deps: OpenDropDeps,
  input: { study: string; enrolment: Uint8Array; items: readonly DropItemOffer[]; accountId: string | null },
): Promise<OpenDropResult> {
  const { database, clock, ids } = deps;
  const refuse = (
    code: Exclude<OpenDropResult, { ok: true }>['code'],
    message: string,
    problems: readonly Problem[] = [],
  ) => ({ ok: false, code, message, problems }) as const;
  const study = await findStudy(database, input.study);
  if (!study) {
    const known = (await listStudies(database)).map((one) => one.key).join(', ');
    return refuse('STUDY_UNKNOWN', `There is no study ${quoted(input.study)}; there are: ${known}.`);
  }
  if (input.items.length > MOST_ITEMS)
    return refuse(
      'DROP_TOO_LARGE',
      `A drop has at most ${MOST_ITEMS} submissions; this one has ${input.items.length}: announce it in parts.`,
    );
  const repeated = firstRepeated(input.items.map((item) => `${item.patient}/${item.timestamp}`));
  if (repeated !== null) return refuse('ITEM_REPEATED', `The drop names ${quoted(repeated)} twice.`);
  const enrolment = parseEnrolment(input.enrolment);
  if (!enrolment.ok) return refuse('ENROLMENT_INVALID', 'enrolment.csv cannot be used.', enrolment.problems);

  if (!study.synthetic && enrolment.value.some(({ synthetic }) => synthetic))
    return refuse(
      'DROP_SYNTHETIC',
      `The patients of this drop are made up (column synthetic of enrolment.csv), and those of ${quoted(study.key)} are people.`,
    );

  return database.transaction(async (sql) => {
    const now = clock.now();
    const otherCase = await enrolledInOtherCase(sql, study.id, enrolment.value);
    if (otherCase.length > 0) return refuse('ENROLMENT_INVALID', 'enrolment.csv cannot be used.', otherCase);
    const dropId = ids.uuid();
    await sql.query('INSERT INTO ingest_drop (id, study_id, account_id, created_at) VALUES ($1, $2, $3, $4)', [
      dropId,
      study.id,
      input.accountId,
      now,
    ]);
    const corrections = await enrolAll(sql, deps, study, enrolment.value, now);
    await keepCorrections(sql, dropId, corrections);
    const codes = new Set(enrolment.value.map((patient) => patient.patient));
    const withdrawn = await withdrawnCodes(sql, study.id);
    const processed = await processedVersions(sql, study.id, pipelineVersion(deps));
    const judged = input.items.map((offer) => {
      const refusal = refusalOf(offer, { codes, withdrawn, maxVideoBytes: deps.maxVideoBytes });
      const known = refusal ? undefined : processed.get(versionKey(offer));
      return { offer, refusal, known };
    });
    const items = await storeItems(sql, deps, dropId, judged, now);
    const count = (outcome: ItemOutcome) => items.filter((item) => item.outcome === outcome).length;
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
        // Not from what to what: the log outlives an erasure.
        ...(corrections.length > 0 && { corrected: corrections.map(({ patient, field }) => `${patient} ${field}`) }),
      },
    });
    return { ok: true, dropId, study, items } as const;
  });
}

/** Folders may not tell the two apart, so one patient would take the other's place. */
async function enrolledInOtherCase(sql: Sql, studyId: string, patients: readonly Enrolment[]): Promise<Problem[]> {
  const { rows } = await sql.query<{ code: string; given: string }>(
    `SELECT p.code, given FROM patient p JOIN unnest($2::text[]) given ON lower(given) = lower(p.code) AND given <> p.code WHERE p.study_id = $1`,
    [studyId, patients.map((patient) => patient.patient)],
  );
  return rows.map(({ code, given }) => {
    const line = patients.find((patient) => patient.patient === given)!.line;
    const message = `Line ${line}, column patient: ${quoted(given)} is enrolled as ${quoted(code)} already.`;
    return { code: 'PATIENT_REPEATED', line, column: 'patient', value: given, message } as const;
  });
}

async function withdrawnCodes(sql: Sql, studyId: string): Promise<Set<string>> {
  const { rows } = await sql.query<{ code: string }>(
    'SELECT DISTINCT p.code FROM patient p JOIN withdrawal w ON w.patient_id = p.id WHERE p.study_id = $1 AND w.taken_back_at IS NULL',
    [studyId],
  );
  return new Set(rows.map((row) => row.code));
}

const versionKey = (of: Pick<DropItemOffer, 'patient' | 'timestamp' | 'videoSha256' | 'surveySha256'>) =>
  [of.patient, of.timestamp, of.videoSha256, of.surveySha256 ?? '-'].join('|');

interface KnownVersion {
  id: string;
  reasonCode: string | null;
  reason: string | null;
}

/** The current recordings of the study, by what they were made from. */
async function processedVersions(sql: Sql, studyId: string, version: string): Promise<Map<string, KnownVersion>> {
  const { rows } = await sql.query<KnownVersion & DropItemOffer & Record<string, unknown>>(
    `SELECT r.id, p.code AS patient, to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') AS timestamp, r.video_sha256 AS "videoSha256", r.survey_sha256 AS "surveySha256",
            r.reason_code AS "reasonCode", r.reason
     FROM recording r JOIN submission s ON s.id = r.submission_id JOIN patient p ON p.id = s.patient_id
     WHERE p.study_id = $1 AND r.current AND r.pipeline_version = $2`,
    [studyId, version],
  );
  return new Map(rows.map((row) => [versionKey(row), row]));
}

interface Judged {
  offer: DropItemOffer;
  refusal: Refusal | null;
  known: KnownVersion | undefined;
}

/** All in one statement; the order of the offers is kept. */
async function storeItems(
  sql: Sql,
  { ids }: OpenDropDeps,
  dropId: string,
  judged: readonly Judged[],
  now: Date,
): Promise<DropItem[]> {
  const names = new Map<string, number>();
  // Names that were cut short may be the same: the second gets a number.
  const apart = (patient: string, timestamp: string): string => {
    const times = (names.get(`${patient}/${timestamp}`) ?? 0) + 1;
    names.set(`${patient}/${timestamp}`, times);
    return times === 1 ? patient : `${patient} (${times})`;
  };
  const rows = judged.map(({ offer, refusal, known }) => ({
    id: ids.uuid(),
    patient: refusal ? apart(refusal.shown.patient, refusal.shown.timestamp) : offer.patient,
    timestamp: refusal?.shown.timestamp ?? offer.timestamp,
    video: refusal?.shown.videoSha256 === null ? null : offer.videoSha256,
    survey: refusal?.shown.surveySha256 === null ? null : offer.surveySha256,
    outcome: refusal ? 'REFUSED' : known ? 'UNCHANGED' : 'WAITING',
    code: refusal?.code ?? known?.reasonCode ?? null,
    reason: refusal?.reason ?? known?.reason ?? null,
    recording: known?.id ?? null,
  }));
  const { rows: items } = await sql.query<DropItem & Record<string, unknown>>(
    `INSERT INTO ingest_item (id, drop_id, patient_code, timestamp, video_sha256, survey_sha256, outcome, reason_code, reason, recording_id, created_at, finished_at)
     SELECT id, $1, patient, timestamp, video, survey, outcome, code, reason, recording, $3, CASE WHEN outcome = 'WAITING' THEN NULL ELSE $3::timestamptz END
     FROM jsonb_to_recordset($2) AS i(id uuid, patient text, timestamp text, video text, survey text, outcome text, code text, reason text, recording uuid)
     RETURNING ${ITEM_COLUMNS}`,
    [dropId, JSON.stringify(rows), now],
  );
  const byId = new Map(items.map((item) => [item.id, item]));
  return rows.map((row) => byId.get(row.id)!);
}
