import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../../governance/actor.ts';
import { canonicalText, type Json, sha256 } from '../../../governance/canonical.ts';
import { encodeNodeId } from '../../../schema/planner/node-id.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { FIXTURE_NOW, fixtureId } from '../../support/study-fixture.ts';
import { type Answer, type Reading, startReading } from './support.ts';

let reading: Reading;
let all: FixturePerson;
let labels: FixturePerson;
let runner: FixturePerson;
beforeAll(async () => {
  reading = await startReading({ patients: 3, frames: 12 });
  const { studyId } = reading.study;
  all = await addResearcher(reading.db.pool, { name: 'all', studyId });
  labels = await addResearcher(reading.db.pool, { name: 'labels', studyId, access: { LABELS: ['READ'] } });
  runner = await addResearcher(reading.db.pool, {
    name: 'runner',
    studyId,
    access: { LABELS: ['READ'], LANDMARKS: ['READ'], FACES: ['RUN'] },
  });
});
afterAll(() => reading?.stop());

const query = (text: string) => reading.db.pool.query(text);
const entries = async (): Promise<Record<string, unknown>[]> =>
  (await query('SELECT * FROM audit_entry ORDER BY seq')).rows;
const codesOf = (answer: Answer): unknown =>
  answer.errors?.map(({ path, extensions }) => [
    path?.join('.'),
    extensions?.code,
    (extensions?.reasons as { code: string }[] | undefined)?.map(({ code }) => code),
  ]);

describe('a refused field', () => {
  it('is null with one error that says everything that is missing, however many rows there are', async () => {
    const answer = await reading.ask(
      `{ release { version patients { nodes { code painTarget submissions { nodes { timestamp painScores { mood } again: painScores { sleep } } } } } } }`,
      {},
      labels.actor,
    );
    expect(answer.data.release.patients.nodes).toHaveLength(3);
    expect(answer.data.release.patients.nodes[0].painTarget).toBeNull();
    expect(answer.data.release.patients.nodes[0].submissions.nodes[0]).toMatchObject({
      timestamp: expect.any(String),
      painScores: null,
      again: null,
    });
    expect(codesOf(answer)).toEqual([
      ['release.patients.nodes.painTarget', 'FORBIDDEN', ['MODALITY_NOT_GRANTED']],
      ['release.patients.nodes.submissions.nodes.painScores', 'FORBIDDEN', ['MODALITY_NOT_GRANTED']],
      ['release.patients.nodes.submissions.nodes.again', 'FORBIDDEN', ['MODALITY_NOT_GRANTED']],
    ]);
    expect(answer.errors![0]).toMatchObject({
      message:
        'painTarget needs access to PAIN_SCORES. Your grant does not cover this kind of data; the applicant can ask for it.',
      extensions: {
        modality: 'PAIN_SCORES',
        reasons: [{ code: 'MODALITY_NOT_GRANTED', subject: 'PAIN_SCORES', whoActsNext: 'APPLICANT' }],
      },
    });
    expect(reading.statements.at(-1)).not.toMatch(/pain_target|survey/);
  });

  it('says all reasons, not the first', async () => {
    await query(
      `UPDATE certificate SET state = 'PENDING', verified_how = NULL WHERE account_id = '${runner.accountId}' AND type = 'HIPAA'`,
    );
    const answer = await reading.ask(
      '{ release { patients { nodes { submissions { nodes { frames { nodes { face { image { url } } } } } } } } } }',
      {},
      runner.actor,
    );
    expect(codesOf(answer)).toEqual([
      ['release.patients.nodes.submissions.nodes.frames.nodes.face', 'FORBIDDEN', ['TRAINING_UNVERIFIED']],
    ]);
    await query(
      `UPDATE certificate SET state = 'VERIFIED', verified_how = 'ISSUER' WHERE account_id = '${runner.accountId}'`,
    );
    const later = await reading.ask(
      '{ release { patients { nodes { submissions { nodes { frames { nodes { face { score image { url } } } } } } } } } }',
      {},
      runner.actor,
    );
    expect(codesOf(later)).toEqual([
      ['release.patients.nodes.submissions.nodes.frames.nodes.face.image', 'FORBIDDEN', ['USE_NOT_GRANTED']],
    ]);
    expect(later.data.release.patients.nodes[0].submissions.nodes[0].frames.nodes[0].face).toEqual({
      score: 0.625,
      image: null,
    });
  });

  it('may be an argument: to filter by a fact is to read it', async () => {
    const answer = await reading.ask(
      '{ release { a: patients(filter: { painTargetAtLeast: 1 }) { totalCount } b: patients(filter: { painTargetAtLeast: null }) { totalCount } patient(code: "9001") { submissions { nodes { frames(faceDetected: true) { totalCount } } } } } }',
      {},
      labels.actor,
    );
    expect(codesOf(answer)).toEqual([
      ['release.a', 'FORBIDDEN', ['MODALITY_NOT_GRANTED']],
      ['release.patient.submissions.nodes.frames', 'FORBIDDEN', ['MODALITY_NOT_GRANTED']],
    ]);
    expect(answer.data.release.b).toEqual({ totalCount: 3 });
  });

  it('tells a stranger to sign in, is counted and not chained', async () => {
    const before = (await entries()).length;
    reading.strangers.length = 0;
    const answer = await reading.ask('{ release { version patients { nodes { code } } splits { number } } }');
    expect(answer.data).toEqual({ release: { version: '1.0.0', patients: null, splits: null } });
    expect(codesOf(answer)).toEqual([
      ['release.patients', 'FORBIDDEN', ['NOT_SIGNED_IN']],
      ['release.splits', 'FORBIDDEN', ['NOT_SIGNED_IN']],
    ]);
    expect(reading.strangers).toEqual(['LABELS']);
    expect((await entries()).length).toBe(before);
  });

  it('is the same for an id that exists and one that does not', async () => {
    const { releaseId, patients } = reading.study;
    const id = (rowId: string) => encodeNodeId({ letter: 'P', releaseId, rowId, number: 0 });
    const nobody: Actor = { kind: 'anonymous' };
    const known = await reading.ask('query ($id: ID!) { node(id: $id) { id } }', { id: id(patients[0]!.id) }, nobody);
    const unknown = await reading.ask(
      'query ($id: ID!) { node(id: $id) { id } }',
      { id: id(fixtureId('nobody')) },
      nobody,
    );
    expect(known).toEqual(unknown);
    expect(known.data).toEqual({ node: null });
  });
});

describe('what may not be known', () => {
  it('is absent without a word: a draft is there for its curator alone', async () => {
    const { studyId } = reading.study;
    const releaseId = fixtureId('draft');
    await query(
      `INSERT INTO release (id, study_id, version, status, drafted_at) VALUES ('${releaseId}', '${studyId}', '2.0.0', 'DRAFT', now())`,
    );
    await query(
      `INSERT INTO release_patient SELECT '${releaseId}', patient_id, code, sex, skin_type, pain_target, pain_level, pain_class, cohort, age_group, source_device, split FROM release_patient WHERE code = '9001'`,
    );
    const id = encodeNodeId({ letter: 'R', releaseId, rowId: releaseId, number: 0 });
    const text = `{ release(version: "2.0.0") { version patients { nodes { code } } } releases { version } node(id: "${id}") { id } newest: release { version } }`;
    expect(await reading.ask(text, {}, all.actor)).toEqual({
      data: { release: null, releases: [{ version: '1.0.0' }], node: null, newest: { version: '1.0.0' } },
    });
    const curator = fixtureId('curator', 'account');
    await query(
      `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES ('${curator}', 'fixture', 'curator', 'curator', 'Curator', 'c@example.org', now())`,
    );
    await query(`INSERT INTO account_role VALUES ('${curator}', 'curator', now())`);
    expect(await reading.ask(text, {}, { kind: 'account', accountId: curator })).toEqual({
      data: {
        release: { version: '2.0.0', patients: { nodes: [{ code: '9001' }] } },
        releases: [{ version: '2.0.0' }, { version: '1.0.0' }],
        node: { id },
        newest: { version: '1.0.0' },
      },
    });
    const released = await reading.ask(
      '{ release { patients { totalCount } } }',
      {},
      { kind: 'account', accountId: curator },
    );
    expect(released.data.release.patients).toBeNull();
  });

  it('belongs to another study: its grant opens nothing here', async () => {
    const other = fixtureId('other', 'study');
    await query(
      `INSERT INTO study (id, key, title, time_zone, created_at) VALUES ('${other}', 'other', 'Other', 'UTC', now())`,
    );
    const stranger = await addResearcher(reading.db.pool, { name: 'elsewhere', studyId: other });
    const answer = await reading.ask('{ release { patients { totalCount } } }', {}, stranger.actor);
    expect(codesOf(answer)).toEqual([['release.patients', 'FORBIDDEN', ['NO_GRANT', 'AGREEMENT_UNSIGNED']]]);
  });
});

describe('access ends', () => {
  it.each([
    [
      'the grant is revoked',
      `UPDATE data_grant SET state = 'REVOKED'`,
      `UPDATE data_grant SET state = 'ACTIVE'`,
      'GRANT_REVOKED',
    ],
    [
      'the account is suspended',
      `UPDATE account SET suspended_at = '2025-01-01'`,
      'UPDATE account SET suspended_at = NULL',
      'ACCOUNT_SUSPENDED',
    ],
    [
      'the stewards halt it',
      `INSERT INTO halt VALUES ('${fixtureId('halt')}', 'MODALITY', 'LABELS', 'x', '2025-01-01', '${fixtureId('x')}')`,
      'DELETE FROM halt',
      'ACCESS_HALTED',
    ],
    [
      'the institution is barred',
      `UPDATE institution SET standing = 'BARRED'`,
      `UPDATE institution SET standing = 'VERIFIED'`,
      'INSTITUTION_INELIGIBLE',
    ],
    [
      'the release is retracted',
      `UPDATE release SET status = 'RETRACTED' WHERE version = '1.0.0'`,
      `ALTER TABLE release DISABLE TRIGGER release_frozen; UPDATE release SET status = 'PUBLISHED' WHERE version = '1.0.0';
       ALTER TABLE release ENABLE TRIGGER release_frozen`,
      'RELEASE_RETRACTED',
    ],
    [
      'the role is taken',
      `DELETE FROM account_role WHERE role = 'researcher'`,
      `INSERT INTO account_role SELECT id, 'researcher', now() FROM account WHERE username IN ('all', 'labels', 'runner')`,
      'ROLE_MISSING',
    ],
  ])('with the next query when %s', async (_, end, restore, reason) => {
    await query(end);
    const answer = await reading.ask(
      '{ release(version: "1.0.0") { version patients { totalCount } } }',
      {},
      all.actor,
    );
    await query(restore);
    expect(answer.data.release).toEqual({ version: '1.0.0', patients: null });
    expect(codesOf(answer)).toEqual([['release.patients', 'FORBIDDEN', expect.arrayContaining([reason])]]);
    const again = await reading.ask('{ release { patients { totalCount } } }', {}, all.actor);
    expect(again.data.release.patients).toEqual({ totalCount: 3 });
  });
});

describe('the log', () => {
  it('has one entry for a read: who, for which grant, what, whose, how many rows; its text canonical and hashed', async () => {
    const before = (await entries()).length;
    const text =
      'query Look { release { a: patients(first: 2) { nodes { code submissions { nodes { frames(first: 3) { nodes { number } } chunks { number } } } } } b: patient(code: "9001") { painTarget } } }';
    await reading.ask(text, {}, all.actor);
    const made = (await entries()).slice(before);
    expect(made).toHaveLength(1);
    const [entry] = made;
    const said = JSON.parse(String(entry!.text));
    expect(said).toEqual({
      account: all.accountId,
      action: 'READ',
      at: FIXTURE_NOW.toISOString(),
      grant: all.grantId,
      id: entry!.id,
      modalities: ['LABELS', 'PAIN_SCORES'],
      operation: { name: 'Look', sha256: sha256(text) },
      patients: ['9001', '9002'],
      refused: [],
      releases: [reading.study.releaseId],
      rows: { patients: 3, submissions: 4, frames: 12, chunks: 4 },
    });
    expect(entry!.text).toBe(canonicalText(said as Json));
    expect(entry!.hash).toBe(sha256(String(entry!.text)));
    expect(entry).toMatchObject({ account_id: all.accountId, grant_id: all.grantId, action: 'READ', at: FIXTURE_NOW });
  });

  it('has an entry for a refusal of somebody who is signed in, with the reasons', async () => {
    const before = (await entries()).length;
    await reading.ask('{ release { patient(code: "9001") { painTarget } } }', {}, labels.actor);
    await query(`UPDATE data_grant SET state = 'REVOKED'`);
    await reading.ask('{ release { patients { totalCount } } }', {}, labels.actor);
    await query(`UPDATE data_grant SET state = 'ACTIVE'`);
    const [partly, wholly] = (await entries()).slice(before).map(({ text }) => JSON.parse(String(text)));
    expect(partly).toMatchObject({
      action: 'READ',
      modalities: ['LABELS'],
      patients: ['9001'],
      refused: [{ modality: 'PAIN_SCORES', reasons: [{ code: 'MODALITY_NOT_GRANTED', subject: 'PAIN_SCORES' }] }],
    });
    expect(wholly).toMatchObject({
      action: 'REFUSED',
      modalities: [],
      patients: [],
      refused: [{ modality: 'LABELS', reasons: [{ code: 'GRANT_REVOKED' }] }],
      rows: { patients: 0, submissions: 0, frames: 0, chunks: 0 },
    });
  });

  it('says nothing of what is open', async () => {
    const before = (await entries()).length;
    await reading.ask('{ release { version notes } releases { status } studies { key } }', {}, all.actor);
    expect((await entries()).length).toBe(before);
  });
});
