import { beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../portal/graphiql/examples.ts';
import { auditEntries } from './support/audit-entries.ts';
import type { ServerFacts } from './support/global-server.ts';
import { type Person, person, wholeServer } from './support/person.ts';

let server: ServerFacts;
let researcher: Person;
let identified: Person;
beforeAll(async () => {
  server = await wholeServer();
  [researcher, identified] = await Promise.all([person(server, 'researcher'), person(server, 'researcher-3')]);
});

const PATIENTS =
  '{ release(version: "1.0.0") { version patients(first: 3) { totalCount nodes { code sex painLevel } } } }';

describe('the demo study over GraphQL', () => {
  it.each(EXAMPLES)('answers the example query $name of the editor', async ({ query }) => {
    const { status, data, errors } = await researcher.ask(query);
    expect(errors).toEqual([]);
    expect(status).toBe(200);
    for (const value of Object.values(data)) expect(value).not.toBeNull();
  });

  it('has the 29 patients of the reference study under codes that nobody takes for real ones', async () => {
    const { data } = await researcher.ask<{
      study: { synthetic: boolean };
      release: { version: string; patients: { totalCount: number; nodes: { code: string }[] } };
    }>(
      '{ study { synthetic } release(version: "1.0.0") { version patients(first: 100) { totalCount nodes { code } } } }',
    );
    expect(data.study.synthetic).toBe(true);
    expect(data.release.version).toBe('1.0.0');
    expect(data.release.patients.totalCount).toBe(29);
    expect(data.release.patients.nodes.every(({ code }) => Number(code) > 9000)).toBe(true);
  });

  it('tells strangers about the study and refuses them its patients', async () => {
    const stranger = await person(server, null);
    const open = await stranger.ask(
      '{ study { title synthetic } release(version: "1.0.0") { version } viewer { account { username } } }',
    );
    expect(open.errors).toEqual([]);
    expect(open.data).toMatchObject({ release: { version: '1.0.0' }, viewer: null });
    const { data, errors } = await stranger.ask(PATIENTS);
    expect(data).toEqual({ release: { version: '1.0.0', patients: null } });
    expect(errors.map(({ extensions }) => [extensions.code, extensions.reasons?.map((reason) => reason.code)])).toEqual(
      [['FORBIDDEN', ['NOT_SIGNED_IN']]],
    );
  });

  it('gives landmarks as points, as a file of their own and as a range of the recording that all say the same', async () => {
    const { data, errors } = await identified.ask<{
      release: { patient: { submissions: { nodes: LandmarkFrames[] } } };
    }>(
      `{ release(version: "1.0.0") { patient(code: "9005") { submissions(first: 1) { nodes { landmarks { url bytes sha256 } frames(first: 3) { nodes { number face {
        landmarks { count points file { url bytes range { first last } } } } } } } } } } }`,
    );
    expect(errors).toEqual([]);
    const submission = data.release.patient.submissions.nodes[0]!;
    const recording = submission.landmarks;
    expect(submission.frames.nodes).toHaveLength(3);
    for (const { number, face } of submission.frames.nodes) {
      const { count, points, file } = face.landmarks;
      expect([count, points.length, file.bytes]).toEqual([468, 468, RECORD]);
      expect(file.range).toEqual({ first: (number - 1) * RECORD, last: number * RECORD - 1 });
      const own = await identified.fetch(file.url);
      const range = `bytes=${file.range.first}-${file.range.last}`;
      const inRecording = await identified.fetch(recording.url, { headers: { range } });
      expect([own.status, inRecording.status]).toEqual([200, 206]);
      const values = points.flat().map(Math.fround);
      expect([...new Float32Array(await own.arrayBuffer())]).toEqual(values);
      expect([...new Float32Array(await inRecording.arrayBuffer())]).toEqual(values);
    }
  });

  it('writes an entry of the log for a read, with who, under what and which patients', async () => {
    const since = new Date();
    await researcher.ask(PATIENTS);
    const [entry] = await auditEntries(server, since, 'READ');
    expect(entry?.text).toMatchObject({
      modalities: ['LABELS'],
      patients: ['9001', '9002', '9003'],
      rows: { patients: 3, submissions: 0, frames: 0, chunks: 0 },
    });
    expect(entry?.text.account).toMatch(/^[0-9a-f-]{36}$/);
    expect(entry?.text.grant).toMatch(/^[0-9a-f-]{36}$/);
  });
});

/** Bytes of a frame's landmarks: 468 points of three float32. */
const RECORD = 468 * 3 * 4;

interface LandmarkFrames {
  landmarks: { url: string; bytes: number; sha256: string };
  frames: {
    nodes: {
      number: number;
      face: {
        landmarks: {
          count: number;
          points: number[][];
          file: { url: string; bytes: number; range: { first: number; last: number } };
        };
      };
    }[];
  };
}

describe('who may run on faces and see none of them', () => {
  let runner: Person;
  let ids: { submission: string; frame: string };
  beforeAll(async () => {
    runner = await person(server, 'researcher-4');
    const { data } = await identified.ask<{
      release: { patient: { submissions: { nodes: { id: string; frames: { nodes: { id: string }[] } }[] } } };
    }>(
      '{ release(version: "1.0.0") { patient(code: "9001") { submissions(first: 1) { nodes { id frames(first: 1) { nodes { id } } } } } } }',
    );
    const submission = data.release.patient.submissions.nodes[0]!;
    ids = { submission: submission.id, frame: submission.frames.nodes[0]!.id };
  });

  it.each([
    ['FACES', 'READ', false],
    ['FACES', 'RUN', true],
    ['FACES', 'EXPORT', false],
  ])('is told whether %s may be used for %s: %s', async (modality, use, allowed) => {
    const { data } = await runner.ask<{ viewer: { accessChecklist: { uses: { use: string; allowed: boolean }[] } } }>(
      `{ viewer { accessChecklist(modality: ${modality}) { uses { use allowed } } } }`,
    );
    expect(data.viewer.accessChecklist.uses.find((one) => one.use === use)?.allowed).toBe(allowed);
  });

  const PICTURES = 'image { url } face { image { url } box { x } score landmarks { points file { url } } }';
  const LONG = `video { url } landmarks { url } frames(first: 2) { nodes { number ${PICTURES} } } chunks { number }`;

  it('gets no face by a list, and each refusal says why', async () => {
    const { data, errors } = await runner.ask(
      `{ release(version: "1.0.0") { patients(first: 2) { nodes { code submissions(first: 1) { nodes { ${LONG} } } } } } }`,
    );
    expect(JSON.stringify(data)).not.toContain('/files/');
    expect(JSON.stringify(data)).not.toMatch(/"(points|score)":[^n]/);
    expect(errors.length).toBeGreaterThan(0);
    for (const { extensions } of errors) {
      expect(extensions.code).toBe('FORBIDDEN');
      expect(extensions.reasons?.map(({ code }) => code)).toEqual(['MODALITY_NOT_GRANTED']);
    }
  });

  it('gets no face by a node id that somebody else gave them', async () => {
    const { data, errors } = await runner.ask(
      'query ($frame: ID!, $submission: ID!) { frame: node(id: $frame) { ...Pictures } submission: node(id: $submission) { ... on Submission { video { url } frames(first: 1) { nodes { ...Pictures } } } } }' +
        ` fragment Pictures on Frame { ${PICTURES} }`,
      ids,
    );
    expect(JSON.stringify(data)).not.toContain('/files/');
    expect(errors.length).toBeGreaterThan(0);
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['FORBIDDEN']));
  });

  it('gets no face by the ticket of somebody who may see it', async () => {
    const { data } = await identified.ask<{ node: { face: { image: { url: string } } } }>(
      'query ($frame: ID!) { node(id: $frame) { ... on Frame { face { image { url } } } } }',
      ids,
    );
    expect((await identified.fetch(data.node.face.image.url)).status).toBe(200);
    expect((await runner.fetch(data.node.face.image.url)).status).toBe(404);
  });
});
