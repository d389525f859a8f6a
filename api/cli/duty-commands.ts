import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { MakeCommand } from './make-command.ts';

/** `iss requests`, `iss quarantine` and `iss accounts`: looks at what waits for stewards, curators and administrators. */
export function dutyCommands(io: Io, iss: Command, command: MakeCommand): void {
  const requests = iss
    .command('requests')
    .description('access requests: your own, and for officials and stewards the queue');
  command(requests, 'list', 'requests that you may see, newest first', [
    'iss requests list',
    'iss requests list --waits-for STEWARD',
    'iss requests list --state SUBMITTED --limit 100',
  ])
    .option('--state <word>', 'those in one state, such as SUBMITTED or APPROVED')
    .option('--waits-for <who>', 'those that wait for APPLICANT, SIGNING_OFFICIAL or STEWARD')
    .option('--limit <number>', 'how many at most', '50')
    .action(async (options) => (await import('./commands/requests.ts')).listRequests(io, options));
  command(
    requests,
    'show <id>',
    'what is asked for, by whom, how it stands, which trainings are missing, and its history',
    ['iss requests show 0196f3a2-…'],
  ).action(async (id, options) => (await import('./commands/requests.ts')).showRequest(io, id, options));

  const quarantine = iss
    .command('quarantine')
    .description('what is in quarantine, and its review (curators and stewards)');
  command(quarantine, 'list', 'what is in quarantine, newest first', [
    'iss quarantine list',
    'iss quarantine list --due',
  ])
    .option('--due', 'those alone that a steward has to look at by now')
    .option('--study <key>', "the study; the server's own unless named")
    .action(async (options) => (await import('./commands/quarantine.ts')).listQuarantines(io, options));
  command(quarantine, 'review <id>', 'as another steward than who placed it: it stays for a reason, or is lifted', [
    'iss quarantine review 0196f3a2-… --keep "A name is spoken"',
    'iss quarantine review 0196f3a2-… --lift',
  ])
    .option('--keep <reason>', 'it stays, and why')
    .option('--lift', 'what it hid is seen again at once')
    .option('--yes', 'do not ask first')
    .action(async (id, options) => (await import('./commands/quarantine.ts')).reviewQuarantine(io, id, options));

  command(iss, 'accounts', 'accounts with their roles and institutions (administrators)', [
    'iss accounts',
    'iss accounts --role steward',
    'iss accounts --search ada --suspended',
  ])
    .option('--search <text>', 'part of a name, user name or address')
    .option('--role <word>', 'those with one role')
    .option('--suspended', 'those alone that are suspended now')
    .action(async (options) => (await import('./commands/accounts.ts')).listAccounts(io, options));
}
