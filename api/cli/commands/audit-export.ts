import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandFailed, systemFailure, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { bytesText, safe } from '../terminal.ts';
import { type FilterOptions, instantOf } from './audit-list.ts';
import { openAuditExport } from './audit-verify.ts';

/** Writes the log to a file, whole or not at all. @throws CommandFailed */
export async function auditExport(
  io: Io,
  options: FilterOptions & { format: string; output: string; json?: true },
): Promise<void> {
  const { format, output, account, grant, action, release, request, from, to } = options;
  if (format !== 'jsonl' && format !== 'csv') throw wrongUsage('--format is jsonl or csv.');
  const given = {
    format,
    account,
    grant,
    action,
    release,
    request,
    from: instantOf('from', from),
    to: instantOf('to', to),
  };
  const query = new URLSearchParams(
    Object.entries(given).filter((one): one is [string, string] => one[1] !== undefined),
  );
  const response = await openAuditExport(io, query);
  const part = `${output}.part`;
  try {
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(part), { signal: io.signal });
    await rename(part, output);
  } catch (error) {
    await rm(part, { force: true });
    io.signal.throwIfAborted();
    throw (
      systemFailure(error, safe(output)) ??
      new CommandFailed('The export broke off: nothing was kept.', { code: 'CONNECTION', cause: error })
    );
  }
  const { size } = await stat(output);
  if (options.json) return printJson(io, { file: output, format, bytes: size });
  io.print(`${safe(output)}: ${bytesText(size)}.`);
}
