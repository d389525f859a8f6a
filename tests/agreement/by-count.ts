import { expect } from 'vitest';
import { frameNumbers, frameSpan, submissionOf, type Viewing } from './expected.ts';
import { knows } from './opinion.ts';
import { actorOf, type Scene } from './scene.ts';
import { PATIENTS, type Version, type World } from './world.ts';

const COUNTS = `query ($version: String!, $after: String) { release(version: $version) {
  page: patients(first: 1, after: $after) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { code } } }
  none: patients(first: 0) { totalCount pageInfo { hasNextPage } }
  all: patients(filter: { split: 1, part: ALL }) { totalCount }
  train: patients(filter: { split: 1, part: TRAIN }) { nodes { code } }
  named: patients(filter: { codes: ["9001", "9003"] }) { totalCount nodes { code } }
  target: patients(filter: { painTargetAtLeast: 2 }) { totalCount pageInfo { hasNextPage } nodes { code } }
  splits { number testPatients { code } trainPatients { code } counts { testPatients trainPatients testSubmissions trainSubmissions } }
  split(number: 3) { number }
  women: patients(filter: { sex: F }) { nodes { code submissions(first: 1) { totalCount pageInfo { hasNextPage }
    nodes { timestamp some: frames(first: 10) { totalCount pageInfo { hasNextPage } nodes { number } } found: frames(first: 500, faceDetected: true) { totalCount nodes { number } } without: frames(first: 500, faceDetected: false) { totalCount nodes { number } } } } } }
} }`;

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
type Any = any;
const codes = (page: Any): string[] => (page?.nodes ?? []).map(({ code }: Any) => code);

/** Fixed by the fixture: 9001 has a pain target of 0, 9002 of 2, 9003 of 5; 9002 is a man; patients are dealt to three folds. */
const TARGET = ['9002', '9003'];
const WOMEN = ['9001', '9003'];

/** Everything that counts, pages, filters or sorts says no more than the rows that may be seen. */
export async function checkCounts(
  scene: Scene,
  world: World,
  version: Version,
  view: Viewing,
  after: string | null,
): Promise<string | null> {
  const actor = actorOf(world);
  const { data, errors } = await scene.ask(COUNTS, { version, after }, actor);
  if (!knows(world, version, world.actor)) {
    expect(data).toEqual({ release: null });
    return null;
  }
  const { release } = data;
  const seen = view.patients();
  if (!view.may('LABELS')) {
    expect(Object.values(release).every((value) => value === null)).toBe(true);
    return null;
  }
  // A cursor from other facts is a place in the rows of now: nothing before it, nothing that is hidden.
  const from = after === null ? seen : seen.filter((code) => code > codeIn(after));
  expect(release.page).toEqual({
    totalCount: seen.length,
    pageInfo: {
      hasNextPage: from.length > 1,
      hasPreviousPage: after !== null,
      endCursor: from[0] === undefined ? null : cursorOf(from[0]),
    },
    edges: from.slice(0, 1).map((code) => ({ cursor: cursorOf(code), node: { code } })),
  });
  expect(release.none).toEqual({ totalCount: seen.length, pageInfo: { hasNextPage: seen.length > 0 } });
  expect(release.all.totalCount).toBe(seen.length);
  expect(codes(release.train)).toEqual(seen.filter((code) => code !== '9001'));
  expect(codes(release.named)).toEqual(seen.filter((code) => code !== '9002'));
  expect(release.named.totalCount).toBe(codes(release.named).length);

  const told = (errors ?? []).map(({ path }) => path?.join('.'));
  expect(told.includes('release.target')).toBe(!view.may('PAIN_SCORES'));
  expect(release.target === null).toBe(!view.may('PAIN_SCORES'));
  if (release.target !== null) {
    const fitting = seen.filter((code) => TARGET.includes(code) && view.shows('PAIN_SCORES', code, null, null));
    expect(codes(release.target)).toEqual(fitting);
    expect(release.target.totalCount).toBe(fitting.length);
    expect(release.target.pageInfo.hasNextPage).toBe(false);
  }

  const foldOf = (code: string): number => (PATIENTS as readonly string[]).indexOf(code) + 1;
  const count = (some: readonly string[]): number => some.reduce((sum, code) => sum + view.submissions(code).length, 0);
  expect(release.splits).toEqual(
    seen.map((code) => {
      const rest = seen.filter((other) => other !== code);
      return {
        number: foldOf(code),
        testPatients: [{ code }],
        trainPatients: rest.map((other) => ({ code: other })),
        counts: {
          ...{ testPatients: 1, trainPatients: rest.length },
          ...{ testSubmissions: count([code]), trainSubmissions: count(rest) },
        },
      };
    }),
  );
  expect(release.split).toEqual(seen.includes('9003') ? { number: 3 } : null);
  expect(codes(release.women)).toEqual(seen.filter((code) => WOMEN.includes(code)));
  for (const { code, submissions } of release.women.nodes) {
    const mine = view.submissions(code);
    expect(submissions.totalCount).toBe(mine.length);
    expect(submissions.pageInfo.hasNextPage).toBe(mine.length > 1);
    if (mine[0] === undefined) continue;
    checkFrames(scene, view, code, mine[0], submissions.nodes[0]);
  }
  return release.page.pageInfo.endCursor;
}

/** Numbers of frames, their pages, and the filter that tells which have a face. */
function checkFrames(scene: Scene, view: Viewing, code: string, at: number, node: Any): void {
  const { noFace } = submissionOf(scene.study, code, at);
  const frames = frameNumbers.filter((n) => view.shows('LABELS', code, at, frameSpan(n)));
  const numbers = (page: Any): number[] => page.nodes.map(({ number }: Any) => number);
  expect(numbers(node.some)).toEqual(frames.slice(0, 10));
  expect([node.some.totalCount, node.some.pageInfo.hasNextPage]).toEqual([frames.length, frames.length > 10]);
  const may = view.shows('LANDMARKS', code, null, null);
  expect([node.found === null, node.without === null]).toEqual([!may, !may]);
  if (!may) return;
  const found = frames.filter((n) => !noFace.includes(n));
  const without = frames.filter((n) => noFace.includes(n));
  expect([numbers(node.found), node.found.totalCount]).toEqual([found, found.length]);
  expect([numbers(node.without), node.without.totalCount]).toEqual([without, without.length]);
}

const cursorOf = (code: string): string => Buffer.from(`patient|${code}`).toString('base64url');
const codeIn = (cursor: string): string => Buffer.from(cursor, 'base64url').toString().split('|')[1] ?? '';
