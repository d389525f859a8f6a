import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { MakeCommand } from './make-command.ts';

/** `iss jobs`: a curator's look at the work of the pipeline. */
export function jobCommands(io: Io, iss: Command, command: MakeCommand): void {
  const jobs = iss.command('jobs').description("a curator's look at the work of the pipeline");
  command(jobs, 'list', 'every kind of work and how it stands, and what was given up, the newest first', [
    'iss jobs list',
    'iss jobs list --json',
  ]).action(async (options) => (await import('./commands/jobs.ts')).list(io, options));
  command(jobs, 'retry <job>', 'have something done once more that was given up', ['iss jobs retry 0b5c…']).action(
    async (id, options) => (await import('./commands/jobs.ts')).retry(io, id, options),
  );
  command(jobs, 'pause <kind>', 'let no work of a kind begin; what runs goes on', ['iss jobs pause export']).action(
    async (kind, options) => (await import('./commands/jobs.ts')).pause(io, kind, options),
  );
  command(jobs, 'resume <kind>', 'let work of a kind begin again', ['iss jobs resume export']).action(
    async (kind, options) => (await import('./commands/jobs.ts')).resume(io, kind, options),
  );
  command(
    jobs,
    'limit <kind> [most]',
    'how many of a kind may run at once; without a number, as many as there are workers',
    ['iss jobs limit run-baseline 1', 'iss jobs limit run-baseline'],
  ).action(async (kind, most, options) => (await import('./commands/jobs.ts')).limit(io, kind, most, options));
}
