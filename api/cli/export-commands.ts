import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { MakeCommand } from './make-command.ts';

/** `iss export`, `iss pull`, `iss verify` and `iss models`. */
export function exportCommands(io: Io, iss: Command, command: MakeCommand): void {
  command(iss, 'export', 'ask for a sanctioned export, wait for it and pull it; run again, it goes on where it was', [
    'iss export --release 1.0.0 --fold 3 --part train --modalities LABELS,PAIN_SCORES,AUDIO_FEATURES -o fold3',
  ])
    .option('--release <version>', 'the release; the newest unless named')
    .option('--fold <number>', 'the split; needed for train and test')
    .option('--part <part>', 'train, test or all', 'all')
    .requiredOption('--modalities <list>', 'what to export, e.g. LABELS,LANDMARKS')
    .requiredOption('-o, --output <dir>', 'the folder to fill; new or begun by the same command')
    .option('--study <key>', "the study; the server's own unless named")
    .option('--grant <id>', 'the grant to act for, where there are several')
    .action(async (options) => (await import('./commands/export.ts')).exportFold(io, options));

  command(iss, 'pull [export]', 'pull an export that exists, or the open sample; run again, it goes on where it was', [
    'iss pull 0196f3a2-… -o fold3',
    'iss pull --sample -o sample      # synthetic, no account: write your code before access is granted',
  ])
    .option('--sample', 'the open synthetic sample, in the form of an export of every kind of data')
    .requiredOption('-o, --output <dir>', 'the folder to fill')
    .action(async (id, options) => (await import('./commands/pull.ts')).pull(io, id, options));

  command(
    iss,
    'verify <dir>',
    'prove a pulled export complete and unaltered and its folds disjoint; no server needed',
    ['iss verify fold3', 'iss verify fold3 --json'],
  )
    .option(
      '--key <file>',
      'public keys that the receipt is proved with; those of servers that were pulled from unless named',
    )
    .action(async (folder, options) => (await import('./commands/verify.ts')).verify(io, folder, options));

  const models = iss.command('models').description('weights of networks that a user supplies; beside the server');
  command(models, 'list', 'which weights are here, where the others are to be had, and what runs without them', [
    'iss models list',
  ]).action(async (options) => (await import('./commands/models.ts')).listModels(io, options));
  command(models, 'add <file>', 'keep weights: recognised by their tensors, never by the name of the file', [
    'iss models add resnet50-imagenet.safetensors',
    'iss models add lite0.safetensors --licence Apache-2.0 --origin "our mirror, 2026-11-23"',
  ])
    .option('--licence <text>', 'under which it was had; what is known of the kind unless named')
    .option('--origin <text>', 'where it was had; what is known of the kind unless named')
    .option('--replace', 'in place of other weights of the kind')
    .action(async (file, options) => (await import('./commands/models.ts')).addModel(io, file, options));
}
