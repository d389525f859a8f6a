import { type ChildProcess, spawn } from 'node:child_process';
import { join, parse } from 'node:path';
import type { Readable } from 'node:stream';
import type { FailureCode } from './decode-events.ts';
import { type Message, message } from './messages.ts';

/** Runs `run` after `milliseconds`; the function it gives back calls that off. */
export type StartTimer = (milliseconds: number, run: () => void) => () => void;

/** Node's own timer. */
export const nodeTimer: StartTimer = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
};

/** What holds for any media process. */
export interface ProcessOptions {
  /** Milliseconds without a message, while one is waited for, after which the process counts as hung. */
  stallMilliseconds: number;
  /** Memory that the process may write to (RLIMIT_DATA), MiB; enforced where there is a POSIX shell and kernel. */
  memoryMegabytes: number;
  startTimer: StartTimer;
  /** Told the process id as soon as there is one. */
  onStart: (pid: number) => void;
}

export const defaultProcessOptions: ProcessOptions = {
  stallMilliseconds: 20_000,
  memoryMegabytes: 1536,
  startTimer: nodeTimer,
  onStart: () => {},
};

/** One run of a media program. */
export interface MediaJob {
  program: 'decode-process.mjs' | 'rewrite-process.mjs';
  /** Becomes its argument, as JSON. */
  settings: object;
  /** Become its descriptors 3, 4, ... */
  descriptors: number[];
  /** What it may write to a file at most. */
  maxFileBytes: number;
}

/** A message and the bytes that came with it. */
export interface Received {
  header: Message;
  bytes: Uint8Array;
}

/** Longest message taken: a JPEG of 4096 x 4096 at quantiser 2 stays well below. */
const MAX_MESSAGE = 64 * 1024 * 1024;
const MAX_COMPLAINT = 4096;
/** Where FFmpeg's own words help a person to see what is wrong. */
const ASKS_WHY: readonly FailureCode[] = ['TRUNCATED', 'DAMAGED', 'NO_FRAMES'];

/**
 * Runs one media program in a process of its own and gives its messages as they are asked for. The process has the descriptors named
 * and nothing else of ours: an empty environment, no path, no argument but its settings; no core file; on POSIX systems a limit on memory,
 * and no file may grow through it beyond `maxFileBytes`. It lives for one file and is killed when the reader stops early.
 *
 * Never throws for what the process does: a crash, a hang or nonsense becomes a last `failure` message.
 */
export async function* runMediaProcess(
  job: MediaJob,
  changed: Partial<ProcessOptions> = {},
  signal?: AbortSignal,
): AsyncGenerator<Received, void, void> {
  signal?.throwIfAborted();
  const options = { ...defaultProcessOptions, ...changed };
  const child = start(job, options.memoryMegabytes);
  const ended = endOf(child);
  if (child.pid !== undefined) options.onStart(child.pid);
  const { stdout, stderr } = child;
  if (!stdout || !stderr) {
    yield failure('DECODER_CRASHED', `The decoder could not be started (${await ended}).`);
    return;
  }
  const complaint = lastWords(stderr);
  let stalled = false;
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  try {
    const messages = readMessages(stdout);
    for (;;) {
      const callOff = options.startTimer(options.stallMilliseconds, () => {
        stalled = true;
        kill();
      });
      const next = await messages.next().finally(callOff);
      signal?.throwIfAborted();
      if (next.done) break;
      const { header } = next.value;
      if (header.kind === 'failure') {
        kill();
        await ended; // so that all it said is here
        yield failure(header.code, ASKS_WHY.includes(header.code) ? header.reason + complaint() : header.reason);
        return;
      }
      if (header.kind !== 'progress') yield next.value;
      if (header.kind === 'end' || header.kind === 'written') return;
    }
  } catch (error) {
    if (!(error instanceof BadMessage)) throw error;
    yield failure('DECODER_CRASHED', `The decoder sent nonsense (${error.message}) and was ended.`);
    return;
  } finally {
    signal?.removeEventListener('abort', kill);
    if (child.exitCode === null && child.signalCode === null) kill();
  }
  const how = await ended;
  signal?.throwIfAborted();
  if (stalled) {
    const seconds = options.stallMilliseconds / 1000;
    yield failure('DECODER_STALLED', `The decoder made no progress for ${seconds} s and was ended.${complaint()}`);
  } else {
    yield failure('DECODER_CRASHED', `The decoder ended without a result (${how}).${complaint()}`);
  }
}

const failure = (code: FailureCode, reason: string): Received => ({
  header: { kind: 'failure', code, reason },
  bytes: new Uint8Array(0),
});

function start({ program, settings, descriptors, maxFileBytes }: MediaJob, megabytes: number): ChildProcess {
  const script = join(import.meta.dirname, 'process', program);
  const node = ['--max-old-space-size=256', '--disable-proto=delete', script, JSON.stringify(settings)];
  const stdio = ['ignore' as const, 'pipe' as const, 'pipe' as const, ...descriptors];
  const options = { stdio, env: {}, cwd: parse(import.meta.dirname).root };
  if (process.platform === 'win32') return spawn(process.execPath, node, options);
  // ulimit works on the shell, which then becomes Node. -d counts KiB, -f blocks of 512 bytes.
  const limits = `ulimit -c 0; ulimit -d ${megabytes * 1024}; ulimit -f ${Math.ceil(maxFileBytes / 512)}; exec "$@"`;
  return spawn('/bin/sh', ['-c', limits, 'sh', process.execPath, ...node], options);
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

/** Collects the end of what the process says on stderr, without FFmpeg's addresses. */
function lastWords(stderr: Readable): () => string {
  let text = '';
  stderr.setEncoding('utf8');
  stderr.on('data', (piece: string) => {
    text = (text + piece).slice(-MAX_COMPLAINT);
  });
  return () => {
    const lines = text.replaceAll(/ @ 0x[0-9a-f]+/g, '').split('\n');
    const said = lines.filter((line) => line.trim() !== '' && !/^(Node\.js v|\s+at | *\d+: 0x)/.test(line));
    const last = said.findLast((line) => /error/i.test(line)) ?? said.at(-1);
    return last === undefined ? '' : ` The decoder's last words: ${last.trim().slice(0, 300)}`;
  };
}

class BadMessage extends Error {}

/** Cuts a stream of bytes into messages: lengths of all and of the header (u32, little-endian), header, bytes. */
export async function* readMessages(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Received, void, void> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  let wanted = 8;
  for await (const piece of stream) {
    pieces.push(piece);
    held += piece.length;
    while (held >= wanted) {
      const all =
        pieces.length === 1 ? Buffer.from(pieces[0]!.buffer, pieces[0]!.byteOffset, held) : Buffer.concat(pieces);
      const total = all.readUInt32LE(0) + 4;
      const header = all.readUInt32LE(4);
      if (total > MAX_MESSAGE || header + 8 > total) throw new BadMessage('a message of impossible length');
      pieces = [all];
      wanted = total;
      if (held < total) break;
      yield { header: parseHeader(all.subarray(8, 8 + header)), bytes: all.subarray(8 + header, total) };
      pieces = [all.subarray(total)];
      held -= total;
      wanted = 8;
    }
  }
}

function parseHeader(bytes: Buffer): Message {
  try {
    return message.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw new BadMessage('a message that is none of ours');
  }
}
