import { keyLine } from '../../../governance/checkpoint.ts';
import type { Foundation } from '../../compose.ts';
import type { Config } from '../../config.ts';
import { problemText } from '../../services/audit/audit-chain.ts';
import { auditLog } from '../../services/audit/audit-log.ts';
import { makeKeyRing } from '../../services/audit/checkpoint-keys.ts';
import {
  type CheckpointDeps,
  CheckpointRefused,
  changeCheckpointKey,
  checkpointFolder,
  makeCheckpoint,
} from '../../services/audit/checkpoints.ts';
import { endingsPath, JournalRefused } from '../../services/backup/endings-journal.ts';
import { besideServer } from '../beside-server.ts';
import { CommandFailed } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { counted, safe } from '../terminal.ts';

interface Options {
  json?: true;
  folder?: string;
}

const depsOf = ({ database, clock, ids }: Foundation, config: Config, folder: string | undefined): CheckpointDeps => ({
  ...{ database, clock, audit: auditLog(clock, ids) },
  dataDirectory: config.dataDirectory,
  random: ids.random,
  folder: folder ?? checkpointFolder(config),
  journal: endingsPath(checkpointFolder(config)),
});

/** Signs the present end of the log. @throws CommandFailed where it does not go on from the last checkpoint */
export const auditCheckpoint = (io: Io, options: Options): Promise<void> =>
  besideServer(io, async (base, config) => {
    const made = await makeCheckpoint(depsOf(base, config, options.folder)).catch(asFailure);
    if (made === null) throw new CommandFailed('The log is empty: there is nothing to sign.', { code: 'NOTHING' });
    const { checkpoint, file } = made;
    if (options.json) return printJson(io, { ...checkpoint, file });
    io.print(`${counted(checkpoint.size, 'entry', 'entries')} signed, head ${checkpoint.head}.`);
    io.print(`${safe(file)}: carry it to the auditor.`);
  });

/** Prints the public key, after a change if one is asked for. */
export const auditKey = (io: Io, options: Options & { change?: true }): Promise<void> =>
  besideServer(io, async (base, config) => {
    const ring = options.change
      ? await changeCheckpointKey(depsOf(base, config, options.folder)).catch(asFailure)
      : await makeKeyRing(config.dataDirectory, base.ids.random);
    if (options.json) return printJson(io, { log: ring.log, key: keyLine(ring.key), former: ring.lines.slice(0, -1) });
    io.print(keyLine(ring.key));
    if (options.change) io.note('The old key has signed this one and is gone: carry the new note to the auditor.');
  });

function asFailure(error: unknown): never {
  if (error instanceof JournalRefused)
    throw new CommandFailed(`Nothing was signed: ${safe(error.message)}.`, { code: 'JOURNAL_BROKEN', cause: error });
  if (!(error instanceof CheckpointRefused)) throw error;
  throw new CommandFailed('Nothing was signed: the log does not go on from the last checkpoint.', {
    code: 'LOG_BROKEN',
    details: error.problems.map(problemText),
    cause: error,
  });
}
