import { createHash, randomUUID } from 'node:crypto';
import { recordWithdrawal } from '../../../api/services/withdrawals/record-withdrawal.ts';
import type { FixturePerson } from '../../support/person-fixture.ts';
import type { StudyFixture } from '../../support/study-fixture.ts';
import type { WholeServer } from '../../support/whole-server.ts';

/** What a change acts on: one person, with one token, in a study that all share. */
export interface Situation {
  whole: WholeServer;
  study: StudyFixture;
  person: FixturePerson;
  institutionId: string;
  tokenId: string;
}

export interface FactChange {
  readonly name: string;
  readonly change: (of: Situation) => Promise<unknown>;
  /** Takes back what would also meet everybody else's turn. */
  readonly undo?: (of: Situation) => Promise<unknown>;
  /** True where it ends the token alone: what the person holds by a session lives on. */
  readonly tokenOnly?: true;
  /** What goes on where it takes rows away and not the person's access: made without them, which is not an end. */
  readonly livesOn?: readonly string[];
}

const sql =
  (text: string, ...values: ((of: Situation) => unknown)[]) =>
  (of: Situation): Promise<unknown> =>
    of.whole.db.pool.query(
      text,
      values.map((value) => value(of)),
    );
const grant = ({ person }: Situation): string => person.grantId;
const account = ({ person }: Situation): string => person.accountId;
const institution = ({ institutionId }: Situation): string => institutionId;
const now = ({ whole }: Situation): Date => whole.clock.now();
const release = ({ study }: Situation): string => study.releaseId;
const submission = ({ study }: Situation): string => study.patients[0]!.submissions[0]!.id;
const patient = ({ study }: Situation): string => study.patients[0]!.id;
const steward = (): string => '00000000-0000-7000-8000-000000000001';
/** What is written beforehand, ahead of its time; then a minute passes, and nothing is written at all. */
const aMinuteAfter = (before: (of: Situation) => Promise<unknown>) => async (of: Situation) => {
  await before(of);
  of.whole.clock.ahead += 60_000;
};
const inAMinute = (of: Situation): Date => new Date(now(of).getTime() + 59_000);

const halt = (scope: string, target: (of: Situation) => string | null): FactChange => ({
  name: `halt: ${scope}`,
  change: sql(
    'INSERT INTO halt (id, scope, target, category, reason, placed_at, placed_by) VALUES ($1, $2, $3, $4, $5, $6, $7)',
    () => randomUUID(),
    () => scope,
    target,
    () => 'INCIDENT',
    () => 'x',
    now,
    steward,
  ),
  undo: sql('DELETE FROM halt'),
});

const sanction = (
  kind: string,
  column: 'account_id' | 'institution_id',
  target: (of: Situation) => string,
): FactChange => ({
  name: `sanction: ${kind} of ${column === 'account_id' ? 'a person' : 'an institution'}`,
  change: sql(
    `INSERT INTO sanction (id, kind, ${column}, reason, starts_at, ends_at, imposed_by) VALUES (gen_random_uuid(), $1, $2, 'x', $3, $4, $5)`,
    () => kind,
    target,
    now,
    (of) => (kind === 'SUSPEND' ? new Date(now(of).getTime() + 86_400_000) : null),
    steward,
  ),
});

const certificate = (name: string, assignment: string): FactChange => ({
  name,
  change: sql(`UPDATE certificate SET ${assignment} WHERE account_id = $1 AND type = 'HUMAN_SUBJECTS'`, account),
});
const grantState = (state: string): FactChange => ({
  name: `the grant is ${state}`,
  change: sql('UPDATE data_grant SET state = $2 WHERE id = $1', grant, () => state),
});

/** Every change of a fact after which access has to end. */
export const FACT_CHANGES: readonly FactChange[] = [
  {
    name: 'the grant runs out: only the clock moves',
    change: aMinuteAfter(sql('UPDATE data_grant SET ends_at = $2 WHERE id = $1', grant, inAMinute)),
  },
  grantState('EXPIRED'),
  grantState('SUSPENDED'),
  grantState('REVOKED'),
  grantState('CLOSED'),
  {
    name: 'the grant covers the data no more',
    change: sql(`UPDATE data_grant SET access = '{"BASELINES": ["READ"]}' WHERE id = $1`, grant),
  },
  {
    name: 'the member is removed',
    change: sql('UPDATE grant_member SET removed_at = $3 WHERE grant_id = $1 AND account_id = $2', grant, account, now),
  },
  certificate('the training has expired', `expires_on = '2020-01-01'`),
  certificate('the training is taken back', `state = 'WITHDRAWN', verified_how = NULL`),
  certificate('the training is rejected', `state = 'REJECTED', verified_how = NULL, rejected_reason = 'x'`),
  {
    name: 'the agreement is superseded, without a grace',
    change: sql(
      `INSERT INTO agreement (version, title, text, sha256, effective_on, grace_days, editorial, published_at) VALUES (2, 'New', 'Text 2', $1, ($2::timestamptz - interval '2 days')::date, 0, false, $2)`,
      () => createHash('sha256').update('Text 2').digest('hex'),
      now,
    ),
    undo: sql('DELETE FROM agreement WHERE version = 2'),
  },
  {
    name: 'the grace of a superseding agreement is over: only the clock moves',
    change: async (of) => {
      await sql(
        `INSERT INTO agreement (version, title, text, sha256, effective_on, grace_days, editorial, published_at) VALUES (2, 'New', 'Text 2', $1, $2::date, 3, false, $3)`,
        () => createHash('sha256').update('Text 2').digest('hex'),
        () => new Date(now(of).getTime() - 86_400_000).toISOString().slice(0, 10),
        now,
      )(of);
      of.whole.clock.ahead += 3 * 86_400_000;
    },
    undo: async (of) => {
      await sql('DELETE FROM agreement WHERE version = 2')(of);
      of.whole.clock.ahead -= 3 * 86_400_000;
    },
  },
  {
    name: 'the role is removed',
    change: sql(`DELETE FROM account_role WHERE account_id = $1 AND role = 'researcher'`, account),
  },
  { name: 'the account is suspended', change: sql('UPDATE account SET suspended_at = $2 WHERE id = $1', account, now) },
  sanction('SUSPEND', 'account_id', account),
  sanction('BAR', 'account_id', account),
  sanction('SUSPEND', 'institution_id', institution),
  sanction('BAR', 'institution_id', institution),
  {
    name: 'the institution is suspended',
    change: sql(`UPDATE institution SET standing = 'SUSPENDED' WHERE id = $1`, institution),
  },
  {
    name: 'the country of the institution becomes ineligible',
    change: sql(
      `INSERT INTO policy_version (number, policy, effective_at) SELECT number + 1, jsonb_set(jsonb_set(policy, '{ineligibleCountries}', '["US"]'), '{version}', to_jsonb(number + 1)), $1
       FROM policy_version ORDER BY number DESC LIMIT 1`,
      now,
    ),
    undo: async (of) => {
      // A version never changes and is remembered by its number: a newer one takes it back.
      await sql(
        `INSERT INTO policy_version (number, policy, effective_at) SELECT number + 1, jsonb_set(jsonb_set(policy, '{ineligibleCountries}', '[]'), '{version}', to_jsonb(number + 1)), $1
         FROM policy_version ORDER BY number DESC LIMIT 1`,
        now,
      )(of);
    },
  },
  {
    name: 'the person moves to no institution',
    change: sql('UPDATE account SET institution_id = NULL WHERE id = $1', account),
  },
  {
    name: 'the patient is withdrawn',
    livesOn: ['queued export'],
    change: async (of) => {
      const { withdrawals } = of.whole.server.services;
      const { rows } = await of.whole.db.pool.query(
        'SELECT p.code AS patient, s.key AS study FROM patient p JOIN study s ON s.id = p.study_id WHERE p.id = $1',
        [patient(of)],
      );
      const by = steward();
      await of.whole.base.database.transaction((tx) =>
        recordWithdrawal(withdrawals.deps, tx, { ...rows[0], kind: 'STOP_SHARING', reason: 'PATIENT', by }),
      );
    },
    undo: (of) =>
      of.whole.db.pool.query(
        `BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM withdrawal_mark; DELETE FROM destruction_duty; DELETE FROM withdrawal; COMMIT`,
      ),
  },
  {
    name: 'the submission is quarantined',
    livesOn: ['queued export', 'running export'],
    change: sql(
      `INSERT INTO quarantine (id, submission_id, reason, placed_at, placed_by) VALUES (gen_random_uuid(), $1, 'a name', $2, $3)`,
      submission,
      now,
      steward,
    ),
    undo: sql('DELETE FROM quarantine'),
  },
  {
    name: 'the patient consents to less',
    livesOn: ['queued export', 'running export'],
    change: sql(
      `INSERT INTO consent (id, patient_id, version, uses, modalities, effective_at, recorded_at) VALUES ('ffffffff-0000-7000-8000-000000000000', $1, '2', '{HMB}', '{BASELINES}', $2, $2)`,
      patient,
      now,
    ),
    undo: sql(`DELETE FROM consent WHERE version = '2'`),
  },
  {
    name: 'the release is retracted',
    change: sql(`UPDATE release SET status = 'RETRACTED' WHERE id = $1`, release),
    // Past the triggers: what was retracted stays so, but for the next pair.
    undo: (of) =>
      of.whole.db.pool.query(
        `BEGIN; SET LOCAL session_replication_role = replica; UPDATE release SET status = 'PUBLISHED' WHERE id = '${release(of)}'; COMMIT`,
      ),
  },
  halt('ALL', () => null),
  halt('RELEASE', release),
  halt('MODALITY', () => 'LABELS'),
  halt('INSTITUTION', institution),
  halt('GRANT', grant),
  {
    name: 'the token is revoked',
    change: sql(
      `UPDATE personal_token SET revoked_at = $2, revoked_why = 'REVOKED' WHERE id = $1`,
      ({ tokenId }) => tokenId,
      now,
    ),
    tokenOnly: true,
  },
  {
    name: 'the token expires: only the clock moves',
    change: aMinuteAfter(
      sql('UPDATE personal_token SET expires_at = $2 WHERE id = $1', ({ tokenId }) => tokenId, inAMinute),
    ),
    tokenOnly: true,
  },
];
