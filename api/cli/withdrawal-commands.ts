import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { MakeCommand } from './make-command.ts';

/** `iss withdrawal`. */
export function withdrawalCommands(io: Io, iss: Command, command: MakeCommand): void {
  const withdrawal = iss
    .command('withdrawal')
    .description('a patient withdraws: stewards record it and see what is left to do, holders attest');
  const load = () => import('./commands/withdrawal.ts');
  command(withdrawal, 'record <patient>', 'record that a patient withdraws; it acts at once', [
    'iss withdrawal record P07 --kind STOP_SHARING --reason PATIENT',
    'iss withdrawal record P07 --kind ERASE --reason GUARDIAN --study iss --yes',
  ])
    .requiredOption('--kind <word>', 'STOP_COLLECTION, STOP_SHARING or ERASE')
    .requiredOption('--reason <word>', 'PATIENT, GUARDIAN, OF_AGE, CONSENT_INVALID or ETHICS')
    .option('--study <key>', "the study; the server's own unless named")
    .option('--yes', 'do not ask first')
    .action(async (patient, options) => (await load()).recordWithdrawal(io, patient, options));
  command(withdrawal, 'list', 'withdrawals with what is left to do, and what waits for another steward', [
    'iss withdrawal list --open',
  ])
    .option('--study <key>', "the study; the server's own unless named")
    .option('--open', 'those alone that something is left to do for')
    .action(async (options) => (await load()).listWithdrawals(io, options));
  command(withdrawal, 'show <id>', 'holders of copies, what is marked, the next release, the proof of an erasure', [
    'iss withdrawal show 0196f3a2-…',
  ])
    .option('--study <key>', "the study; the server's own unless named")
    .action(async (id, options) => (await load()).showWithdrawal(io, id, options));
  command(withdrawal, 'ask <id>', 'ask for a step that another steward confirms', [
    'iss withdrawal ask 0196f3a2-… --step NOTICES --reason "Copies are out"',
    'iss withdrawal ask 0196f3a2-… --step ERASURE --reason "As they asked"',
  ])
    .requiredOption('--step <word>', 'NOTICES, ERASURE or TAKE_BACK')
    .requiredOption('--reason <text>', "why, without anybody's name")
    .action(async (id, options) => (await load()).askStep(io, id, options));
  command(withdrawal, 'confirm <step>', 'confirm what another steward asked for; it is done at once', [
    'iss withdrawal confirm 0196f3a4-…',
  ])
    .option('--yes', 'do not ask first')
    .action(async (step, options) => (await load()).confirmStep(io, step, options));
  command(withdrawal, 'attest [duty]', 'what you were told to destroy; with an id, attest that it is done', [
    'iss withdrawal attest',
    'iss withdrawal attest 0196f3a5-…',
  ])
    .option('--yes', 'do not ask first')
    .action(async (duty, options) => (await load()).attest(io, duty, options));
}
