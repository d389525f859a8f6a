import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNodeId } from '../../../schema/planner/node-id.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { type Answer, type Reading, startReading } from './support.ts';

let reading: Reading;
let person: FixturePerson;
const ask = (query: string, variables: Record<string, unknown> = {}): Promise<Answer> =>
  reading.ask(query, variables, person.actor);
const data = async (query: string, variables: Record<string, unknown> = {}): Promise<Answer['data']> => {
  const answer = await ask(query, variables);
  expect(answer.errors).toBeUndefined();
  return answer.data;
};

beforeAll(async () => {
  reading = await startReading();
  person = await addResearcher(reading.db.pool, { name: 'everything', studyId: reading.study.studyId });
});
afterAll(() => reading?.stop());

describe('an operation on released data', () => {
  it('is one statement beside the one that loads the facts, however deep', async () => {
    await data(`{ release { version patients { totalCount nodes { code submissions { nodes { timestamp painScores { mood } chunks { number }
      frames(first: 2) { nodes { number face { score landmarks { points } } image { url } } } } } } } splits { number disjoint testPatients { code } } } }`);
    expect(reading.statements).toHaveLength(2);
    expect(reading.statements[1]).toMatch(/^WITH data AS .*\(INSERT INTO audit_entry /s);
  });

  it('gives what stands in the tables', async () => {
    const [patient] = reading.study.patients;
    const submission = patient!.submissions[1]!;
    const answer = await data(
      `query ($code: String!, $at: String!) { release { version status publishedAt notes patient(code: $code) {
        code sex skinType ageGroup painTarget painLevel painClass cohort sourceDevice
        submission(timestamp: $at) { timestamp recordedAt timeframe setting durationSeconds status reason frameCount faceCount
          painScores { painNow painTime activity mood walking work relationships sleep enjoyment }
          quality { width height rotation frameRate brightness contrast sharpness loudness clipping faceShare }
          chunks { number startSeconds endSeconds firstFrame lastFrame } } } } }`,
      { code: patient!.code, at: submission.timestamp },
    );
    expect(answer.release).toEqual({
      version: '1.0.0',
      status: 'PUBLISHED',
      publishedAt: '2025-03-15T12:00:00.000Z',
      notes: '',
      patient: {
        code: '9001',
        sex: 'F',
        skinType: 'IV_VI',
        ageGroup: '45-64',
        painTarget: 0,
        painLevel: 'NONE',
        painClass: 'NO_PAIN',
        cohort: 'A',
        sourceDevice: 'iPhone, "11"',
        submission: {
          timestamp: submission.timestamp,
          recordedAt: submission.releasedAt,
          timeframe: 'REG_AM',
          setting: 'REMOTE',
          durationSeconds: 4.5,
          status: 'PROCESSED',
          reason: null,
          frameCount: 45,
          faceCount: 44,
          painScores: {
            painNow: 1,
            painTime: false,
            activity: 0,
            mood: 1,
            walking: 2,
            work: 3,
            relationships: 4,
            sleep: 5,
            enjoyment: 6,
          },
          quality: {
            width: 240,
            height: 320,
            rotation: 0,
            frameRate: 15,
            brightness: 100,
            contrast: 40,
            sharpness: 201,
            loudness: null,
            clipping: null,
            faceShare: 44 / 45,
          },
          chunks: [
            { number: 0, startSeconds: 0, endSeconds: 4, firstFrame: 1, lastFrame: 40 },
            { number: 1, startSeconds: 4, endSeconds: 4.5, firstFrame: 41, lastFrame: 45 },
          ],
        },
      },
    });
  });

  it('has null where there is none: no survey, no sound, no face, no mesh', async () => {
    const [patient] = reading.study.patients;
    const { release } =
      await data(`{ release { patient(code: "9001") { submissions { nodes { painScores { painNow } audioFeatures { vector } audio { bytes }
      five: frame(number: 5) { number face { score } } seven: frame(number: 7) { face { score landmarks { count } } }
      none: frame(number: 46) { number } zero: frame(number: 0) { number } far: frame(number: 2147483647) { number } } } } } }`);
    const [first, last] = release.patient.submissions.nodes;
    expect(first).toMatchObject({
      painScores: null,
      five: { number: 5, face: null },
      none: null,
      zero: null,
      far: null,
    });
    expect(first.seven).toEqual({ face: { score: 0.875, landmarks: null } });
    expect(first.audioFeatures.vector).toHaveLength(25);
    expect(last).toMatchObject({ audioFeatures: null, audio: null });
    expect(patient!.submissions[1]!.sound).toBe(false);
  });

  it('gives tickets for what the policy allows, each file one, and parts by number', async () => {
    reading.tickets.length = 0;
    const { release } = await data(`{ release { patient(code: "9002") { submissions(first: 1) { nodes {
      video { url expiresAt bytes sha256 contentType range { first } }
      frame(number: 3) { image { url bytes range { first last } sha256 } face { image { url } landmarks { file { url bytes range { first last } } points base64 } } } } } } } }`);
    const [{ video, frame }] = release.patient.submissions.nodes;
    expect(video).toMatchObject({
      expiresAt: '2025-03-15T12:05:00.000Z',
      range: null,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(frame.image.bytes).toBe(frame.image.range.last - frame.image.range.first + 1);
    expect(frame.image.sha256).toBeNull();
    expect(frame.face.landmarks.file).toMatchObject({ bytes: 5616, range: { first: 2 * 5616, last: 3 * 5616 - 1 } });
    expect(frame.face.landmarks.points).toHaveLength(468);
    expect(frame.face.landmarks.points[0]).toEqual([1.5, 1.5, 1.5]);
    expect(Buffer.from(frame.face.landmarks.base64, 'base64')).toHaveLength(5616);
    expect(reading.tickets).toEqual(
      (['VIDEO', 'FRAMES', 'FACES', 'LANDMARKS'] as const).map((modality) => ({
        artifactId: expect.any(String),
        modality,
        grantId: person.grantId,
        releaseId: reading.study.releaseId,
        ...(modality === 'VIDEO' ? {} : { part: 3 }),
      })),
    );
  });

  it('is the same by fragments, aliases, variables and directives', async () => {
    const plain = await data(
      '{ release { patients(first: 3) { nodes { code sex submissions(first: 1) { nodes { timestamp } } } } } }',
    );
    const other = await data(
      `query ($n: Int = 3, $yes: Boolean!) { release { ...R } }
       fragment R on Release { patients(first: $n) { nodes { ...P sex ... on Patient @include(if: $yes) { submissions(first: 1) { nodes { timestamp } } } painTarget @skip(if: $yes) } } }
       fragment P on Patient { code }`,
      { yes: true },
    );
    expect(other).toEqual(plain);
    const aliased = await data(
      `{ a: release { b: patients(first: 3) { __typename n: nodes { t: __typename c: code } } } b: release { version } }`,
    );
    expect(aliased.a.b.n.map(({ c }: { c: string }) => c)).toEqual(
      plain.release.patients.nodes.map(({ code }: { code: string }) => code),
    );
    expect(aliased.a.b.__typename).toBe('PatientConnection');
    expect(aliased.a.b.n[0].t).toBe('Patient');
    expect(Object.keys(aliased)).toEqual(['a', 'b']);
  });

  it('merges fields that are asked twice', async () => {
    const { release } = await data(
      '{ release { patients(first: 1) { nodes { code } } patients(first: 1) { nodes { sex } totalCount } } }',
    );
    expect(release.patients).toEqual({ nodes: [{ code: '9001', sex: 'F' }], totalCount: 6 });
  });

  it('stands beside fields that other services answer, in the order of the document', async () => {
    const answer = await data(
      '{ __typename studies { key } release { version study { key title } counts { key title } } viewer { roles } }',
    );
    expect(Object.keys(answer)).toEqual(['__typename', 'studies', 'release', 'viewer']);
    expect(answer).toEqual({
      __typename: 'Query',
      studies: [{ key: 'demo' }],
      release: {
        version: '1.0.0',
        study: { key: 'demo', title: 'Study demo' },
        counts: [{ key: 'size', title: reading.study.releaseId }],
      },
      viewer: null,
    });
  });

  it('filters patients by every fact that they may be filtered by', async () => {
    const codes = async (filter: string): Promise<string[]> =>
      (
        await data(`{ release { patients(filter: ${filter}) { totalCount nodes { code } } } }`)
      ).release.patients.nodes.map(({ code }: { code: string }) => code);
    expect(await codes('{ sex: F }')).toEqual(['9001', '9003', '9005']);
    expect(await codes('{ sex: F, skinType: IV_VI }')).toEqual(['9001']);
    expect(await codes('{ painLevel: SEVERE }')).toEqual(['9004']);
    expect(await codes('{ painClass: NO_PAIN }')).toEqual(['9001', '9005']);
    expect(await codes('{ codes: ["9002", "9003", "nobody"] }')).toEqual(['9002', '9003']);
    expect(await codes('{ split: 1 }')).toEqual(['9001', '9004']);
    expect(await codes('{ split: 1, part: TRAIN }')).toEqual(['9002', '9003', '9005', '9006']);
    expect(await codes('{ split: 1, part: ALL }')).toHaveLength(6);
    expect(await codes('{ cohort: "A", ageGroup: "45-64", sourceDevice: "iPhone, \\"11\\"" }')).toEqual([
      '9001',
      '9003',
      '9005',
    ]);
    expect(await codes('{ painTargetAtLeast: 2, painTargetAtMost: 5 }')).toEqual(['9002', '9003', '9006']);
    expect(await codes('{}')).toHaveLength(6);
  });

  it('proves splits disjoint from the rows', async () => {
    const { release } = await data(
      '{ release { splits { number disjoint counts { testPatients trainPatients testSubmissions trainSubmissions } testPatients { code } trainPatients { code } } split(number: 2) { number } none: split(number: 99) { number } } }',
    );
    expect(release.split).toEqual({ number: 2 });
    expect(release.none).toBeNull();
    expect(release.splits).toHaveLength(3);
    for (const split of release.splits) {
      expect(split.disjoint).toBe(true);
      expect(split.counts).toEqual({ testPatients: 2, trainPatients: 4, testSubmissions: 4, trainSubmissions: 8 });
      const both = [...split.testPatients, ...split.trainPatients].map(({ code }: { code: string }) => code);
      expect(new Set(both).size).toBe(6);
    }
  });

  it('leads from a row to what it belongs to', async () => {
    const { release } = await data(
      '{ release { patient(code: "9002") { submissions(first: 1) { nodes { patient { code submissions { totalCount } } frame(number: 1) { submission { timestamp patient { code } } } chunks { submission { frameCount } } } } } } }',
    );
    const [submission] = release.patient.submissions.nodes;
    expect(submission.patient).toEqual({ code: '9002', submissions: { totalCount: 2 } });
    expect(submission.frame.submission.patient.code).toBe('9002');
    expect(submission.chunks[0].submission.frameCount).toBe(45);
  });
});

describe('node', () => {
  it('gives every row by its id, the same as the list does', async () => {
    const { release } =
      await data(`{ release { id splits { id number } patients(first: 1) { nodes { id code submissions(first: 1) { nodes { id timestamp chunks { id number }
      frames(first: 1, after: null) { nodes { id number face { score } } } } } } } } }`);
    const [patient] = release.patients.nodes;
    const [submission] = patient.submissions.nodes;
    const ids = [
      release.id,
      release.splits[1].id,
      patient.id,
      submission.id,
      submission.chunks[1].id,
      submission.frames.nodes[0].id,
    ];
    const { nodes } = await data(
      `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Release { version } ... on Split { number } ... on Patient { code } ... on Submission { timestamp } ... on Chunk { number } ... on Frame { number face { score } } } }`,
      { ids },
    );
    expect(reading.statements).toHaveLength(2);
    expect(nodes).toEqual([
      { __typename: 'Release', id: ids[0], version: '1.0.0' },
      { __typename: 'Split', id: ids[1], number: 2 },
      { __typename: 'Patient', id: ids[2], code: '9001' },
      { __typename: 'Submission', id: ids[3], timestamp: submission.timestamp },
      { __typename: 'Chunk', id: ids[4], number: 1 },
      { __typename: 'Frame', id: ids[5], number: 1, face: submission.frames.nodes[0].face },
    ]);
  });

  it('is null for what is malformed, foreign or not there', async () => {
    const { releaseId, patients } = reading.study;
    const nobody = '00000000-0000-7000-8000-000000000000';
    const ids = [
      'x',
      '',
      'Pgggg',
      encodeNodeId({ letter: 'Z', releaseId, rowId: nobody, number: 0 }),
      encodeNodeId({ letter: 'P', releaseId, rowId: nobody, number: 0 }),
      encodeNodeId({ letter: 'P', releaseId: nobody, rowId: patients[0]!.id, number: 0 }),
      encodeNodeId({ letter: 'U', releaseId, rowId: patients[0]!.id, number: 0 }),
      encodeNodeId({ letter: 'F', releaseId, rowId: patients[0]!.submissions[0]!.id, number: 46 }),
      encodeNodeId({ letter: 'F', releaseId, rowId: patients[0]!.submissions[0]!.id, number: -1 }),
      encodeNodeId({ letter: 'C', releaseId, rowId: patients[0]!.submissions[0]!.id, number: 9 }),
    ];
    const answer = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    expect(answer).toEqual({ data: { nodes: ids.map(() => null) } });
  });
});

describe('releases', () => {
  it('are the newest published one unless named, and null where there is none', async () => {
    const answer = await ask(
      '{ release { version } named: release(version: "1.0.0") { version } none: release(version: "9.9.9") { version } other: release(study: "nothing") { version } releases { version } }',
    );
    expect(answer).toEqual({
      data: {
        release: { version: '1.0.0' },
        named: { version: '1.0.0' },
        none: null,
        other: null,
        releases: [{ version: '1.0.0' }],
      },
    });
  });
});
