import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRelease } from '../../../api/services/releases/check-release.ts';
import { draftRelease } from '../../../api/services/releases/draft-release.ts';
import { askForPublication, publishRelease } from '../../../api/services/releases/publish-release.ts';
import { checkNow } from '../../../api/services/releases/release-check.ts';
import { releaseDigest } from '../../../api/services/releases/release-digest.ts';
import type { AccountActor } from '../../../governance/actor.ts';
import { account, draftOf } from '../ingest/draft.ts';
import { drawnDrop, type IngestWorld, ingestWorld } from '../ingest/ingest-world.ts';
import { whileChanged } from './while-changed.ts';

let world: IngestWorld;
let drop: string;
let curator: AccountActor;
let otherCurator: AccountActor;
let steward: AccountActor;
let versions = 0;
const nextVersion = () => `1.${versions++}.0`;

beforeAll(async () => {
  world = await ingestWorld();
  drop = await drawnDrop(3, 2, 21);
  await world.ingest(drop);
  curator = await account(world, 'curator');
  otherCurator = await account(world, 'curator');
  steward = await account(world, 'steward');
}, 180_000);
afterAll(async () => {
  await world.stop();
  await rm(drop, { recursive: true, force: true });
});

const changed = <Result>(statements: string[], look: () => Promise<Result>) =>
  whileChanged(world.pool, statements, look);
const deps = () => world.services.releases;
const check = (id: string, checksums = true) => checkRelease(world.base, id, { checksums });
const digest = (id: string) => releaseDigest(world.base.database, id);

describe('a draft', () => {
  it('freezes patients, the current recordings and the folds, and holds', async () => {
    const id = await draftOf(world, nextVersion());
    const { rows: patients } = await world.pool.query(
      'SELECT * FROM release_patient WHERE release_id = $1 ORDER BY code',
      [id],
    );
    expect(patients).toHaveLength(3);
    const { rows } = await world.pool.query('SELECT count(*)::int AS n FROM release_submission WHERE release_id = $1', [
      id,
    ]);
    expect(rows[0].n).toBe(6);
    expect(await check(id)).toEqual([]);
    const { rows: release } = await world.pool.query('SELECT status, digest FROM release WHERE id = $1', [id]);
    expect(release[0]).toEqual({ status: 'DRAFT', digest: await digest(id) });
  });

  it('has dates moved by a whole number of days, each patient’s own, the hour kept, and no true date anywhere', async () => {
    const id = await draftOf(world, nextVersion());
    const { rows } = await world.pool.query<{
      patient: string;
      moved: number;
      seconds: number;
      frame: string;
      shown: string;
      hour: number;
    }>(
      `SELECT p.code AS patient, (t.recorded_at::date - s.recorded_at::date) AS moved, extract(epoch FROM t.recorded_at::time - s.recorded_at::time)::int AS seconds,
         s.timeframe AS frame, s.recorded_at::text AS shown, extract(hour FROM t.recorded_at)::int AS hour
       FROM release_submission s JOIN release_patient p USING (release_id, patient_id) JOIN submission t ON t.id = s.submission_id WHERE s.release_id = $1`,
      [id],
    );
    expect(rows).toHaveLength(6);
    for (const row of rows) {
      expect(row.moved).toBeGreaterThan(0);
      expect(row.seconds).toBe(0);
    }
    const shifts = new Map(rows.map((row) => [row.patient, row.moved]));
    expect(rows.every((row) => shifts.get(row.patient) === row.moved)).toBe(true);
    const { rows: truth } = await world.pool.query<{ day: string }>(
      `SELECT to_char(recorded_at, 'YYYY-MM-DD') AS day FROM submission UNION SELECT to_char(recorded_at, 'YYYYMMDD') FROM submission UNION SELECT enrolled_on::text FROM patient`,
    );
    const { rows: frozen } = await world.pool.query<{ text: string }>(
      `SELECT to_jsonb(p)::text AS text FROM release_patient p WHERE release_id = $1 UNION ALL SELECT to_jsonb(s)::text FROM release_submission s WHERE release_id = $1
       UNION ALL SELECT object_key FROM artifact`,
      [id],
    );
    for (const { day } of truth) for (const { text } of frozen) expect(text).not.toContain(day);
  });

  it('gives each hour its timeframe', async () => {
    const id = await draftOf(world, nextVersion());
    const names = ['LATE_NITE', 'EARLY_AM', 'REG_AM', 'EARLY_PM', 'REG_PM', 'EARLY_NITE'];
    const { rows } = await world.pool.query(
      'SELECT extract(hour FROM recorded_at)::int AS hour, timeframe FROM release_submission WHERE release_id = $1',
      [id],
    );
    for (const { hour, timeframe } of rows) {
      const expected = names[[5, 8, 12, 17, 21].filter((from) => hour >= from).length % 6];
      expect([hour, timeframe]).toEqual([hour, expected]);
    }
  });

  it('of the same state has the same digest, whoever makes it', async () => {
    const [one, two] = [await draftOf(world, nextVersion()), await draftOf(world, nextVersion())];
    expect(await digest(one)).toBe(await digest(two));
  });

  it('is made once where two ask for one version at the same moment', async () => {
    const version = nextVersion();
    const input = { study: 'iss', version, notes: '' };
    const ends = await Promise.all([draftRelease(deps(), curator, input), draftRelease(deps(), otherCurator, input)]);
    expect(ends.map((end) => (end.ok ? 'made' : end.code)).sort()).toEqual(['VERSION_INVALID', 'made']);
    const { rows } = await world.pool.query('SELECT count(*)::int AS n FROM release WHERE version = $1', [version]);
    expect(rows[0].n).toBe(1);
  });

  it('leaves out unreadable submissions and who has withdrawn from sharing', async () => {
    await changed(
      [
        `UPDATE recording SET status = 'UNREADABLE', reason = 'x' WHERE id = (SELECT min(id::text)::uuid FROM recording WHERE current)`,
        `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'STOP_SHARING', 'asked', now() FROM patient WHERE id NOT IN
           (SELECT s.patient_id FROM recording r JOIN submission s ON s.id = r.submission_id WHERE r.status = 'UNREADABLE') ORDER BY code LIMIT 1`,
      ],
      async () => {
        const id = await draftOf(world, nextVersion());
        const { rows } = await world.pool.query(
          'SELECT (SELECT count(*)::int FROM release_patient WHERE release_id = $1) AS patients, (SELECT count(*)::int FROM release_submission WHERE release_id = $1) AS submissions',
          [id],
        );
        expect(rows[0]).toEqual({ patients: 2, submissions: 3 });
      },
    );
  });
});

describe('publishing', () => {
  const ask = (id: string, actor = curator) => askForPublication(deps(), actor, id);
  const publish = (id: string, actor = steward) => publishRelease(deps(), actor, id);
  const checked = (id: string) => checkNow(deps(), curator, id);
  const statusOf = async (id: string) =>
    (await world.pool.query('SELECT status FROM release WHERE id = $1', [id])).rows[0].status;

  it('takes two people: a curator who asks and a steward', async () => {
    const id = await draftOf(world, nextVersion());
    expect(await publish(id)).toMatchObject({ ok: false, code: 'NOT_ASKED' });
    expect(await ask(id, steward)).toMatchObject({ ok: false, code: 'FORBIDDEN' });
    expect(await ask(id)).toMatchObject({ ok: true });
    expect(await publish(id, curator)).toMatchObject({ ok: false, code: 'FORBIDDEN' });
    expect(await publish(id, otherCurator)).toMatchObject({ ok: false, code: 'FORBIDDEN' });
    expect(await publish(id, await account(world))).toMatchObject({ ok: false, code: 'FORBIDDEN' });
    expect(await publish(id)).toMatchObject({ ok: false, code: 'CHECK_NEEDED' });
    await checked(id);
    expect(await statusOf(id)).toBe('DRAFT');
    expect(await publish(id)).toMatchObject({ ok: true });
    expect(await statusOf(id)).toBe('PUBLISHED');
    expect(await publish(id)).toMatchObject({ ok: false, code: 'WRONG_STATE' });
    const { rows } = await world.pool.query(
      `SELECT text::jsonb ->> 'command' AS command, action FROM audit_entry WHERE text::jsonb ->> 'release' = $1 ORDER BY seq`,
      [id],
    );
    expect(rows.map(({ command, action }) => `${action} ${command}`)).toEqual([
      'COMMAND release draft',
      'COMMAND_REFUSED release publish',
      'COMMAND_REFUSED release askPublication',
      'COMMAND release askPublication',
      'COMMAND_REFUSED release publish',
      'COMMAND_REFUSED release publish',
      'COMMAND_REFUSED release publish',
      'COMMAND_REFUSED release publish',
      'OPEN_TABLES null',
      'COMMAND release publish',
      'COMMAND_REFUSED release publish',
    ]);
  });

  it('is not done of a draft that was changed since it was checked or asked for', async () => {
    const id = await draftOf(world, nextVersion());
    await ask(id);
    await checked(id);
    const fold = (by: string) =>
      world.base.database.query(`UPDATE release_patient SET split = split ${by} WHERE release_id = $1`, [id]);
    await fold('+ 1');
    expect(await publish(id)).toMatchObject({ ok: false, code: 'CHECK_NEEDED' });
    await checked(id);
    expect(await publish(id)).toMatchObject({ ok: false, code: 'CONTENT_CHANGED' });
    // What it was is not what was checked last: a check is of one revision, even where everything is as before.
    await fold('- 1');
    expect(await publish(id)).toMatchObject({ ok: false, code: 'CHECK_NEEDED' });
    await checked(id);
    expect(await publish(id)).toMatchObject({ ok: true });
  });

  it('is not done of somebody who withdrew since', async () => {
    const id = await draftOf(world, nextVersion());
    await ask(id);
    await checked(id);
    const result = await changed(
      [
        `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'STOP_SHARING', 'x', now() FROM patient ORDER BY code LIMIT 1`,
      ],
      () => publish(id),
    );
    expect(result).toMatchObject({ ok: false, code: 'CHECK_FAILED', problems: [{ problem: 'has withdrawn' }] });
    expect(await statusOf(id)).toBe('DRAFT');
  });

  it('freezes the rows against the server’s role and the owner', async () => {
    const id = await draftOf(world, nextVersion());
    await ask(id);
    await checked(id);
    await publish(id);
    for (const statement of [
      `UPDATE release_patient SET sex = 'F' WHERE release_id = '${id}'`,
      `DELETE FROM release_submission WHERE release_id = '${id}'`,
      `INSERT INTO release_patient SELECT release_id, gen_random_uuid(), code || 'x', sex, skin_type, pain_target, pain_level, pain_class, cohort, age_group, source_device, split FROM release_patient WHERE release_id = '${id}' LIMIT 1`,
    ])
      for (const give of [(text: string) => world.base.database.query(text), (text: string) => world.pool.query(text)])
        await expect(give(statement), statement).rejects.toMatchObject({ code: '42501' });
    for (const statement of [
      'UPDATE recording SET duration_seconds = 1',
      'DELETE FROM artifact',
      'UPDATE chunk SET number = 9',
      'DELETE FROM survey',
    ])
      await expect(world.base.database.query(statement), statement).rejects.toMatchObject({ code: '42501' });
    expect(await check(id)).toEqual([]);
  });

  it('stores the open tables, small cells hidden', async () => {
    const id = await draftOf(world, nextVersion());
    await ask(id);
    await checked(id);
    await publish(id);
    const { rows } = await world.pool.query('SELECT key, data FROM open_table WHERE release_id = $1 ORDER BY key', [
      id,
    ]);
    expect(rows.map((row) => row.key)).toEqual([
      'patients',
      'patientsByCohort',
      'patientsByPainLevel',
      'patientsByPainLevelAndSex',
      'patientsByPainLevelAndSkinType',
      'patientsBySex',
      'patientsBySexAndSkinType',
      'patientsBySkinType',
    ]);
    // Three patients are fewer than five: no count is told.
    for (const { data } of rows)
      for (const cell of data.cells) expect(cell).toEqual({ at: cell.at, count: null, hidden: true });
  });

  it('of an id that is none does nothing', async () => {
    for (const id of ['x', randomUUID(), "' OR 1=1"]) {
      expect(await ask(id)).toMatchObject({ ok: false, code: 'NO_SUCH_RELEASE' });
      expect(await publish(id)).toMatchObject({ ok: false, code: 'NO_SUCH_RELEASE' });
    }
  });
});
