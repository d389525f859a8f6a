import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DropFolderTaken, dropSize, writeDrop } from '../../../pipeline/synthetic/drop.ts';
import { type SyntheticStudy, studyLikeIss, syntheticStudy } from '../../../pipeline/synthetic/study.ts';
import { CommandFailed, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { anyNumber, oneOf, wholeNumber } from '../options.ts';
import { bytesText, counted, safe } from '../terminal.ts';

export interface StudyMakeOptions {
  patients?: string;
  like?: string;
  scale?: string;
  seed: string;
  submissions?: string;
  seconds?: string;
  output: string;
  json?: true;
}

function planOf(options: StudyMakeOptions): SyntheticStudy {
  const seed = wholeNumber('--seed', options.seed, 0, 0xffff_ffff);
  if (options.like !== undefined) {
    oneOf('--like', options.like, ['iss']);
    const shaped = (['patients', 'submissions', 'seconds'] as const).find((name) => options[name] !== undefined);
    if (shaped !== undefined) throw wrongUsage(`--${shaped} does not go with --like, which says it.`);
    const [one, scale] = (options.scale ?? '1:1').split(':');
    if (one !== '1') throw wrongUsage(`--scale takes 1:1 to 1:200, not "${safe(options.scale ?? '')}".`);
    return studyLikeIss({ seed, scale: wholeNumber('--scale 1:', scale ?? '', 1, 200) });
  }
  if (options.scale !== undefined) throw wrongUsage('--scale goes with --like iss.');
  if (options.patients === undefined) throw wrongUsage('--patients <number> or --like iss says what to make.');
  return syntheticStudy({
    patients: wholeNumber('--patients', options.patients, 1, 900),
    seed,
    submissionsPerPatient: wholeNumber('--submissions', options.submissions ?? '5', 1, 90),
    seconds: anyNumber('--seconds', options.seconds ?? '2', 0.5, 600),
  });
}

/** Says what is to come before it begins. @throws CommandFailed where the disk has no room for it */
async function announce(io: Io, study: SyntheticStudy, output: string): Promise<void> {
  const { bytes, frames } = dropSize(study);
  let folder = resolve(output);
  let room = await statfs(folder).catch(() => null);
  for (; room === null && dirname(folder) !== folder; room = await statfs(folder).catch(() => null))
    folder = dirname(folder);
  const free = room === null ? null : room.bavail * room.bsize;
  const beside = free === null ? '' : `, ${bytesText(free)} are free`;
  io.note(
    `To be made: ${counted(study.submissions.length, 'video')}, ${frames} frames, about ${bytesText(bytes)}${beside}.`,
  );
  if (free !== null && free < bytes)
    throw new CommandFailed(
      `The disk of ${safe(output)} has ${bytesText(free)} free; about ${bytesText(bytes)} are needed.`,
      {
        code: 'DISK_FULL',
      },
    );
}

/** Makes a synthetic drop; run again, it goes on. @throws CommandFailed */
export async function studyMake(io: Io, options: StudyMakeOptions): Promise<void> {
  const study = planOf(options);
  await announce(io, study, options.output);
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
