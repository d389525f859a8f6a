import { CommandFailed, EXIT } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { counted, safe } from '../terminal.ts';
import { verifyExport } from '../verify-export.ts';

/** Proves a pulled export. Ends with 1 where anything is wrong with it. @throws CommandFailed */
export async function verify(io: Io, folder: string, options: { json?: true }): Promise<void> {
  const report = await verifyExport(folder, {
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
  if (!options.json) io.print(`${safe(folder)} is complete and unaltered: ${files}.`);
}
