import { openClient } from '../client.ts';
import { CommandFailed, wrongUsage } from '../exit.ts';
import { readState, writeState } from '../export-folder.ts';
import { readExport } from '../export-listing.ts';
import { type Io, printJson } from '../io.ts';
import { type Pulled, pullExport, pullSample } from '../pull-export.ts';
import { bytesText, counted, safe } from '../terminal.ts';

/** Pulls an export that exists, or the open sample. @throws CommandFailed */
export async function pull(
  io: Io,
  id: string | undefined,
  options: { output: string; sample?: true; json?: true },
): Promise<void> {
  if ((id === undefined) === (options.sample === undefined))
    throw wrongUsage('Name an export, or --sample for the open sample.');
  if (id === undefined) return tellPulled(io, await pullSample(io, options.output), Boolean(options.json));
  const client = openClient(io);
  const state = await readState(options.output);
  if (state && (state.export !== id || state.server !== client.server))
    throw new CommandFailed(
      `${options.output} is being filled from another export (${state.export}): choose another folder.`,
      {
        code: 'FOLDER_TAKEN',
      },
    );
  if (!state) {
    // Asked before the folder is made, so that a wrong id leaves nothing.
    await readExport(client, id);
    await writeState(options.output, { server: client.server, export: id, asked: null });
  }
  tellPulled(io, await pullExport(client, id, options.output, io), Boolean(options.json));
}

/** The end of a pull, in a line. */
export function tellPulled(io: Io, pulled: Pulled, json: boolean): void {
  const kept = pulled.kept > 0 ? `, ${pulled.kept.toLocaleString('en')} of them there already` : '';
  if (json) printJson(io, pulled);
  else
    io.print(
      `${safe(pulled.directory)}: ${counted(pulled.files, 'file')}, ${bytesText(pulled.bytes)}${kept}; every SHA-256 is the listed one.`,
    );
}
