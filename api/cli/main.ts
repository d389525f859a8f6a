import type { Command } from 'commander';
import { CommandFailed, EXIT, type ExitCode, interrupted, systemFailure } from './exit.ts';
import { type Io, processIo } from './io.ts';
import { nextText } from './reasons.ts';
import { jsonLine, safe, safeLines } from './terminal.ts';

/** How long work may take to end after Ctrl-C, in ms; a second Ctrl-C does not wait. */
const GRACE_MS = 8_000;

/** The `iss` command. Sets the process's exit code. @param argv as the process has it */
export async function main(argv: readonly string[]): Promise<void> {
  // `iss … | head`: nobody reads on, which is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.DONE : EXIT.FAILED),
  );
  const abort = new AbortController();
  const stop = (): void => {
    if (abort.signal.aborted) process.exit(EXIT.INTERRUPTED);
    abort.abort(interrupted());
    setTimeout(() => process.exit(EXIT.INTERRUPTED), GRACE_MS).unref();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const io = processIo(abort.signal);
  process.exitCode = await runCommand(argv, io);
  // Whatever still holds on (a keep-alive connection) does not keep the command from ending; what is printed has to be out first.
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
  process.exit();
}

/** Runs one command line. @returns its exit code; never throws */
export async function runCommand(argv: readonly string[], io: Io): Promise<ExitCode> {
  const { CommanderError } = await import('commander');
  const { program } = await import('./program.ts');
  let json = false;
  const command: Command = program(io, (one) => {
    json = Boolean(one.opts().json);
  });
  try {
    await command.parseAsync([...argv]);
    return EXIT.DONE;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE;
    return report(error, io, json);
  }
}

function report(error: unknown, io: Io, json: boolean): ExitCode {
  const failure = asFailure(error, io);
  // Bugs are no expected ends: with ISS_DEBUG their stack is shown to whoever looks for them.
  if (failure.code === 'BUG' && io.environment.ISS_DEBUG) io.note(safeLines((error as Error).stack ?? ''));
  const { exitCode, code, message, reasons, details } = failure;
  if (json && !failure.told && exitCode !== EXIT.INTERRUPTED) {
    const listed = reasons.length > 0 ? { reasons } : {};
    io.print(jsonLine({ error: { code, message, ...listed, ...(details.length > 0 && { details }) } }));
  }
  // A message that only strings the reasons together would say them twice.
  const strung = reasons.length > 0 && reasons.every(({ sentence }) => message.includes(sentence));
  io.note(`iss: ${strung ? 'Refused by policy:' : safe(message)}`);
  for (const detail of details) io.note(`  ${safe(detail)}`);
  for (const reason of reasons) {
    const subject = reason.subject ? ` (${reason.subject})` : '';
    const next = reason.whoActsNext ? ` Next: ${nextText(reason.whoActsNext)}.` : '';
    io.note(`  ${safe(`${reason.code}${subject}: ${reason.sentence}${next}`)}`);
  }
  return exitCode;
}

function asFailure(error: unknown, io: Io): CommandFailed {
  if (error instanceof CommandFailed) return error;
  if (io.signal.aborted) return interrupted();
  const system = systemFailure(error);
  if (system) return system;
  const text = error instanceof Error ? error.message : String(error);
  return new CommandFailed(text.split('\n')[0] || 'Something unexpected happened.', { code: 'BUG', cause: error });
}
