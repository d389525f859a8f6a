import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, open, opendir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointKey } from '../../governance/checkpoint.ts';
import { type ExportReceipt, readReceipt } from '../../governance/receipt.ts';
import { MANIFEST, MANIFEST_FORMAT, MANIFEST_VERSION, type Manifest } from '../services/exports/manifest-format.ts';
import { RECEIPT_FILE, STATE_FILE } from './export-folder.ts';
import { isListedPath } from './listed-path.ts';

export interface ExportProblem {
  readonly path: string;
  readonly problem: string;
}

export interface Verification {
  readonly ok: boolean;
  /** Files that the manifest lists and that were looked at, the manifest itself among them. */
  readonly files: number;
  readonly problems: readonly ExportProblem[];
  /** What the server has signed; null where there is no receipt, or none of the known keys proves it. */
  readonly receipt: ExportReceipt | null;
  /** ABSENT: none lies there. UNKNOWN_KEY: none of the known keys has signed it. */
  readonly signed: 'PROVED' | 'UNKNOWN_KEY' | 'ABSENT' | 'WRONG';
}

export type ManifestReading =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly problems: readonly ExportProblem[] };

const MANIFEST_NAME = 'manifest.json';
/** JSON of this size is read in memory; an export of all frames of the study's full size has less. */
const MOST_MANIFEST_BYTES = 450 * 1024 * 1024;

/**
 * Proves a pulled export complete and unaltered: every file of `manifest.json` there with its size and SHA-256, none besides, the folds disjoint. Needs no
 * server. Hashes are streamed; links are never followed. Every problem found is named, sorted by path.
 * @throws the file system's error where something cannot be read at all
 */
export async function verifyExport(
  directory: string,
  options: { onProgress?: (done: number, total: number) => void; keys?: readonly CheckpointKey[] } = {},
): Promise<Verification> {
  const read = await readManifestFile(directory);
  if (!read.ok) return { ok: false, files: 0, problems: read.problems, receipt: null, signed: 'ABSENT' };
  const { manifest } = read;
  const problems: ExportProblem[] = [...manifestProblems(manifest)];
  const unsafe = new Set(problems.map(({ path }) => path));
  const expected = new Map(manifest.files.map((file) => [file.path, file]));
  const found = new Set<string>();
  for await (const { path, kind } of walk(directory, '')) {
    // What names the export for a later pull is the folder's, not the export's.
    if ((path === MANIFEST_NAME || path === STATE_FILE || path === RECEIPT_FILE) && kind === 'file') continue;
    if (kind !== 'file')
      problems.push({ path, problem: kind === 'link' ? 'is a link' : 'is neither a file nor a folder' });
    else if (expected.has(path)) found.add(path);
    else problems.push({ path, problem: 'is not in the manifest' });
  }
  const named = new Set(problems.map(({ path }) => path));
  let done = 0;
  for (const [path, file] of expected) {
    options.onProgress?.(++done, expected.size);
    if (unsafe.has(path)) continue;
    if (!found.has(path)) {
      if (!named.has(path)) problems.push({ path, problem: 'is missing' });
      continue;
    }
    const problem = await fileProblem(join(directory, path), file);
    if (problem !== null) problems.push({ path, problem });
  }
  const { problem: wrong, ...signed } = await receiptOf(directory, manifest, options.keys ?? []);
  if (wrong !== null) problems.push({ path: RECEIPT_FILE, problem: wrong });
  problems.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { ok: problems.length === 0, files: found.size + 1, problems, ...signed };
}

/** The receipt beside the manifest, held against it. */
async function receiptOf(
  directory: string,
  manifest: Manifest,
  keys: readonly CheckpointKey[],
): Promise<Pick<Verification, 'receipt' | 'signed'> & { problem: string | null }> {
  const none = { receipt: null, problem: null };
  const wrong = (problem: string) => ({ receipt: null, signed: 'WRONG' as const, problem });
  const note = await readFile(join(directory, RECEIPT_FILE), 'utf8').catch(absentIsNull);
  if (note === null) return { ...none, signed: 'ABSENT' };
  const read = readReceipt(note, keys);
  if (!read.ok)
    return read.why === 'UNKNOWN_KEY'
      ? { ...none, signed: 'UNKNOWN_KEY' }
      : wrong('is damaged, or was changed after it was signed');
  const { receipt } = read;
  const hash = createHash('sha256').update(await readFile(join(directory, MANIFEST_NAME)));
  if (receipt.manifest !== hash.digest('hex') || receipt.export !== manifest.export)
    return wrong(`is of another manifest (export ${receipt.export})`);
  return { receipt, signed: 'PROVED', problem: null };
}

/** Reads a manifest's text: its form and version, and that no path in it is hostile. */
export function readManifest(text: string): ManifestReading {
  const damaged = (problem: string): ManifestReading => ({ ok: false, problems: [{ path: MANIFEST_NAME, problem }] });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return damaged('is damaged: not JSON');
  }
  const head = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (head.format !== MANIFEST_FORMAT) return damaged('is not the manifest of an export');
  if (head.formatVersion !== MANIFEST_VERSION)
    return damaged(
      `has the form ${JSON.stringify(head.formatVersion)}; this program reads ${MANIFEST_VERSION}: use a newer one`,
    );
  const parsed = MANIFEST.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return damaged(`is damaged: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  return { ok: true, manifest: parsed.data };
}

/** What is wrong with a manifest in itself: paths that leave the folder, repeat or collide; folds that share a patient; counts that are not those of the list. */
export function manifestProblems({ files, folds, counts }: Manifest): ExportProblem[] {
  const problems: ExportProblem[] = [];
  const paths = new Set<string>([MANIFEST_NAME]);
  const names = new Map<string, string>([[MANIFEST_NAME, MANIFEST_NAME]]);
  const folders = new Map<string, string>();
  for (const { path } of files) {
    const twin = names.get(foldedPath(path));
    if (!isListedPath(path)) problems.push({ path, problem: 'is no path inside the folder' });
    else if (paths.has(path)) problems.push({ path, problem: 'is in the manifest twice' });
    else if (twin !== undefined) problems.push({ path, problem: `differs from ${twin} in case alone` });
    else {
      const folder = folderTwin(path, folders);
      if (folder !== null)
        problems.push({ path, problem: `lies in a folder that differs from ${folder} in case alone` });
    }
    paths.add(path);
    names.set(foldedPath(path), path);
  }
  for (const folder of folders.values())
    if (names.has(foldedPath(folder))) problems.push({ path: folder, problem: 'is a file and a folder' });
  for (const fold of folds) {
    const train = new Set(fold.trainPatients.map((code) => code.toLowerCase()));
    const shared = fold.testPatients.filter((code) => train.has(code.toLowerCase()));
    if (shared.length > 0 || !fold.disjoint)
      problems.push({
        path: MANIFEST_NAME,
        problem: `fold ${fold.number} is not disjoint${shared.length > 0 ? `: in training and test are ${shared.join(', ')}` : ''}`,
      });
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (counts.files !== files.length || counts.bytes !== bytes)
    problems.push({ path: MANIFEST_NAME, problem: 'its counts are not those of its files' });
  return problems;
}

/** The name under which a path collides with others on a file system that does not tell case apart. */
const foldedPath = (path: string): string => path.normalize('NFKC').toLowerCase();

/** The spelling of a path's folder that was seen before in other case; null where there is none. */
function folderTwin(path: string, folders: Map<string, string>): string | null {
  const parts = path.split('/').slice(0, -1);
  for (let i = 1; i <= parts.length; i++) {
    const folder = parts.slice(0, i).join('/');
    const known = folders.get(foldedPath(folder));
    if (known !== undefined && known !== folder) return known;
    folders.set(foldedPath(folder), folder);
  }
  return null;
}

async function readManifestFile(directory: string): Promise<ManifestReading> {
  const path = join(directory, MANIFEST_NAME);
  const refused = (problem: string): ManifestReading => ({ ok: false, problems: [{ path: MANIFEST_NAME, problem }] });
  const stat = await lstat(path).catch(absentIsNull);
  if (stat === null) {
    // It comes last, so a folder that names its export and has none was left in the middle.
    const begun = await lstat(join(directory, STATE_FILE)).catch(absentIsNull);
    return refused(
      begun === null
        ? 'is missing'
        : 'is missing: the export is not here to its end; run the command that pulled it again',
    );
  }
  if (!stat.isFile()) return refused(stat.isSymbolicLink() ? 'is a link' : 'is no file');
  if (stat.size > MOST_MANIFEST_BYTES) return refused(`has ${stat.size} bytes, more than any export's`);
  const file = await open(path, 'r');
  try {
    return readManifest(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

async function fileProblem(path: string, { bytes, sha256 }: { bytes: number; sha256: string }): Promise<string | null> {
  const stat = await lstat(path);
  if (!stat.isFile()) return 'is no file';
  if (stat.size !== bytes) return `has ${stat.size} bytes instead of ${bytes}`;
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
  return hash.digest('hex') === sha256 ? null : 'its bytes are not those of the export: its SHA-256 differs';
}

/** Everything below a folder, folders themselves left out; links are told, not followed. */
async function* walk(root: string, inside: string): AsyncGenerator<{ path: string; kind: 'file' | 'link' | 'other' }> {
  for await (const entry of await opendir(join(root, inside))) {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, path);
    else yield { path, kind: entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other' };
  }
}

function absentIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
