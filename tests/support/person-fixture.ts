import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { AccountActor } from '../../governance/actor.ts';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';
import { MODALITIES, type Modality } from '../../governance/modality.ts';
import { TRAINING_TYPES } from '../../governance/training.ts';
import { USES, type Use } from '../../governance/use.ts';
import { FIXTURE_NOW, fixtureId } from './study-fixture.ts';

export interface FixturePerson {
  accountId: string;
  grantId: string;
  actor: AccountActor;
}

export const EVERYTHING: Readonly<Record<Modality, readonly Use[]>> = Object.fromEntries<readonly Use[]>(
  MODALITIES.map((modality) => [modality, USES]),
) as Record<Modality, readonly Use[]>;

/**
 * A researcher with an active grant, all training verified and the agreement signed by them and their official: may do everything, for tests that
 * then take one thing away. Makes the policy and agreement 1 too, where there are none.
 */
export async function addResearcher(
  pool: pg.Pool,
  of: {
    name: string;
    studyId: string;
    access?: Partial<Record<Modality, readonly Use[]>>;
    purpose?: string[];
    now?: Date;
  },
): Promise<FixturePerson> {
  const now = of.now ?? FIXTURE_NOW;
  const past = new Date(now.getTime() - 90 * 86_400_000);
  const day = past.toISOString().slice(0, 10);
  await pool.query(
    'INSERT INTO policy_version (number, policy, effective_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [DEFAULT_POLICY.version, JSON.stringify(DEFAULT_POLICY), past],
  );
  await pool.query(
    `INSERT INTO agreement (version, title, text, sha256, effective_on, grace_days, editorial, published_at) VALUES (1, 'Agreement', 'Text', $1, $2, 30, false, $3)
     ON CONFLICT DO NOTHING`,
    [createHash('sha256').update('Text').digest('hex'), day, past],
  );
  const institutionId = fixtureId(of.name, 'institution');
  await pool.query(
    `INSERT INTO institution (id, name, country, standing, created_at) VALUES ($1, $2, 'US', 'VERIFIED', $3)`,
    [institutionId, `Institution of ${of.name}`, past],
  );
  const accountId = await account(pool, of.name, 'researcher', institutionId, past);
  const officialId = await account(pool, `${of.name}-official`, 'signing-official', institutionId, past);
  const requestId = fixtureId(of.name, 'request');
  await pool.query(
    `INSERT INTO access_request (id, study_id, applicant_id, institution_id, state, title, version, created_at, changed_at) VALUES ($1, $2, $3, $4, 'APPROVED', 'Work', 1, $5, $5)`,
    [requestId, of.studyId, accountId, institutionId, past],
  );
  const grantId = fixtureId(of.name, 'grant');
  await pool.query(
    `INSERT INTO data_grant (id, request_id, study_id, institution_id, access, purpose, starts_at, ends_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'ACTIVE')`,
    [
      grantId,
      requestId,
      of.studyId,
      institutionId,
      JSON.stringify(of.access ?? EVERYTHING),
      of.purpose ?? ['HMB', 'NCU', 'IRB'],
      past,
      new Date(now.getTime() + 180 * 86_400_000),
    ],
  );
  await pool.query('INSERT INTO grant_member (grant_id, account_id, added_at) VALUES ($1, $2, $3)', [
    grantId,
    accountId,
    past,
  ]);
  for (const [signer, capacity] of [
    [accountId, 'MEMBER'],
    [officialId, 'OFFICIAL'],
  ])
    await pool.query(
      'INSERT INTO grant_signature (grant_id, account_id, capacity, version, signed_at) VALUES ($1, $2, $3, 1, $4)',
      [grantId, signer, capacity, past],
    );
  for (const type of TRAINING_TYPES)
    await pool.query(
      `INSERT INTO certificate (id, account_id, type, course, completed_on, state, object_key, file_sha256, file_bytes, content_type, uploaded_at, decided_at, verified_how)
       VALUES ($1, $2, $3, $4, $5, 'VERIFIED', $6, $7, 1, 'application/pdf', $8, $8, 'ISSUER')`,
      [
        fixtureId(of.name, 'certificate', type),
        accountId,
        type,
        DEFAULT_POLICY.training[type].courses[0]!.key,
        day,
        `certificates/${of.name}/${type}`,
        '0'.repeat(64),
        past,
      ],
    );
  return { accountId, grantId, actor: { kind: 'account', accountId, grantId } };
}

async function account(pool: pg.Pool, name: string, role: string, institutionId: string, at: Date): Promise<string> {
  const id = fixtureId(name, 'account');
  await pool.query(
    `INSERT INTO account (id, issuer, subject, username, name, email, institution_id, created_at) VALUES ($1, 'fixture', $2, $2, $2, $3, $4, $5)`,
    [id, name, `${name}@example.org`, institutionId, at],
  );
  await pool.query('INSERT INTO account_role (account_id, role, given_at) VALUES ($1, $2, $3)', [id, role, at]);
  return id;
}
