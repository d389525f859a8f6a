import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeOpenTables } from '../../../api/services/releases/open-tables.ts';
import { couplingParameters } from '../../../pipeline/synthetic/coupling.ts';
import { encodeNodeId } from '../../../schema/planner/node-id.ts';
import { startWorld, type Who, type World } from '../mutations/world.ts';
import { everyPath, numbersIn, type OnePath } from './open-paths.ts';

/** Numbers that a stranger may be told, each for its reason; a new one needs a row here. */
const OPEN_NUMBERS: Readonly<Record<string, string>> = {
  'release.counts.cells.count': 'an open table, safe by how it was made',
  'release.counts.data.cells.count': 'the same as one object',
  'release.counts.threshold': 'the policy when it was made',
  'release.counts.data.threshold': 'the same as one object',
  'study.cohorts.goal': 'the plan of the study',
  'study.cohorts.enrolled': 'printed in the paper, of its study alone',
  'study.errata.number': 'a number of the list',
  'study.experiments.number': 'of the paper',
  'study.experiments.classes': 'of the paper',
  'study.experiments.published.overall': 'printed in the paper',
  'study.experiments.published.classes': 'printed in the paper',
  'study.experiments.published.byClass.accuracy': 'printed in the paper',
  'release.experiments.number': 'of the paper',
  'release.experiments.classes': 'of the paper',
  'release.experiments.published.overall': 'printed in the paper',
  'release.experiments.published.classes': 'printed in the paper',
  'release.experiments.published.byClass.accuracy': 'printed in the paper',
  'accessRequests.totalCount': 'of those that one may see: none',
  'approvedUses.totalCount': 'the public register of approved uses, of no patients',
  'queueMetrics.waiting': 'requests that wait, open by specification, of no patients',
  'queueMetrics.waitingForOfficial': 'the same',
  'queueMetrics.waitingForSteward': 'the same',
  'agreement.version': 'its number',
  'agreement.graceDays': 'its terms',
  'agreements.version': 'its number',
  'agreements.graceDays': 'its terms',
  'trainings.durationMonths': 'the policy',
  'requirements.classes.stewards': 'the policy',
  'requirements.maxMonths': 'the policy',
  'requirements.closeOutDays': 'the policy',
  'requirements.renewalWindowDays': 'the policy',
  'studyReport.tables.number': 'of the paper',
  'studyReport.tables.rows.cells.value': 'an open count, or the goal of a cohort',
  'studyReport.tables.rows.cells.published': 'printed in the paper',
  'release.citation.csl.issued.date-parts': 'the day of publication',
  'release.citation.datacite.publicationYear': 'the day of publication',
};

/** What moves with a withdrawal by design: a citation names the state, `1.0.0+w2`. How many withdrew is public, who is not. */
const MOVES = /(^|\.)citation(\.|$)/;

let world: World;
let paths: OnePath[];

beforeAll(async () => {
  world = await startWorld({ patients: 24, submissions: 1, frames: 10, status: 'DRAFT' });
  const { releaseId } = world.study;
  await world.db.database.transaction((sql) => storeOpenTables(sql, releaseId, world.clock.now()));
  await world.db.pool.query(`UPDATE release SET status = 'PUBLISHED', published_at = $2 WHERE id = $1`, [
    releaseId,
    world.clock.now(),
  ]);
  const patient = JSON.stringify(world.study.patients[0]?.code);
  const id = JSON.stringify(nodeId('P', world.study.patients[0]?.id ?? ''));
  paths = everyPath({
    '(id)': id,
    '(ids)': `[${id}]`,
    'patient(code)': patient,
    '(number)': '1',
    '(first)': '3',
    '(from)': '"1.0.0"',
    '(to)': '"1.0.0"',
    'submission(timestamp)': JSON.stringify(world.study.patients[0]?.submissions[0]?.timestamp),
  });
});
afterAll(() => world.stop());

/** Node id of a row, as somebody with access would have it: strangers may have got one from them. */
const nodeId = (letter: string, rowId: string): string =>
  encodeNodeId({ letter, releaseId: world.study.releaseId, rowId, number: 0 });

/** An answer without the id under which an error is found again in the server's log. */
const answer = async (who: Who, query: string): Promise<string> =>
  JSON.stringify(await world.ask(who, query), (key, value) =>
    key === 'extensions' ? { ...value, id: undefined } : value,
  );

const answers = async (who: Who, some: readonly OnePath[]): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (const { name, query } of some) found.set(name, await answer(who, query));
  return found;
};

describe('a stranger', () => {
  it('reads in the datasheet of a synthetic study every parameter by which pain shows in it', async () => {
    const { data } = await world.ask(null, '{ study { datasheet { figures { what value } } } }');
    const parts = data.study.datasheet as { figures: { what: string; value: string }[] }[];
    const told = parts.flatMap(({ figures }) => figures);
    expect(told).toContainEqual({ what: 'Eyes are narrowed, of their opening', value: '62 %' });
    const sorted = (numbers: number[]) => numbers.sort((one, other) => one - other);
    expect(sorted(told.map(({ value }) => Number.parseInt(value.replace('± ', ''), 10)))).toEqual(
      sorted(Object.values(couplingParameters).map(({ value }) => Math.round(Math.abs(value) * 100))),
    );
  });

  it('is told the numbers of the list and no others', async () => {
    expect(paths.length).toBeGreaterThan(60);
    const told = new Set<string>();
    for (const { query } of paths) for (const path of numbersIn((await world.ask(null, query)).data)) told.add(path);
    expect(
      [...told].filter(
        (path) =>
          OPEN_NUMBERS[
            path
              .replace(/^releases\./, 'release.')
              .replace(/^studies\./, 'study.')
              .replace(/^(releases?)\.study\./, 'study.')
          ] === undefined,
      ),
    ).toEqual([]);
    expect(told).toContain('release.counts.cells.count');
  });

  it('gets the same answer, byte for byte, whatever changes among patients, requests, jobs and drafts', async () => {
    const known = paths.filter(({ name }) => !MOVES.test(name));
    const before = new Map<Who, Map<string, string>>();
    // One who is signed in without a role, beside the stranger: their own account is what differs.
    for (const who of [null, 'nob'] as const) before.set(who, await answers(who, known));
    const { studyId, releaseId, patients } = world.study;
    const [first, second, third] = patients;
    const now = world.clock.now();
    for (const [statement, ...values] of [
      [
        `INSERT INTO withdrawal (id, patient_id, kind, reason, at) VALUES ($1, $2, 'ERASE', 'x', $3)`,
        randomUUID(),
        first?.id,
        now,
      ],
      [
        `INSERT INTO quarantine (id, submission_id, reason, placed_at, placed_by) VALUES ($1, $2, 'x', $3, $4)`,
        randomUUID(),
        second?.submissions[0]?.id,
        now,
        world.idOf('sam'),
      ],
      [`UPDATE patient SET sex = CASE sex WHEN 'M' THEN 'F' ELSE 'M' END, pain_target = 10 WHERE id = $1`, third?.id],
      [
        `INSERT INTO patient (id, study_id, code, sex, skin_type, pain_target, created_at, updated_at) VALUES ($1, $2, '9900', 'F', 'IV_VI', 3, $3, $3)`,
        randomUUID(),
        studyId,
        now,
      ],
      [
        `INSERT INTO release (id, study_id, version, status, drafted_at, notes) VALUES ($1, $2, '7.0.0', 'DRAFT', $3, 'secret')`,
        randomUUID(),
        studyId,
        now,
      ],
      [
        `INSERT INTO job (id, kind, payload, state, max_attempts, run_after, created_at) SELECT gen_random_uuid(), 'EXPORT', jsonb_build_object('release', $1::text), 'QUEUED', 1, $2::timestamptz, $2::timestamptz`,
        releaseId,
        now,
      ],
    ] as [string, ...unknown[]][])
      await world.db.pool.query(statement, values);
    for (const who of [null, 'nob'] as const) {
      const after = await answers(who, known);
      for (const [name, answer] of before.get(who) ?? [])
        expect(after.get(name), `${who ?? 'a stranger'}: ${name}`).toBe(answer);
    }
  }, 180_000);

  it('cannot vary a filter, a code, a number or an id and learn from the answer', async () => {
    const { patients } = world.study;
    const code = patients[1]?.code;
    const alike: readonly (readonly string[])[] = [
      ['M', 'F'].map((sex) => `{ release { patients(filter: { sex: ${sex} }) { totalCount nodes { code } } } }`),
      ['NONE', 'LOW', 'SEVERE'].map((level) => `{ release { patients(filter: { painLevel: ${level} }) { totalCount } } }`),
      ['0', '10'].map((least) => `{ release { patients(filter: { painTargetAtLeast: ${least} }) { totalCount } } }`),
      [code, '0000'].map((one) => `{ release { patients(filter: { code: "${one}" }) { totalCount } } }`),
      [code, '0000', patients[0]?.code].map((one) => `{ release { patient(code: "${one}") { sex submissions { totalCount } } } }`),
      ['1', '99'].map((number) => `{ release { split(number: ${number}) { counts { testPatients } } } }`),
      ['1.0.1', '7.0.0'].map((version) => `{ release(version: "${version}") { version notes counts { key } } }`),
      ['1.0.1', '7.0.0'].map((version) => `{ releaseDiff(from: "1.0.0", to: "${version}") { __typename } }`),
      [patients[1]?.id ?? '', randomUUID()].map((id) => `{ node(id: "${nodeId('P', id)}") { id } }`),
      [patients[1]?.submissions[0]?.id ?? '', randomUUID()].map((id) => `{ node(id: "${nodeId('U', id)}") { id } }`),
      [randomUUID(), world.idOf('ada')].flatMap((id) => [`{ accessRequest(id: "${id}") { title } }`]),
      [randomUUID(), world.idOf('ada')].flatMap((id) => [`{ certificate(id: "${id}") { course } }`]),
    ]; // biome-ignore format: a line for each group
    for (const group of alike) {
      const seen = new Set<string>();
      for (const query of group) seen.add(await answer(null, query));
      expect([...seen], group.join('\n')).toHaveLength(1);
    }
  });

  it('sees each hidden cell as null, marked, with one reason for all', async () => {
    const { data } = await world.ask(
      null,
      '{ release { counts { key title threshold attributes { name values } cells { at { attribute value } count hidden why } data } } }',
    );
    const cells = data.release.counts.flatMap((table: { cells: unknown[] }) => table.cells);
    const hidden = cells.filter((cell: { hidden: boolean }) => cell.hidden);
    expect(hidden.length).toBeGreaterThan(0);
    expect(new Set(hidden.map((cell: { count: number | null; why: string }) => `${cell.count} ${cell.why}`)).size).toBe(
      1,
    );
    for (const cell of cells)
      expect(cell.hidden ? cell.count === null : cell.why === null && cell.count >= 5).toBe(true);
    expect(data.release.counts[0]).toMatchObject({ key: 'patients', title: 'Patients', threshold: 5, attributes: [] });
  });
});
