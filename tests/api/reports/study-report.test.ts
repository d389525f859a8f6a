import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PUBLISHED_BASELINES } from '../../../pipeline/published/baselines.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fillPublishedShape, type PublishedShape } from '../../support/published-shape.ts';
import { startWorld, type Who, type World } from '../mutations/world.ts';

interface Cell {
  value: number | string | null;
  published: number | string | null;
  agrees: boolean | null;
  errata: string[];
}
interface Table {
  number: number;
  title: string;
  note: string | null;
  columns: { key: string }[];
  rows: { cells: Cell[] }[];
  withheld: { code: string }[];
}

let world: World;
let shape: PublishedShape;
let whole: FixturePerson;
let labels: FixturePerson;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 10 });
  shape = await fillPublishedShape(world.db.pool);
  const { studyId } = shape;
  whole = await addResearcher(world.db.pool, { name: 'gina', studyId });
  labels = await addResearcher(world.db.pool, { name: 'lena', studyId, access: { LABELS: ['READ'] } });
}, 120_000);
afterAll(() => world.stop());

const report = async (
  who: Who,
  besideIss = true,
): Promise<{ compared: boolean; tables: Table[]; errata: { id: string }[] }> => {
  const answer = await world.ask(
    who,
    `{ studyReport(study: "shape", besideIss: ${besideIss}) { compared errata { id } tables { number title note columns { key } withheld { code }
       rows { cells { value published agrees errata } } } } }`,
  );
  expect(answer.errors).toBeUndefined();
  return answer.data.studyReport;
};
const tableOf = (tables: readonly Table[], number: number): Table => tables.find((one) => one.number === number)!;
/** A table's values by the first cell of the row and the column. */
const values = ({ columns, rows }: Table): Record<string, Record<string, Cell>> =>
  Object.fromEntries(
    rows.map(({ cells }) => [
      String(cells[0]!.value),
      Object.fromEntries(columns.map(({ key }, i) => [key, cells[i]!])),
    ]),
  );
/** Cells that do not agree with the paper, as `table row column`. */
const differing = (tables: readonly Table[]): string[] =>
  tables.flatMap(({ number, columns, rows }) =>
    rows.flatMap(({ cells }) =>
      cells.flatMap(({ agrees }, i) => (agrees === false ? [`${number} ${cells[0]!.value} ${columns[i]!.key}`] : [])),
    ),
  );

describe('a report on a study with the published shape', () => {
  it('has Tables 2, 4 and 6 to 13, in order', async () => {
    const { tables, compared } = await report(whole);
    expect(tables.map(({ number }) => number)).toEqual([2, 4, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect(compared).toBe(true);
  });

  it('agrees with every published count that does not depend on faces, but for what errata say', async () => {
    const { tables } = await report(whole);
    const apart = differing(tables);
    expect(apart.filter((name) => !/^(8|10) /.test(name))).toEqual([
      '2 2B enrolled', // 0009 has nothing readable, so is not in a release: erratum 2
      '4 faces value',
      '4 faces with landmarks value',
      // More than ten frames a second in the paper: no sampling at ten gives them.
      '6 9004 seconds',
      '6 9004 mean',
      '6 9017 seconds',
      '11 1 painLevels',
      '11 1 painClasses',
      '11 7 painClasses',
      '11 10 painLevels',
      '11 10 painClasses',
    ]);
    const rows = tableOf(tables, 10).rows;
    expect(rows.map(({ cells }) => (cells[1]!.value as number) + (cells[2]!.value as number))).toEqual(
      Array(10).fill(509),
    );
    expect(rows.every(({ cells }) => cells.slice(1).every(({ errata }) => errata.includes('paper-06')))).toBe(true);
    for (const number of [9, 11]) expect(tableOf(tables, number).rows).toHaveLength(10);
    expect(values(tableOf(tables, 4)).frames!.value).toMatchObject({
      value: 189_999,
      published: 189_999,
      agrees: true,
    });
    expect(values(tableOf(tables, 9))['8']).toMatchObject({
      train_chunks: { value: 2841, agrees: true },
      test_chunks: { value: 2147, agrees: true },
    });
  });

  it('counts the faces that were found, and those with landmarks', async () => {
    const { tables } = await report(whole);
    const { rows } = await world.db.pool.query<{ faces: number; landmarks: number }>(
      `SELECT sum(face_count)::int AS faces, sum(landmark_count)::int AS landmarks FROM recording r JOIN release_submission s ON s.recording_id = r.id WHERE s.release_id = $1`,
      [shape.releaseId],
    );
    for (const [, row] of Object.entries(values(tableOf(tables, 8)))) {
      expect((row.train_faces!.value as number) + (row.test_faces!.value as number)).toBe(rows[0]!.faces);
      expect((row.train_landmarks!.value as number) + (row.test_landmarks!.value as number)).toBe(rows[0]!.landmarks);
    }
  });

  it('marks the errata of the paper and says what is used', async () => {
    const { errata, tables } = await report(whole);
    expect(errata.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['paper-02', 'paper-03', 'paper-04', 'paper-05', 'paper-06', 'paper-07', 'paper-12']),
    );
    expect(values(tableOf(tables, 7))['9030']!.sourceDevice).toEqual({
      ...{ value: null, published: null, agrees: true, errata: ['paper-12'] },
    });
  });

  it('shows nothing published beside a synthetic study unless it is asked for', async () => {
    const { compared, tables } = await report(whole, false);
    expect(compared).toBe(false);
    expect(
      tables.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells)).every(({ published }) => published === null),
    ).toBe(true);
  });

  it('counts no more what is withdrawn or in quarantine', async () => {
    const { pool } = world.db;
    const patient = (
      await pool.query<{ id: string }>(`SELECT id FROM patient WHERE study_id = $1 AND code = '9012'`, [shape.studyId])
    ).rows[0]!;
    const submission = (
      await pool.query<{ id: string; frames: number }>(
        `SELECT s.id, r.frame_count AS frames FROM submission s JOIN patient p ON p.id = s.patient_id JOIN recording r ON r.submission_id = s.id
         WHERE p.study_id = $1 AND p.code = '9011' ORDER BY s.recorded_at LIMIT 1`,
        [shape.studyId],
      )
    ).rows[0]!;
    const [withdrawal, quarantine] = [randomUUID(), randomUUID()];
    await pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) VALUES ($1, $2, 'STOP_SHARING', 'x', $3)`,
      [withdrawal, patient.id, world.clock.at],
    );
    await pool.query(
      `INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by) VALUES ($1, $2, 0, 2, 'x', $3, $4)`,
      [quarantine, submission.id, world.clock.at, world.idOf('sam')],
    );
    const { tables } = await report(whole);
    expect(values(tableOf(tables, 4)).frames!.value!.value).toBe(189_999 - 41_373 - 20);
    expect(values(tableOf(tables, 6))['9012']).toBeUndefined();
    await pool.query('DELETE FROM quarantine WHERE id = $1', [quarantine]);
    await pool.query('UPDATE withdrawal SET taken_back_at = $2 WHERE id = $1', [withdrawal, world.clock.at]);
  });
});

describe('who may see which table', () => {
  it('with LABELS alone: all that is counted, no faces', async () => {
    const { tables } = await report(labels);
    expect(tables.filter(({ withheld }) => withheld.length > 0).map(({ number }) => number)).toEqual([8]);
    expect(tableOf(tables, 8).withheld.map(({ code }) => code)).toContain('MODALITY_NOT_GRANTED');
    expect(values(tableOf(tables, 4)).faces!.value!.value).toBeNull();
  });

  it('a steward sees the same before and after a withdrawal, and of cohorts no number that strangers do not', async () => {
    const { pool } = world.db;
    const before = await report('sam');
    expect((await report(null)).tables.slice(0, 2)).toEqual(before.tables.slice(0, 2));
    const withdrawal = randomUUID();
    await pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT $1, id, 'STOP_SHARING', 'x', $3 FROM patient WHERE study_id = $2 AND code = '9012'`,
      [withdrawal, shape.studyId, world.clock.at],
    );
    expect(await report('sam')).toEqual(before);
    await pool.query('UPDATE withdrawal SET taken_back_at = $2 WHERE id = $1', [withdrawal, world.clock.at]);
    expect(JSON.stringify(before.tables.filter(({ number }) => number < 12))).not.toMatch(/"90\d\d"/);
  });

  it.each([
    null,
    'nob',
    'sam',
    'cy',
  ] as const)('%s: open counts, which this release has none of, and the paper', async (who) => {
    const { tables } = await report(who);
    expect(tables.filter(({ withheld }) => withheld.length > 0).map(({ number }) => number)).toEqual([
      6, 7, 8, 9, 10, 11,
    ]);
    expect(tableOf(tables, 2).rows.every(({ cells }) => cells[5]!.value === null)).toBe(true);
    expect(tableOf(tables, 4).rows.every(({ cells }) => cells[1]!.value === null)).toBe(true);
    expect(tableOf(tables, 12).rows.map(({ cells }) => cells[0]!.value)).toEqual(
      PUBLISHED_BASELINES.map(({ key }) => key),
    );
  });

  it('nobody learns of a draft, and a curator sees one whole', async () => {
    const { pool } = world.db;
    await pool.query(
      `INSERT INTO release (id, study_id, version, status, drafted_at) SELECT $1, study_id, '2.0.0', 'DRAFT', drafted_at FROM release WHERE id = $2`,
      [randomUUID(), shape.releaseId],
    );
    const ask = (who: Who) =>
      world.ask(who, '{ studyReport(study: "shape", release: "2.0.0") { tables { number withheld { code } } } }');
    expect((await ask(whole)).data.studyReport).toBeNull();
    expect((await ask('cy')).data.studyReport.tables.every(({ withheld }: Table) => withheld.length === 0)).toBe(true);
    expect((await ask(null)).data.studyReport).toBeNull();
  });

  it('leaves an entry with the patients that were read, and one of what was refused', async () => {
    const read = await world.entries('READ');
    const own = read.filter((one) => one.query === 'studyReport' && one.account === whole.accountId);
    expect(own.at(-1)).toMatchObject({ grant: whole.grantId, modalities: ['LABELS', 'LANDMARKS'] });
    expect((own.at(-1)!.patients as string[]).length).toBeGreaterThan(27);
    const refused = await world.entries('REFUSED');
    expect(refused.some((one) => one.query === 'studyReport' && one.account === world.idOf('nob'))).toBe(true);
  });
});
