import type { CheckpointKey } from '../../../governance/checkpoint.ts';
import { readKeyFile } from '../../services/audit/checkpoints.ts';
import { CommandFailed, EXIT, systemFailure, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { rememberedKeys } from '../server-keys.ts';
import { counted, safe } from '../terminal.ts';
import { configDirectory } from '../token-store.ts';
import { verifyExport } from '../verify-export.ts';

/** Proves a pulled export. Ends with 1 where anything is wrong with it. @throws CommandFailed */
export async function verify(io: Io, folder: string, options: { json?: true; key?: string }): Promise<void> {
  const keys =
    options.key === undefined ? await rememberedKeys(configDirectory(io.environment)) : await namedKeys(options.key);
  const report = await verifyExport(folder, {
    keys,
    onProgress(done, total) {
      io.signal.throwIfAborted();
      io.progress.show('verify', done / total, `${done.toLocaleString('en')} of ${counted(total, 'file')}`);
    },
  });
  io.progress.clear();
  if (options.json) printJson(io, report);
  else for (const { path, problem } of report.problems) io.print(`${safe(path)}: ${safe(problem)}`);
  const files = counted(report.files, 'file');
  if (!report.ok) {
    const found = counted(report.problems.length, 'problem');
    throw new CommandFailed(`${folder} is not the export that was made: ${found} in ${files}.`, {
      exitCode: EXIT.FAILED,
      code: 'NOT_VERIFIED',
      told: true,
    });
  }
  if (options.json) return;
  io.print(`${safe(folder)} is complete and unaltered: ${files}.`);
  const { receipt } = report;
  if (receipt !== null)
    io.print(
      `Signed by the server: export ${receipt.export} of release ${receipt.release}, for ${safe(receipt.holder)} under grant ${receipt.grant}, ${receipt.at}.`,
    );
  else if (report.signed === 'UNKNOWN_KEY')
    io.print(
      'Its receipt is signed by a key that is not known here: name one with --key, as the server shows at /audit/keys.',
    );
  else io.print('It has no receipt, so nothing says under which grant it was given.');
}

/** @throws CommandFailed where the file holds none, or cannot be read */
async function namedKeys(file: string): Promise<readonly CheckpointKey[]> {
  const keys = await readKeyFile(file).catch((error: unknown) => {
    throw systemFailure(error, safe(file)) ?? error;
  });
  if (keys.length === 0)
    throw wrongUsage(`${safe(file)} holds no key: it is a line as /audit/keys of the server shows it.`);
  return keys;
}
