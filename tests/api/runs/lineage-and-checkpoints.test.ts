import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointFolder } from '../../../api/services/runs/run-place.ts';
import { MODALITIES } from '../../../governance/modality.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fillStudy, type StudyFixture } from '../../support/study-fixture.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';
import { aFolder, anIo, iss } from '../cli/an-io.ts';
import { giveToken } from '../two-seconds/paths.ts';

let whole: WholeServer;
let study: StudyFixture;
let ann: FixturePerson;
let runId = '';
let checkpointId = '';
let token: Record<string, string>;
const BYTES = Buffer.from('what a fold has learnt');

beforeAll(async () => {
  whole = await startWholeServer({ settings: { ISS_TICKET_SECONDS: '3600' } });
  const { pool } = whole.db;
  study = await fillStudy({ pool, objects: whole.base.objects }, { patients: 6, submissions: 1, frames: 10 });
  const of = { studyId: study.studyId, now: whole.clock.now() };
  ann = await addResearcher(pool, { ...of, name: 'ann' });
  token = await tokenOf(ann);
  runId = await ran(ann);
  checkpointId = await checkpointOf(runId);
}, 60_000);
afterAll(() => whole.stop());

const tokenOf = async ({ accountId, grantId }: FixturePerson) => (await giveToken(whole, accountId, grantId)).headers;

async function ran({ actor }: FixturePerson, seed = 5): Promise<string> {
  const { services } = whole.server;
  const parameters = { study: study.key, release: null, classes: null, preset: null, fold: null, seed };
  const asked = await services.runs.request(actor, { ...parameters, experiment: 'random-forest-pain' });
  if (!asked.ok) throw new Error(asked.message);
  const job = await whole.base.jobs.claim('maker', ['run-baseline']);
  if (job === null) return asked.runId;
  const [kind] = services.runs.jobKinds();
  const result = await kind!.run(job.payload, { job, signal: new AbortController().signal, progress: () => {} });
  await whole.base.jobs.finish(whole.base.database, job.id, 'maker', { state: 'SUCCEEDED', result });
  return asked.runId;
}

/** A checkpoint as a network's run keeps it. */
async function checkpointOf(run: string): Promise<string> {
  const [id, key] = [randomUUID(), `${checkpointFolder(run)}fold-1.safetensors`];
  await whole.base.objects.put(key, BYTES);
  await whole.db.pool.query(
    `INSERT INTO checkpoint (id, run_id, fold, epoch, object_key, bytes, sha256, reads, created_at) VALUES ($1, $2, 1, 10, $3, $4, $5, $6, now())`,
    [id, run, key, BYTES.length, createHash('sha256').update(BYTES).digest('hex'), ['LABELS', 'PAIN_SCORES']],
  );
  await whole.db.pool.query(
    `INSERT INTO lineage (subject, subject_id, patient_id) SELECT 'CHECKPOINT', $1, patient_id FROM lineage WHERE subject = 'RUN' AND subject_id = $2`,
    [id, run],
  );
  return id;
}

const CHECKPOINTS =
  'query($id: ID!) { run(id: $id) { checkpoints { id fold epoch bytes modalities blocked file { url } } } }';
const LINEAGE =
  'query($id: ID!) { lineage(artifact: $id) { kind fold modalities release code weights parameters patients run { id seed preset marked } } }';

/** While the grant allows this and no more. */
async function allowing<Value>(access: Record<string, readonly string[]>, look: () => Promise<Value>): Promise<Value> {
  const { pool } = whole.db;
  const { rows } = await pool.query('SELECT access FROM data_grant WHERE id = $1', [ann.grantId]);
  await pool.query('UPDATE data_grant SET access = $2 WHERE id = $1', [ann.grantId, JSON.stringify(access)]);
  try {
    return await look();
  } finally {
    await pool.query('UPDATE data_grant SET access = $2 WHERE id = $1', [ann.grantId, JSON.stringify(rows[0].access)]);
  }
}
const fetched = (url: string) => fetch(url.replace(/^https?:\/\/[^/]+/, whole.server.url), { headers: token });
const address = async (): Promise<string> =>
  (await whole.ask(token, CHECKPOINTS, { id: runId })).data.run.checkpoints[0].file.url;

describe('a checkpoint', () => {
  it('is listed with what it learnt from, and fetched by its ticket', async () => {
    const { data, errors } = await whole.ask(token, CHECKPOINTS, { id: runId });
    expect(errors).toEqual([]);
    expect(data.run.checkpoints).toEqual([
      {
        ...{ id: checkpointId, fold: 1, epoch: 10, bytes: BYTES.length, blocked: false },
        modalities: ['LABELS', 'PAIN_SCORES'],
        file: { url: expect.any(String) },
      },
    ]);
    const answer = await fetched(data.run.checkpoints[0].file.url);
    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(BYTES);
  });

  it.each([
    ['without what it learnt from', { LABELS: ['READ', 'RUN'], PAIN_SCORES: ['RUN'], BASELINES: ['READ'] }],
    ['without results', { LABELS: ['READ', 'RUN'], PAIN_SCORES: ['READ', 'RUN'] }],
    ['without LABELS to read', { LABELS: ['RUN'], PAIN_SCORES: ['READ', 'RUN'], BASELINES: ['READ'] }],
  ])('is neither listed nor fetched %s, by a ticket from before either', async (_, access) => {
    const url = await address();
    await allowing(access, async () => {
      const { data, errors } = await whole.ask(token, CHECKPOINTS, { id: runId });
      expect(data.run.checkpoints).toBeNull();
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      expect((await fetched(url)).status).toBe(403);
    });
    expect((await fetched(url)).status).toBe(200);
  });

  it("is nobody else's", async () => {
    const ben = await addResearcher(whole.db.pool, {
      ...{ name: 'ben', studyId: study.studyId, now: whole.clock.now() },
    });
    const other = await tokenOf(ben);
    for (const id of [runId, checkpointId]) expect((await whole.ask(other, LINEAGE, { id })).data.lineage).toBeNull();
    const url = (await address()).replace(/^https?:\/\/[^/]+/, whole.server.url);
    expect((await fetch(url, { headers: other })).status).toBe(404);
  });
});

describe('iss checkpoint', () => {
  const io = () => anIo({ ISS_URL: whole.server.url, ISS_TOKEN: token.authorization!.replace('Bearer ', '') });

  it('lists what the folds have learnt, and fetches one, whole, under its name; a second time it is there', async () => {
    const listed = io();
    expect(await iss(listed, 'checkpoint', 'list', runId)).toBe(0);
    expect(listed.lines.join('\n')).toMatch(
      new RegExp(`${checkpointId} +1 +10 +${BYTES.length} bytes +LABELS, PAIN_SCORES`),
    );
    const path = join(await aFolder(), 'one.safetensors');
    const fetching = io();
    expect(await iss(fetching, 'checkpoint', 'get', checkpointId, '-o', path)).toBe(0);
    expect(fetching.lines.join()).toContain(createHash('sha256').update(BYTES).digest('hex'));
    expect(await readFile(path)).toEqual(BYTES);
    const again = io();
    expect(await iss(again, 'checkpoint', 'get', checkpointId, '-o', path, '--json')).toBe(0);
    expect(JSON.parse(again.lines.join(''))).toMatchObject({ id: checkpointId, path, kept: true });
    expect(again.lines.join()).not.toContain('ticket');
  });

  it('is refused with the reasons without a grant for what it learnt from, and leaves no file', async () => {
    const path = join(await aFolder(), 'one.safetensors');
    await allowing({ LABELS: ['READ', 'RUN'], PAIN_SCORES: ['RUN'], BASELINES: ['READ'] }, async () => {
      for (const words of [
        ['list', runId],
        ['get', checkpointId, '-o', path],
      ]) {
        const terminal = io();
        expect(await iss(terminal, 'checkpoint', ...words)).toBe(3);
        expect(terminal.notes.join('\n')).toMatch(/USE_NOT_GRANTED \(READ\)/);
      }
    });
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  it('knows no run and no checkpoint of others', async () => {
    for (const words of [
      ['list', randomUUID()],
      ['get', randomUUID()],
    ])
      expect(await iss(io(), 'checkpoint', ...words)).toBe(1);
  });
});

describe('the lineage', () => {
  it('of a result says from what it is, by which code, parameters, weights and seed, and of whom', async () => {
    const { data, errors } = await whole.ask(token, LINEAGE, { id: runId });
    expect(errors).toEqual([]);
    expect(data.lineage).toMatchObject({
      ...{ kind: 'RUN', fold: null, modalities: ['LABELS', 'PAIN_SCORES'], code: expect.any(String), weights: null },
      release: { version: study.version, digest: study.digest },
      parameters: { trees: 100, backend: 'javascript' },
      run: { id: runId, seed: 5, preset: 'desk', marked: false },
    });
    expect(data.lineage.patients).toEqual(study.patients.map(({ code }) => code).sort());
  });

  it('of a checkpoint is that of its run, for its fold', async () => {
    const { data } = await whole.ask(token, LINEAGE, { id: checkpointId });
    expect(data.lineage).toMatchObject({ kind: 'CHECKPOINT', fold: 1, run: { id: runId } });
  });

  it('names patients only with LABELS', async () => {
    const access = { LABELS: ['RUN'], PAIN_SCORES: ['RUN'], BASELINES: ['READ'] };
    const { data, errors } = await allowing(access, () => whole.ask(token, LINEAGE, { id: runId }));
    expect(data.lineage).toMatchObject({ patients: null, code: expect.any(String) });
    expect(errors.map(({ extensions }) => extensions.modality)).toEqual(['LABELS']);
  });

  it('of an answer from an earlier run is as whole, and its checkpoints are to be had by who may', async () => {
    const eve = await addResearcher(whole.db.pool, {
      ...{ name: 'eve', studyId: study.studyId, now: whole.clock.now() },
    });
    const id = await ran(eve);
    const own = await tokenOf(eve);
    const { data } = await whole.ask(own, LINEAGE, { id });
    expect(data.lineage.patients).toHaveLength(6);
    const { data: list } = await whole.ask(own, CHECKPOINTS, { id });
    expect(list.run.checkpoints).toMatchObject([{ id: checkpointId, blocked: false }]);
    expect(MODALITIES).toContain('BASELINES');
  });
});

describe('a consent', () => {
  it.each([
    ['that was narrowed to other kinds of data', { modalities: ['LABELS', 'BASELINES'] }],
    ['that was narrowed to other purposes', { uses: ['NOT'] }],
    ['of a child who is of age now', { adult_from: new Date('2000-01-01') }],
  ])('%s blocks the checkpoint like a withdrawal does, also by a ticket from before', async (_, change) => {
    const { pool } = whole.db;
    const url = await address();
    const [column, value] = Object.entries(change)[0]!;
    const { rows } = await pool.query(
      `INSERT INTO consent SELECT (jsonb_populate_record(c, to_jsonb(c) || jsonb_build_object('id', gen_random_uuid(), 'effective_at', c.effective_at + interval '1 second', $2::text, $3::jsonb))).*
       FROM consent c WHERE patient_id = $1 RETURNING id`,
      [study.patients[1]!.id, column, JSON.stringify(value)],
    );
    const { data } = await whole.ask(token, CHECKPOINTS, { id: runId });
    expect(data.run.checkpoints).toMatchObject([{ blocked: true, file: null }]);
    expect((await fetched(url)).status).toBe(403);
    await pool.query('ALTER TABLE consent DISABLE TRIGGER USER');
    await pool.query('DELETE FROM consent WHERE id = $1', [rows[0]!.id]);
    await pool.query('ALTER TABLE consent ENABLE TRIGGER USER');
    expect((await fetched(url)).status).toBe(200);
  });
});

describe('a withdrawal', () => {
  it('blocks the checkpoint, also by a ticket from before, marks the result, and takes the patient out of the lineage', async () => {
    const url = await address();
    const { rows } = await whole.db.pool.query<{ id: string; patient: string }>(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), patient_id, 'STOP_SHARING', 'PATIENT', now() FROM release_patient
       WHERE release_id = $1 ORDER BY code LIMIT 1 RETURNING id, patient_id AS patient`,
      [study.releaseId],
    );
    await whole.db.pool.query(
      `INSERT INTO withdrawal_mark (withdrawal_id, subject, subject_id, effect, at)
       SELECT $1, subject, subject_id, CASE subject WHEN 'RUN' THEN 'MARKED' ELSE 'BLOCKED' END, now() FROM lineage WHERE patient_id = $2`,
      [rows[0]!.id, rows[0]!.patient],
    );
    const { data } = await whole.ask(token, CHECKPOINTS, { id: runId });
    expect(data.run.checkpoints).toMatchObject([{ blocked: true, file: null }]);
    expect((await fetched(url)).status).toBe(403);
    const terminal = anIo({ ISS_URL: whole.server.url, ISS_TOKEN: token.authorization!.replace('Bearer ', '') });
    expect(await iss(terminal, 'checkpoint', 'get', checkpointId, '-o', join(await aFolder(), 'one'))).toBe(3);
    expect(terminal.notes.join()).toContain('not given out any more');
    const { lineage } = (await whole.ask(token, LINEAGE, { id: runId })).data;
    expect(lineage.run.marked).toBe(true);
    expect(lineage.patients).toHaveLength(5);
  });
});
