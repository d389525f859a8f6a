import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { landmarkValue } from '../../support/recording-files.ts';
import {
  asked,
  EVERY_MODALITY,
  type ExportWorld,
  entries,
  made,
  paths,
  read,
  readManifest,
  readTable,
  startExportWorld,
  work,
} from './export-world.ts';

let world: ExportWorld;
const sql = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);
const patient = (code: string) => world.study.patients.find((one) => one.code === code)!;
const withdraw = (code: string, kind = 'STOP_SHARING') =>
  sql(`INSERT INTO withdrawal (id, patient_id, kind, reason, at) VALUES (gen_random_uuid(), $1, $2, 'asked', now())`, [
    patient(code).id,
    kind,
  ]);
const quarantine = (submissionId: string, from: number | null = null, to: number | null = null) =>
  sql(
    `INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by) VALUES (gen_random_uuid(), $1, $2, $3, 'a name', now(), $4)`,
    [submissionId, from, to, world.person.accountId],
  );
const lift = () => sql(`UPDATE quarantine SET lifted_at = $1`, [new Date(world.clock.at.getTime() - 1000)]);
const consent = (code: string, changes: { uses?: string[]; modalities?: string[]; adultFrom?: string }) =>
  sql(
    `INSERT INTO consent (id, patient_id, version, uses, modalities, adult_from, effective_at, recorded_at) VALUES (gen_random_uuid(), $1, '2', $2, $3, $4, '2025-01-01', now())`,
    [patient(code).id, changes.uses ?? ['HMB'], changes.modalities ?? EVERY_MODALITY, changes.adultFrom ?? null],
  );
const open = (exportId: string, path = 'manifest.json') =>
  world.exports.open(exportId, path, world.person.actor, world.clock.now());
const all = { fold: null, part: 'ALL', modalities: EVERY_MODALITY } as const;

beforeAll(async () => {
  world = await startExportWorld();
});
afterAll(() => world.stop());
afterEach(async () => {
  await sql('DELETE FROM withdrawal');
  await sql('DELETE FROM quarantine');
  await sql(`DELETE FROM consent WHERE version = '2'`);
});

/** Everything of an export in which a word may occur; says whether one does, since the text is long. */
async function everything(exportId: string): Promise<string> {
  const listed = await paths(world, exportId, 500);
  const tables = await Promise.all(
    listed.filter((path) => path.endsWith('.parquet')).map((path) => readTable(world, exportId, path)),
  );
  const texts = await Promise.all(
    listed.filter((path) => /\.(csv|json|md)$/.test(path)).map((path) => read(world, exportId, path)),
  );
  // Checksums and ids may hold any digits.
  return [listed.join(), JSON.stringify(tables), ...texts.map(String)]
    .join('\n')
    .replaceAll(/[0-9a-f]{64}|[0-9a-f-]{36}/g, '');
}

describe('a patient who may not be seen is nowhere in an export, and who stops collection alone is', () => {
  test.each([
    ['withdrawn', () => withdraw('9002')],
    ['erased', () => withdraw('9002', 'ERASE')],
    ['with a consent that does not permit the purpose', () => consent('9002', { uses: ['DS:MONDO:0004992'] })],
    ['with a consent without labels', () => consent('9002', { modalities: ['LANDMARKS', 'AUDIO'] })],
    ['of age by now, who has not consented anew', () => consent('9002', { adultFrom: '2025-03-15' })],
  ])('%s', async (_, change) => {
    await change();
    const text = await everything(await made(world, all));
    expect([text.includes('9002'), text.includes('9003')]).toEqual([false, true]);
  });

  test('one who only stopped the collection is still there', async () => {
    await withdraw('9002', 'STOP_COLLECTION');
    expect(await everything(await made(world, { ...all, modalities: ['LABELS'] }))).toContain('9002');
  });

  test('the manifest names the state of the release', async () => {
    await withdraw('9002');
    const manifest = await readManifest(world, await made(world));
    expect(manifest.release).toMatchObject({ version: '1.0.0', state: '1.0.0+w1' });
    expect(manifest.counts.patients).toBe(3);
  });
});

test('a patient whose consent leaves a kind of data out is there without it, in tables and in files', async () => {
  await consent('9003', { modalities: ['LABELS', 'PAIN_SCORES', 'FRAMES'] });
  const exportId = await made(world, all);
  const listed = (await paths(world, exportId, 500)).filter((path) => path.includes('9003'));
  expect(listed.every((path) => /^(frames|surveys)\//.test(path))).toBe(true);
  expect(listed).toHaveLength(92);
  const has = async (name: string, column = 'patient') =>
    (await readTable(world, exportId, name)).some((row) => String(row[column]).startsWith('9003'));
  expect(await has('labels/patients.parquet')).toBe(true);
  for (const name of ['landmarks/index', 'audio_features/recordings', 'audio_features/chunks'])
    expect([name, await has(`${name}.parquet`)]).toEqual([name, false]);
  expect(await has('labels/set1_4_all.parquet', 'files')).toBe(false);
  expect(await has('labels/set2_2_all.parquet', 'files')).toBe(false);
  const sounds = (await readTable(world, exportId, 'labels/set3_4_all.parquet')).filter((row) => row.subj === '9003');
  // hyparquet gives undefined for a list that is null.
  expect(sounds.map((row) => row.acoustic ?? null)).toEqual([null, null]);
  // Without pain scores of theirs, the second set says nothing more than that there are none, and they have no target.
  await consent('9004', { modalities: ['LABELS', 'LANDMARKS'] });
  const second = await made(world, all);
  const scores = (await readTable(world, second, 'labels/set2_4_all.parquet')).filter((row) => row.subj === '9004');
  expect(scores.length).toBeGreaterThan(0);
  expect(scores.every((row) => row.scores_absent === 1 && row['s1-painnow'] === 0)).toBe(true);
  for (const name of ['pain_targets', 'surveys']) {
    const rows = await readTable(world, second, `surveys/${name}.parquet`);
    expect([...new Set(rows.map((row) => row.patient))]).toEqual(['9001', '9002', '9003', '9005', '9006']);
  }
});

test('label sets have the columns of what is exported and no others', async () => {
  const columns = async (modalities: (typeof EVERY_MODALITY)[number][], name: string) => {
    const exportId = await made(world, { ...all, modalities });
    return (await paths(world, exportId)).includes(name)
      ? Object.keys((await readTable(world, exportId, name))[0]!)
      : null;
  };
  const set2 = 'labels/set2_4_all.parquet';
  expect(await columns(['PAIN_SCORES'], set2)).toBe(null);
  expect(await columns(['LANDMARKS'], set2)).toEqual([
    'files',
    'pain_class',
    'gender',
    'skin',
    'video_date',
    'subj',
    'timeframe',
    'lm',
    'lm_offset',
  ]);
  expect(await columns(['LANDMARKS', 'PAIN_SCORES'], set2)).toEqual([
    'files',
    'pain_class',
    'gender',
    'skin',
    'video_date',
    'subj',
    'timeframe',
    ...['activity', 'enjoyment', 'mood', 'painnow', 'paintime', 'relationships', 'sleep', 'walking', 'work'].map(
      (name) => `s1-${name}`,
    ),
    'scores_absent',
    'lm',
    'lm_offset',
  ]);
  expect(await columns(['LABELS'], 'labels/set3_4_all.parquet')).toEqual([
    'filename',
    'pain_class',
    'gender',
    'skin',
    'basename',
    'subj',
  ]);
  expect(await columns(['LABELS'], 'surveys/surveys.parquet')).toBe(null);
  // Which frames have a face, and the pain target, are other kinds of data than labels.
  const text = await everything(await made(world, { ...all, modalities: ['LABELS'] }));
  for (const word of ['face', 'score', 'pain_target', 'painnow'])
    expect(text.replace(/README[\s\S]*/, '')).not.toContain(`"${word}`);
});

describe('a quarantined submission', () => {
  test('is not in an export', async () => {
    const { id, timestamp } = patient('9002').submissions[0]!;
    await quarantine(id);
    const text = await everything(await made(world, all));
    expect(new RegExp(`9002[^\\n]{0,40}${timestamp}`).test(text)).toBe(false);
    expect(text.includes(patient('9002').submissions[1]!.timestamp)).toBe(true);
  });

  test('of which a second is in quarantine loses that second, and what is of the whole; which is told without a reason', async () => {
    const submission = patient('9002').submissions[0]!;
    const { timestamp } = submission;
    await quarantine(submission.id, 2, 3);
    const exportId = await made(world, all);
    const listed = (await paths(world, exportId, 500)).filter(
      (path) => path.includes('9002') && path.includes(timestamp),
    );
    const hidden = Array.from({ length: 10 }, (_, i) => 21 + i);
    expect(listed.filter((path) => path.startsWith('frames'))).toHaveLength(35);
    expect(listed.filter((path) => path.startsWith('crops'))).toHaveLength(34);
    for (const n of hidden) expect(listed).not.toContain(`frames/9002/${timestamp}/${n}.jpg`);
    const chunk = (n: number, as: string) => `audio/9002/${timestamp}/chunk_9002_${n}_${timestamp}.${as}`;
    expect(listed.filter((path) => !/^(frames|crops)/.test(path))).toEqual(
      [
        chunk(1, 'f32'),
        chunk(1, 'png'),
        chunk(1, 'wav'),
        `landmarks/9002/${timestamp}.f32`,
        `surveys/9002/${timestamp}/targets.csv`,
      ].sort(),
    );
    const manifest = await readManifest(world, exportId);
    expect(manifest.leftOut).toEqual([
      { path: `audio/9002/${timestamp}.f32`, modality: 'SPECTROGRAMS' },
      { path: `audio/9002/${timestamp}.png`, modality: 'SPECTROGRAMS' },
      { path: `audio/9002/${timestamp}/${timestamp}.wav`, modality: 'AUDIO' },
      { path: `audio_features/9002/audio_features.csv#${timestamp}`, modality: 'AUDIO_FEATURES' },
      { path: `video/9002/${timestamp}.mp4`, modality: 'VIDEO' },
    ]);
    expect(JSON.stringify(manifest)).not.toMatch(/quarantin/i);
    expect(manifest.counts).toMatchObject({ frames: 12 * 45 - 10, chunks: 23 });

    const bytes = await read(world, exportId, `landmarks/9002/${timestamp}.f32`);
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    expect(values.length).toBe(45 * 1404);
    for (const n of hidden) expect(values.subarray((n - 1) * 1404, n * 1404).every(Number.isNaN)).toBe(true);
    expect([values[19 * 1404 + 7], values[30 * 1404 + 7]]).toEqual([landmarkValue(20, 7), landmarkValue(31, 7)]);

    const mine = (rows: Record<string, unknown>[]) =>
      rows.filter((row) => row.patient === '9002' && row.timestamp === timestamp);
    expect(mine(await readTable(world, exportId, 'landmarks/index.parquet'))).toHaveLength(35);
    expect(mine(await readTable(world, exportId, 'labels/chunks.parquet')).map((row) => row.chunk)).toEqual([1]);
    expect(mine(await readTable(world, exportId, 'audio_features/chunks.parquet')).map((row) => row.chunk)).toEqual([
      1,
    ]);
    expect(mine(await readTable(world, exportId, 'audio_features/recordings.parquet'))).toEqual([]);
    expect((await read(world, exportId, 'audio_features/9002/audio_features.csv')).toString()).not.toContain(timestamp);
    const images = await readTable(world, exportId, 'labels/set1_4_all.parquet');
    expect(images.filter((row) => String(row.files).startsWith(`9002_${timestamp}`))).toHaveLength(33);
    const sounds = (await readTable(world, exportId, 'labels/set3_4_all.parquet')).filter(
      (row) => row.basename === timestamp && row.subj === '9002',
    );
    expect(sounds.map((row) => row.acoustic ?? null)).toEqual([null]);
    const chunks = (await readTable(world, exportId, 'labels/set3_chunks_4_all.parquet')).filter((row) =>
      String(row.basename).includes(`9002_0_${timestamp}`),
    );
    expect(chunks).toEqual([]);
  });
});

describe('between the request and the making', () => {
  test('who withdraws is left out', async () => {
    const { exportId } = await asked(world, all);
    await withdraw('9003');
    expect(await work(world)).toBe('SUCCEEDED');
    expect((await everything(exportId)).includes('9003')).toBe(false);
  });

  test('a grant that is revoked, or training that is rejected, ends it with every reason, which the log has too', async () => {
    const { exportId, jobId } = await asked(world, all);
    await sql(`UPDATE data_grant SET state = 'REVOKED' WHERE id = $1`, [world.person.grantId]);
    await sql(`UPDATE certificate SET state = 'REJECTED' WHERE account_id = $1 AND type = 'HIPAA'`, [
      world.person.accountId,
    ]);
    expect(await work(world)).toBe('REFUSED');
    expect((await world.deps.jobs.get(jobId))?.error?.reasons?.sort()).toEqual(['GRANT_REVOKED', 'TRAINING_MISSING']);
    expect(await world.exports.files(exportId, world.person.actor)).toMatchObject({ ok: false, code: 'NOT_READY' });
    expect((await entries(world.db.database, 'REFUSED')).at(-1)).toMatchObject({
      use: 'EXPORT',
      job: jobId,
      export: exportId,
      account: world.person.accountId,
      reasons: ['GRANT_REVOKED', 'TRAINING_MISSING'],
    });
    await sql(`UPDATE data_grant SET state = 'ACTIVE'`);
    await sql(`UPDATE certificate SET state = 'VERIFIED'`);
  });

  test('whoever watches over jobs is told the reasons each time that they ask, and the log once', async () => {
    const { exportId, jobId } = await asked(world, all);
    const kind = world.exports.jobKinds()[0]!;
    const job = (await world.deps.jobs.get(jobId))!;
    expect(await kind.refusals?.(job, { exportId })).toEqual([]);
    await sql(`UPDATE account SET suspended_at = '2025-01-01'`);
    const before = (await entries(world.db.database, 'REFUSED')).length;
    for (let i = 0; i < 3; i++) expect(await kind.refusals?.(job, { exportId })).toEqual(['ACCOUNT_SUSPENDED']);
    expect(await entries(world.db.database, 'REFUSED')).toHaveLength(before + 1);
    await sql('UPDATE account SET suspended_at = NULL');
    expect(await work(world)).toBe('SUCCEEDED');
  });

  test('an export of which nothing is left fails and says so', async () => {
    const { jobId } = await asked(world, { fold: 1, part: 'TEST' });
    await withdraw('9001');
    await withdraw('9004');
    expect(await work(world)).toBe('FAILED');
    expect((await world.deps.jobs.get(jobId))?.error?.code).toBe('NOTHING_TO_EXPORT');
  });
});

describe('a finished export', () => {
  const endedBy = async (change: () => Promise<unknown>, undo: () => Promise<unknown>, code: string) => {
    const exportId = await made(world, { fold: 1, part: 'TRAIN', modalities: ['LANDMARKS', 'AUDIO'] });
    const { timestamp } = patient('9003').submissions[0]!;
    const path = `landmarks/9003/${timestamp}.f32`;
    expect((await open(exportId, path)).ok).toBe(true);
    await change();
    for (const one of [path, 'manifest.json', 'labels/patients.parquet'])
      expect([one, await open(exportId, one)]).toMatchObject([one, { ok: false, code }]);
    expect(await world.exports.files(exportId, world.person.actor)).toMatchObject({ ok: false, code });
    await undo();
    return exportId;
  };
  const nothing = async () => {};

  test('ends when a patient in it withdraws, even one whom it only names in the other side of the fold', async () => {
    await endedBy(
      () => withdraw('9002'),
      () => sql('DELETE FROM withdrawal'),
      'EXPORT_ENDED',
    );
    await endedBy(() => withdraw('9001'), nothing, 'EXPORT_ENDED');
  });

  test('ends when a consent changes, for the row or for one kind of data of it', async () => {
    await endedBy(
      () => consent('9002', { uses: ['DS:MONDO:0004992'] }),
      () => sql(`DELETE FROM consent WHERE version = '2'`),
      'EXPORT_ENDED',
    );
    await endedBy(
      () => consent('9002', { modalities: EVERY_MODALITY.filter((one) => one !== 'AUDIO') }),
      nothing,
      'EXPORT_ENDED',
    );
  });

  test('ends when a submission, or a second of one, comes into quarantine; is there again when that is lifted', async () => {
    for (const [from, to] of [
      [null, null],
      [1, 1.5],
    ] as const) {
      const exportId = await endedBy(
        () => quarantine(patient('9002').submissions[1]!.id, from, to),
        lift,
        'EXPORT_ENDED',
      );
      expect((await open(exportId)).ok).toBe(true);
    }
  });

  test('does not end when a submission of the other part comes into quarantine, nor when more may be seen than it holds', async () => {
    await quarantine(patient('9003').submissions[0]!.id, 1, 2);
    await quarantine(patient('9003').submissions[1]!.id);
    const exportId = await made(world, { fold: 1, part: 'TRAIN', modalities: ['LANDMARKS'] });
    await quarantine(patient('9001').submissions[0]!.id);
    expect((await open(exportId)).ok).toBe(true);
    await lift();
    expect((await open(exportId)).ok).toBe(true);
    // A further second of what is partly in it ends it.
    await quarantine(patient('9003').submissions[0]!.id, 3, 4);
    expect(await open(exportId)).toMatchObject({ ok: false, code: 'EXPORT_ENDED' });
  });

  test('is refused with the reasons when access ends, and the log says so', async () => {
    await endedBy(
      () => sql(`UPDATE data_grant SET state = 'SUSPENDED'`),
      () => sql(`UPDATE data_grant SET state = 'ACTIVE'`),
      'FORBIDDEN',
    );
    const member = () => sql('UPDATE grant_member SET removed_at = now()');
    await endedBy(member, () => sql('UPDATE grant_member SET removed_at = NULL'), 'FORBIDDEN');
    const exportId = await made(world);
    world.clock.at = new Date(world.clock.at.getTime() + 200 * 86_400_000);
    expect(await open(exportId)).toMatchObject({ code: 'FORBIDDEN', reasons: ['GRANT_EXPIRED'] });
    world.clock.at = new Date(world.clock.at.getTime() - 200 * 86_400_000);
    const { rows } = await sql(`SELECT text FROM audit_entry WHERE action = 'REFUSED' ORDER BY seq DESC LIMIT 1`);
    expect(JSON.parse(rows[0].text)).toMatchObject({ use: 'EXPORT', export: exportId, reasons: ['GRANT_EXPIRED'] });
  });

  test('is refused when one of its kinds of data is taken from the grant, or its release is retracted', async () => {
    const access = JSON.stringify({ LABELS: ['EXPORT'], LANDMARKS: ['EXPORT'] });
    const { rows } = await sql('SELECT access FROM data_grant');
    await endedBy(
      () => sql('UPDATE data_grant SET access = $1', [access]),
      () => sql('UPDATE data_grant SET access = $1', [JSON.stringify(rows[0].access)]),
      'FORBIDDEN',
    );
    await endedBy(
      () => sql(`UPDATE release SET status = 'RETRACTED'`),
      // Nobody may: the next test begins anew.
      () =>
        sql(`ALTER TABLE release DISABLE TRIGGER release_frozen; UPDATE release SET status = 'PUBLISHED';
             ALTER TABLE release ENABLE TRIGGER release_frozen`),
      'FORBIDDEN',
    );
  });

  test('opens by a ticket of its own files alone, and says while it streams whether it still may', async () => {
    const exportId = await made(world, { modalities: ['AUDIO'] });
    const listed = await world.exports.files(exportId, world.person.actor, null, 500);
    if (!listed.ok) throw new Error(listed.code);
    const wav = listed.files.find(({ path }) => /chunk_9002_1_.*wav$/.test(path))!;
    const ticket = world.deps.tickets.open(wav.url.split('/').at(-1)!);
    if (ticket?.kind !== 'export') throw new Error('no ticket of an export');
    const file = await world.exports.openTicket(ticket, world.person.actor);
    if (file?.kind !== 'file') throw new Error('not opened');
    expect(file).toMatchObject({
      bytes: wav.bytes,
      sha256: wav.sha256,
      name: wav.path.split('/').at(-1),
      about: { export: exportId, path: wav.path, modality: 'AUDIO' },
    });
    expect(file.prefix).toHaveLength(44);
    expect(await file.stillAllowed()).toBe(true);
    await withdraw('9002');
    expect(await file.stillAllowed()).toBe(false);
    expect(await world.exports.openTicket(ticket, world.person.actor)).toEqual({
      kind: 'refused',
      reasons: ['EXPORT_ENDED'],
    });
    expect(await open(exportId, '../manifest.json')).toMatchObject({ ok: false });
  });
});
