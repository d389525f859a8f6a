import { afterAll, beforeAll, expect, it } from 'vitest';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { startWorld, type World } from '../mutations/world.ts';

let world: World;
let ann: FixturePerson;
beforeAll(async () => {
  world = await startWorld({ patients: 4, submissions: 1, frames: 2, folds: 2 });
  ann = await addResearcher(world.db.pool, { studyId: world.study.studyId, now: world.clock.now(), name: 'ann' });
});
afterAll(() => world.stop());

const RUN = `mutation ($input: RunBaselineInput!) { runBaseline(input: $input) { __typename ... on ExpectedError { code message } } }`;
const PREVIEW = `query ($experiment: String!, $classes: Int, $preset: String, $fold: Int, $seed: SafeInt, $release: String) {
  runPreview(experiment: $experiment, classes: $classes, preset: $preset, fold: $fold, seed: $seed, release: $release) { release } }`;

const TEXTS = [
  ...[
    '',
    ' ',
    '__proto__',
    'constructor',
    'toString',
    'random-forest-pain ',
    'Random-Forest-Pain',
    'random-forest-pain\u0000',
  ],
  ...[
    "'; DROP TABLE baseline_run; --",
    '../../random-forest-pain',
    '\u202Edesk',
    '%s%n',
    'x'.repeat(100_000),
    '{"$gt":""}',
  ],
];
const NUMBERS = [-1, -0.5, 0.5, 1e300, 2 ** 32, 2 ** 53, -(2 ** 53)];
const WRONG = [true, [], {}, ['desk'], { eq: 1 }];

const HOSTILE: readonly (readonly [string, unknown])[] = [
  ...(['experiment', 'preset', 'release', 'study'] as const).flatMap((name) =>
    [...TEXTS, 7, ...WRONG].map((value) => [name, value] as const),
  ),
  ...['classes', 'fold', 'seed'].flatMap((name) =>
    [...NUMBERS, '7', '0x10', '', ...WRONG, 0.1 + 0.2].map((value) => [name, value] as const),
  ),
  ...[0, 1, 3, 5, 100].map((value) => ['classes', value] as const),
  ...[0, 99, 2 ** 31].map((value) => ['fold', value] as const),
  ...['patients', 'subset', 'trees', 'epochs', 'rate'].map((name) => [name, ['9001']] as const),
];
/** What a request may be refused with; nothing among it that is the server's own fault. */
const REFUSALS =
  /^(BAD_USER_INPUT|RELEASE_UNKNOWN|EXPERIMENT_UNKNOWN|CLASSES_UNKNOWN|PRESET_UNKNOWN|SEED_INVALID|FOLD_UNKNOWN|RUN_LIMIT)$/;

const count = async (table: 'job' | 'baseline_run'): Promise<number> =>
  (await world.db.pool.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;
const said = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 40);

it('a run is refused for every value that is none of those listed, in words, and nothing of it is left', async () => {
  const wrong: string[] = [];
  for (const [name, value] of HOSTILE) {
    const input = { commandId: crypto.randomUUID(), experiment: 'random-forest-pain', [name]: value };
    const { data, errors } = await world.ask(ann, RUN, { input });
    const code = errors?.[0]?.extensions?.code ?? data?.runBaseline?.code ?? data?.runBaseline?.__typename;
    if (!REFUSALS.test(String(code))) wrong.push(`${name} ${said(value)}: ${String(code)}`);
    const words = errors?.[0]?.message ?? data?.runBaseline?.message;
    if (/\bat .*\.ts|SELECT|relation|undefined|\bnode:/.test(String(words)))
      wrong.push(`${name} ${said(value)} says ${words}`);
  }
  expect(wrong).toEqual([]);
  expect([await count('baseline_run'), await count('job')]).toEqual([0, 0]);
}, 120_000);

// JSON knows no NaN and no infinity, so these are written into the text.
it.each(['NaN', 'Infinity', '-Infinity', '1e999', '0x10', '1_000'])('a seed written %s is none', async (seed) => {
  const text = RUN.replace('($input: RunBaselineInput!)', '').replace(
    '$input',
    `{ commandId: "${crypto.randomUUID()}", experiment: "random-forest-pain", seed: ${seed} }`,
  );
  const { data, errors } = await world.ask(ann, text);
  expect([data?.runBaseline, errors?.length]).toEqual([undefined, expect.any(Number)]);
  expect(await count('baseline_run')).toBe(0);
});

it('a preview is refused for the same values', async () => {
  for (const [name, value] of HOSTILE.filter(([name]) => PREVIEW.includes(`$${name}`))) {
    const { errors } = await world.ask(ann, PREVIEW, { experiment: 'random-forest-pain', [name]: value });
    expect([name, said(value), errors?.[0]?.extensions?.code]).toEqual([
      name,
      said(value),
      expect.stringMatching(REFUSALS),
    ]);
  }
}, 120_000);

it.each([0, 4_294_967_295])('the seed %d at the end of its range is taken', async (seed) => {
  const payload = await world.give(
    ann,
    'runBaseline',
    { experiment: 'random-forest-pain', seed },
    '... on RunBaselineSuccess { run { seed } }',
  );
  expect(payload.run).toEqual({ seed });
});
