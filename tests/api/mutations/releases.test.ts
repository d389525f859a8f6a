import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobLost } from '../../../api/jobs/job-fence.ts';
import { checkReleaseKind } from '../../../api/services/releases/release-check.ts';
import { approved, trained } from './steps.ts';
import { type Payload, startWorld, type Who, type World } from './world.ts';

let world: World;
const ids = new Map<string, string>();
beforeAll(async () => {
  world = await startWorld({ patients: 6, submissions: 2, frames: 12, folds: 3 });
  for (const name of ['ada', 'eve'] as const) await trained(world, name);
  await approved(world, { LABELS: ['READ', 'EXPORT'], PAIN_SCORES: ['READ', 'EXPORT'] });
}, 120_000);
afterAll(() => world.stop());

const RELEASE =
  'release { id version status statusReason digest errata patients lastCheck { id state sound current } }';
const CHECK =
  'check { id state checksums sound problems { about problem } files bytes digest current progress { stage } }';
const TOO_SMALL =
  '... on VersionTooSmall { changes nextVersion } ... on ReleaseNotSound { problems { about problem } }';
const sql = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);

const give = (who: Who, mutation: string, input: Record<string, unknown>): Promise<Payload> => {
  const name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
  const success = /Check$|^checkRelease$/.test(mutation) ? CHECK : RELEASE;
  const tooSmall = /Check$|^checkRelease$/.test(mutation) ? '' : TOO_SMALL;
  return world.give(who, mutation, input, `... on ${name}Success { ${success} } ${tooSmall}`);
};

async function drafted(version: string): Promise<string> {
  const made = await give('cy', 'draftRelease', { version, notes: `Notes of ${version}` });
  expect(made).toMatchObject({ __typename: 'DraftReleaseSuccess', release: { version, status: 'DRAFT' } });
  ids.set(version, made.release.id);
  return made.release.id;
}

async function checked(releaseId: string): Promise<Record<string, unknown>> {
  const { check } = await give('cy', 'checkRelease', { releaseId });
  await world.work('check-release');
  const { data } = await world.ask('sam', `{ releaseCheck(id: "${check.id}") { ${CHECK.slice(8, -2)} } }`);
  return data.releaseCheck;
}

async function published(version: string): Promise<string> {
  const releaseId = await drafted(version);
  expect((await give('cy', 'askForPublication', { releaseId })).__typename).toBe('AskForPublicationSuccess');
  expect(await checked(releaseId)).toMatchObject({ sound: true, problems: [] });
  expect(await give('sam', 'publishRelease', { releaseId })).toMatchObject({ __typename: 'PublishReleaseSuccess' });
  return releaseId;
}

const DIFF = `query($from: String!, $to: String!) { releaseDiff(from: $from, to: $to) { step counts { change count }
  differences(first: 100) { totalCount nodes { change patient timestamp detail } } } }`;
const diff = (who: Who, from: string, to: string) => world.ask(who, DIFF, { from, to });

describe('a draft', () => {
  it('whose version promises more than is true is refused, and nothing stays of it but the entry in the log', async () => {
    const before = (await sql('SELECT count(*)::int AS n FROM release')).rows[0].n;
    const refused = await give('cy', 'draftRelease', { version: '1.1.0' });
    expect(refused).toMatchObject({
      code: 'VERSION_TOO_SMALL',
      changes: ['LABELS_CHANGED'],
      nextVersion: '2.0.0',
      message: expect.stringContaining('2.0.0 or later'),
    });
    expect((await sql('SELECT count(*)::int AS n FROM release')).rows[0].n).toBe(before);
    expect((await sql('SELECT count(*)::int AS n FROM release_patient')).rows[0].n).toBe(6);
    expect((await world.entries('COMMAND_REFUSED')).at(-1)).toMatchObject({
      command: 'release draft',
      code: 'VERSION_TOO_SMALL',
    });
  });

  it('is made of the same data with the next major number', async () => {
    expect(await drafted('2.0.0')).toMatch(/./);
  });
});

describe('a check', () => {
  const releaseId = () => ids.get('2.0.0')!;

  it('is asked for once, however often, and ended by whoever may see drafts', async () => {
    const one = await give('cy', 'checkRelease', { releaseId: releaseId() });
    expect(one.check).toMatchObject({ state: 'QUEUED', checksums: true, sound: null, problems: null, current: false });
    const other = await give('sam', 'checkRelease', { releaseId: releaseId() });
    expect(other.check.id).toBe(one.check.id);
    const quick = await give('sam', 'checkRelease', { releaseId: releaseId(), checksums: false });
    expect(quick.check.id).not.toBe(one.check.id);
    for (const id of [one.check.id, quick.check.id])
      expect((await give('sam', 'cancelReleaseCheck', { id })).check.state).toBe('CANCELLED');
    expect((await world.entries('CHECK_RELEASE')).length).toBe(2);
    expect((await give('cy', 'cancelReleaseCheck', { id: 'x' })).code).toBe('CHECK_UNKNOWN');
  });

  it('is nothing that a researcher may look at', async () => {
    const { rows } = await sql('SELECT id FROM release_check LIMIT 1');
    for (const who of ['ada', 'aud', 'adm', null] as const) {
      const { data } = await world.ask(who, `{ releaseCheck(id: "${rows[0].id}") { state } }`);
      expect(data?.releaseCheck ?? null).toBeNull();
    }
  });

  it('ends where whoever asked for it may look at drafts no more', async () => {
    const { check } = await give('cy', 'checkRelease', { releaseId: releaseId() });
    const job = (await world.base.jobs.claim('worker', ['check-release']))!;
    const kind = checkReleaseKind(world.services.releases);
    const asks = () => kind.refusals?.(job, kind.payload.parse(job.payload));
    expect(await asks()).toEqual([]);
    await sql(`DELETE FROM account_role WHERE account_id = $1`, [world.idOf('cy')]);
    expect(await asks()).toContain('ROLE_MISSING');
    await sql(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'curator', now())`, [
      world.idOf('cy'),
    ]);
    // One that was asked to end keeps nothing of what it found.
    await give('cy', 'cancelReleaseCheck', { id: check.id });
    const context = { job, signal: new AbortController().signal, progress: () => {} };
    await expect(kind.run(kind.payload.parse(job.payload), context)).rejects.toThrow(JobLost);
    await world.base.jobs.finish(world.base.database, job.id, 'worker', { state: 'CANCELLED' });
    const { rows } = await sql('SELECT ended_at FROM release_check WHERE id = $1', [check.id]);
    expect(rows[0].ended_at).toBeNull();
  });

  it('is needed before a publication, and says what it was of', async () => {
    expect((await give('cy', 'askForPublication', { releaseId: releaseId() })).release.status).toBe('DRAFT');
    expect((await give('sam', 'publishRelease', { releaseId: releaseId() })).code).toBe('CHECK_NEEDED');
    const { rows } = await sql(`SELECT digest FROM release WHERE version = '2.0.0'`);
    // Nine files for each submission, four where there is no sound.
    expect(await checked(releaseId())).toMatchObject({
      state: 'SUCCEEDED',
      sound: true,
      problems: [],
      current: true,
      files: 11 * 9 + 4,
      digest: rows[0].digest,
    });
    expect((await world.entries('RELEASE_CHECKED')).at(-1)).toMatchObject({ problems: 0, checksums: true });
  });

  it('of sizes alone is not enough, and one that is too old neither', async () => {
    world.clock.at = new Date(world.clock.at.getTime() + 25 * 3_600_000);
    expect((await give('sam', 'publishRelease', { releaseId: releaseId() })).code).toBe('CHECK_NEEDED');
    await give('cy', 'checkRelease', { releaseId: releaseId(), checksums: false });
    await world.work('check-release');
    expect((await give('sam', 'publishRelease', { releaseId: releaseId() })).code).toBe('CHECK_NEEDED');
  });

  it('that finds a file altered keeps the release from being published, until a later one finds it whole', async () => {
    const { rows } = await sql(`SELECT object_key AS key FROM artifact WHERE kind = 'FACES' LIMIT 1`);
    const path = join(world.base.config.dataDirectory, 'objects', rows[0].key);
    const whole = await readFile(path);
    const altered = Buffer.from(whole);
    // Of what is stored, past what a sealed object begins with.
    altered[35]! ^= 1;
    await writeFile(path, altered);
    expect(await checked(releaseId())).toMatchObject({
      sound: false,
      problems: [{ about: rows[0].key, problem: 'its checksum is not the recorded one' }],
    });
    expect(await give('sam', 'publishRelease', { releaseId: releaseId() })).toMatchObject({
      code: 'CHECK_FAILED',
      problems: [{ about: rows[0].key, problem: 'its checksum is not the recorded one' }],
    });
    await writeFile(path, whole);
    expect(await checked(releaseId())).toMatchObject({ sound: true });
    expect((await give('cy', 'publishRelease', { releaseId: releaseId() })).code).toBe('FORBIDDEN');
    expect((await give('sam', 'publishRelease', { releaseId: releaseId() })).release.status).toBe('PUBLISHED');
  });
});

describe('two releases', () => {
  it('of the same data differ in nothing, which a patch says', async () => {
    await drafted('2.0.1');
    expect((await diff('cy', '2.0.0', '2.0.1')).data.releaseDiff).toEqual({
      step: 'PATCH',
      counts: [],
      differences: { totalCount: 0, nodes: [] },
    });
  });

  it('of which one is a draft are compared by those who make releases, and do not exist together for others', async () => {
    for (const who of ['cy', 'sam'] as const)
      expect((await diff(who, '2.0.0', '2.0.1')).data.releaseDiff.step).toBe('PATCH');
    for (const who of ['ada', 'aud', 'adm', null] as const)
      expect((await diff(who, '2.0.0', '2.0.1')).data.releaseDiff).toBeNull();
    expect((await diff('cy', '2.0.0', '9.0.0')).data.releaseDiff).toBeNull();
  });

  it('show what has come, gone and changed, by patient', async () => {
    // A withdrawal, a fold, a pain target that was wrong.
    await sql(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'STOP_SHARING', 'x', now() FROM patient WHERE code = '9001'`,
    );
    await sql(`UPDATE patient SET fold = 3 WHERE code = '9002'`);
    await sql(`UPDATE patient SET pain_target = 1 WHERE code = '9006'`);
    await sql(`UPDATE patient SET pain_target = 3 WHERE code = '9002'`);
    expect(await give('cy', 'draftRelease', { version: '2.1.0' })).toMatchObject({
      code: 'VERSION_TOO_SMALL',
      changes: ['PATIENTS_REMOVED', 'LABELS_CHANGED', 'FOLDS_CHANGED'],
      nextVersion: '3.0.0',
    });
    const releaseId = await drafted('3.0.0');
    const { data } = await diff('cy', '2.0.0', '3.0.0');
    const gone = { change: 'PATIENTS_REMOVED', patient: '9001', timestamp: null, detail: [] };
    const fold = { change: 'FOLDS_CHANGED', patient: '9002', timestamp: null, detail: ['2', '3'] };
    const target = { change: 'LABELS_CHANGED', patient: '9002', timestamp: null, detail: ['painTarget'] };
    const level = {
      change: 'LABELS_CHANGED',
      patient: '9006',
      timestamp: null,
      detail: expect.arrayContaining(['painTarget']),
    };
    expect(data.releaseDiff.differences.nodes).toEqual([gone, fold, target, level].filter(Boolean));
    expect(data.releaseDiff).toMatchObject({ step: 'MAJOR', differences: { totalCount: 4 } });
    // Who publishes is told how often, and sees no row.
    const { step, counts } = data.releaseDiff;
    const ofSteward = (await diff('sam', '2.0.0', '3.0.0')).data.releaseDiff;
    expect(ofSteward).toEqual({ step, counts, differences: { totalCount: 0, nodes: [] } });

    await give('cy', 'askForPublication', { releaseId });
    await checked(releaseId);
    expect((await give('sam', 'publishRelease', { releaseId })).release.status).toBe('PUBLISHED');
    // Published, they are compared over what may be seen: who has withdrawn is in neither.
    const seen = (await diff('ada', '2.0.0', '3.0.0')).data.releaseDiff;
    expect(seen.differences.nodes).toEqual([fold, target, level]);
    expect(JSON.stringify(seen)).not.toContain('9001');
    expect((await world.entries('READ')).at(-1)).toMatchObject({ query: 'releaseDiff', modalities: ['LABELS'] });
  });

  it('that are published are nobody’s to compare who may not read LABELS, in numbers neither', async () => {
    for (const who of ['eve', 'cy', 'sam', 'aud', null] as const) {
      const { data, errors } = await diff(who, '2.0.0', '3.0.0');
      expect([data?.releaseDiff ?? null, errors?.length ?? 0]).toEqual([null, 1]);
    }
  });

  it('do not say of pain scores what only LABELS may be seen of', async () => {
    await sql(`UPDATE data_grant SET access = access - 'PAIN_SCORES'`);
    const { nodes } = (await diff('ada', '2.0.0', '3.0.0')).data.releaseDiff.differences;
    expect(JSON.stringify(nodes)).not.toContain('painTarget');
    expect(nodes.map(({ patient }: { patient: string }) => patient)).toContain('9002');
    await sql(`UPDATE data_grant SET access = access || '{"PAIN_SCORES": ["READ", "EXPORT"]}'`);
  });
});

describe('what is published', () => {
  const OPEN = `{ release(version: "2.0.0") { version status statusReason errata citation { version digest text bibtex csl datacite } } }`;

  it('is cited by everybody, with what withdrawals have taken from it', async () => {
    const { data } = await world.ask(null, OPEN);
    const { citation } = data.release;
    expect(citation).toMatchObject({
      version: '2.0.0+w1',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      text: expect.stringContaining('release 2.0.0+w1'),
      bibtex: expect.stringContaining('@misc{demo-2.0.0-w1,'),
      csl: { type: 'dataset', version: '2.0.0+w1' },
      datacite: { version: '2.0.0+w1' },
    });
    expect(JSON.stringify(citation)).not.toMatch(/900\d/);
    const other = await world.ask(null, OPEN.replace('2.0.0', '3.0.0'));
    expect(other.data.release.citation.version).toBe('3.0.0');
    expect(other.data.release.citation.digest).toBe(
      (await sql(`SELECT digest FROM release WHERE version = '3.0.0'`)).rows[0].digest,
    );
  });

  it('moves its state with each further withdrawal, and with nothing else', async () => {
    const state = async () => (await world.ask(null, OPEN)).data.release.citation;
    const before = await state();
    await sql(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'STOP_COLLECTION', 'x', now() FROM patient WHERE code = '9004'`,
    );
    await sql(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'ERASE', 'x', now() FROM patient WHERE code = '9001'`,
    );
    expect(await state()).toEqual(before);
    await sql(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'ERASE', 'x', now() FROM patient WHERE code = '9004'`,
    );
    const after = await state();
    expect(after.version).toBe('2.0.0+w2');
    expect(after.digest).not.toBe(before.digest);
  });

  it('is given errata by a steward, which everybody reads', async () => {
    const releaseId = ids.get('2.0.0')!;
    const erratum = { releaseId, concerns: 'Table 1', text: '<b>Two</b> columns are swapped.' };
    expect((await give('cy', 'addErratum', erratum)).code).toBe('FORBIDDEN');
    expect((await give('sam', 'addErratum', { ...erratum, text: ' ' })).code).toBe('REASON_MISSING');
    expect((await give('sam', 'addErratum', { ...erratum, text: 'x'.repeat(5000) })).code).toBe('TEXT_TOO_LONG');
    expect((await give('sam', 'addErratum', erratum)).release.errata).toHaveLength(1);
    await give('sue', 'addErratum', { ...erratum, concerns: 'Fold 2', text: 'More.', correctedIn: '3.0.0' });
    const { data } = await world.ask(null, OPEN);
    expect(data.release.errata).toEqual([
      {
        number: 1,
        at: world.clock.at.toISOString(),
        concerns: 'Table 1',
        text: '<b>Two</b> columns are swapped.',
        correctedIn: null,
      },
      { number: 2, at: world.clock.at.toISOString(), concerns: 'Fold 2', text: 'More.', correctedIn: '3.0.0' },
    ]);
    expect(data.release.citation.text).toContain('2 errata');
  });

  it('is deprecated, and can still be read', async () => {
    const releaseId = ids.get('2.0.0')!;
    expect((await give('sam', 'deprecateRelease', { releaseId, reason: '' })).code).toBe('REASON_MISSING');
    const done = await give('sam', 'deprecateRelease', { releaseId, reason: '3.0.0 has the right folds.' });
    expect(done.release).toMatchObject({ status: 'DEPRECATED', statusReason: '3.0.0 has the right folds.' });
    const { data } = await world.ask(null, OPEN);
    expect(data.release).toMatchObject({ status: 'DEPRECATED', statusReason: '3.0.0 has the right folds.' });
    expect(data.release.citation.text).toMatch(/^superseded: /);
    const read = await world.ask('ada', '{ release(version: "2.0.0") { patients { totalCount } } }');
    expect(read.data.release.patients.totalCount).toBe(4);
  });

  it('is retracted: every path to its data is closed by the time that the steward is answered', async () => {
    const releaseId = ids.get('2.0.0')!;
    const input = { release: '2.0.0', modalities: ['LABELS'] };
    const asked = await world.give('ada', 'requestExport', input, '... on RequestExportSuccess { export { id } }');
    const id = asked.export.id;
    await world.work('export');
    const FILES = `{ export(id: "${id}") { files(first: 1) { nodes { path file { url } } } } }`;
    expect((await world.ask('ada', FILES)).errors).toBeUndefined();
    const waiting = await world.give('ada', 'requestExport', input, '... on RequestExportSuccess { export { id } }');
    expect(waiting.__typename).toBe('RequestExportSuccess');

    const done = await give('sue', 'retractRelease', { releaseId, reason: 'Wrong labels.' });
    expect(done.release).toMatchObject({ status: 'RETRACTED', statusReason: 'Wrong labels.' });
    const { rows: told } = await world.db.pool.query(
      `SELECT a.username, o.data FROM outbox o JOIN account a ON a.id = o.account_id WHERE o.template = 'release-retracted'`,
    );
    expect(told).toMatchObject([{ username: 'ada', data: { version: '2.0.0', newer: '3.0.0', exports: [id] } }]);

    const codes = (answer: { errors?: { extensions?: Record<string, unknown> }[] }) => JSON.stringify(answer.errors);
    expect(codes(await world.ask('ada', '{ release(version: "2.0.0") { patients { totalCount } } }'))).toContain(
      'RELEASE_RETRACTED',
    );
    expect(codes(await world.ask('ada', FILES))).toContain('RELEASE_RETRACTED');
    expect(codes(await diff('ada', '2.0.0', '3.0.0'))).toContain('RELEASE_RETRACTED');
    const again = await world.give('ada', 'requestExport', input);
    expect(again.reasons?.map(({ code }) => code)).toContain('RELEASE_RETRACTED');
    // The one that waited is refused when its turn comes.
    const kind = world.services.exports.jobKinds()[0]!;
    const job = (await world.base.jobs.claim('worker', ['export']))!;
    expect(await kind.refusals?.(job, kind.payload.parse(job.payload))).toContain('RELEASE_RETRACTED');
    // Everybody still knows of it, and why.
    const { data } = await world.ask(null, OPEN);
    expect(data.release).toMatchObject({ status: 'RETRACTED', statusReason: 'Wrong labels.' });
    expect(data.release.citation.text).toMatch(/^RETRACTED: /);
    expect((await give('sam', 'retractRelease', { releaseId, reason: 'Again.' })).code).toBe('WRONG_STATE');
    expect((await give('sam', 'deprecateRelease', { releaseId, reason: 'Again.' })).code).toBe('WRONG_STATE');
  });

  it('is not what a draft is', async () => {
    const releaseId = ids.get('2.0.1')!;
    for (const command of ['deprecateRelease', 'retractRelease'])
      expect((await give('sam', command, { releaseId, reason: 'x' })).code).toBe('WRONG_STATE');
    expect((await give('sam', 'addErratum', { releaseId, concerns: 'x', text: 'x' })).code).toBe('WRONG_STATE');
    expect((await give('sam', 'retractRelease', { releaseId: 'x', reason: 'x' })).code).toBe('RELEASE_UNKNOWN');
    // A later version is out: this one comes too late.
    await give('cy', 'askForPublication', { releaseId });
    await checked(releaseId);
    expect((await give('sam', 'publishRelease', { releaseId })).code).toMatch(/VERSION_INVALID|CHECK_FAILED/);
  });
});

it('a version of all that is there now is published at last', async () => {
  await published('4.0.0');
});
