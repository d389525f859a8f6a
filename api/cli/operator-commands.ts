import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { MakeCommand } from './make-command.ts';

/** `iss backup`, `restore`, `replay`, `migrate`: an operator's, beside the server. */
export function operatorCommands(io: Io, iss: Command, command: MakeCommand): void {
  const load = () => import('./commands/backup.ts');
  command(
    iss,
    'backup <place>',
    'write rows, objects and secrets to one encrypted file; patients’ keys are not in it. Runs beside the server, or without',
    ['iss backup /media/backups --key backup.key'],
  )
    .requiredOption(
      '--key <file>',
      'the key of your backups, made by iss backup-key; keep it where the backups are not',
    )
    .action(async (place, options) => (await load()).backup(io, place, options));
  command(iss, 'backup-key <file>', 'make a key for backups; it never replaces a file', [
    'iss backup-key backup.key',
  ]).action(async (file, options) => (await load()).backupKey(io, file, options));
  command(
    iss,
    'restore <file>',
    'fill an empty system (ISS_DATA_DIR and the services of the settings) from a backup, whole or not at all',
    [
      'iss restore iss-20261123T101500Z.backup --key backup.key --check',
      'iss restore iss-20261123T101500Z.backup --key backup.key --keys mirror/keys --journal mirror/checkpoints',
    ],
  )
    .requiredOption('--key <file>', 'the key that it was made with')
    .option('--check', 'read and prove it, and put nothing anywhere')
    .option(
      '--keys <folder>',
      'the newest copy of the folder of patients’ keys, copied to where the server looks for them',
    )
    .option(
      '--journal <folder>',
      'the newest copy of the checkpoint folder: its journal of endings is replayed at once',
    )
    .action(async (file, options) => (await load()).restore(io, file, options));
  command(
    iss,
    'replay <folder>',
    'after a restore: carry out once more what has ended since the backup, by the journal in the newest copy of the checkpoint folder; the system opens',
    ['iss replay /media/mirror/checkpoints'],
  ).action(async (folder, options) => (await import('./commands/replay.ts')).replay(io, folder, options));
  const keys = iss.command('keys').description('keys of this server');
  command(
    keys,
    'rotate <purpose>',
    'put a new key in the place of one of the server’s own: sealing, tickets, invitations, database, realm or log. Stop the server and its workers first',
    ['iss keys rotate sealing'],
  ).action(async (purpose, options) => (await import('./commands/keys.ts')).rotate(io, purpose, options));
}
