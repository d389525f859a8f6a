import { DropFolderTaken, writeDrop } from '../../../pipeline/synthetic/drop.ts';
import { syntheticStudy } from '../../../pipeline/synthetic/study.ts';
import { CommandFailed } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { anyNumber, wholeNumber } from '../options.ts';
import { counted, safe } from '../terminal.ts';

export interface StudyMakeOptions {
  patients: string;
  seed: string;
  submissions: string;
  seconds: string;
  output: string;
  json?: true;
}

/** Makes a synthetic drop; run again, it goes on. @throws CommandFailed */
export async function studyMake(io: Io, options: StudyMakeOptions): Promise<void> {
  const study = syntheticStudy({
    patients: wholeNumber('--patients', options.patients, 1, 900),
    seed: wholeNumber('--seed', options.seed, 0, 0xffff_ffff),
    submissionsPerPatient: wholeNumber('--submissions', options.submissions, 1, 90),
    seconds: anyNumber('--seconds', options.seconds, 0.5, 600),
  });
  const startedAt = performance.now();
  let before: number | undefined;
  const { made, kept } = await writeDrop(study, options.output, {
    signal: io.signal,
    onProgress({ done, total }) {
      before ??= done;
      const rate = (done - before) / ((performance.now() - startedAt) / 1000);
      io.progress.show('videos', done / total, `videos ${done} of ${total}${rate > 0 ? `, ${rate.toFixed(1)}/s` : ''}`);
    },
  }).catch((error: unknown) => {
    throw error instanceof DropFolderTaken ? new CommandFailed(`${error.message}.`, { code: 'FOLDER_TAKEN' }) : error;
  });
  io.progress.clear();
  const patients = study.patients.length;
  if (options.json) return printJson(io, { directory: options.output, patients, submissions: made + kept, made, kept });
  const again = kept > 0 ? `, ${kept} of them there already` : '';
  io.print(
    `${safe(options.output)}: ${counted(patients, 'synthetic patient')}, ${counted(made + kept, 'submission')}${again}.`,
  );
}
