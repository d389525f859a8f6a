import type { Command } from 'commander';
import { wrongUsage } from './exit.ts';
import type { Io } from './io.ts';
import type { MakeCommand } from './make-command.ts';

/** `iss token`, `iss halt` and `iss incident`. */
export function safetyCommands(io: Io, iss: Command, command: MakeCommand): void {
  const token = iss.command('token').description('personal tokens for scripts, each for one grant');
  command(token, 'create', 'make a token; it is shown now and never again', [
    'iss token create --name cluster',
    'export ISS_TOKEN=$(iss token create --name cluster --expires 2026-12-31)',
  ])
    .requiredOption('--name <text>', 'what to call it, e.g. the machine that it is for')
    .option('--grant <id>', 'the grant that it acts for, where there are several')
    .option('--expires <when>', 'a day or an instant; as late as allowed unless given')
    .action(async (options) => (await import('./commands/token.ts')).createToken(io, options));
  command(token, 'list', 'your tokens: grant, created, last used, expires', ['iss token list']).action(
    async (options) => (await import('./commands/token.ts')).listTokens(io, options),
  );
  command(token, 'revoke <id>', 'end a token at once, with everything that was begun with it', [
    'iss token revoke 0196f3a2-…',
  ]).action(async (id, options) => (await import('./commands/token.ts')).revokeToken(io, id, options));

  command(iss, 'halt', 'halt access at once (stewards), or list what is halted; two stewards lift it', [
    'iss halt --list',
    'iss halt --grant 0196f3a2-… --reason "A copy was seen elsewhere" --category INCIDENT',
    'iss halt --release 1.0.0 --reason "Wrong dates" --category DATA_QUALITY --yes',
    'iss halt --lift 0196f3a2-… --reason "It was a mistake"',
    'iss halt --confirm 0196f3a4-…',
  ])
    .option('--all', 'everything')
    .option('--release <version>', 'a release')
    .option('--modality <name>', 'a kind of data')
    .option('--institution <id>', 'the people of an institution')
    .option('--grant <id>', 'a grant')
    .option('--study <key>', "the release's study; the server's own unless named")
    .option('--reason <text>', 'why, for stewards and auditors alone')
    .option(
      '--category <word>',
      'INCIDENT, WITHDRAWAL, DATA_QUALITY, LEGAL, TECHNICAL or OTHER: told to whom it concerns',
    )
    .option('--list', 'list halts in force that concern you')
    .option('--lift <halt>', 'ask for a halt to be lifted')
    .option('--confirm <step>', 'lift what another steward asked to lift')
    .option('--yes', 'do not ask first')
    .action(async (options) => {
      const halts = await import('./commands/halt.ts');
      if ([options.list, options.lift, options.confirm].filter(Boolean).length > 1)
        throw wrongUsage('One of --list, --lift and --confirm at a time.');
      if (options.list) return halts.listHalts(io, options);
      if (options.lift) return halts.askToLift(io, options.lift, options);
      if (options.confirm) return halts.confirmLift(io, options.confirm, options);
      return halts.halt(io, options);
    });

  const incident = iss.command('incident').description('report what went wrong, and see what became of it');
  command(incident, 'report', 'report an incident; anybody signed in may, also with ISS_TOKEN', [
    'iss incident report --kind LOST_DEVICE --summary "A laptop with fold 3 was stolen" --discovered 2026-03-01T08:00:00Z',
  ])
    .requiredOption(
      '--kind <word>',
      'UNAUTHORISED_ACCESS, DATA_LEFT, RE_IDENTIFICATION, FORBIDDEN_USE, LOST_DEVICE, LEAKED_CREDENTIAL or OTHER',
    )
    .requiredOption('--summary <text>', 'what happened, to which data, and what was done so far')
    .option('--discovered <when>', 'when it was discovered; now unless given')
    .option('--grant <id>', 'the grant that it is under: its people report within 24 hours')
    .option('--yes', 'do not ask first')
    .action(async (options) => (await import('./commands/incident.ts')).reportIncident(io, options));
  command(incident, 'list', 'incidents that you reported; all of them for stewards', [
    'iss incident list',
    'iss incident list --state REPORTED',
  ])
    .option('--state <word>', 'REPORTED, CONTAINED, NOTIFIED or CLOSED')
    .action(async (options) => (await import('./commands/incident.ts')).listIncidents(io, options));
}
