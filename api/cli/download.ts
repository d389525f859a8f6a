import { lstat, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arriving } from './arrive.ts';
import { type Client, retryAfter, unreachable } from './client.ts';
import { CommandFailed, refused, systemFailure } from './exit.ts';
import type { Io } from './io.ts';
import { hashOf, PartFile } from './part-file.ts';
import { reasonsOf } from './reasons.ts';
import { safe } from './terminal.ts';

/** A file as an export lists it. */
export interface RemoteFile {
  /** Relative to the export; checked by the caller. */
  path: string;
  bytes: number;
  /** 64 hexadecimal digits. */
  sha256: string;
}

export interface Ticket {
  /** Path on the server. */
  url: string;
  expiresAt: Date;
}

export interface DownloadOptions {
  client: Client;
  io: Pick<Io, 'signal' | 'now' | 'sleep'>;
  /** A ticket for the file; `fresh` when the last one was refused. */
  ticket(fresh: boolean): Promise<Ticket>;
  /** Bytes that arrived, or were found there. */
  onBytes(count: number): void;
  /** Tries in a row that bring nothing before it is given up; 8 unless given. */
  tries?: number;
  /** A connection that says nothing for so long is given up, in ms; 60,000 unless given. */
  silentMs?: number;
  /** First pause after a failure, doubled each time up to 15 s, in ms; 500 unless given. */
  pauseMs?: number;
}

const LONGEST_PAUSE_MS = 15_000;

/** Something passed: the same file is asked for again, after a pause. */
class Passing extends Error {
  readonly pauseMs: number | null;
  readonly freshTicket: boolean;
  constructor(message: string, about: { pauseMs?: number | null; freshTicket?: boolean } = {}) {
    super(message);
    this.pauseMs = about.pauseMs ?? null;
    this.freshTicket = about.freshTicket ?? false;
  }
}

/**
 * Brings one file to `folder/path`, going on with what an earlier, interrupted call left in `<path>.part`, and gives it its name only when its
 * SHA-256 is the listed one: neither half a file nor an error page ever stands under the name.
 * @returns `kept` where it was there already
 * @throws CommandFailed: another file stands there, the policy refuses, it arrives damaged twice, the disk is full, the server stays away
 */
export async function downloadFile(
  folder: string,
  file: RemoteFile,
  options: DownloadOptions,
): Promise<'kept' | 'pulled'> {
  const target = join(folder, file.path);
  try {
    if (await isThere(target, file)) {
      options.onBytes(file.bytes);
      return 'kept';
    }
    await fetchWhole(target, file, options);
    return 'pulled';
  } catch (error) {
    options.io.signal.throwIfAborted();
    throw systemFailure(error, target) ?? error;
  }
}

/** @throws CommandFailed where something else stands under the name */
async function isThere(target: string, file: RemoteFile): Promise<boolean> {
  const found = await lstat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!found) return false;
  const same = found.isFile() && found.size === file.bytes && (await hashOf(target)).digest('hex') === file.sha256;
  if (same) return true;
  throw new CommandFailed(
    `${target} is there already and is not what is listed: it is left alone. Remove it, or choose another place.`,
    {
      code: 'FILE_DIFFERS',
    },
  );
}

async function fetchWhole(target: string, file: RemoteFile, options: DownloadOptions): Promise<void> {
  const { io, tries = 8, pauseMs = 500 } = options;
  const part = `${target}.part`;
  await using out = await PartFile.open(part, file.bytes);
  options.onBytes(out.size);
  let fruitless = 0;
  let damaged = false;
  let freshTicket = false;
  for (;;) {
    const before = out.size;
    try {
      if (out.size < file.bytes) await fetchRest(out, file, options, freshTicket);
      if (out.digest() === file.sha256) break;
      if (damaged)
        throw new CommandFailed(`${file.path} arrives with another content than is listed (SHA-256 differs), twice.`, {
          code: 'CHECKSUM_DIFFERS',
        });
      damaged = true;
      options.onBytes(-out.size);
      await out.restart();
    } catch (error) {
      io.signal.throwIfAborted();
      if (error instanceof CommandFailed || systemFailure(error)) throw error;
      fruitless = out.size > before ? 0 : fruitless + 1;
      freshTicket = error instanceof Passing && error.freshTicket;
      if (fruitless >= tries) throw gaveUp(options.client.server, file, error);
      const pause = Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** Math.max(0, fruitless - 1));
      await io.sleep((error instanceof Passing ? error.pauseMs : null) ?? pause);
    }
  }
  await out.close();
  await rename(part, target);
}

function gaveUp(server: string, file: RemoteFile, error: unknown): CommandFailed {
  const why = error instanceof Passing ? error.message : unreachable(server, error).message;
  return new CommandFailed(`${file.path} could not be pulled: ${why} Run it again to resume.`, {
    code: 'CONNECTION',
    cause: error,
  });
}

/** Asks for what is missing and appends it as it comes. @throws Passing, CommandFailed, or what the network throws */
async function fetchRest(
  out: PartFile,
  file: RemoteFile,
  options: DownloadOptions,
  freshTicket: boolean,
): Promise<void> {
  const ticket = await options.ticket(freshTicket);
  const silence = new AbortController();
  const wait = options.silentMs ?? 60_000;
  const onSilence = (): void => silence.abort(new Passing('The server fell silent.'));
  let timer = setTimeout(onSilence, wait);
  const signal = AbortSignal.any([options.io.signal, silence.signal]);
  try {
    const headers: Record<string, string> = { 'Accept-Encoding': 'identity' };
    if (out.size > 0) headers.Range = `bytes=${out.size}-`;
    const response = await options.client.arrive(ticket.url, { headers, signal });
    await checkAnswer(response, out, file, options);
    for await (const piece of response.body) {
      clearTimeout(timer);
      timer = setTimeout(onSilence, wait);
      if (out.size + piece.length > file.bytes) {
        options.onBytes(-out.size);
        await out.restart();
        throw new Passing(`More bytes come than the ${file.bytes} that are listed.`);
      }
      await out.append(piece);
      options.onBytes(piece.length);
    }
    if (out.size < file.bytes) throw new Passing('The connection broke off.');
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Lets only an answer through that holds exactly the bytes asked for; starts anew where the whole comes instead of the rest. */
async function checkAnswer(
  response: Arriving,
  out: PartFile,
  file: RemoteFile,
  options: DownloadOptions,
): Promise<void> {
  const { status, headers } = response;
  if (status === 206) {
    if (headers.get('Content-Range') === `bytes ${out.size}-${file.bytes - 1}/${file.bytes}`) return;
    response.cancel();
    options.onBytes(-out.size);
    await out.restart();
    throw new Passing('The server sent another part than it was asked for.');
  }
  if (status === 200) {
    const length = headers.get('Content-Length');
    if (length !== null && Number(length) !== file.bytes) {
      response.cancel();
      throw new Passing(`The server sends ${length} bytes where ${file.bytes} are listed.`, { freshTicket: true });
    }
    if (out.size === 0) return;
    options.onBytes(-out.size);
    return out.restart();
  }
  const problem = await problemOf(response);
  if (status === 403) throw refused(`Access to ${file.path} has ended: ${problem.title}`, reasonsOf(problem.reasons));
  if (status === 401)
    throw new CommandFailed(`${options.client.server} does not accept the login any more: run iss login.`, {
      code: 'NOT_SIGNED_IN',
    });
  if (status === 404 || status === 410)
    throw new Passing(problem.title, { freshTicket: true, pauseMs: status === 410 ? 0 : null });
  if (status === 416) {
    options.onBytes(-out.size);
    await out.restart();
    throw new Passing('The file is shorter than what was begun.');
  }
  const seconds = retryAfter(response, options.io.now());
  if (status === 429 || status >= 500)
    throw new Passing(problem.title, { pauseMs: seconds === null ? null : seconds * 1000 });
  throw new CommandFailed(`${file.path} could not be pulled: the server answered ${status}. ${problem.title}`, {
    code: 'ANSWER_UNKNOWN',
  });
}

/** What a refused download says (RFC 9457), or its status where it says nothing sensible. */
async function problemOf(response: Arriving): Promise<{ title: string; reasons: unknown[] }> {
  const fallback = { title: `The server answered ${response.status}.`, reasons: [] };
  const text = (await response.text().catch(() => '')).slice(0, 20_000);
  try {
    const { title, reasons } = JSON.parse(text) as Record<string, unknown>;
    return {
      title: typeof title === 'string' ? safe(title) : fallback.title,
      reasons: Array.isArray(reasons) ? reasons : [],
    };
  } catch {
    return fallback;
  }
}
