import { spawnSync } from 'node:child_process';
import { type FeatureMatrix, featureMatrix } from '../../pipeline/baselines/forest/feature-matrix.ts';
import { coresAtHand, forestThreads } from '../../pipeline/baselines/forest/forest-threads.ts';
import {
  type ForestProblem,
  fitForest,
  forestProbabilities,
  forestTree,
} from '../../pipeline/baselines/forest/random-forest.ts';
import { rankInPlace, rankMatrix } from '../../pipeline/baselines/forest/ranked-matrix.ts';
import { landmarkCollector } from '../../pipeline/baselines/random-forest-landmarks.ts';
import { runRandomForestPain, type ScoredSubmission } from '../../pipeline/baselines/random-forest-pain.ts';
import { seededRandom } from '../../pipeline/labels/seeded-random.ts';
import { SURVEY_ITEMS, type Survey } from '../../pipeline/labels/survey.ts';
import { TIMEFRAMES } from '../../pipeline/labels/timeframe.ts';
import { PUBLISHED_PATIENTS_WITH_DATA } from '../../pipeline/published/patients.ts';
import { PUBLISHED_FOLDS } from '../../pipeline/published/splits.ts';

export interface BenchLine {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
}

const seconds = (since: number): number => (performance.now() - since) / 1000;

/** 509 submissions of the published patients with answers near their level. */
const submissions = (): ScoredSubmission[] => {
  const random = seededRandom(1);
  return PUBLISHED_PATIENTS_WITH_DATA.flatMap(({ patient, videos, painLevel }) =>
    Array.from({ length: videos ?? 0 }, (_, i): ScoredSubmission => {
      const base = { NONE: 0, LOW: 2, MODERATE: 4, SEVERE: 6 }[painLevel];
      const survey = Object.fromEntries(SURVEY_ITEMS.map((item) => [item, base + random.below(5)]));
      return {
        patient,
        timestamp: `20210101T${String(i).padStart(6, '0')}`,
        timeframe: TIMEFRAMES[random.below(6)] ?? 'REG_AM',
        survey: { ...survey, paintime: random.below(2) === 1 } as unknown as Survey,
      };
    }),
  );
};

/** Random numbers, a weak signal in every 36th of 1,404 columns, as scikit-learn was timed on. */
const weakSignal = (rows: number): { x: FeatureMatrix; labels: Uint16Array } => {
  const random = seededRandom(2);
  const labels = Uint16Array.from({ length: rows }, () => random.below(2));
  const uniform = () => random.next() / 2 ** 32;
  const values = new Float32Array(rows * 1404);
  for (let i = 0; i < values.length; i++) {
    const shift = (i % 1404) % 36 === 0 ? 0.25 * (labels[Math.floor(i / 1404)] as number) : 0;
    // The sum of three uniform numbers, scaled to a standard deviation of 1.
    values[i] = (uniform() + uniform() + uniform() - 1.5) * 2 + shift;
  }
  return { x: featureMatrix(values, rows, 1404), labels };
};

const problemOf = (x: FeatureMatrix, labels: Uint16Array): ForestProblem => ({
  matrix: rankMatrix(x),
  labels,
  classes: 2,
  rows: Uint32Array.from(labels.keys()),
  seed: 1,
});

/** Trees of the large forest that are grown, by us and by scikit-learn: each is timed, and a hundred take a hundred times as long. */
const LARGE_TREES = 10;

const PYTHON = `
import sys, time
try:
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier
except ImportError:
    sys.exit(3)
rng = np.random.default_rng(2)
y = rng.integers(0, 2, 40000)
x = rng.normal(size=(40000, 1404)).astype(np.float32)
x[:, ::36] += 0.25 * y[:, None]
start, cpu = time.time(), time.process_time()
RandomForestClassifier(n_estimators=${LARGE_TREES}, n_jobs=2, random_state=1).fit(x, y)
print(time.time() - start, time.process_time() - cpu)
`;

interface LargeForest {
  readonly ranking: number;
  readonly wall: number;
  readonly cpu: number;
  /** Bytes: the numbers themselves, the shared matrix, the process before there were any and at its highest, and a tree. */
  readonly data: number;
  readonly matrix: number;
  readonly before: number;
  readonly peak: number;
  readonly tree: number;
}

/** The large forest as experiment 2 grows it, in a process that has done nothing else: what memory it takes is its own. */
const growLargeForest = async (): Promise<LargeForest> => {
  const before = process.memoryUsage().rss;
  const rows = 40_000;
  const random = seededRandom(2);
  const uniform = () => random.next() / 2 ** 32;
  const labels = Uint16Array.from({ length: rows }, () => random.below(2));
  const collector = landmarkCollector(rows);
  const record = new Float32Array(1404);
  for (const label of labels) {
    for (let column = 0; column < record.length; column++)
      record[column] = (uniform() + uniform() + uniform() - 1.5) * 2 + (column % 36 === 0 ? 0.25 * label : 0);
    collector.add('one', record);
  }
  const x = collector.rows().matrix;
  let start = performance.now();
  const matrix = rankInPlace(x);
  const ranking = seconds(start);
  const threads = forestThreads(matrix, Math.min(2, coresAtHand()));
  const cpu = process.cpuUsage();
  start = performance.now();
  const problem = { labels, classes: 2, rows: Uint32Array.from(labels.keys()), seed: 1 };
  const trees = await threads.grow(problem, LARGE_TREES);
  const wall = seconds(start);
  const { user, system } = process.cpuUsage(cpu);
  await threads.stop();
  const bytes = trees
    .flatMap(({ classes: _, ...arrays }) => Object.values(arrays))
    .reduce((n, a) => n + a.byteLength, 0);
  return {
    ...{ ranking, wall, cpu: (user + system) / 1e6, data: x.data.byteLength, before },
    matrix: matrix.ranks.byteLength + matrix.values.byteLength,
    peak: process.resourceUsage().maxRSS * 1024,
    tree: bytes / trees.length,
  };
};

/** 40,000 x 1,404 with two threads, and the same by scikit-learn with two jobs where `ISS_BENCH_PYTHON` (else python3) has it; else its stored figure. */
const largeForest = (): BenchLine[] => {
  const name = (rest: string): string => `forest 40000x1404, ${LARGE_TREES} trees, ${rest}`;
  const child = spawnSync(process.execPath, ['--import', 'tsx', import.meta.filename, 'large'], {
    ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  });
  if (child.status !== 0) throw new Error('the large forest could not be grown');
  const own = JSON.parse(child.stdout) as LargeForest;
  const { ranking, wall, data } = own;
  const memory = (rest: string, bytes: number): BenchLine => ({
    ...{ what: `forest 40000x1404 memory of ${rest}`, unit: 'x data', value: bytes / data },
  });
  const lines: BenchLine[] = [
    { what: 'forest 40000x1404 ranking', unit: 's', value: ranking },
    { what: name('two threads'), unit: 's', value: wall },
    { what: name('two threads'), unit: 'CPU s', value: own.cpu },
    memory('the shared matrix', own.matrix),
    memory('the process at its highest, above an empty one', own.peak - own.before),
    memory('the process at its highest', own.peak),
    memory('the process at its highest, and 90 trees more', own.peak + 90 * own.tree),
  ];
  const python = spawnSync(process.env.ISS_BENCH_PYTHON ?? 'python3', ['-c', PYTHON], { encoding: 'utf8' });
  const [theirWall, theirCpu] = (python.stdout ?? '').trim().split(' ').map(Number);
  if (python.status !== 0 || theirWall === undefined || theirCpu === undefined)
    return [
      ...lines,
      { what: 'forest 40000x1404, 100 trees, scikit-learn: stored, not measured here', unit: 'CPU s', value: 213 },
    ];
  return [
    ...lines,
    { what: name('scikit-learn with two jobs'), unit: 's', value: theirWall },
    { what: name('scikit-learn with two jobs'), unit: 'CPU s', value: theirCpu },
    {
      what: 'forest 40000x1404, speed against scikit-learn, ranking for 100 trees in it',
      unit: 'x',
      value: theirWall / (wall + (ranking * LARGE_TREES) / 100),
    },
    {
      what: 'forest 40000x1404, the same by CPU seconds',
      unit: 'x',
      value: theirCpu / (own.cpu + (ranking * LARGE_TREES) / 100),
    },
  ];
};

/** Times the forest in one thread, in about ten seconds: experiment 3 whole, 1,400 x 1,404 whole, and two trees of 10,000 x 1,404; then the large one in two. */
export const benchForest = async (): Promise<BenchLine[]> => {
  const lines: BenchLine[] = [];
  const input = { patients: PUBLISHED_PATIENTS_WITH_DATA, submissions: submissions(), folds: PUBLISHED_FOLDS, seed: 1 };
  for (const classes of [2, 4] as const) {
    await runRandomForestPain({ ...input, classes, trees: 10 });
    const start = performance.now();
    await runRandomForestPain({ ...input, classes });
    lines.push({ what: `forest experiment 3, ten folds, ${classes} classes`, unit: 's', value: seconds(start) });
  }

  const small = weakSignal(1400);
  let start = performance.now();
  const smallProblem = problemOf(small.x, small.labels);
  lines.push({ what: 'forest 1400x1404 ranking', unit: 's', value: seconds(start) });
  start = performance.now();
  const forest = fitForest(smallProblem);
  lines.push({ what: 'forest 1400x1404 100 trees', unit: 's', value: seconds(start) });
  start = performance.now();
  forestProbabilities(forest, small.x, smallProblem.rows);
  lines.push({ what: 'forest 1400x1404 predict 1400 rows', unit: 's', value: seconds(start) });

  const large = weakSignal(10_000);
  start = performance.now();
  const largeProblem = problemOf(large.x, large.labels);
  lines.push({ what: 'forest 10000x1404 ranking', unit: 's', value: seconds(start) });
  start = performance.now();
  for (let index = 0; index < 2; index++) forestTree(largeProblem, index);
  lines.push({ what: 'forest 10000x1404 a tree', unit: 's', value: seconds(start) / 2 });
  return [...lines, ...largeForest()];
};

if (process.argv[1] === import.meta.filename && process.argv[2] === 'large')
  process.stdout.write(JSON.stringify(await growLargeForest()));
