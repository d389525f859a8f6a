import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextServices } from '../../api/services/context.ts';
import { PUBLISHED_PATIENTS_WITH_DATA } from '../../pipeline/published/patients.ts';
import { demoCode } from '../../pipeline/synthetic/cohort.ts';
import { publishedLengths } from '../../pipeline/synthetic/published-shape.ts';
import { randomFor } from '../../pipeline/synthetic/random.ts';
import { studyLikeIss } from '../../pipeline/synthetic/study.ts';
import type { StudyReportTableFacts } from '../../schema/services/reports.ts';
import { anIo, iss } from '../api/cli/an-io.ts';
import { account, draftOf } from '../api/ingest/draft.ts';
import { type IngestWorld, ingestWorld } from '../api/ingest/ingest-world.ts';
import { eventually } from '../contracts/eventually.ts';

const SCALE = 50;
const VERSION = '0.1.0';
/** Beside every other suite and behind them (`nice`) it takes several times the minutes of a quiet machine. */
const PATIENCE_MS = 1_500_000;

let folder: string;
let world: IngestWorld;
let tables: ReadonlyMap<number, StudyReportTableFacts>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iss-shape-'));
  const drop = join(folder, 'shape');
  expect(await iss(anIo(), 'study', 'make', '--like', 'iss', '--scale', `1:${SCALE}`, '--seed', '1', '-o', drop)).toBe(
    0,
  );
  world = await ingestWorld();
  const { dropId } = await world.send(drop);
  const workers = await world.startWorkers(2);
  try {
    const items = await eventually(
      'every recording has its outcome',
      async () => {
        const state = await world.services.ingest.state(dropId);
        return state?.items.every(({ outcome }) => outcome !== 'WAITING') ? state.items : null;
      },
      PATIENCE_MS,
    );
    expect(items).toHaveLength(510);
  } finally {
    await workers.stop();
  }
  await draftOf(world, VERSION);
  const { reports } = contextServices(world.services, await account(world, 'curator'), world.base);
  const report = await reports.studyReport({ study: 'iss', release: VERSION, besideIss: true });
  tables = new Map(report!.tables.map((table) => [table.number, table]));
}, PATIENCE_MS + 900_000);
afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Cells of a table that the paper has otherwise, as `row column`. */
const apart = (number: number): string[] => {
  const { columns, rows } = tables.get(number)!;
  return rows.flatMap((cells) =>
    cells.flatMap(({ agrees }, at) => (agrees === false ? [`${cells[0]!.value} ${columns[at]!.key}`] : [])),
  );
};
/** A column of a table by its first one. */
const column = (number: number, key: string): Record<string, unknown> => {
  const { columns, rows } = tables.get(number)!;
  const at = columns.findIndex((one) => one.key === key);
  return Object.fromEntries(rows.map((cells) => [String(cells[0]!.value), cells[at]!.value]));
};

/** What each patient's recordings were planned to hold, at a fiftieth of their length. */
const planned = PUBLISHED_PATIENTS_WITH_DATA.map((patient) => {
  const code = demoCode(patient.patient);
  const counted = publishedLengths(patient, SCALE, randomFor(1, code, 'lengths')).map((one) => one.counted);
  const sum = (of: (one: (typeof counted)[number]) => number) => counted.reduce((all, one) => all + of(one), 0);
  return { code, split: studySplit(code), frames: sum((one) => one.frames), chunks: sum((one) => one.chunks) };
});
function studySplit(code: string): number {
  return studyLikeIss({ seed: 1, scale: SCALE }).patients.find((one) => one.code === code)!.split!;
}

describe('a study with the published shape at 1:50, made, imported and reported on', () => {
  it('has who was enrolled, the devices, and each patient’s number of videos as published (Tables 2, 6, 7)', () => {
    expect(apart(2)).toEqual([]);
    expect(apart(7)).toEqual([]);
    expect(apart(6).filter((name) => / videos$/.test(name))).toEqual([]);
    expect(column(6, 'videos')).toEqual(
      Object.fromEntries(PUBLISHED_PATIENTS_WITH_DATA.map(({ patient, videos }) => [demoCode(patient), videos])),
    );
  });

  it('has of every patient a fiftieth of the frames, to the frame, and their chunks (Table 6)', () => {
    const of = (key: 'frames' | 'chunks') => Object.fromEntries(planned.map((one) => [one.code, one[key]]));
    expect(column(6, 'frames')).toEqual(of('frames'));
    expect(column(6, 'chunks')).toEqual(of('chunks'));
  });

  it('learns from and withholds 509 videos and every chunk in each split, and the published patients (Tables 9 to 11)', () => {
    const [all, chunks] = [509, planned.reduce((sum, one) => sum + one.chunks, 0)];
    const { rows } = tables.get(10)!;
    expect(rows.map((cells) => (cells[1]!.value as number) + (cells[2]!.value as number))).toEqual(Array(10).fill(all));
    const [train, test] = [column(9, 'train_chunks'), column(9, 'test_chunks')];
    for (let split = 1; split <= 10; split++) {
      const withheld = planned.filter((one) => one.split === split).reduce((sum, one) => sum + one.chunks, 0);
      expect([split, train[split], test[split]]).toEqual([split, chunks - withheld, withheld]);
    }
    // As errata say, and nothing else.
    expect(apart(11)).toEqual([
      ...['1 painLevels', '1 painClasses', '7 painClasses', '10 painLevels', '10 painClasses'],
    ]);
  });
});
