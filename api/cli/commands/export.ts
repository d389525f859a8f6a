import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Client, openClient } from '../client.ts';
import { CommandFailed, EXIT, wrongUsage } from '../exit.ts';
import { forgetFolder, isEmpty, readState, writeState } from '../export-folder.ts';
import type { Io } from '../io.ts';
import { JobEnded } from '../job-wait.ts';
import { mutate, uncut } from '../mutation.ts';
import { modalityList, oneOf, wholeNumber } from '../options.ts';
import { pullExport } from '../pull-export.ts';
import { tellPulled } from './pull.ts';

export interface ExportOptions {
  release?: string;
  fold?: string;
  part: string;
  modalities: string;
  output: string;
  study?: string;
  grant?: string;
  json?: true;
}

/** What an export is asked for with. */
interface Asked extends Record<string, unknown> {
  study: string | null;
  release: string | null;
  fold: number | null;
  part: 'TRAIN' | 'TEST' | 'ALL';
  modalities: string[];
  grant: string | null;
}

/**
 * Asks for an export, waits and pulls it. The folder remembers which export it was, so that the same command goes on with it instead of asking again.
 * A refusal leaves no folder. @throws CommandFailed
 */
export async function exportFold(io: Io, options: ExportOptions): Promise<void> {
  const asked = askedOf(options);
  const client = openClient(io);
  const id = await exportFor(client, asked, options.output);
  try {
    tellPulled(io, await pullExport(client, id, options.output, io), Boolean(options.json));
  } catch (error) {
    // An export that will never be there is not gone on with; one that was begun stays, for the person to look at.
    if (isFinal(error)) await forgetFolder(options.output);
    throw error;
  }
}

function askedOf(options: ExportOptions): Asked {
  const part = oneOf('--part', options.part.toLowerCase(), ['train', 'test', 'all'] as const);
  const fold = options.fold === undefined ? null : wholeNumber('--fold', options.fold, 1, 1000);
  if (fold === null && part !== 'all') throw wrongUsage(`--part ${part} needs --fold: which split is meant?`);
  return {
    study: options.study ?? null,
    release: options.release ?? null,
    fold,
    part: part.toUpperCase() as Asked['part'],
    modalities: modalityList('--modalities', options.modalities).sort(),
    grant: options.grant ?? null,
  };
}

/** The export that the folder is being filled from, or a new one. */
async function exportFor(client: Client, asked: Asked, folder: string): Promise<string> {
  const state = await readState(folder);
  if (state) {
    if (state.server === client.server && isDeepStrictEqual(state.asked, asked)) return state.export;
    throw new CommandFailed(`${folder} is being filled from another export (${state.export}): choose another folder.`, {
      code: 'FOLDER_TAKEN',
    });
  }
  if (!(await isEmpty(folder)))
    throw new CommandFailed(
      `${folder} holds files already: choose a new folder, so that an export is all that is in it.`,
      {
        code: 'FOLDER_TAKEN',
      },
    );
  const { grant, ...input } = asked;
  const done = await mutate(
    client,
    {
      name: 'requestExport',
      success: '... on RequestExportSuccess { export { id } }',
      shape: z.object({ export: z.object({ id: z.string() }) }),
    },
    { ...input, grant },
    { ...uncut(), grant: grant ?? undefined },
  );
  await writeState(folder, { server: client.server, export: done.export.id, asked });
  return done.export.id;
}

const isFinal = (error: unknown): boolean =>
  error instanceof JobEnded ||
  (error instanceof CommandFailed && (error.exitCode === EXIT.REFUSED || error.code === 'EXPORT_UNKNOWN'));
