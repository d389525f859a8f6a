import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ChainProblem, ChainReport } from '../../../governance/audit.ts';
import {
  type CheckpointKey,
  parseKeyLine,
  type ReadCheckpoints,
  readCheckpoints,
  trustedKeys,
} from '../../../governance/checkpoint.ts';
import { problemText, readAuditChain } from '../../services/audit/audit-chain.ts';
import { readKeyRing } from '../../services/audit/checkpoint-keys.ts';
import { checkpointFolder, readKeyFile, readNotes } from '../../services/audit/checkpoints.ts';
import { endingsPath, JournalRefused, readJournal, refuseCut } from '../../services/backup/endings-journal.ts';
import { verifyLines } from '../audit-file.ts';
import { besideServer, settingsOf } from '../beside-server.ts';
import { openClient } from '../client.ts';
import { CommandFailed, refused, systemFailure, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { reasonsOf } from '../reasons.ts';
import { counted, safe } from '../terminal.ts';

interface Options {
  json?: true;
  checkpoints?: string;
  key?: string;
  server?: true;
}

interface Found extends ChainReport {
  unsealed: number;
  columns: readonly number[];
  strays: readonly string[];
}

interface Signed extends ReadCheckpoints {
  /** What is wrong with the journal of endings that lies beside the server; null where nothing is, or none was at hand. */
  journal: string | null;
}
const NO_CHECKPOINTS: Signed = { checkpoints: [], refused: [], journal: null };

/** Proves the log, of a file, of a server or of the data folder beside it. @throws CommandFailed where it is not whole, or cannot be read */
export async function auditVerify(io: Io, file: string | undefined, options: Options): Promise<void> {
  if (file !== undefined && options.server) throw wrongUsage('Name a file, or --server, not both.');
  const away = file !== undefined || options.server === true;
  if (away && options.checkpoints !== undefined && options.key === undefined)
    throw wrongUsage(
      'Name the public key that you trust with --key: the keys that lie beside the checkpoints prove nothing by themselves.',
    );
  const signed = away ? await carried(options) : await own(io, options);
  const began = performance.now();
  const found = away
    ? {
        ...(await (file === undefined ? fromServer(io, signed) : fromFile(io, file, signed))),
        unsealed: 0,
        columns: [],
        strays: [],
      }
    : await fromDatabase(io, signed);
  io.progress.clear();
  tell(io, found, signed, options, (performance.now() - began) / 1000);
}

/** What the auditor has. */
async function carried({ checkpoints, key }: Options): Promise<Signed> {
  if (checkpoints === undefined) return NO_CHECKPOINTS;
  return { ...readCheckpoints(await notesOf(checkpoints), await keysOf(key!)), journal: null };
}

/** What lies beside the server, by the keys of its data folder unless others are named. */
async function own(io: Io, { checkpoints, key }: Options): Promise<Signed> {
  const config = settingsOf(io);
  const folder = checkpoints ?? checkpointFolder(config);
  if (checkpoints === undefined && !existsSync(folder)) return NO_CHECKPOINTS;
  const ring = key === undefined ? await readKeyRing(config.dataDirectory) : null;
  const lines = (ring?.lines ?? []).map(parseKeyLine).filter((one): one is CheckpointKey => one !== null);
  const notes = await notesOf(folder);
  const keys = key === undefined ? lines : await keysOf(key);
  const read = readCheckpoints(notes, keys);
  const path = endingsPath(checkpointFolder(config));
  const journal = await readJournal(path, trustedKeys(notes, keys))
    .then(() => refuseCut(path, read.checkpoints))
    .then(
      () => null,
      (error: unknown) => {
        if (!(error instanceof JournalRefused)) throw error;
        return error.message;
      },
    );
  return { ...read, journal };
}

const notesOf = (folder: string) =>
  readNotes(folder).catch((error: unknown) => {
    throw systemFailure(error, safe(folder)) ?? error;
  });

async function keysOf(file: string): Promise<CheckpointKey[]> {
  const keys = await readKeyFile(file).catch((error: unknown) => {
    throw systemFailure(error, safe(file)) ?? error;
  });
  if (keys.length === 0) throw wrongUsage(`${safe(file)} holds no key: it is a line as iss audit key prints it.`);
  return keys;
}

const fromDatabase = (io: Io, { checkpoints }: ReadCheckpoints): Promise<Found> =>
  besideServer(io, (base) =>
    readAuditChain(base.database, {
      checkpoints,
      signal: io.signal,
      onPage: (position, total) =>
        io.progress.show(
          'entries',
          position / total,
          `entries ${position.toLocaleString('en')} of ${total.toLocaleString('en')}`,
        ),
    }),
  );

async function fromFile(io: Io, file: string, { checkpoints }: ReadCheckpoints): Promise<ChainReport> {
  try {
    const { size } = await stat(file);
    return await verifyLines(createReadStream(file, { highWaterMark: 1024 * 1024 }), {
      checkpoints,
      signal: io.signal,
      onEntries: (entries, bytes) =>
        io.progress.show('entries', bytes / size, `entries ${entries.toLocaleString('en')}`),
    });
  } catch (error) {
    throw systemFailure(error, safe(file)) ?? error;
  }
}

async function fromServer(io: Io, { checkpoints }: ReadCheckpoints): Promise<ChainReport> {
  const response = await openAuditExport(io, new URLSearchParams());
  return verifyLines(response.body as unknown as AsyncIterable<Uint8Array>, {
    checkpoints,
    signal: io.signal,
    onEntries: (entries) => io.progress.show('entries', 0, `entries ${entries.toLocaleString('en')}`),
  });
}

/** The log as the server exports it. @throws CommandFailed where it refuses */
export async function openAuditExport(io: Io, query: URLSearchParams): Promise<Response> {
  const client = openClient(io);
  const response = await client.send(`/audit/export?${query}`, { signal: io.signal });
  if (response.ok && response.body !== null) return response;
  const said = (await response.json().catch(() => ({}))) as { title?: unknown; reasons?: unknown };
  const title = typeof said.title === 'string' ? said.title : `${client.server} answered ${response.status}.`;
  if (response.status === 403)
    throw refused(title, Array.isArray(said.reasons) ? reasonsOf(said.reasons as never) : []);
  throw new CommandFailed(title, { code: response.status === 401 ? 'NOT_SIGNED_IN' : 'FAILED' });
}

function tell(
  io: Io,
  found: Found,
  { checkpoints, refused: void_, journal }: Signed,
  options: Options,
  seconds: number,
): void {
  const { whole, entries, head, unsealed, columns, strays, problems, more, proved } = found;
  const sentences = [
    ...void_.map(({ name, why }) => `Checkpoint ${safe(name)} proves nothing: ${why}.`),
    ...problems.map(problemText),
    ...columns.map((position) => `Entry ${position} was altered: its columns do not say what its sealed text says.`),
    ...strays.map((id) => `Entry ${safe(id)} was put in among the sealed ones: nothing links it.`),
    ...(more > 0 ? [`And ${counted(more, 'problem')} more.`] : []),
    ...(journal === null ? [] : [`The journal of endings: ${safe(journal)}.`]),
  ];
  const logWhole = whole && void_.length === 0;
  const sound = logWhole && journal === null;
  const last = checkpoints.at(-1);
  if (options.json)
    printJson(io, {
      ...{
        whole: sound,
        entries,
        unsealed,
        head,
        problems: problems as readonly ChainProblem[],
        columns,
        strays,
        more,
      },
      ...{
        checkpoints: checkpoints.length,
        refusedCheckpoints: void_,
        journal,
        proved,
        provedAt: checkpoints.find(({ size }) => size === proved)?.at ?? null,
      },
      seconds: Number(seconds.toFixed(2)),
    });
  else for (const sentence of sentences) io.print(sentence);
  if (logWhole && !sound)
    throw new CommandFailed('The log is whole, and its journal of endings is not.', {
      code: 'JOURNAL_BROKEN',
      told: true,
    });
  if (!sound)
    throw new CommandFailed(`The log is not whole (${counted(entries, 'entry', 'entries')}).`, {
      code: 'LOG_BROKEN',
      told: true,
    });
  if (options.json) return;
  const waiting = unsealed > 0 ? `; ${unsealed} more wait to be sealed` : '';
  io.print(`The log is whole: ${counted(entries, 'entry', 'entries')}, head ${head || 'none'}${waiting}.`);
  if (last === undefined)
    io.print('No checkpoint was at hand: whoever can write all of the database could have written all of it anew.');
  else
    io.print(
      `${counted(checkpoints.length, 'signed checkpoint')} fit; up to entry ${proved} (${last.at}, key of ${safe(last.log)}) nothing was changed since it was signed.`,
    );
}
