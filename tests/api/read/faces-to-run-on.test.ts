import { createHash, randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIELD_RULES, fieldRule } from '../../../governance/fields.ts';
import { MODALITIES, type Modality } from '../../../governance/modality.ts';
import type { Use } from '../../../governance/use.ts';
import { EXPERIMENTS } from '../../../pipeline/baselines/experiments.ts';
import { NODE_TYPES } from '../../../schema/data/nodes.ts';
import { encodeNodeId } from '../../../schema/planner/node-id.ts';
import { addResearcher, EVERYTHING, type FixturePerson } from '../../support/person-fixture.ts';
import { fillStudy, fixtureId, type StudyFixture } from '../../support/study-fixture.ts';
import { type Asked, startWholeServer, type WholeServer } from '../../support/whole-server.ts';
import { giveToken, type Headers } from '../two-seconds/paths.ts';
import { type FieldPath, pathsFrom } from './field-paths.ts';

/** What the person may: run on faces, and see none. */
const ACCESS: Partial<Record<Modality, readonly Use[]>> = { LABELS: ['READ', 'RUN'], FACES: ['RUN'] };
/** What shows a face, and what tells where one is. */
const SHOWING: readonly Modality[] = ['FACES', 'FRAMES', 'VIDEO', 'LANDMARKS'];

let whole: WholeServer;
let study: StudyFixture;
let runner: FixturePerson;
let figures: FixturePerson;
let other: FixturePerson;
/** A second grant of the runner, for everything. */
let wideGrant = '';
/** By a session that names the grant, and by a personal token that is bound to it. */
let ways: Record<string, Headers>;
let everything: Headers;
const session = async ({ accountId }: FixturePerson, grantId: string): Promise<Headers> => ({
  ...{ cookie: await whole.session(accountId), 'iss-grant': grantId },
});

beforeAll(async () => {
  whole = await startWholeServer({ settings: { ISS_TICKET_SECONDS: '3600', ISS_REQUESTS_PER_MINUTE: '1000000' } });
  const { pool } = whole.db;
  study = await fillStudy({ pool, objects: whole.base.objects }, { patients: 6, submissions: 1, frames: 20 });
  for (const { submissions } of study.patients) for (const one of submissions) await realFaces(one.recordingId, 20);
  const of = { studyId: study.studyId, now: whole.clock.now() };
  runner = await addResearcher(pool, { ...of, name: 'runner', access: ACCESS });
  figures = await addResearcher(pool, { ...of, name: 'figures', access: { ...ACCESS, BASELINES: ['READ'] } });
  other = await addResearcher(pool, { ...of, name: 'other' });
  wideGrant = await secondGrant();
  const { headers } = await giveToken(whole, runner.accountId, runner.grantId);
  ways = { session: await session(runner, runner.grantId), token: headers };
  everything = await session(runner, wideGrant);
}, 60_000);
afterAll(() => whole.stop());

/** Pictures that can be read as such, in place of the fixture's words. */
async function realFaces(recordingId: string, frames: number): Promise<void> {
  const parts: Buffer[] = [];
  for (let n = 1; n <= frames; n++) {
    const raw = Buffer.from(
      Uint8Array.from({ length: 160 * 160 * 3 }, (_, i) => (i * n + recordingId.charCodeAt(0)) % 251),
    );
    parts.push(
      n === 5
        ? Buffer.alloc(0)
        : await sharp(raw, { raw: { width: 160, height: 160, channels: 3 } })
            .jpeg()
            .toBuffer(),
    );
  }
  const offsets = [0];
  for (const part of parts) offsets.push((offsets.at(-1) ?? 0) + part.length);
  const bytes = Buffer.concat(parts);
  const key = `artifacts/real/${recordingId}`;
  await whole.base.objects.put(key, bytes);
  await whole.db.pool.query(
    `UPDATE artifact SET object_key = $2, bytes = $3, sha256 = $4, offsets = $5 WHERE recording_id = $1 AND kind = 'FACES'`,
    [recordingId, key, bytes.length, createHash('sha256').update(bytes).digest('hex'), offsets],
  );
}

async function secondGrant(): Promise<string> {
  const { pool } = whole.db;
  const [id, requestId] = [randomUUID(), randomUUID()];
  await pool.query(
    `INSERT INTO access_request (id, study_id, applicant_id, institution_id, state, title, version, created_at, changed_at)
     SELECT $1, study_id, applicant_id, institution_id, state, title, version, created_at, changed_at FROM access_request WHERE applicant_id = $2`,
    [requestId, runner.accountId],
  );
  await pool.query(
    `INSERT INTO data_grant (id, request_id, study_id, institution_id, access, purpose, starts_at, ends_at, state)
     SELECT $1, $2, study_id, institution_id, $3, purpose, starts_at, ends_at, state FROM data_grant WHERE id = $4`,
    [id, requestId, JSON.stringify(EVERYTHING), runner.grantId],
  );
  for (const [table, columns] of [
    ['grant_member', 'account_id, added_at'],
    ['grant_signature', 'account_id, capacity, version, signed_at'],
  ])
    await pool.query(
      `INSERT INTO ${table} (grant_id, ${columns}) SELECT $1, ${columns} FROM ${table} WHERE grant_id = $2`,
      [id, runner.grantId],
    );
  return id;
}

/** Fields that are for whoever may read what shows a face. */
const showing = ({ target }: Pick<FieldPath, 'target'>): boolean =>
  fieldRule(target)?.needs.some((one) => SHOWING.includes(one)) ?? false;

/** Every such field from every place where a query can begin. */
const asks = (): { from: string; path: FieldPath; query: string }[] => {
  const patient = study.patients[0]!;
  const submission = patient.submissions[0]!;
  const values = {
    code: `"${patient.code}"`,
    number: '1',
    timestamp: `"${submission.timestamp}"`,
    id: `"${submission.id}"`,
    classes: 'FOUR',
  };
  const rows: Record<string, [rowId: string, number: number]> = {
    ...{
      P: [patient.id, 0],
      U: [submission.id, 0],
      F: [submission.id, 1],
      C: [submission.id, 0],
      S: [study.releaseId, 1],
    },
  };
  const nodes = [...NODE_TYPES].map(([letter, { name }]) => {
    const [rowId, number] = rows[letter] ?? [study.releaseId, 0];
    const id = encodeNodeId({ letter, releaseId: study.releaseId, rowId, number });
    return {
      from: `node ${name}`,
      type: name,
      wrap: (inner: string) => `{ node(id: "${id}") { ... on ${name} { ${inner} } } }`,
    };
  });
  const release = { from: 'release', type: 'Release', wrap: (inner: string) => `{ release { ${inner} } }` };
  return [release, ...nodes].flatMap(({ from, type, wrap }) =>
    pathsFrom(type, values)
      .filter(showing)
      .map((path) => ({ from, path, query: wrap(path.selection) })),
  );
};

/** Why a use is refused: of a modality that the grant names, the use; of another, the modality. */
const because = (modality: Modality, use: Use) =>
  modality in ACCESS ? { code: 'USE_NOT_GRANTED', subject: use } : { code: 'MODALITY_NOT_GRANTED', subject: modality };

/** The first field on the way for which LABELS are not enough, and the reason for which it is refused. */
const expectedReason = ({ steps }: FieldPath) => {
  for (const step of steps)
    for (const need of fieldRule(step)?.needs ?? [])
      if (!ACCESS[need]?.includes('READ')) return { field: step, ...because(need, 'READ') };
  throw new Error(`${steps.join(' ')} needs nothing`);
};

/** The value at the end of an answer: null where anything on the way is. */
const lastOf = (data: unknown): unknown => {
  if (Array.isArray(data)) return data.length === 0 ? null : lastOf(data[0]);
  if (data === null || typeof data !== 'object') return data ?? null;
  return lastOf(Object.values(data)[0]);
};

const codes = ({ errors }: Asked) => errors.flatMap(({ extensions }) => extensions.reasons ?? []);

describe('a grant to run on faces, and to read labels', () => {
  it('lets no field show a face: not one of the schema, from a release or by an id, by a session or a token', async () => {
    const all = asks();
    // Of what there is to try, something is tried: pictures of faces, films, frames, meshes, and how many there are.
    const tried = new Set(all.map(({ path }) => path.target));
    for (const one of [
      'Frame.faceImage',
      'Frame.image',
      'Face.image',
      'Submission.video',
      'Submission.faceCount',
      'Landmarks.points',
      'FaceBox.x',
      'Quality.faceShare',
      'Submission.landmarks',
    ])
      expect(tried).toContain(one);
    for (const { path, query, from } of all) {
      const { field, ...reason } = expectedReason(path);
      for (const [way, headers] of Object.entries(ways)) {
        const answer = await whole.ask(headers, query);
        const what = `${path.target} from ${from} by ${way}`;
        expect(lastOf(answer.data), what).toBeNull();
        expect(codes(answer), `${what}, for ${field}`).toContainEqual(expect.objectContaining(reason));
        expect(JSON.stringify(answer), what).not.toContain('/files/');
      }
      // Who may read it gets something, so that what is refused above is there.
      const allowed = await whole.ask(everything, query);
      expect(allowed.errors, query).toEqual([]);
      expect(lastOf(allowed.data), query).not.toBeNull();
    }
  }, 120_000);

  it('knows every field that the rules name, and every argument that tells of faces', async () => {
    const tried = new Set(asks().map(({ path }) => path.target));
    const known = Object.keys(FIELD_RULES).filter((target) => showing({ target }) && !target.includes('('));
    // Rules of fields that are not there have nothing to try.
    const { schema } = await import('../../../schema/index.ts');
    const there = known.filter((name) => {
      const type = schema.getType(name.split('.')[0] ?? '');
      return type !== undefined && 'getFields' in type && (name.split('.')[1] ?? '') in type.getFields();
    });
    expect(there.filter((name) => !tried.has(name))).toEqual([]);
    for (const headers of Object.values(ways)) {
      const answer = await whole.ask(
        headers,
        '{ release { patients(first: 1) { nodes { submissions(first: 1) { nodes { frames(first: 50, faceDetected: true) { totalCount nodes { number } } } } } } } }',
      );
      expect(answer.data.release.patients.nodes[0].submissions.nodes[0].frames).toBeNull();
      expect(codes(answer)).toContainEqual(
        expect.objectContaining({ code: 'MODALITY_NOT_GRANTED', subject: 'LANDMARKS' }),
      );
    }
  });

  it('shows check-ins, frames and stretches as if there were no faces', async () => {
    const { data, errors } = await whole.ask(
      ways.session!,
      '{ release { patients(first: 1) { nodes { submissions(first: 1) { nodes { frameCount frames(first: 50) { totalCount nodes { number } } chunks { number firstFrame lastFrame } } } } } } }',
    );
    expect(errors).toEqual([]);
    const [one] = data.release.patients.nodes[0].submissions.nodes;
    expect(one.frames.nodes.map(({ number }: { number: number }) => number)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect([one.frameCount, one.frames.totalCount]).toEqual([20, 20]);
  });

  describe('by a ticket', () => {
    const kinds: readonly (readonly [string, Modality, number | null])[] = [
      ...(['VIDEO', 'FRAMES', 'FACES', 'LANDMARKS'] as const).map((one) => [one, one, null] as const),
      ...(['FRAMES', 'FACES', 'LANDMARKS'] as const).map((one) => [one, one, 1] as const),
    ];
    const ticket = (kind: string, part: number | null, modality: string, accountId: string, grantId: string | null) =>
      whole.server.services.tickets.issue({
        ...{ kind: 'artifact', accountId, grantId, releaseId: study.releaseId, modality, part },
        artifactId: fixtureId(study.key, 'artifact', study.patients[0]!.code, 0, kind),
      }).url;
    const get = (url: string, headers: Headers) =>
      fetch(new URL(new URL(url, whole.server.url).pathname, whole.server.url), { headers });

    it.each(kinds)('%s as %s, part %s, opens under no grant that does not read it', async (kind, modality, part) => {
      for (const headers of Object.values(ways)) {
        // As if a query had given it away under this grant.
        const own = await get(ticket(kind, part, modality, runner.accountId, runner.grantId), headers);
        expect(own.status).toBe(403);
        expect(await own.text()).toContain(modality === 'FACES' ? 'USE_NOT_GRANTED' : 'MODALITY_NOT_GRANTED');
        // Sealed for labels, which may be read.
        expect((await get(ticket(kind, part, 'LABELS', runner.accountId, runner.grantId), headers)).status).toBe(404);
        // Of somebody who may.
        expect((await get(ticket(kind, part, modality, other.accountId, other.grantId), headers)).status).toBe(404);
        // Their own, with the grant of somebody else.
        expect([403, 404]).toContain(
          (await get(ticket(kind, part, modality, runner.accountId, other.grantId), headers)).status,
        );
        expect([403, 404]).toContain((await get(ticket(kind, part, modality, runner.accountId, null), headers)).status);
      }
      // The person's own, under their grant for everything: the token of the other grant is not for it.
      const wide = ticket(kind, part, modality, runner.accountId, wideGrant);
      expect((await get(wide, ways.token!)).status).toBe(404);
      expect((await get(wide, everything)).status).toBe(200);
      await whole.db.pool.query(`UPDATE data_grant SET state = 'REVOKED' WHERE id = $1`, [wideGrant]);
      try {
        expect((await get(wide, ways.session!)).status).toBe(403);
      } finally {
        await whole.db.pool.query(`UPDATE data_grant SET state = 'ACTIVE' WHERE id = $1`, [wideGrant]);
      }
    });
  });

  describe('by an export', () => {
    const EXPORT =
      'mutation ($input: RequestExportInput!) { requestExport(input: $input) { __typename ... on ExpectedError { code } ... on Refused { reasons { code subject } } ... on RequestExportSuccess { export { id } } } }';

    it.each([...MODALITIES, 'VIDEO FRAMES FACES', 'LABELS FACES'])('of %s is refused', async (words) => {
      for (const headers of Object.values(ways)) {
        const { data } = await whole.ask(headers, EXPORT, { input: { modalities: words.split(' ') } });
        expect(data.requestExport.__typename).toBe('Refused');
        for (const subject of words.split(' ') as Modality[])
          expect(data.requestExport.reasons).toContainEqual(because(subject, 'EXPORT'));
      }
      const { rows } = await whole.db.pool.query('SELECT 1 FROM data_export WHERE account_id = $1', [runner.accountId]);
      expect(rows).toEqual([]);
    });
  });

  describe('by a run', () => {
    const RUN =
      'mutation ($input: RunBaselineInput!) { runBaseline(input: $input) { __typename ... on ExpectedError { code } ... on Refused { reasons { code subject } } ... on RunBaselineSuccess { run { id state } } } }';
    const READ =
      'query ($id: ID!) { run(id: $id) { state error { code message } progress { stage } comparable provenance result { patients overall byClass { class accuracy patients } byLevel { group } bySex { group accuracy } byFold { fold testPatients accuracy } byPatient { patient accuracy } ranges { patients } } } }';
    const run = async (headers: Headers, experiment: string) =>
      (await whole.ask(headers, RUN, { input: { experiment, preset: 'smoke', seed: 1 } })).data.runBaseline;

    /** As a worker does. */
    async function work(): Promise<void> {
      const { base, server } = whole;
      const kind = server.services.runs.jobKinds()[0]!;
      const job = (await base.jobs.claim('worker', ['run-baseline']))!;
      const context = { job, signal: new AbortController().signal, progress: () => {} };
      const result = await kind.run(kind.payload.parse(job.payload), context);
      await base.jobs.finish(base.database, job.id, 'worker', { state: 'SUCCEEDED', result });
    }

    it.each(
      EXPERIMENTS.map(({ key, reads }) => [key, reads] as const),
    )('of %s is let in where all that it reads may be run on, and there alone', async (key, reads) => {
      const missing = reads.filter((one) => !ACCESS[one]?.includes('RUN'));
      for (const headers of Object.values(ways)) {
        const asked = await run(headers, key);
        if (missing.length > 0) {
          expect(asked.__typename).toBe('Refused');
          expect(asked.reasons.map(({ subject }: { subject: string }) => subject).sort()).toEqual([...missing].sort());
        } else expect(asked).toMatchObject({ __typename: 'RunBaselineSuccess', run: { state: 'QUEUED' } });
      }
      await whole.db.pool.query(`UPDATE job SET state = 'CANCELLED' WHERE state = 'QUEUED'`);
    });

    it('reads faces where they are and gives figures to who may read figures, and no picture to anybody', async () => {
      const asked = await run(ways.token!, 'resnet50-2-static');
      await work();
      const mine = await whole.ask(ways.session!, READ, { id: asked.run.id });
      expect(mine.data.run).toMatchObject({ state: 'SUCCEEDED', error: null, provenance: null });
      expect(new Set(Object.values(mine.data.run.result))).toEqual(new Set([null]));
      expect(codes(mine)).toContainEqual(
        expect.objectContaining({ code: 'MODALITY_NOT_GRANTED', subject: 'BASELINES' }),
      );

      const reader = await session(figures, figures.grantId);
      // The same of the same rows: answered from the first, and decided anew for who asks.
      const theirs = await run(reader, 'resnet50-2-static');
      const { data } = await whole.ask(reader, READ, { id: theirs.run.id });
      expect(data.run).toMatchObject({ state: 'SUCCEEDED', result: { overall: expect.any(Number) } });
      expect(data.run.result.patients).toBe(6);
      const { rows } = await whole.db.pool.query('SELECT * FROM baseline_run WHERE id = $1', [theirs.run.id]);
      const said = JSON.stringify([data, mine.data, rows]);
      const { rows: files } = await whole.db.pool.query(`SELECT id, object_key AS key, sha256 FROM artifact`);
      for (const { id, key, sha256 } of files) for (const one of [id, key, sha256]) expect(said).not.toContain(one);
      expect(said).not.toMatch(/\/files\/|base64|[A-Za-z0-9+/]{200}/);
      // Nobody else's run, either.
      expect((await whole.ask(ways.session!, READ, { id: theirs.run.id })).data.run).toBeNull();
    }, 120_000);
  });
});
