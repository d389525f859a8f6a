import { expect } from 'vitest';
import type { Modality } from '../../governance/modality.ts';
import { encodeNodeId } from '../../schema/planner/node-id.ts';
import {
  chunkSpan,
  frameNumbers,
  frameSpan,
  patientLines,
  ranges,
  releaseLines,
  submissionLines,
  submissionOf,
  type Viewing,
} from './expected.ts';
import { patientId, releaseId, submissionId } from './ids.ts';
import { knows } from './opinion.ts';
import { type Answer, actorOf, type Scene } from './scene.ts';
import { PATIENTS, VERSIONS, type Version, type World } from './world.ts';

export interface GivenFile {
  patient: string;
  at: number;
  kind: string;
  modality: Modality;
  part: number | null;
  url: string;
}

/** Frames whose files are asked for: at the edges of the ranges that `deviations.ts` quarantines, without a face, without a mesh. */
export const SOME_FRAMES = [1, 5, 20, 45];

const SUBMISSION = `fragment S on Submission { timestamp painScores { painNow } video { bytes } audio { bytes } spectrogram { bytes } spectrogramArray { bytes }
  landmarks { bytes } faceCount quality { faceShare brightness frameRate } audioFeatures { mfcc }
  frames(first: 500) { totalCount pageInfo { hasNextPage } nodes { number image { bytes } face { score image { bytes } landmarks { count } } } }
  chunks { number audioFeatures { vector } } }`;
const PATIENT = `fragment P on Patient { code painTarget submissions(first: 50) { totalCount pageInfo { hasNextPage } nodes { ...S } } } ${SUBMISSION}`;
const LIST = `query ($version: String!) { release(version: $version) { version patients(first: 50) { totalCount pageInfo { hasNextPage } nodes { ...P } } } } ${PATIENT}`;
const ITEM = `query ($version: String!, $code: String!, $ids: [ID!]!) { release(version: $version) { item: patient(code: $code) { ...P } ${PATIENTS.map((code) => `p${code}: patient(code: "${code}") { code }`).join(' ')} }
  nodes(ids: $ids) { ...S } } ${PATIENT}`;
const NODES = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Patient { code } ... on Submission { timestamp }
  ... on Frame { number image { bytes } face { score } } ... on Chunk { number audioFeatures { vector } } } }`;
const FILES = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Submission { video { url } audio { url } spectrogram { url } spectrogramArray { url } landmarks { url }
  ${SOME_FRAMES.map((n) => `f${n}: frame(number: ${n}) { image { url } face { image { url } landmarks { file { url } } } }`).join(' ')} } } }`;
const RELEASES = '{ release { version } releases { version } }';

/** Fields of the answer that stand for modalities, deepest names as in LIST. */
const FIELDS: readonly (readonly [field: string, modality: Modality])[] = [
  ['painTarget', 'PAIN_SCORES'],
  ['painScores', 'PAIN_SCORES'],
  ['video', 'VIDEO'],
  ['audio', 'AUDIO'],
  ['spectrogram', 'SPECTROGRAMS'],
  ['audioFeatures', 'AUDIO_FEATURES'],
  ['landmarks', 'LANDMARKS'],
  ['faceCount', 'LANDMARKS'],
  ['faceShare', 'LANDMARKS'],
  ['face', 'LANDMARKS'],
];

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
type Any = any;

const nameOf = (scene: Scene, patient: string, timestamp: string): number =>
  [0, 1].find((at) => submissionOf(scene.study, patient, at).timestamp === timestamp) ?? -1;

function submissionSeen(scene: Scene, patient: string, node: Any): string[] {
  const name = `${patient}/${nameOf(scene, patient, node.timestamp)}`;
  const frames: Any[] = node.frames.nodes;
  const list = (what: string, some: Any[]): string => `${name} ${what} ${ranges(some.map(({ number }) => number))}`;
  const line = (what: string, shown: unknown): string[] => (shown === null ? [] : [`${name} ${what}`]);
  expect(node.frames.pageInfo.hasNextPage).toBe(false);
  return [
    name,
    ...line('scores', node.painScores),
    ...line('video', node.video),
    ...line('audio', node.audio),
    ...line('spectrogram', node.spectrogram),
    ...line('spectrogramArray', node.spectrogramArray),
    ...line('landmarks', node.landmarks),
    ...line('faceCount', node.faceCount),
    ...line('faceShare', node.quality.faceShare),
    ...line('brightness', node.quality.brightness),
    ...line('frameRate', node.quality.frameRate),
    ...line('audioFeatures', node.audioFeatures),
    `${name} ${node.frames.totalCount} frames`,
    list('frames', frames),
    list(
      'images',
      frames.filter(({ image }) => image !== null),
    ),
    list(
      'faces',
      frames.filter(({ face }) => face !== null),
    ),
    list(
      'face images',
      frames.filter(({ face }) => face !== null && face.image !== null),
    ),
    list(
      'meshes',
      frames.filter(({ face }) => face !== null && face.landmarks !== null),
    ),
    list('chunks', node.chunks),
    list(
      'chunk features',
      node.chunks.filter((chunk: Any) => chunk.audioFeatures !== null),
    ),
  ];
}

const patientSeen = (scene: Scene, node: Any): string[] => {
  expect(node.submissions.pageInfo.hasNextPage).toBe(false);
  return [
    node.code,
    ...(node.painTarget === null ? [] : [`${node.code} painTarget`]),
    `${node.code} ${node.submissions.totalCount} submissions`,
    ...node.submissions.nodes.flatMap((one: Any) => submissionSeen(scene, node.code, one)),
  ];
};

/** One error for each refused field, none for what is only hidden. */
function checkErrors(answer: Answer, view: Viewing, list: string): void {
  const told = new Set((answer.errors ?? []).map(({ path }) => path?.at(-1)));
  const codes = new Set((answer.errors ?? []).map(({ extensions }) => extensions?.code));
  expect([...codes].filter((code) => code !== 'FORBIDDEN')).toEqual([]);
  if (!view.may('LABELS')) {
    expect([...told]).toEqual([list]);
    return;
  }
  for (const [field, modality] of FIELDS) {
    if (told.has(field) === !view.may(modality)) continue;
    throw new Error(
      `${field}: ${told.has(field) ? 'refused' : 'not refused'}, though ${modality} is ${view.may(modality) ? 'allowed' : 'not'}`,
    );
  }
}

/** The list query, the item query, nodes of every kind, and which releases there are. */
export async function checkQueries(
  scene: Scene,
  world: World,
  version: Version,
  view: Viewing,
  of: { patient: string; at: number },
): Promise<void> {
  const actor = actorOf(world);
  const { study } = scene;
  const versions = await scene.ask(RELEASES, {}, actor);
  const known = [...VERSIONS].reverse().filter((one) => knows(world, one, world.actor));
  expect(versions.data.releases.map((one: Any) => one.version)).toEqual(known);
  expect(versions.data.release?.version).toBe(known.find((one) => world.releases[one] === 'PUBLISHED'));

  const listed = await scene.ask(LIST, { version }, actor);
  if (!known.includes(version)) {
    expect(listed).toEqual({ data: { release: null } });
    const ids = nodesOf(version, of).map(({ id }) => id);
    expect(await scene.ask(NODES, { ids }, actor)).toEqual({ data: { nodes: ids.map(() => null) } });
    return;
  }
  const { patients } = listed.data.release;
  expect(patients === null).toBe(!view.may('LABELS'));
  const expected = releaseLines(view, study);
  expect(patients?.nodes.flatMap((node: Any) => patientSeen(scene, node)) ?? []).toEqual(expected);
  expect(patients?.totalCount ?? 0).toBe(view.patients().length);
  checkErrors(listed, view, 'patients');

  const { patient, at } = of;
  const id = (letter: string, rowId: string): string =>
    encodeNodeId({ letter, releaseId: releaseId(version), rowId, number: 0 });
  const ids = [id('U', submissionId(patient, at))];
  const { data } = await scene.ask(ITEM, { version, code: patient, ids }, actor);
  const { item, ...codes } = data.release;
  const patientExpected = view.patients().includes(patient) ? patientLines(view, study, patient) : [];
  expect(item === null ? [] : patientSeen(scene, item)).toEqual(patientExpected);
  expect(Object.values(codes).flatMap((one: Any) => (one === null ? [] : [one.code]))).toEqual(view.patients());
  const [submission] = data.nodes;
  expect(submission === null ? [] : submissionSeen(scene, patient, submission)).toEqual(
    view.submissions(patient).includes(at) ? submissionLines(view, study, patient, at) : [],
  );

  const nodes = nodesOf(version, of);
  const answer = await scene.ask(NODES, { ids: nodes.map(({ id }) => id) }, actor);
  const seen = nodes.map(({ name }, i) => `${name}: ${nodeSeen(answer.data.nodes[i])}`);
  expect(seen).toEqual(nodes.map((node) => `${node.name}: ${node.expected(view, scene)}`));
}

interface SomeNode {
  name: string;
  id: string;
  expected: (view: Viewing, scene: Scene) => string;
}

/** Ids of patients, a submission, its frames and chunks as if of this release, whether they are in it or not. */
function nodesOf(version: Version, { patient, at }: { patient: string; at: number }): SomeNode[] {
  const id = (letter: string, rowId: string, number = 0): string =>
    encodeNodeId({ letter, releaseId: releaseId(version), rowId, number });
  const there = (view: Viewing): boolean => view.submissions(patient).includes(at);
  const row = submissionId(patient, at);
  return [
    ...PATIENTS.map((code) => ({
      ...{ name: code, id: id('P', patientId(code)) },
      expected: (view: Viewing) => (view.patients().includes(code) ? code : 'null'),
    })),
    {
      ...{ name: `${patient}/${at}`, id: id('U', row) },
      expected: (view, { study }) => (there(view) ? submissionOf(study, patient, at).timestamp : 'null'),
    },
    ...[1, 20, 45, 46].map(
      (n): SomeNode => ({
        ...{ name: `frame ${n}`, id: id('F', row, n) },
        expected: (view, { study }) => {
          if (!there(view) || !frameNumbers.includes(n) || !view.shows('LABELS', patient, at, frameSpan(n)))
            return 'null';
          const has = !submissionOf(study, patient, at).noFace.includes(n);
          const face = has && view.shows('LANDMARKS', patient, at, frameSpan(n));
          return `${n}${view.shows('FRAMES', patient, at, frameSpan(n)) ? ' image' : ''}${face ? ' face' : ''}`;
        },
      }),
    ),
    ...[0, 1, 2].map(
      (n): SomeNode => ({
        ...{ name: `chunk ${n}`, id: id('C', row, n) },
        expected: (view, { study }) => {
          if (!there(view) || n > 1 || !view.shows('LABELS', patient, at, chunkSpan(n))) return 'null';
          const { sound } = submissionOf(study, patient, at);
          return `${n}${sound && view.shows('AUDIO_FEATURES', patient, at, chunkSpan(n)) ? ' features' : ''}`;
        },
      }),
    ),
  ];
}

function nodeSeen(node: Any): string {
  switch (node?.__typename) {
    case undefined:
      return 'null';
    case 'Patient':
      return node.code;
    case 'Submission':
      return node.timestamp;
    case 'Frame':
      return `${node.number}${node.image === null ? '' : ' image'}${node.face === null ? '' : ' face'}`;
    default:
      return `${node.number}${node.audioFeatures === null ? '' : ' features'}`;
  }
}

/** Addresses of all files that the query gives of these submissions. */
export async function filesGiven(
  scene: Scene,
  world: World,
  version: Version,
  of: readonly { patient: string; at: number }[],
): Promise<GivenFile[]> {
  const ids = of.map(({ patient, at }) =>
    encodeNodeId({ letter: 'U', releaseId: releaseId(version), rowId: submissionId(patient, at), number: 0 }),
  );
  const { data } = await scene.ask(FILES, { ids }, actorOf(world));
  return of.flatMap(({ patient, at }, i): GivenFile[] => {
    const node = data.nodes[i];
    if (node === null) return [];
    const file = (kind: string, modality: Modality, found: Any, part: number | null = null): GivenFile[] =>
      found == null ? [] : [{ patient, at, kind, modality, part, url: found.url }];
    return [
      ...file('VIDEO', 'VIDEO', node.video),
      ...file('AUDIO', 'AUDIO', node.audio),
      ...file('SPECTROGRAM_PICTURE', 'SPECTROGRAMS', node.spectrogram),
      ...file('SPECTROGRAM', 'SPECTROGRAMS', node.spectrogramArray),
      ...file('LANDMARKS', 'LANDMARKS', node.landmarks),
      ...SOME_FRAMES.flatMap((n) => [
        ...file('FRAMES', 'FRAMES', node[`f${n}`]?.image, n),
        ...file('FACES', 'FACES', node[`f${n}`]?.face?.image, n),
        ...file('LANDMARKS', 'LANDMARKS', node[`f${n}`]?.face?.landmarks?.file, n),
      ]),
    ];
  });
}
