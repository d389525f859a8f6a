import type { BenchStudy } from './rows.ts';

/** One of the five reads: as our API is asked, as PostGraphile is, and as somebody would write it by hand. */
export interface Read {
  readonly name: string;
  readonly ours: string;
  readonly postgraphile: string;
  readonly sql: { readonly text: string; readonly values: readonly unknown[] };
}

const PATIENT = 'code sex skinType ageGroup painTarget painLevel painClass cohort sourceDevice';
const SUBMISSION = 'timestamp recordedAt timeframe setting durationSeconds status';
const SCORES = 'painNow painTime activity mood walking work relationships sleep enjoyment';
const FRAME = 'number timeSeconds face { score box { x y width height } }';
const FLAT_FRAME = 'number timeSeconds score x y width height';
const frameCursor = (number: number): string => Buffer.from(`frame|${number}`).toString('base64url');

const text = (column: string): string => `coalesce(to_json(${column})::text, 'null')`;
const patientSql = [
  'code',
  'sex',
  'skin_type',
  'age_group',
  'pain_target::text',
  'pain_level',
  'pain_class',
  'cohort',
  'source_device',
]
  .map(
    (column, index) =>
      `'${index === 0 ? '{' : ','}"${column.replace('::text', '')}":' || ${column === 'pain_target::text' ? 'p.pain_target' : text(`p.${column}`)}`,
  )
  .join(' || ');
const frameSql = `'{"number":' || u.n + a.low - 1 || ',"timeSeconds":' || round((u.n + a.low - 2) / 10.0, 1) || ',"face":' || CASE WHEN u.score IS NULL THEN 'null' ELSE
  '{"score":' || u.score || ',"box":{"x":' || u.x || ',"y":' || u.y || ',"width":' || u.w || ',"height":' || u.h || '}}' END || '}'`;
const frames = (
  low: string,
  count: string,
): string => `(SELECT '[' || coalesce(string_agg(${frameSql}, ',' ORDER BY u.n), '') || ']' AS j, count(*) AS n
  FROM frame_record f, (SELECT ${low} AS low) a, unnest(f.box_x[a.low:a.low + ${count} - 1], f.box_y[a.low:a.low + ${count} - 1], f.box_width[a.low:a.low + ${count} - 1], f.box_height[a.low:a.low + ${count} - 1], f.score[a.low:a.low + ${count} - 1])
    WITH ORDINALITY AS u(x, y, w, h, score, n) WHERE f.recording_id = s.recording_id)`;
const audited = (data: string, who: string): string => `WITH data AS (${data}), logged AS (
  INSERT INTO audit_entry (id, at, account_id, action, text, hash) SELECT uuidv7(), now(), '${who}', 'READ', e.t, encode(sha256(convert_to(e.t, 'UTF8')), 'hex')
  FROM (SELECT '{"action":"READ","rows":' || data.n || ',"who":"${who}"}' AS t FROM data) e) SELECT j FROM data`;
const one = `FROM release_patient p JOIN release_submission s USING (release_id, patient_id) WHERE p.release_id = $1 AND p.code = $2 AND s.recorded_at = to_timestamp($3, 'YYYYMMDD"T"HH24MISS')::timestamp`;

export const readsOf = (study: BenchStudy, longCursor: string): readonly Read[] => {
  const { accountId } = study.person;
  const sql = (data: string, ...values: unknown[]): Read['sql'] => ({
    text: audited(data, accountId),
    values: [study.releaseId, ...values],
  });
  const [wholeCode, wholeAt] = study.whole;
  const [longCode, longAt] = study.long;
  const submissionOf = (code: string, at: string, body: string): string =>
    `{ release { patient(code: "${code}") { submission(timestamp: "${at}") { timestamp ${body} } } } }`;
  const flatSubmission = (code: string, at: string, body: string): string =>
    `{ patientByCode(code: "${code}") { submissionsByPatientId(first: 1, condition: { timestamp: "${at}" }) { nodes { timestamp ${body} } } } }`;
  return [
    {
      name: '29 patients',
      ours: `{ release { patients(first: 29) { nodes { ${PATIENT} } } } }`,
      postgraphile: `{ allPatients(first: 29, orderBy: CODE_ASC) { nodes { ${PATIENT} } } }`,
      sql: sql(
        `SELECT '[' || string_agg(${patientSql} || '}', ',' ORDER BY p.code) || ']' AS j, count(*) AS n FROM (SELECT * FROM release_patient WHERE release_id = $1 ORDER BY code LIMIT 29) p`,
      ),
    },
    {
      name: 'one patient x 20 submissions',
      ours: `{ release { patient(code: "${study.manySubmissions}") { code submissions(first: 20) { nodes { ${SUBMISSION} painScores { ${SCORES} } } } } } }`,
      postgraphile: `{ patientByCode(code: "${study.manySubmissions}") { code submissionsByPatientId(first: 20, orderBy: [RECORDED_AT_ASC, ID_ASC]) { nodes { ${SUBMISSION} surveyBySubmissionId { ${SCORES} } } } } }`,
      sql: sql(
        `SELECT '[' || string_agg('{"timestamp":"' || to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') || '","recordedAt":"' || to_char(s.recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS') || '","timeframe":"' || s.timeframe || '","setting":"' || s.setting || '","durationSeconds":' || r.duration_seconds || ',"status":"' || r.status || '","painScores":{"painNow":' || y.pain_now || ',"painTime":' || y.pain_time || ',"activity":' || y.activity || ',"mood":' || y.mood || ',"walking":' || y.walking || ',"work":' || y.work || ',"relationships":' || y.relationships || ',"sleep":' || y.sleep || ',"enjoyment":' || y.enjoyment || '}}', ',' ORDER BY s.recorded_at) || ']' AS j, count(*) AS n
         FROM (SELECT s.* FROM release_patient p JOIN release_submission s USING (release_id, patient_id) WHERE p.release_id = $1 AND p.code = $2 ORDER BY s.recorded_at, s.submission_id LIMIT 20) s
         JOIN recording r ON r.id = s.recording_id LEFT JOIN survey y ON y.recording_id = r.id`,
        study.manySubmissions,
      ),
    },
    {
      name: '29 x 5 x 20 frames',
      ours: `{ release { patients(first: 29) { nodes { code submissions(first: 5) { nodes { timestamp frames(first: 20) { nodes { ${FRAME} } } } } } } } }`,
      postgraphile: `{ allPatients(first: 29, orderBy: CODE_ASC) { nodes { code submissionsByPatientId(first: 5, orderBy: [RECORDED_AT_ASC, ID_ASC]) { nodes { timestamp framesBySubmissionId(first: 20) { nodes { ${FLAT_FRAME} } } } } } } }`,
      sql: sql(`SELECT '[' || string_agg('{"code":' || ${text('p.code')} || ',"submissions":' || l.j || '}', ',' ORDER BY p.code) || ']' AS j, sum(l.n) AS n
         FROM (SELECT * FROM release_patient WHERE release_id = $1 ORDER BY code LIMIT 29) p, LATERAL (
           SELECT '[' || coalesce(string_agg('{"timestamp":"' || to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') || '","frames":' || f.j || '}', ',' ORDER BY s.recorded_at), '') || ']' AS j, sum(f.n) AS n
           FROM (SELECT * FROM release_submission s WHERE s.release_id = $1 AND s.patient_id = p.patient_id ORDER BY s.recorded_at, s.submission_id LIMIT 5) s, LATERAL ${frames('1', '20')} f) l`),
    },
    {
      name: 'all frames of one submission',
      ours: submissionOf(wholeCode, wholeAt, `frames(first: 500) { nodes { ${FRAME} } }`),
      postgraphile: flatSubmission(wholeCode, wholeAt, `framesBySubmissionId(first: 500) { nodes { ${FLAT_FRAME} } }`),
      sql: sql(
        `SELECT f.j, f.n FROM (SELECT s.recording_id ${one}) s, LATERAL ${frames('1', '500')} f`,
        wholeCode,
        wholeAt,
      ),
    },
    {
      // A page holds 500 at most, so that a thousand are two pages of one operation.
      name: '1,000 frames by keyset',
      ours: submissionOf(
        longCode,
        longAt,
        `a: frames(first: 500, after: "${frameCursor(100)}") { nodes { ${FRAME} } } b: frames(first: 500, after: "${frameCursor(600)}") { nodes { ${FRAME} } }`,
      ),
      postgraphile: flatSubmission(
        longCode,
        longAt,
        `framesBySubmissionId(first: 1000, after: "${longCursor}") { nodes { ${FLAT_FRAME} } }`,
      ),
      sql: sql(
        `SELECT f.j, f.n FROM (SELECT s.recording_id ${one}) s, LATERAL ${frames('101', '1000')} f`,
        longCode,
        longAt,
      ),
    },
  ];
};

/** What PostGraphile is asked first, for the cursor of the long submission's hundredth frame. */
export const longCursorQuery = ({ long: [code, at] }: BenchStudy): string =>
  `{ patientByCode(code: "${code}") { submissionsByPatientId(first: 1, condition: { timestamp: "${at}" }) { nodes { framesBySubmissionId(first: 100) { pageInfo { endCursor } } } } } }`;
