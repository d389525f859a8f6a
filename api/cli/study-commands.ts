import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { MakeCommand } from './make-command.ts';

/** `iss study`. */
export function studyCommands(io: Io, iss: Command, command: MakeCommand): void {
  const studies = iss.command('study').description('synthetic study drops, and the tables of a study');
  command(studies, 'make', 'make a synthetic drop: drawn faces, computed voices, nobody’s data', [
    'iss study make --patients 16 --seed 1 -o drop',
    'iss study make --patients 4 --seed 1 --submissions 2 --seconds 3 -o small',
    'iss study make --like iss --scale 1:50 --seed 1 -o shape      # videos a fiftieth as long; without --scale, 190,000 frames',
  ])
    .option('--patients <number>', 'how many, spread over the sixteen cohorts')
    .option('--like <study>', 'iss: patients, devices, folds, number and lengths of videos as they were published')
    .option('--scale <ratio>', 'with --like: 1:50 makes every video a fiftieth as long; nothing else scales')
    .requiredOption('--seed <number>', 'the same seed gives the same drop')
    .option('--submissions <number>', 'of each patient; 5 unless named')
    .option('--seconds <number>', 'length of a video, give or take a tenth; 2 unless named')
    .requiredOption('-o, --output <dir>', 'the folder to fill')
    .action(async (options) => (await import('./commands/study-make.ts')).studyMake(io, options));

  command(studies, 'report', "the paper's Tables 2, 4 and 6 to 13, counted anew over a release", [
    'iss study report',
    'iss study report --study demo --beside-iss      # published values of ISS beside a synthetic study of its shape',
  ])
    .option('--study <key>', "the study; the server's own unless named")
    .option('--release <version>', 'the newest published one unless named')
    .option('--beside-iss', "published values of ISS beside a synthetic study's, whose 9001 stands for 0001")
    .option('--open', 'as somebody who is not signed in: open counts alone')
    .action(async (options) => (await import('./commands/study-report.ts')).studyReport(io, options));
}
