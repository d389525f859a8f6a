import type pg from 'pg';
import { VERIFIED_HOW } from '../../governance/training.ts';
import { fixtureId, type StudyFixture } from '../support/study-fixture.ts';
import { grantId, ME, patientId, releaseId, submissionId } from './ids.ts';
import { GRANT_NAMES, POLICIES, type PolicyName, policyNumber, VERSIONS, type World } from './world.ts';

const THEM = fixtureId('them', 'account');
const OFFICIAL = fixtureId('official', 'account');
const institutionId = (name: string): string => fixtureId(name, 'institution');
const PAST = '2019-01-01T00:00:00.000Z';
const NEVER = '9999-01-01T00:00:00.000Z';
const uuid = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** The tables that the next function writes. */
export const FACT_TABLES = ['consent', 'withdrawal', 'quarantine', 'certificate', 'halt', 'access_exception', 'account_role', 'grant_signature', 'grant_member', 'agreement', 'data_grant', 'release', 'account', 'institution', 'policy_version'] as const; // biome-ignore format: one line

/** All facts of a world at once: one statement, one transaction, so that no service ever sees half of them. */
const SET_FACTS = `
CREATE FUNCTION set_facts(w jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM consent; DELETE FROM withdrawal; DELETE FROM quarantine; DELETE FROM certificate; DELETE FROM halt;
  DELETE FROM access_exception; DELETE FROM account_role; DELETE FROM grant_signature; DELETE FROM grant_member; DELETE FROM agreement;
  INSERT INTO consent SELECT * FROM jsonb_populate_recordset(NULL::consent, w -> 'consent');
  INSERT INTO withdrawal SELECT * FROM jsonb_populate_recordset(NULL::withdrawal, w -> 'withdrawal');
  INSERT INTO quarantine SELECT * FROM jsonb_populate_recordset(NULL::quarantine, w -> 'quarantine');
  INSERT INTO certificate SELECT * FROM jsonb_populate_recordset(NULL::certificate, w -> 'certificate');
  INSERT INTO halt SELECT * FROM jsonb_populate_recordset(NULL::halt, w -> 'halt');
  INSERT INTO access_exception SELECT * FROM jsonb_populate_recordset(NULL::access_exception, w -> 'exception');
  INSERT INTO account_role SELECT * FROM jsonb_populate_recordset(NULL::account_role, w -> 'role');
  INSERT INTO agreement SELECT * FROM jsonb_populate_recordset(NULL::agreement, w -> 'agreement');
  INSERT INTO grant_member SELECT * FROM jsonb_populate_recordset(NULL::grant_member, w -> 'member');
  INSERT INTO grant_signature SELECT * FROM jsonb_populate_recordset(NULL::grant_signature, w -> 'signature');
  UPDATE data_grant g SET state = n.state, starts_at = n.starts_at, ends_at = n.ends_at, access = n.access, purpose = n.purpose, institution_id = n.institution_id
    FROM jsonb_populate_recordset(NULL::data_grant, w -> 'grant') n WHERE n.id = g.id;
  UPDATE release r SET status = n.status, published_at = n.published_at FROM jsonb_populate_recordset(NULL::release, w -> 'release') n WHERE n.id = r.id;
  UPDATE account a SET institution_id = n.institution_id, suspended_at = n.suspended_at, suspended_until = n.suspended_until
    FROM jsonb_populate_record(NULL::account, w -> 'account') n WHERE n.id = a.id;
  UPDATE institution i SET standing = n.standing, country = n.country FROM jsonb_populate_recordset(NULL::institution, w -> 'institution') n WHERE n.id = i.id;
  UPDATE policy_version p SET effective_at = n.effective_at FROM jsonb_populate_recordset(NULL::policy_version, w -> 'policy') n WHERE n.number = p.number;
END $$`;

/** The rows that stay: people, institutions, grants, policies, the second release. */
export async function prepareFacts(pool: pg.Pool, study: StudyFixture): Promise<void> {
  await pool.query(SET_FACTS);
  // Versions of the policy never change; which of them is in force is what these tests vary.
  await pool.query('ALTER TABLE policy_version DISABLE TRIGGER policy_version_append_only');
  // The facts of a test make what is published a draft again, which nobody may.
  await pool.query('ALTER TABLE release DISABLE TRIGGER release_frozen');
  for (const name of ['own', 'other'])
    await pool.query(
      `INSERT INTO institution (id, name, country, standing, created_at) VALUES ($1, $2, 'US', 'VERIFIED', $3)`,
      [institutionId(name), name, PAST],
    );
  for (const [id, name] of [
    [ME, 'me'],
    [THEM, 'them'],
    [OFFICIAL, 'official'],
  ])
    await pool.query(
      `INSERT INTO account (id, issuer, subject, username, name, email, institution_id, created_at) VALUES ($1, 'test', $2, $2, $2, $2, $3, $4)`,
      [id, name, institutionId('own'), PAST],
    );
  for (const name of GRANT_NAMES) {
    const of = name === 'elsewhere' ? fixtureId('other', 'study') : study.studyId;
    const request = fixtureId(name, 'request');
    await pool.query(
      `INSERT INTO access_request (id, study_id, applicant_id, institution_id, state, version, created_at, changed_at) VALUES ($1, $2, $3, $4, 'APPROVED', 1, $5, $5)`,
      [request, of, ME, institutionId('own'), PAST],
    );
    await pool.query(
      `INSERT INTO data_grant (id, request_id, study_id, institution_id, access, purpose, starts_at, ends_at, state) VALUES ($1, $2, $3, $4, '{}', '{}', $5, $5, 'ACTIVE')`,
      [grantId(name), request, of, institutionId('own'), PAST],
    );
  }
  for (const [name, policy] of Object.entries(POLICIES)) {
    const version = policyNumber(name as PolicyName);
    await pool.query('INSERT INTO policy_version (number, policy, effective_at) VALUES ($1, $2, $3)', [
      version,
      JSON.stringify({ ...policy, version }),
      NEVER,
    ]);
  }
  const second = releaseId('2.0.0');
  await pool.query(
    `INSERT INTO release (id, study_id, version, status, digest, drafted_at) VALUES ($1, $2, '2.0.0', 'DRAFT', 'digest', $3)`,
    [second, study.studyId, PAST],
  );
  await pool.query(
    `INSERT INTO release_patient SELECT $1, patient_id, code, sex, skin_type, pain_target, pain_level, pain_class, cohort, age_group, source_device, split
     FROM release_patient WHERE release_id = $2 AND code <> '9003'`,
    [second, study.releaseId],
  );
  await pool.query(
    `INSERT INTO release_submission SELECT $1, submission_id, patient_id, recording_id, recorded_at, timeframe, setting
     FROM release_submission WHERE release_id = $2 AND patient_id IN (SELECT patient_id FROM release_patient WHERE release_id = $1) AND submission_id <> $3`,
    [second, study.releaseId, submissionId('9001', 1)],
  );
}

/** Writes a world's facts in place of those before. */
export const factsWriter = (pool: pg.Pool) => async (world: World) => {
  await pool.query('SELECT set_facts($1)', [JSON.stringify(tables(world))]);
};

const WHO = { me: ME, official: OFFICIAL, them: THEM } as const;

function tables(world: World): Record<string, unknown> {
  return {
    consent: world.consents.map((one, i) => ({
      id: uuid(i),
      patient_id: patientId(one.patient),
      version: '1',
      uses: one.uses,
      modalities: one.modalities,
      adult_from: one.adultFrom,
      reconsented_at: one.reconsentedOn,
      effective_at: one.effectiveAt,
      recorded_at: PAST,
    })),
    withdrawal: world.withdrawals.map((one, i) => ({
      ...{ id: uuid(i), patient_id: patientId(one.patient), kind: one.kind, reason: 'asked', at: PAST },
      taken_back_at: one.takenBack ? PAST : null,
    })),
    quarantine: world.quarantines.map((one, i) => ({
      id: uuid(i),
      submission_id: submissionId(one.patient, one.at),
      from_seconds: one.range?.[0] ?? null,
      to_seconds: one.range?.[1] ?? null,
      reason: 'a name',
      placed_at: PAST,
      placed_by: THEM,
      lifted_at: one.liftedAt,
    })),
    certificate: world.certificates.map((one, i) => ({
      id: uuid(i),
      account_id: ME,
      type: one.type,
      course: 'course',
      completed_on: one.completedOn,
      expires_on: one.expiresOn,
      state: one.state,
      verified_how: VERIFIED_HOW.find((how) => how === one.how) ?? null,
      object_key: 'key',
      file_sha256: '0'.repeat(64),
      file_bytes: 1,
      content_type: 'application/pdf',
      uploaded_at: PAST,
    })),
    halt: world.halts.map(({ scope, target, from, liftedAt }, i) => ({
      ...{ id: uuid(i), scope, target: haltTarget(scope, target), reason: 'now', category: 'OTHER' },
      ...{ placed_at: from, placed_by: THEM, lifted_at: liftedAt },
    })),
    exception: world.exceptions.map((one, i) => ({
      ...{ id: uuid(i), account_id: one.whose === 'mine' ? ME : THEM, release_id: releaseId(one.release) },
      ...{ reason: 'to look', starts_at: one.from, ends_at: one.until },
    })),
    role: [
      ...world.roles.map((role) => ({ account_id: ME, role, given_at: PAST })),
      { account_id: THEM, role: 'researcher', given_at: PAST },
      { account_id: OFFICIAL, role: 'signing-official', given_at: PAST },
    ],
    agreement: world.agreements.map((one) => ({
      ...{ version: one.version, title: 'Agreement', text: 'Text', sha256: '0'.repeat(64), published_at: PAST },
      ...{ effective_on: one.effectiveOn, grace_days: one.graceDays, editorial: one.editorial },
    })),
    member: GRANT_NAMES.flatMap((name) => {
      const { member } = world.grants[name];
      const mine = {
        ...{ grant_id: grantId(name), account_id: ME, added_at: PAST },
        removed_at: member === 'removed' ? world.now : null,
      };
      const theirs = { grant_id: grantId(name), account_id: THEM, added_at: PAST, removed_at: null };
      return member === 'no' ? [theirs] : [mine, theirs];
    }),
    signature: GRANT_NAMES.flatMap((name) =>
      world.grants[name].signatures.map(({ who, version, at }) => ({
        ...{ grant_id: grantId(name), account_id: WHO[who], capacity: who === 'official' ? 'OFFICIAL' : 'MEMBER' },
        ...{ version, signed_at: at },
      })),
    ),
    grant: GRANT_NAMES.map((name) => {
      const { state, start, end, access, purpose, institution } = world.grants[name];
      return {
        ...{ id: grantId(name), state, starts_at: start, ends_at: end, access, purpose },
        institution_id: institutionId(institution),
      };
    }),
    release: VERSIONS.map((version) => ({
      ...{ id: releaseId(version), status: world.releases[version] },
      published_at: world.releases[version] === 'DRAFT' ? null : PAST,
    })),
    account: {
      ...{ id: ME, institution_id: world.institution === null ? null : institutionId(world.institution) },
      ...{ suspended_at: world.suspended?.from ?? null, suspended_until: world.suspended?.until ?? null },
    },
    institution: [
      { id: institutionId('own'), standing: world.standing, country: world.country },
      { id: institutionId('other'), standing: 'VERIFIED', country: 'US' },
    ],
    policy: (Object.keys(POLICIES) as PolicyName[]).map((name) => ({
      ...{ number: policyNumber(name), effective_at: name === world.policy ? PAST : NEVER },
    })),
  };
}

function haltTarget(scope: string, target: string | null): string | null {
  if (scope === 'RELEASE') return fixtureId('demo', 'release', target ?? '');
  if (scope === 'INSTITUTION') return institutionId(target ?? '');
  return scope === 'GRANT' ? grantId(target ?? '') : target;
}
