import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, systemIds } from '../../../api/adapters/clock/clock.ts';
import { coAuthorsOf } from '../../../api/services/access/co-authors.ts';
import { foldOf } from '../../../api/services/access/request-events.ts';
import { REPLAYS, type ReplayDeps } from '../../../api/services/backup/replay-endings.ts';
import { withVideos, withVideosSealed } from '../../../api/services/backup/sealed-videos.ts';
import { enrolAll } from '../../../api/services/ingest/enrol.ts';
import { storeRecording } from '../../../api/services/ingest/store-recording.ts';
import { ensureStudy, type Study } from '../../../api/services/study.ts';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import type { Enrolment } from '../../../pipeline/labels/enrolment.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { sealedObjects } from '../../support/sealed-objects.ts';

const now = new Date('2026-03-01T12:00:00Z');
const VIDEO = 'a'.repeat(64);
const ENROLMENT = {
  sex: 'F',
  skinType: 'IV_VI',
  painTarget: 6,
  painLevel: 'MODERATE',
  painClass: 'PAIN',
  cohort: '3C',
  sourceDevice: null,
} as const;
const enrolment = (patient: string): Enrolment => ({
  ...ENROLMENT,
  ...{ patient, enrolledOn: '2026-01-01', ageGroup: 'ADULT', split: null, synthetic: true, line: 2 },
});

const folder = mkdtempSync(join(tmpdir(), 'iss-awaited-'));
const { keys } = sealedObjects(folder);
/** The system that was lost, and the one that a backup from before its patients was restored into. */
let lost: TestDatabase;
let again: TestDatabase;
const studies = new Map<TestDatabase, Study>();
beforeAll(async () => {
  [lost, again] = [await startTestDatabase(), await startTestDatabase()];
  for (const db of [lost, again]) {
    const description = { consent: { version: '1', uses: ['GRU'], modalities: ['LABELS', 'VIDEO'] } };
    const study = { key: 'demo', title: 'Demo', synthetic: true, timeZone: 'UTC', description, createdAt: now };
    studies.set(db, await ensureStudy(db.database, { ...study, id: systemIds.uuid() } as never));
  }
});
afterAll(async () => {
  await lost.stop();
  await again.stop();
  rmSync(folder, { recursive: true, force: true });
});

const enrol = (db: TestDatabase, ...patients: string[]) =>
  db.database.transaction((sql) => enrolAll(sql, { ids: systemIds }, studies.get(db)!, patients.map(enrolment), now));
async function record(db: TestDatabase, patient: string, videoSha256: string): Promise<string> {
  const { rows } = await db.pool.query(
    `INSERT INTO submission (id, patient_id, recorded_at, created_at) SELECT gen_random_uuid(), id, '2026-02-01T10:00:00', now() FROM patient WHERE code = $1
     ON CONFLICT (patient_id, recorded_at) DO UPDATE SET setting = submission.setting RETURNING id`,
    [patient],
  );
  const submissionId: string = rows[0].id;
  await db.database.transaction((sql) =>
    storeRecording(sql, {
      ...{ id: systemIds.uuid(), submissionId, videoSha256, surveySha256: null, survey: null, artifacts: [] },
      ...{ at: now, version: '1', current: true, newId: systemIds.uuid },
      result: { status: 'UNREADABLE', code: 'TRUNCATED', reason: 'It is cut off.' },
    }),
  );
  return submissionId;
}
/** What the triggers noted in the lost system since the last time, carried out in the other. */
async function replayed(): Promise<void> {
  const { rows } = await lost.pool.query('DELETE FROM ending RETURNING id, kind, "row"');
  rows.sort((one, other) => Number(one.id) - Number(other.id));
  const deps = { clock: systemClock, ids: systemIds, keys } as unknown as ReplayDeps;
  for (const { kind, row } of rows) {
    const written = await withVideosSealed({ keys, random: randomBytes }, row);
    // The journal is never erased: no video is known by it to who has not the patient's key.
    expect(JSON.stringify(written)).not.toContain(VIDEO);
    expect(await REPLAYS[kind]!(again.pool as never, written, deps)).toBe(true);
  }
}

describe('what had ended for patients and recordings that are not in the backup', () => {
  it('counts when they come again: the consent that they gave, not that of the study', async () => {
    await enrol(lost, '0001', '0002');
    await lost.pool.query(
      `INSERT INTO consent (id, patient_id, version, uses, modalities, effective_at, recorded_at) SELECT gen_random_uuid(), id, '2', '{HMB}', '{LABELS}', now(), now() FROM patient WHERE code = '0001'`,
    );
    await replayed();
    await enrol(again, '0001', '0002', '0003');
    const { rows } = await again.pool.query(
      'SELECT p.code, c.version, c.modalities FROM consent c JOIN patient p ON p.id = c.patient_id ORDER BY p.code, c.recorded_at DESC',
    );
    const first = (code: string) => rows.find((row) => row.code === code);
    expect(first('0001')).toMatchObject({ version: '2', modalities: ['LABELS'] });
    expect(rows.map(({ code }) => code)).toEqual(['0001', '0001', '0002', '0003']);
  });

  it('counts when they come again: a quarantine, of that video and no other, unless it was lifted', async () => {
    const submissionId = await record(lost, '0001', VIDEO);
    await lost.pool.query(
      'INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by) VALUES (gen_random_uuid(), $1, 1, 2, $2, now(), gen_random_uuid())',
      [submissionId, 'A name is spoken.'],
    );
    await replayed();
    await record(again, '0001', 'b'.repeat(64));
    const held = async () =>
      (await again.pool.query('SELECT from_seconds AS "from", reason FROM quarantine WHERE lifted_at IS NULL')).rows;
    expect(await held()).toEqual([]);
    await record(again, '0002', VIDEO);
    expect(await held()).toEqual([]);
    await record(again, '0001', VIDEO);
    expect(await held()).toEqual([{ from: 1, reason: expect.stringContaining('journal of endings') }]);

    await again.pool.query('DELETE FROM quarantine');
    await lost.pool.query('UPDATE quarantine SET lifted_at = now(), lifted_by = placed_by');
    await replayed();
    expect((await again.pool.query(`SELECT 1 FROM awaited_ending WHERE kind = 'quarantine'`)).rows).toEqual([]);
  });

  it('is forgotten when the patient is erased, in the journal and beside it', async () => {
    await enrol(lost, '0009');
    const submissionId = await record(lost, '0009', VIDEO);
    await lost.pool.query(
      'INSERT INTO quarantine (id, submission_id, reason, placed_at, placed_by) VALUES (gen_random_uuid(), $1, $2, now(), gen_random_uuid())',
      [submissionId, 'A name is spoken.'],
    );
    const { rows } = await lost.pool.query(`SELECT "row" FROM ending WHERE kind = 'quarantine'`);
    const written = await withVideosSealed({ keys, random: randomBytes }, rows[0].row);
    await replayed();
    const awaited = async () =>
      (await again.pool.query(`SELECT kind, videos FROM awaited_ending WHERE code = '0009' ORDER BY kind`)).rows;
    expect(await awaited()).toEqual([
      { kind: 'consent', videos: [] },
      { kind: 'quarantine', videos: [VIDEO] },
    ]);
    expect(await withVideos(keys, written)).toMatchObject({ videos: [VIDEO] });

    await keys.destroy('demo/0009');
    expect(await withVideos(keys, written)).toMatchObject({ videos: [] });
    expect(await withVideosSealed({ keys, random: randomBytes }, rows[0].row)).not.toHaveProperty('videos');
    // As a restore enters whoever was erased since.
    await again.pool.query(
      `INSERT INTO patient (id, study_id, code, created_at, updated_at, erased_at) SELECT gen_random_uuid(), id, '0009', now(), now(), now() FROM study`,
    );
    expect(await awaited()).toEqual([]);
    const deps = { clock: systemClock, ids: systemIds, keys } as unknown as ReplayDeps;
    await REPLAYS.quarantine!(again.pool as never, written, deps);
    expect(await awaited()).toEqual([]);
  });

  it('is of every video of a patient whose key is missing, rather than of none', async () => {
    const noted = {
      id: systemIds.uuid(),
      study: 'demo',
      code: '0010',
      submission_id: systemIds.uuid(),
      videos: [VIDEO],
    };
    const written = await withVideosSealed({ keys, random: randomBytes }, noted);
    const other = sealedObjects(join(folder, 'other')).keys;
    expect(await withVideos(other, written)).toMatchObject({ videos: ['*'] });
    await other.make('demo/0010');
    expect(await withVideos(other, written)).toMatchObject({ videos: ['*'] });
    const more = { from_seconds: null, to_seconds: null, placed_at: now.toISOString(), placed_by: systemIds.uuid() };
    const deps = { clock: systemClock, ids: systemIds, keys: other } as unknown as ReplayDeps;
    await REPLAYS.quarantine!(again.pool as never, { ...written, ...more }, deps);
    await enrol(again, '0010');
    const submissionId = await record(again, '0010', 'c'.repeat(64));
    const { rows } = await again.pool.query('SELECT id FROM quarantine WHERE submission_id = $1', [submissionId]);
    expect(rows).toEqual([{ id: noted.id }]);
  });
});

describe('what had ended for institutions and people who are not in the backup', () => {
  const institution = async (db: TestDatabase, id: string) =>
    (await db.pool.query('SELECT name, ror, country, standing FROM institution WHERE id = $1', [id])).rows[0];
  const register = async (name: string, ror: string): Promise<string> => {
    const id = systemIds.uuid();
    await lost.pool.query(
      `INSERT INTO institution (id, name, ror, country, standing, created_at) VALUES ($1, $2, $3, 'NL', 'VERIFIED', now())`,
      [id, name, ror],
    );
    return id;
  };
  const account = async (name: string): Promise<string> => {
    const id = systemIds.uuid();
    await lost.pool.query(
      `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES ($1, 'realm', $2, $2, $2, $3, now())`,
      [id, name, `${name}@example.org`],
    );
    return id;
  };
  /** Who signs in again, as the provider knows them. */
  const signsIn = async (name: string): Promise<string> => {
    const { rows } = await again.pool.query(
      `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES (gen_random_uuid(), 'realm', $1, $1 || '-again', $1, $2, now())
       ON CONFLICT (issuer, subject) DO UPDATE SET email = excluded.email RETURNING id`,
      [name, `${name}@example.org`],
    );
    return rows[0].id;
  };

  it('a standing: the institution is there again, as it stood, and nobody registers it as if nothing had been', async () => {
    const id = await register('University of Somewhere', 'https://ror.org/0example1');
    await lost.pool.query(`UPDATE institution SET standing = 'BARRED', standing_reason = 'x' WHERE id = $1`, [id]);
    await replayed();
    const as = { name: 'University of Somewhere', ror: 'https://ror.org/0example1', country: 'NL', standing: 'BARRED' };
    expect(await institution(again, id)).toEqual(as);
    await expect(
      again.pool.query(
        `INSERT INTO institution (id, name, ror, country, standing, created_at) VALUES (gen_random_uuid(), 'Again', $1, 'NL', 'VERIFIED', now())`,
        [as.ror],
      ),
    ).rejects.toThrow('institution_ror');
    await lost.pool.query(`UPDATE institution SET standing = 'VERIFIED' WHERE id = $1`, [id]);
    await replayed();
    expect(await institution(again, id)).toMatchObject({ standing: 'VERIFIED' });
  });

  it('a sanction: it runs, of the institution that was registered meanwhile under the same identifier too', async () => {
    const [id, other] = [
      await register('A', 'https://ror.org/0example2'),
      await register('B', 'https://ror.org/0example3'),
    ];
    const registered = systemIds.uuid();
    await again.pool.query(
      `INSERT INTO institution (id, name, ror, country, standing, created_at) VALUES ($1, 'B', 'https://ror.org/0example3', 'NL', 'VERIFIED', now())`,
      [registered],
    );
    for (const one of [id, other])
      await lost.pool.query(
        `INSERT INTO sanction (id, kind, institution_id, reason, starts_at, imposed_by) VALUES (gen_random_uuid(), 'BAR', $1, 'x', now(), gen_random_uuid())`,
        [one],
      );
    await replayed();
    const { rows } = await again.pool.query(
      'SELECT institution_id AS id FROM sanction WHERE lifted_at IS NULL ORDER BY id',
    );
    expect(rows.map((row) => row.id).sort()).toEqual([id, registered].sort());
  });

  it('a co-authorship that somebody declared: they decide nothing about the other, known by account or address alone', async () => {
    const [sam, ada] = [await account('sam'), await account('ada')];
    const declare = (other: string | null, named: string) =>
      lost.pool.query(
        `INSERT INTO co_author (id, account_id, other_id, other_named, last_published_on, declared_at) VALUES (gen_random_uuid(), $1, $2, $3, '2026-01-01', now())`,
        [sam, other, named],
      );
    await declare(ada, 'ada@example.org');
    await declare(null, 'eve@example.org');
    const { rows: noted } = await lost.pool.query(`SELECT "row" FROM ending WHERE kind = 'co_author'`);
    expect(noted).toHaveLength(2);
    expect(JSON.stringify(noted)).not.toContain('@example.org');
    await replayed();
    const [samAgain, adaAgain, eve] = [await signsIn('sam'), await signsIn('ada'), await signsIn('eve')];
    const authors = () => coAuthorsOf(again.pool as never, [adaAgain, eve], DEFAULT_POLICY, now);
    expect(await authors()).toEqual(
      new Map([
        [adaAgain, [samAgain]],
        [eve, [samAgain]],
      ]),
    );
    // Taken back, it counts no more; by the address here too.
    await lost.pool.query(
      `INSERT INTO co_author_withdrawal SELECT id, now() FROM co_author WHERE other_named = 'ada@example.org'`,
    );
    await replayed();
    expect(await authors()).toEqual(new Map([[eve, [samAgain]]]));
  });

  it('who stepped back from a request stays out of it', async () => {
    const [ada, sue] = [await account('ada-2'), await account('sue')];
    const uni = await register('Uni', 'https://ror.org/0example4');
    const id = systemIds.uuid();
    const event = (type: string, by: string, more = {}) => ({ type, by, at: now.toISOString(), ...more });
    const history = [
      event('RequestCreated', ada, { requestId: id, institutionId: uni }),
      event('RequestSubmitted', ada, { seen: 'x' }),
    ];
    const stepped = event('StewardRecused', sue);
    for (const db of [lost, again]) {
      if (db === again) {
        await again.pool.query(`INSERT INTO account SELECT * FROM jsonb_populate_record(NULL::account, $1)`, [
          JSON.stringify((await lost.pool.query('SELECT * FROM account WHERE id = $1', [ada])).rows[0]),
        ]);
        await again.pool.query(
          `INSERT INTO institution (id, name, country, standing, created_at) VALUES ($1, 'Uni', 'NL', 'VERIFIED', now())`,
          [uni],
        );
      }
      await db.pool.query(
        `INSERT INTO access_request (id, study_id, applicant_id, institution_id, state, version, created_at, changed_at) SELECT $1, id, $2, $3, 'SUBMITTED', 2, now(), now() FROM study`,
        [id, ada, uni],
      );
      for (const [index, one] of [...history, ...(db === lost ? [stepped] : [])].entries())
        await db.pool.query(
          'INSERT INTO request_event (request_id, number, type, data, actor_id, at) VALUES ($1, $2, $3, $4, $5, now())',
          [id, index + 1, one.type, JSON.stringify(one), one.by],
        );
    }
    await lost.pool.query(`DELETE FROM ending WHERE "row" ->> 'type' IS DISTINCT FROM 'StewardRecused'`);
    const { rows: noted } = await lost.pool.query('SELECT "row" FROM ending');
    await replayed();
    const sueAgain = await signsIn('sue');
    expect((await foldOf(again.pool as never, id))?.state.recused).toEqual([sueAgain]);
    // Again does no harm.
    await lost.pool.query(`INSERT INTO ending (kind, "row") VALUES ('request_event', $1)`, [
      JSON.stringify(noted[0].row),
    ]);
    await replayed();
    expect((await foldOf(again.pool as never, id))?.state).toMatchObject({ recused: [sueAgain], version: 3 });
  });
});
