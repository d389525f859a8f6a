import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { durationText } from '../progress-line.ts';
import { atomicFile } from './atomic-file.ts';
import { type Client, openClient } from './client.ts';
import { downloadFile, type Ticket } from './download.ts';
import { CommandFailed, systemFailure } from './exit.ts';
import { folderMaker, RECEIPT_FILE, STATE_FILE, writeState } from './export-folder.ts';
import { type ListedFile, type ListedPage, readExport, readPage, readReceiptNote } from './export-listing.ts';
import { withLock } from './file-lock.ts';
import { inParallel } from './in-parallel.ts';
import type { Io } from './io.ts';
import { waitForJob } from './job-wait.ts';
import { isListedPath } from './listed-path.ts';
import { rememberKeys } from './server-keys.ts';
import { noServer } from './session.ts';
import { bytesText, counted, safe } from './terminal.ts';
import { configDirectory } from './token-store.ts';
import { manifestProblems, readManifest } from './verify-export.ts';

/** Comes last: a folder with it has everything. */
const MANIFEST = 'manifest.json';
const AT_ONCE = 4;
/** A ticket this close to its end is replaced first, in ms. */
const MARGIN_MS = 10_000;
/** What is open does not expire while it is pulled, in ms. */
const OPEN_MS = 86_400_000;

export interface Pulled {
  export: string;
  directory: string;
  files: number;
  bytes: number;
  /** Files that were there already. */
  kept: number;
}

/**
 * Waits for an export and brings its files into a folder. What an interrupted call left is gone on with; nothing is asked for twice, nothing that
 * differs is overwritten, and `manifest.json` comes last. @throws CommandFailed
 */
export async function pullExport(client: Client, id: string, folder: string, io: Io): Promise<Pulled> {
  const head = await waitForJob(io, 'export', () => readExport(client, id, { patience: 30 }));
  const lock = join(folder, `${STATE_FILE}.lock`);
  return withLock(lock, io, { waitMs: 0, busy: `Another iss is pulling into ${folder}.` }, async () => {
    const makeFolder = folderMaker(folder);
    const tally = progressOf(io, head.fileCount ?? 0, head.bytes ?? 0);
    let manifest: { file: ListedFile; page: PageTickets } | undefined;

    const pullOne = async (file: ListedFile, page: PageTickets): Promise<void> => {
      await makeFolder(file.path);
      const ticket = (fresh: boolean): Promise<Ticket> => page.ticket(file.path, fresh);
      tally.ended(await downloadFile(folder, file, { client, io, ticket, onBytes: tally.bytes }));
    };
    for (let after: string | null = null, first = true; first || after !== null; first = false) {
      const listed: ListedPage = await readPage(client, id, after);
      const page = pageTickets(client, id, after, listed, io);
      for (const file of listed.files) checkListed(file, head.manifestSha256);
      const now = listed.files.filter(({ path }) => path !== MANIFEST);
      const found = listed.files.find(({ path }) => path === MANIFEST);
      if (found) manifest = { file: found, page };
      await inParallel(AT_ONCE, now, (file) => pullOne(file, page));
      after = listed.next;
    }
    if (!manifest)
      throw new CommandFailed(`Export ${id} lists no ${MANIFEST}: it is not whole.`, { code: 'NO_MANIFEST' });
    await pullOne(manifest.file, manifest.page);
    await bringReceipt(client, id, folder, io);
    io.progress.clear();
    return { export: id, directory: folder, ...tally.result() };
  });
}

/** Brings the open sample into a folder, without an account; the same promises as `pullExport`. @throws CommandFailed */
export async function pullSample(io: Io, folder: string): Promise<Pulled> {
  const client = openClient(io, { anonymous: true });
  const response = await client.send(`/sample/${MANIFEST}`).catch((error: unknown) => {
    throw systemFailure(error, client.server) ?? new CommandFailed(noServer(client.server), { code: 'NO_SERVER' });
  });
  if (!response.ok)
    throw new CommandFailed(`${client.server} has no open sample (it answered ${response.status}).`, {
      code: 'NO_SAMPLE',
    });
  const text = await response.text();
  const read = readManifest(text);
  const problems = read.ok ? manifestProblems(read.manifest) : read.problems;
  if (!read.ok || problems.length > 0) {
    const { path, problem } = problems[0]!;
    throw new CommandFailed(`The sample is not taken: ${safe(path)} ${safe(problem)}. Nothing of it is saved.`, {
      code: 'PATH_UNSAFE',
    });
  }
  const { manifest } = read;
  await writeState(folder, { server: client.server, export: manifest.export, asked: null });
  return withLock(
    join(folder, `${STATE_FILE}.lock`),
    io,
    { waitMs: 0, busy: `Another iss is pulling into ${folder}.` },
    async () => {
      const makeFolder = folderMaker(folder);
      const tally = progressOf(io, manifest.counts.files + 1, manifest.counts.bytes + text.length);
      const own = {
        path: MANIFEST,
        bytes: Buffer.byteLength(text),
        sha256: createHash('sha256').update(text).digest('hex'),
      };
      const pullOne = async (file: Omit<ListedFile, 'file'>): Promise<void> => {
        await makeFolder(file.path);
        const url = `/sample/${file.path.split('/').map(encodeURIComponent).join('/')}`;
        const ticket = async (): Promise<Ticket> => ({ url, expiresAt: new Date(io.now().getTime() + OPEN_MS) });
        tally.ended(await downloadFile(folder, file, { client, io, ticket, onBytes: tally.bytes }));
      };
      await inParallel(AT_ONCE, manifest.files, pullOne);
      await pullOne(own);
      io.progress.clear();
      return { export: manifest.export, directory: folder, ...tally.result() };
    },
  );
}

/** The signed receipt lies beside the files, and the keys to prove it beside the login. */
async function bringReceipt(client: Client, id: string, folder: string, io: Io): Promise<void> {
  const note = await readReceiptNote(client, id);
  if (note === null) return;
  await rememberKeys(client, configDirectory(io.environment));
  const file = await atomicFile(join(folder, RECEIPT_FILE));
  await file.write(Buffer.from(note));
  await file.finish();
}

/** A name from a server is a name, not a way through the disk. @throws CommandFailed */
function checkListed({ path, sha256 }: ListedFile, manifestSha256: string | null): void {
  const own = path.endsWith('.part') || path === RECEIPT_FILE || path.split('/')[0]?.startsWith(STATE_FILE);
  if (own || !isListedPath(path))
    throw new CommandFailed(`The export lists a path that is not taken: "${safe(path)}". Nothing of it is saved.`, {
      code: 'PATH_UNSAFE',
    });
  if (path === MANIFEST && manifestSha256 !== null && sha256 !== manifestSha256)
    throw new CommandFailed(`${MANIFEST} is not the one that the export was closed with.`, {
      code: 'CHECKSUM_DIFFERS',
    });
}

interface PageTickets {
  ticket(path: string, fresh: boolean): Promise<Ticket>;
}

/** Tickets of one page; the page is asked for again when one has expired, once for all who wait. */
function pageTickets(client: Client, id: string, after: string | null, listed: ListedPage, io: Io): PageTickets {
  let files = new Map(listed.files.map((file) => [file.path, file]));
  let asking: Promise<void> | undefined;
  const renew = async (): Promise<void> => {
    const { files: fresh } = await readPage(client, id, after);
    files = new Map(fresh.map((file) => [file.path, file]));
  };
  return {
    async ticket(path, fresh) {
      const known = files.get(path)?.file;
      const expiresSoon = !known || Date.parse(known.expiresAt) - io.now().getTime() < MARGIN_MS;
      if (fresh || expiresSoon) {
        asking ??= renew().finally(() => {
          asking = undefined;
        });
        await asking;
      }
      const file = files.get(path)?.file;
      if (!file) throw new CommandFailed(`The export does not hand out ${safe(path)} any more.`, { code: 'NOT_FOUND' });
      const url = new URL(file.url, client.server);
      // Behind a proxy a server may know itself by another name; the token goes to the one that was named.
      return { url: `${url.pathname}${url.search}`, expiresAt: new Date(file.expiresAt) };
    },
  };
}

function progressOf(io: Io, files: number, bytes: number) {
  const startedAt = io.now().getTime();
  let doneFiles = 0;
  let doneBytes = 0;
  let kept = 0;
  let came = 0;
  const show = (): void => {
    const seconds = (io.now().getTime() - startedAt) / 1000;
    const rate = seconds > 0 ? came / seconds : 0;
    // What the first moment brought says little about the rest.
    const known = seconds >= 1 && rate > 0 && bytes > doneBytes;
    const left = known ? `, ${durationText((bytes - doneBytes) / rate)} left` : '';
    const share = bytes > 0 ? doneBytes / bytes : 1;
    io.progress.show(
      'pull',
      share,
      `${doneFiles.toLocaleString('en')} of ${counted(files, 'file')}, ${bytesText(doneBytes)} of ${bytesText(bytes)}, ${bytesText(rate)}/s${left}`,
    );
  };
  return {
    bytes(count: number) {
      doneBytes += count;
      came += count;
      show();
    },
    ended(how: 'kept' | 'pulled') {
      doneFiles += 1;
      if (how === 'kept') kept += 1;
      show();
    },
    result: () => ({ files: doneFiles, bytes: doneBytes, kept }),
  };
}
