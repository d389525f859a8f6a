import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { LocalItem } from '../services/ingest/read-drop.ts';
import { type Client, retryAfter, unreachable } from './client.ts';
import { processSubmission, type WantedFile } from './drop-operations.ts';
import { CommandFailed, EXIT, refused, systemFailure } from './exit.ts';
import type { Io } from './io.ts';
import { reasonsOf } from './reasons.ts';

const TRIES = 6;
const FIRST_PAUSE_MS = 500;

/**
 * Sends the wanted files of one submission and has it processed. @returns why it could not be, where that concerns this submission alone
 * @throws CommandFailed where it concerns all: refused by policy, signed out, no server
 */
export async function sendItem(
  client: Client,
  io: Io,
  dropId: string,
  item: LocalItem,
  wanted: readonly WantedFile[],
): Promise<CommandFailed | null> {
  try {
    for (const kind of wanted) {
      const path = kind === 'VIDEO' ? item.videoPath : item.surveyPath;
      if (path)
        await sendFile(
          client,
          io,
          `/ingest/${[dropId, item.patient, item.timestamp].map(encodeURIComponent).join('/')}`,
          kind,
          path,
        );
    }
    await processSubmission(client, dropId, item);
    return null;
  } catch (error) {
    io.signal.throwIfAborted();
    const failure = systemFailure(error) ?? error;
    const own =
      failure instanceof CommandFailed &&
      failure.exitCode === EXIT.FAILED &&
      !['NOT_SIGNED_IN', 'NO_SERVER'].includes(failure.code);
    if (own) return failure;
    throw failure;
  }
}

/** One file as a stream, tried again where the connection fails or the server is busy. */
async function sendFile(client: Client, io: Io, base: string, kind: WantedFile, path: string): Promise<void> {
  const url = `${base}/${kind === 'VIDEO' ? 'narrative.mp4' : 'survey.csv'}`;
  for (let tries = 1; ; tries += 1) {
    let pauseMs = FIRST_PAUSE_MS * 2 ** (tries - 1);
    try {
      const response = await put(client, io, url, path);
      if (response.ok) return void (await response.body?.cancel());
      const problem = await problemOf(response);
      if (response.status === 401) {
        const renewed = await client.session.renew(await client.session.token());
        if (renewed === null || tries >= TRIES)
          throw new CommandFailed(`${client.server} does not accept the login: run iss login.`, {
            code: 'NOT_SIGNED_IN',
          });
        continue;
      }
      // Another run was faster.
      if (problem.code === 'NOT_WAITING') return;
      if (response.status === 403) throw refused(problem.title, reasonsOf(problem.reasons));
      const passing = response.status === 429 || response.status >= 500;
      if (!passing || tries >= TRIES) throw new CommandFailed(`${path}: ${problem.title}`, { code: problem.code });
      const seconds = retryAfter(response, io.now());
      if (seconds !== null) pauseMs = seconds * 1000;
    } catch (error) {
      io.signal.throwIfAborted();
      if (error instanceof CommandFailed || systemFailure(error)) throw error;
      if (tries >= TRIES) throw unreachable(client.server, error);
    }
    await io.sleep(pauseMs);
  }
}

async function put(client: Client, io: Io, url: string, path: string): Promise<Response> {
  const { size } = await stat(path);
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    return await client.send(url, {
      method: 'PUT',
      body: size === 0 ? new Uint8Array(0) : (Readable.toWeb(stream) as ReadableStream),
      headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': String(size) },
      duplex: 'half',
      signal: io.signal,
    });
  } finally {
    stream.destroy();
  }
}

async function problemOf(response: Response): Promise<{ code: string; title: string; reasons: unknown[] }> {
  const text = (await response.text().catch(() => '')).slice(0, 20_000);
  try {
    const { code, title, reasons } = JSON.parse(text) as Record<string, unknown>;
    return {
      code: typeof code === 'string' ? code : 'FAILED',
      title: typeof title === 'string' ? title : `the server answered ${response.status}.`,
      reasons: Array.isArray(reasons) ? reasons : [],
    };
  } catch {
    return { code: 'FAILED', title: `the server answered ${response.status}.`, reasons: [] };
  }
}
