import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { interrupted, wrongUsage } from './exit.ts';
import type { Io } from './io.ts';

/** Asks for a password on the terminal without showing it, or takes the first line of standard input. @throws CommandFailed */
export async function readPassword(io: Io, fromStdin: boolean): Promise<string> {
  if (!fromStdin && !process.stdin.isTTY)
    throw wrongUsage('There is no terminal to ask on: give the password with --password-stdin.');
  const password = fromStdin ? await firstLine() : await askHidden(io);
  if (password === '') throw wrongUsage('The password is empty.');
  return password;
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
    process.stdin.destroy();
  }
}

/** readline echoes to its output: one that swallows everything keeps the terminal silent. */
async function askHidden(io: Io): Promise<string> {
  process.stderr.write('Password: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await new Promise<string>((settle, reject) => {
      // In raw mode Ctrl-C is a key, not a signal.
      lines.once('SIGINT', () => reject(interrupted('Interrupted.')));
      lines.once('close', () => settle(''));
      io.signal.addEventListener('abort', () => reject(interrupted('Interrupted.')), { once: true });
      lines.question('', settle);
    });
  } finally {
    lines.close();
    process.stdin.pause();
    process.stderr.write('\n');
  }
}
