import { parquetReadObjects } from 'hyparquet';
import { expect } from 'vitest';
import { readWhole } from '../../api/adapters/objects/object-store.ts';
import { JobFailure, JobRefused } from '../../api/jobs/job-kind.ts';
import type { Part } from '../../api/services/exports/selection.ts';
import { MODALITIES, type Modality } from '../../governance/modality.ts';
import { chunkSpan, frameNumbers, frameSpan, submissionOf, type Viewing, viewOf } from './expected.ts';
import { knows, may, type Who } from './opinion.ts';
import { accountOf, type Scene } from './scene.ts';
import { type GrantName, PATIENTS, type Version, type World } from './world.ts';

export interface Wanted {
  modalities: readonly Modality[];
  fold: number | null;
  part: Part;
}

/** An export that was made, and what of the study it holds. */
export interface Made {
  id: string;
  wanted: Wanted;
  grant: GrantName;
  holds: readonly string[];
  tickets: readonly string[];
}

const withLabels = (modalities: readonly Modality[]): Modality[] =>
  MODALITIES.filter((modality) => modality === 'LABELS' || modalities.includes(modality));

/** Patients are dealt to three folds in turn. */
const foldOf = (patient: string): number => (PATIENTS as readonly string[]).indexOf(patient) + 1;
const inPart = (patient: string, { fold, part }: Wanted): boolean =>
  part === 'ALL' || (part === 'TEST') === (foldOf(patient) === fold);

interface Chosen {
  patient: string;
  at: number;
}

const submissionsIn = (view: Viewing, wanted: Wanted): Chosen[] =>
  view
    .patients()
    .filter((patient) => inPart(patient, wanted))
    .flatMap((patient) => view.submissions(patient).map((at) => ({ patient, at })));

/** What an export's right to exist depends on: everything that it tells anything about. */
function holdings(view: Viewing, wanted: Wanted): string[] {
  const modalities = withLabels(wanted.modalities);
  return [
    ...view
      .patients()
      .flatMap((patient) =>
        modalities.filter((kind) => view.shows(kind, patient, null, null)).map((kind) => `${patient} ${kind}`),
      ),
    ...submissionsIn(view, wanted).flatMap(({ patient, at }) => [
      `${patient}/${at}`,
      ...(view.shows('LABELS', patient, at, 'all') ? [`${patient}/${at} whole`] : []),
      ...frameNumbers
        .filter((n) => view.shows('LABELS', patient, at, frameSpan(n)))
        .map((n) => `${patient}/${at} f${n}`),
      ...[0, 1].filter((n) => view.shows('LABELS', patient, at, chunkSpan(n))).map((n) => `${patient}/${at} c${n}`),
    ]),
  ];
}

/** Paths of files that stand for something of one submission. */
function pathsOf(scene: Scene, view: Viewing, wanted: Wanted): string[] {
  const has = (modality: Modality, { patient }: Chosen): boolean =>
    withLabels(wanted.modalities).includes(modality) && view.shows(modality, patient, null, null);
  const featured = new Set<string>();
  const paths = submissionsIn(view, wanted).flatMap((one) => {
    const { patient, at } = one;
    const { timestamp, sound, survey, noFace } = submissionOf(scene.study, patient, at);
    const whole = view.shows('LABELS', patient, at, 'all');
    const frames = frameNumbers.filter((n) => view.shows('LABELS', patient, at, frameSpan(n)));
    const chunks = [0, 1].filter((n) => view.shows('LABELS', patient, at, chunkSpan(n)));
    if (sound && whole && has('AUDIO_FEATURES', one)) featured.add(`audio_features/${patient}/audio_features.csv`);
    const chunkFiles = (as: string) =>
      chunks.map((n) => `audio/${patient}/${timestamp}/chunk_${patient}_${n}_${timestamp}.${as}`);
    return [
      ...(has('FRAMES', one) ? frames.map((n) => `frames/${patient}/${timestamp}/${n}.jpg`) : []),
      ...(has('FACES', one)
        ? frames.filter((n) => !noFace.includes(n)).map((n) => `crops/${patient}/${patient}_${timestamp}_${n}.jpg`)
        : []),
      ...(has('VIDEO', one) && whole ? [`video/${patient}/${timestamp}.mp4`] : []),
      ...(has('AUDIO', one) && sound
        ? [...(whole ? [`audio/${patient}/${timestamp}/${timestamp}.wav`] : []), ...chunkFiles('wav')]
        : []),
      ...(has('SPECTROGRAMS', one) && sound
        ? [
            ...(whole ? [`audio/${patient}/${timestamp}.f32`, `audio/${patient}/${timestamp}.png`] : []),
            ...chunkFiles('f32'),
            ...chunkFiles('png'),
          ]
        : []),
      ...(has('LANDMARKS', one) ? [`landmarks/${patient}/${timestamp}.f32`] : []),
      ...(has('PAIN_SCORES', one) && survey ? [`surveys/${patient}/${timestamp}/targets.csv`] : []),
    ];
  });
  return [...paths, ...featured].sort();
}

/** Rows of tables, as `table: patient/timestamp number`. */
function rowsOf(scene: Scene, view: Viewing, wanted: Wanted): string[] {
  const asked = withLabels(wanted.modalities);
  const lines: string[] = [];
  const has = (modality: Modality, patient: string): boolean =>
    asked.includes(modality) && view.shows(modality, patient, null, null);
  for (const patient of view.patients().filter((one) => inPart(one, wanted))) {
    lines.push(`labels/patients: ${patient}`);
    if (has('PAIN_SCORES', patient)) lines.push(`surveys/pain_targets: ${patient}`);
  }
  for (const { patient, at } of submissionsIn(view, wanted)) {
    const { timestamp, sound } = submissionOf(scene.study, patient, at);
    const name = `${patient} ${timestamp}`;
    const whole = view.shows('LABELS', patient, at, 'all');
    const chunks = [0, 1].filter((n) => view.shows('LABELS', patient, at, chunkSpan(n)));
    lines.push(`labels/submissions: ${name}`, ...chunks.map((n) => `labels/chunks: ${name} ${n}`));
    if (has('PAIN_SCORES', patient)) lines.push(`surveys/surveys: ${name}`);
    if (has('LANDMARKS', patient))
      for (const n of frameNumbers)
        if (view.shows('LABELS', patient, at, frameSpan(n))) lines.push(`landmarks/index: ${name} ${n}`);
    if (has('AUDIO_FEATURES', patient) && sound) {
      if (whole) lines.push(`audio_features/recordings: ${name}`);
      for (const n of chunks) lines.push(`audio_features/chunks: ${name} ${n}`);
    }
  }
  return lines.sort();
}

const TABLES = [
  'labels/patients',
  'labels/submissions',
  'labels/chunks',
  'surveys/pain_targets',
  'surveys/surveys',
  'landmarks/index',
  'audio_features/recordings',
  'audio_features/chunks',
];

/** Files that are of the export as a whole, not of a submission: their rows are looked at instead. */
const isOfAll = (path: string): boolean => /^(manifest\.json|croissant\.json|README\.md|.*\.parquet)$/.test(path);

/** Asks for an export and makes it as a worker does; null where it is rightly refused. */
export async function checkExport(scene: Scene, world: World, version: Version, wanted: Wanted): Promise<Made | null> {
  if (!world.actor.signedIn) return null;
  const view = viewOf({ world, version, use: 'EXPORT', who: world.actor });
  const allowed = withLabels(wanted.modalities).every((modality) => view.may(modality));
  const expected = pathsOf(scene, view, wanted);
  const actor = accountOf(world);
  const asked = await scene.exports.request({ actor, release: version, ...wanted });
  if (!asked.ok) {
    if (!knows(world, version, world.actor)) expect(asked.code).toBe('RELEASE_UNKNOWN');
    else if (allowed) {
      expect(['NOTHING_TO_EXPORT', 'FOLD_UNKNOWN']).toContain(asked.code);
      expect(submissionsIn(view, wanted)).toEqual([]);
    } else expect(['FORBIDDEN', 'RELEASE_UNKNOWN']).toContain(asked.code);
    return null;
  }
  expect(`the export is ${allowed ? 'allowed' : 'forbidden'}`).toBe('the export is allowed');
  await make(scene);
  const made = await readMade(scene, asked.exportId);
  expect(made.paths).toEqual(expected);
  expect(made.rows).toEqual(rowsOf(scene, view, wanted));
  await checkMeshes(scene, view, made.files);
  const listed = await scene.exports.files(asked.exportId, actor, null, 500);
  if (!listed.ok) throw new Error(`its files are not listed: ${listed.code}`);
  const some = [0, Math.floor(listed.files.length / 2), listed.files.length - 1];
  const tickets = some.flatMap((i) => {
    const url = listed.files[i]?.url;
    return url === undefined ? [] : [url.slice(url.lastIndexOf('/') + 1)];
  });
  const opened = await Promise.all(tickets.map((ticket) => scene.access.open(ticket, actor)));
  expect(opened.map((one) => one?.kind)).toEqual(tickets.map(() => 'file'));
  const sight = may(world, 'EXPORT', 'LABELS', version, world.actor);
  if (sight?.on !== 'grant') throw new Error('an export without a grant');
  return { id: asked.exportId, wanted, grant: sight.grant, holds: holdings(view, wanted), tickets };
}

/** The export from before something changed: its files open as long as all that it holds may still be exported. */
export async function checkOldExport(scene: Scene, world: World, version: Version, made: Made): Promise<void> {
  if (!world.actor.signedIn) return;
  const { token } = world.actor;
  const who: Who = { names: made.grant, token: null };
  const view = viewOf({ world, version, use: 'EXPORT', who });
  const now = new Set(holdings(view, made.wanted));
  const lost = made.holds.filter((one) => !now.has(one));
  const allowed = withLabels(made.wanted.modalities).every((modality) => view.may(modality));
  const open = allowed && lost.length === 0 && (token === null || token === made.grant);
  // The token's own grant is the one that counts for the door; a name beside it that differs shuts it.
  const actor = accountOf(world);
  const opened = await Promise.all(made.tickets.map((ticket) => scene.access.open(ticket, actor)));
  const said = `the old export ${open ? 'opens' : `does not open: ${allowed ? lost.slice(0, 3).join(', ') : 'not allowed'}`}`;
  for (const one of opened) expect(`${one?.kind === 'file'} ${said}`).toBe(`${open} ${said}`);
  const files = await scene.exports.files(made.id, actor, null, 1);
  expect(`${files.ok} ${said}`).toBe(`${open} ${said}`);
}

/** Does the newest export's job as a worker does. */
async function make(scene: Scene): Promise<void> {
  const job = await scene.jobs.claim('worker', ['export']);
  const kind = scene.exports.jobKinds()[0];
  if (job === null || kind === undefined) throw new Error('no export waits');
  const payload = kind.payload.parse(job.payload);
  const reasons = (await kind.refusals?.(job, payload)) ?? [];
  expect(reasons).toEqual([]);
  try {
    const result = await kind.run(payload, { job, signal: new AbortController().signal, progress: () => {} });
    await scene.jobs.finish(scene.database, job.id, 'worker', { state: 'SUCCEEDED', result });
  } catch (error) {
    const code = error instanceof JobFailure ? error.code : error instanceof JobRefused ? error.reasons.join() : error;
    throw new Error(`an export that was allowed was not made: ${code}`);
  }
}

interface File {
  path: string;
  objectKey: string;
  firstByte: number;
  bytes: number;
}

async function readMade(scene: Scene, id: string): Promise<{ paths: string[]; rows: string[]; files: File[] }> {
  const { rows: files } = await scene.db.pool.query<File>(
    `SELECT path, object_key AS "objectKey", first_byte::int AS "firstByte", bytes::int AS bytes FROM export_file WHERE export_id = $1`,
    [id],
  );
  const rows: string[] = [];
  for (const table of TABLES) {
    const file = files.find(({ path }) => path === `${table}.parquet`);
    if (file === undefined) continue;
    const bytes = await readFile(scene, file);
    const found = (await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    })) as Record<string, unknown>[];
    for (const row of found) {
      const key = [row.patient, row.timestamp, row.chunk ?? row.frame].filter((value) => value !== undefined);
      rows.push(`${table}: ${key.join(' ')}`);
    }
  }
  const paths = files.map(({ path }) => path).filter((path) => !isOfAll(path));
  return { paths: paths.sort(), rows: rows.sort(), files };
}

const readFile = (scene: Scene, { objectKey, firstByte, bytes }: File): Promise<Buffer> =>
  readWhole(scene.objects, objectKey, { first: firstByte, last: firstByte + bytes - 1 }) as Promise<Buffer>;

/** In the landmark files, frames in quarantine have no numbers. */
async function checkMeshes(scene: Scene, view: Viewing, files: readonly File[]): Promise<void> {
  for (const patient of view.patients())
    for (const at of view.submissions(patient)) {
      const { timestamp, noFace, noMesh } = submissionOf(scene.study, patient, at);
      const file = files.find(({ path }) => path === `landmarks/${patient}/${timestamp}.f32`);
      if (file === undefined || view.shows('LABELS', patient, at, 'all')) continue;
      const bytes = await readFile(scene, file);
      const numbers = frameNumbers.filter((n) => !Number.isNaN(bytes.readFloatLE((n - 1) * 468 * 3 * 4)));
      expect(numbers).toEqual(
        frameNumbers.filter(
          (n) => view.shows('LABELS', patient, at, frameSpan(n)) && !noFace.includes(n) && !noMesh.includes(n),
        ),
      );
    }
}
