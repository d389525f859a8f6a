import { expect } from 'vitest';
import { decideExport } from '../../api/services/exports/export-access.ts';
import { type Selection, selectRows } from '../../api/services/exports/selection.ts';
import { loadSituation } from '../../api/services/read/facts.ts';
import { accessChecklist } from '../../governance/checklist.ts';
import { MODALITIES, type Modality } from '../../governance/modality.ts';
import { USES } from '../../governance/use.ts';
import { encodeNodeId } from '../../schema/planner/node-id.ts';
import { checkOneTicket } from './by-ticket.ts';
import { chunkSpan, frameNumbers, frameSpan, submissionOf, type Viewing, viewOf } from './expected.ts';
import { ME, patientId, releaseId, submissionId } from './ids.ts';
import { knows } from './opinion.ts';
import { accountOf, actorOf, type Scene } from './scene.ts';
import { type PATIENTS, VERSIONS, type Version, type World } from './world.ts';

/** Where one world is looked at: everything of all patients in the list, and one patient, submission and file besides. */
export interface Point {
  readonly version: Version;
  readonly patient: (typeof PATIENTS)[number];
  readonly at: number;
  readonly modality: Modality;
  /** Of which of the two everything is asked; of the other only whether it is there. */
  readonly deep: 'item' | 'node';
  /** Which file of the submission a ticket is for. */
  readonly file: (typeof FILES)[number];
  /** Of the export, with labels. */
  readonly wanted: readonly Modality[];
}

export const FILES = ['video', 'audio', 'spectrogram', 'spectrogramArray', 'landmarks', 'i1', 'i20', 'i45', 'c1', 'c20', 'c45'] as const; // biome-ignore format: one line
const FRAMES = [1, 20, 45];

const SUBMISSION = `fragment S on Submission { timestamp painScores { painNow } video { url } audio { url } spectrogram { url } spectrogramArray { url }
  landmarks { url } audioFeatures { mfcc } faceCount quality { brightness } chunks { number audioFeatures { vector } }
  ${FRAMES.map((n) => `f${n}: frame(number: ${n}) { image { url } face { image { url } } }`).join(' ')} }`;
const PATIENT = 'fragment P on Patient { code painTarget submissions(first: 5) { totalCount nodes { ...S } } }';
/** The list, the item and the node in one operation; the whole of the list, and of one of the other two, since planning all three takes PostgreSQL longer than answering. */
const read = (item: string, node: string): string => `query ($version: String!, $code: String!, $ids: [ID!]!) {
  release(version: $version) { list: patients(first: 5) { totalCount nodes { ...P } } item: patient(code: $code) { ${item} } }
  nodes(ids: $ids) { ... on Patient { code } ... on Submission { ${node} } } } ${PATIENT} ${SUBMISSION}`;
const READ = { item: read('...P', 'timestamp'), node: read('code', '...S') };

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
type Any = any;

/** What a query says of a submission, as one line: the names of what is not null. */
function submissionSeen(node: Any): string {
  const named = (names: readonly string[]): string[] => names.filter((name) => node[name] !== null);
  const frames = FRAMES.flatMap((n) => {
    const frame = node[`f${n}`];
    if (frame === null) return [];
    return [`f${n}`, ...(frame.image ? [`i${n}`] : []), ...(frame.face ? [`face${n}`] : []), ...(frame.face?.image ? [`c${n}`] : [])]; // biome-ignore format: one line
  });
  const chunks = node.chunks.map((chunk: Any) => `k${chunk.number}${chunk.audioFeatures ? '*' : ''}`);
  return [
    node.timestamp,
    ...named(['painScores', ...FILES.slice(0, 5), 'audioFeatures', 'faceCount']),
    ...(node.quality.brightness === null ? [] : ['brightness']),
    ...frames,
    ...chunks,
  ].join(' ');
}

const patientSeen = (node: Any): string[] => {
  expect(node.submissions.totalCount).toBe(node.submissions.nodes.length);
  return [`${node.code}${node.painTarget === null ? '' : ' target'}`, ...node.submissions.nodes.map(submissionSeen)];
};

/** The same as the second opinion has it. */
function submissionExpected(view: Viewing, scene: Scene, patient: string, at: number): string {
  const { timestamp, noFace, survey, sound, chunks } = submissionOf(scene.study, patient, at);
  const whole = (modality: Modality): boolean => view.shows(modality, patient, at, 'all');
  const named = (name: string, shown: boolean): string[] => (shown ? [name] : []);
  const frames = FRAMES.flatMap((n) => {
    const shows = (modality: Modality): boolean => view.shows(modality, patient, at, frameSpan(n));
    if (!shows('LABELS')) return [];
    const face = shows('LANDMARKS') && !noFace.includes(n);
    return [`f${n}`, ...named(`i${n}`, shows('FRAMES')), ...named(`face${n}`, face), ...named(`c${n}`, face && shows('FACES'))]; // biome-ignore format: one line
  });
  const cut = Array.from({ length: chunks }, (_, n) => n).filter((n) =>
    view.shows('LABELS', patient, at, chunkSpan(n)),
  );
  const features = (n: number): boolean => sound && view.shows('AUDIO_FEATURES', patient, at, chunkSpan(n));
  return [
    timestamp,
    ...named('painScores', survey && view.shows('PAIN_SCORES', patient, at, null)),
    ...named('video', whole('VIDEO')),
    ...named('audio', sound && whole('AUDIO')),
    ...named('spectrogram', sound && whole('SPECTROGRAMS')),
    ...named('spectrogramArray', sound && whole('SPECTROGRAMS')),
    ...named('landmarks', whole('LANDMARKS')),
    ...named('audioFeatures', sound && whole('AUDIO_FEATURES')),
    ...named('faceCount', whole('LANDMARKS')),
    ...named('brightness', whole('LABELS')),
    ...frames,
    ...cut.map((n) => `k${n}${features(n) ? '*' : ''}`),
  ].join(' ');
}

const patientExpected = (view: Viewing, scene: Scene, patient: string): string[] => [
  `${patient}${view.shows('PAIN_SCORES', patient, null, null) ? ' target' : ''}`,
  ...view.submissions(patient).map((at) => submissionExpected(view, scene, patient, at)),
];

/** List, item, node, ticket, export and checklist of a world that the scene has become; throws where one of them says other than the second opinion. */
export async function checkAllPaths(scene: Scene, world: World, point: Point): Promise<{ patients: number }> {
  const { version, patient, at, deep } = point;
  const actor = actorOf(world);
  const view = viewOf({ world, version, use: 'READ', who: world.actor });
  const id = (letter: string, rowId: string): string =>
    encodeNodeId({ letter, releaseId: releaseId(version), rowId, number: 0 });
  const ids = [id('P', patientId(patient)), id('U', submissionId(patient, at))];
  const { data } = await scene.ask(READ[deep], { version, code: patient, ids }, actor);
  const seen = view.patients();
  const there = seen.includes(patient);
  const shown = there && view.submissions(patient).includes(at);
  const { list, item } = data.release ?? { list: null, item: null };
  expect(data.release === null).toBe(!knows(world, version, world.actor));
  expect(list?.nodes.flatMap(patientSeen) ?? []).toEqual(seen.flatMap((code) => patientExpected(view, scene, code)));
  expect(list?.totalCount ?? 0).toBe(seen.length);
  const [patientNode, node] = data.nodes;
  expect(patientNode).toEqual(there ? { code: patient } : null);
  if (deep === 'item') {
    expect(item && patientSeen(item)).toEqual(there ? patientExpected(view, scene, patient) : null);
    expect(node?.timestamp).toBe(shown ? submissionOf(scene.study, patient, at).timestamp : undefined);
  } else {
    expect(item).toEqual(there ? { code: patient } : null);
    expect(node && submissionSeen(node)).toEqual(shown ? submissionExpected(view, scene, patient, at) : null);
  }
  const { timestamp } = submissionOf(scene.study, patient, at);
  const asked = deep === 'node' ? node : item?.submissions.nodes.find((one: Any) => one.timestamp === timestamp);
  await checkOneTicket(scene, world, version, { patient, at }, point.file, asked ? fileIn(asked, point.file) : null);
  await checkExportAndChecklist(scene, world, point);
  return { patients: seen.length };
}

/** Address of a file in the answer; null where none was given. */
const fileIn = (node: Any, name: string): string | null => {
  const frame = /^([ic])(\d+)$/.exec(name);
  if (frame === null) return node[name]?.url ?? null;
  const found = node[`f${frame[2]}`];
  return (frame[1] === 'i' ? found?.image : found?.face?.image)?.url ?? null;
};

/** Both stand on the same facts, loaded once by the one statement that all paths load theirs by. */
async function checkExportAndChecklist(scene: Scene, world: World, { version, modality, wanted }: Point) {
  const now = scene.clock.at;
  const actor = actorOf(world);
  const accountId = actor.kind === 'account' ? ME : null;
  const situation = await loadSituation(scene.database, { accountId, study: { key: scene.study.key }, now });
  if (situation === null) throw new Error('no study');
  const newest = [...VERSIONS].reverse().find((known) => world.releases[known] === 'PUBLISHED');
  const published = situation.releases.find(({ state }) => state === 'PUBLISHED') ?? null;
  expect(published?.version).toBe(newest);
  const views = USES.map((use) => newest && viewOf({ world, version: newest, use, who: world.actor }));
  for (const kind of MODALITIES) {
    const said = USES.filter((use) => accessChecklist(actor, use, kind, published, situation.facts, now).allowed);
    expect(`${kind}: ${said}`).toBe(`${kind}: ${USES.filter((_, i) => views[i]?.may(kind))}`);
  }
  const told = await scene.viewers.accessChecklist(actor, modality, null);
  expect(told?.uses.filter(({ allowed }) => allowed).map(({ use }) => use)).toEqual(
    USES.filter((_, i) => views[i]?.may(modality)),
  );
  if (!world.actor.signedIn) return;
  const release = situation.releases.find((known) => known.version === version);
  if (release === undefined) throw new Error(`no release ${version}`);
  const view = viewOf({ world, version, use: 'EXPORT', who: world.actor });
  const kinds = MODALITIES.filter((kind) => kind === 'LABELS' || wanted.includes(kind));
  const access = decideExport(accountOf(world), situation, release, wanted, now);
  expect(`export: ${access.ok}`).toBe(`export: ${kinds.every((kind) => view.may(kind))}`);
  if (!access.ok) return;
  const scope = { releaseId: release.id, fold: null, part: 'ALL', modalities: kinds } as const;
  const selection = await selectRows(scene.database, scope, access.filter, access.timeZone);
  expect(selectionSeen(selection)).toEqual(selectionExpected(view, scene, kinds));
}

/** Whom and what an export takes: patients with their kinds of data, submissions with what of their time is left out. */
const selectionSeen = ({ patients, submissions }: Selection): string[] => [
  ...patients.map(({ code, modalities }) => `${code} ${MODALITIES.filter((kind) => modalities.has(kind)).join(' ')}`),
  ...submissions.map(({ id, whole, hiddenFrames, hiddenChunks }) => `${id} ${whole} ${hiddenFrames.join()} ${hiddenChunks.join()}`), // biome-ignore format: one line
];

const selectionExpected = (view: Viewing, scene: Scene, kinds: readonly Modality[]): string[] => [
  ...view.patients().map((code) => `${code} ${kinds.filter((kind) => view.shows(kind, code, null, null)).join(' ')}`),
  ...view.patients().flatMap((code) =>
    view.submissions(code).map((at) => {
      const { chunks } = submissionOf(scene.study, code, at);
      const frames = frameNumbers.filter((n) => !view.shows('LABELS', code, at, frameSpan(n)));
      const cut = Array.from({ length: chunks }, (_, n) => n).filter(
        (n) => !view.shows('LABELS', code, at, chunkSpan(n)),
      );
      return `${submissionId(code, at)} ${view.shows('LABELS', code, at, 'all')} ${frames.join()} ${cut.join()}`;
    }),
  ),
];
