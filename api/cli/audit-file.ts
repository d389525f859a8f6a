import { type ChainEntry, type ChainReport, type Checkpoint, chainVerifier } from '../../governance/audit.ts';
import { CommandFailed } from './exit.ts';

const MOST_LINE = 64 * 1024 * 1024;

/**
 * Proves a log from its exported lines, as they come: `{"position", "text", "hash", "link"}` each. Memory is that of one line.
 * @throws CommandFailed for what is no exported log
 */
export async function verifyLines(
  bytes: AsyncIterable<Uint8Array>,
  options: {
    checkpoints: readonly Checkpoint[];
    signal: AbortSignal;
    onEntries?: (entries: number, bytes: number) => void;
  },
): Promise<ChainReport> {
  const verifier = chainVerifier(options.checkpoints);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let number = 0;
  let read = 0;
  const take = (line: string): void => {
    number += 1;
    if (line !== '') verifier.add(entryOf(line, number));
  };
  const lines = (text: string): void => {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      take(text.slice(from, end));
      from = end + 1;
    }
    rest = text.slice(from);
    if (rest.length > MOST_LINE) throw notALog(number + 1);
  };
  for await (const part of bytes) {
    options.signal.throwIfAborted();
    read += part.length;
    lines(rest + decoded(() => decoder.decode(part, { stream: true }), number));
    options.onEntries?.(number, read);
  }
  lines(rest + decoded(() => decoder.decode(), number));
  if (rest !== '') take(rest);
  return verifier.end();
}

const notALog = (line: number): CommandFailed =>
  new CommandFailed(`Line ${line} is no entry of an exported log: export it with iss audit export, as JSON lines.`, {
    code: 'NOT_A_LOG',
  });

function decoded(decode: () => string, line: number): string {
  try {
    return decode();
  } catch {
    throw notALog(line + 1);
  }
}

function entryOf(line: string, number: number): ChainEntry {
  let value: Partial<Record<keyof ChainEntry, unknown>> | null;
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    throw notALog(number);
  }
  const { position, text, hash, link } = value ?? {};
  const sound =
    Number.isSafeInteger(position) && typeof text === 'string' && typeof hash === 'string' && typeof link === 'string';
  if (!sound) throw notALog(number);
  return { position: position as number, text: text as string, hash: hash as string, link: link as string };
}
