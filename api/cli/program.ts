import { Command } from 'commander';
import { PUBLISHED_BASELINES } from '../../pipeline/published/baselines.ts';
import { dutyCommands } from './duty-commands.ts';
import { exportCommands } from './export-commands.ts';
import type { Io } from './io.ts';
import { jobCommands } from './job-commands.ts';
import { operatorCommands } from './operator-commands.ts';
import { safetyCommands } from './safety-commands.ts';
import { studyCommands } from './study-commands.ts';
import { safeLines } from './terminal.ts';
import { withdrawalCommands } from './withdrawal-commands.ts';

const JSON_TEXT = 'print JSON: one value, or a line for each event of long work';

/**
 * The command line, each command's code loaded only when it runs.
 * @param started called with the command that runs, before it does
 */
export function program(io: Io, started: (command: Command) => void): Command {
  const iss = new Command('iss')
    .description('Governed release of the ISS cancer-pain dataset, from the command line.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.print(text.trimEnd()),
      writeErr: (text) => io.note(text.trimEnd()),
      outputError: (text, write) => write(safeLines(text.replace(/^error: /, 'iss: ').trimEnd())),
    })
    .showHelpAfterError('(--help says how)')
    .hook('preAction', (_, command) => started(command));
  iss.addHelpText(
    'after',
    `
Speaks to the server at ISS_URL (default http://localhost:4000) as the signed-in person, or with ISS_TOKEN.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by policy (the reasons are printed), 130 interrupted (run it again to resume).`,
  );

  const command = (parent: Command, usage: string, description: string, examples: string[]): Command =>
    parent
      .command(usage)
      .description(description)
      .option('--json', JSON_TEXT)
      .addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`);

  command(iss, 'login', 'sign in: confirm a code in a browser', [
    'iss login',
    'ISS_URL=https://portal.example iss login',
    'echo demo | iss login --username researcher --password-stdin    # demo server only',
  ])
    .option('--username <name>', 'sign in with a password instead (the demo realm only)')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (options) => (await import('./commands/login.ts')).login(io, options));

  command(iss, 'whoami', 'who is signed in, with which roles and grants', ['iss whoami', 'iss whoami --json']).action(
    async (options) => (await import('./commands/whoami.ts')).whoami(io, options),
  );

  command(iss, 'logout', 'end the login at the server and forget it here', ['iss logout']).action(async (options) =>
    (await import('./commands/logout.ts')).logout(io, options),
  );

  command(iss, 'checklist [modality]', 'what is met, missing and expiring before data may be used, and who acts next', [
    'iss checklist',
    'iss checklist LANDMARKS',
  ])
    .option('--study <key>', "a study; the server's own unless named")
    .action(async (modality, options) => (await import('./commands/checklist.ts')).checklist(io, modality, options));

  const certificates = iss.command('certificates').description('your training certificates');
  command(certificates, 'list', 'how you stand with each kind of training', [
    'iss certificates list',
    'iss certificates list --courses',
  ])
    .option('--courses', 'the accepted courses too, with their addresses')
    .action(async (options) => (await import('./commands/certificates.ts')).certificates(io, options));
  command(certificates, 'upload <file>', 'hand in a certificate: a PDF, PNG or JPEG', [
    'iss certificates upload hipaa.pdf --type HIPAA --course citi-hipaa --completed 2026-03-01 --credential 4711',
  ])
    .requiredOption('--type <training>', 'the kind of training')
    .requiredOption('--course <key>', 'the course, as iss certificates list --courses says')
    .requiredOption('--completed <day>', 'when it was completed, YYYY-MM-DD')
    .requiredOption('--credential <id>', "the issuer's id for it")
    .option('--expires <day>', 'the last day that it names, if any')
    .action(async (file, options) => (await import('./commands/certificates.ts')).upload(io, file, options));

  const mail = iss.command('mail').description("an operator's look at messages");
  command(mail, 'unsent', 'messages that have not left, with the reason', ['iss mail unsent']).action(async (options) =>
    (await import('./commands/mail.ts')).unsent(io, options),
  );
  command(mail, 'again <message>', 'send one once more that was given up, refused or is in doubt', [
    'iss mail again 0b5c…',
  ]).action(async (id, options) => (await import('./commands/mail.ts')).again(io, id, options));

  command(
    iss,
    'inspect <file>',
    'what the pipeline makes of one video or sound file; nothing is stored, no server needed',
    [
      'iss inspect narrative.mp4',
      'iss inspect voice.wav --features --json',
      'iss inspect narrative.mp4 --spectrogram picture.png --landmarks landmarks.f32 --from frame',
    ],
  )
    .option('--features', 'the 25 audio features')
    .option(
      '--spectrogram <out>',
      'write the Mel spectrogram: float32 [128][frames] in dB, or a picture where the name ends in .png',
    )
    .option(
      '--landmarks <out>',
      'write the landmarks: float32 [frame][468][x, y, z] in pixels of the upright frame, NaN where there is no face',
    )
    .option('--from <picture>', 'which picture the mesh looks at: crop (as the paper) or frame', 'crop')
    .option('--faces', 'box and score of the face of each frame')
    .option('--quality', 'resolution, brightness, sharpness, loudness and the like')
    .action(async (file, options) => (await import('./commands/inspect.ts')).inspect(io, file, options));

  command(iss, 'ingest <dir>', 'fill a study from a drop; run again, it goes on where it was', [
    'iss ingest ./incoming',
    'iss ingest ./incoming --study iss --json',
  ])
    .option('--study <key>', 'the study to fill', 'iss')
    .action(async (folder, options) => (await import('./commands/ingest.ts')).ingest(io, folder, options));

  exportCommands(io, iss, command);

  command(iss, 'run <experiment>', 'rerun a baseline where the data is, and show it beside the published results', [
    'iss run random-forest-pain',
    'iss run random-forest-pain --classes 2 --seed 7 --json',
  ])
    .option('--classes <number>', "4 or 2; the published model's unless named")
    .option('--preset <name>', 'paper (as published), desk (minutes) or smoke (seconds); desk unless named')
    .option('--fold <number>', 'one fold only; its results need LABELS')
    .option('--seed <number>', 'the same seed gives the same result; 0 unless named')
    .option('--release <version>', 'the release; the newest unless named')
    .option('--study <key>', "the study; the server's own unless named")
    .option('--grant <id>', 'the grant to act for, where there are several')
    .option('--dry-run', 'only show what it would learn from and be tested on')
    .addHelpText('after', `\nExperiments: ${PUBLISHED_BASELINES.map(({ key }) => key).join(', ')}.`)
    .action(async (experiment, options) => (await import('./commands/run.ts')).run(io, experiment, options));

  command(iss, 'lineage <artifact>', "where a run's result or a checkpoint comes from", [
    'iss lineage 0190f5a2-7a31-7c40-9a51-3f8f0b3d6c1e',
  ]).action(async (artifact, options) => (await import('./commands/lineage.ts')).lineage(io, artifact, options));

  const checkpoint = iss.command('checkpoint').description('what the folds of a run have learnt, as files');
  command(checkpoint, 'list <run>', 'checkpoints of a run of yours, by fold', [
    'iss checkpoint list 0190f5a2-7a31-7c40-9a51-3f8f0b3d6c1e',
  ]).action(async (run, options) => (await import('./commands/checkpoint.ts')).listCheckpoints(io, run, options));
  command(checkpoint, 'get <checkpoint>', 'fetch one (safetensors); needs a grant for all that it learnt from', [
    'iss checkpoint get 0190f5a2-7a31-7c40-9a51-3f8f0b3d6c1e -o fold-1.safetensors',
  ])
    .option('-o, --output <file>', 'where to put it; EXPERIMENT-fold-N.safetensors here unless named')
    .action(async (id, options) => (await import('./commands/checkpoint.ts')).getCheckpoint(io, id, options));

  const release = iss
    .command('release')
    .description('releases: draft, check, ask, publish, compare, deprecate, retract');
  const study = "the study; the server's own unless named";
  command(release, 'list', 'releases that are published, newest first', [
    'iss release list',
    'iss release list --drafts',
  ])
    .option('--drafts', 'drafts too, for curators and stewards')
    .option('--study <key>', study)
    .action(async (options) => (await import('./commands/release.ts')).listReleases(io, options));
  command(release, 'draft <version>', 'make a draft of all that is processed', [
    'iss release draft 1.1.0 --notes "June"',
  ])
    .option('--notes <text>', 'what is in it and what has changed', '')
    .option('--study <key>', study)
    .action(async (version, options) => (await import('./commands/release.ts')).draft(io, version, options));
  command(release, 'ask <version>', 'ask for publication; another person publishes', ['iss release ask 1.1.0'])
    .option('--study <key>', study)
    .action(async (version, options) => (await import('./commands/release.ts')).ask(io, version, options));
  const yes = ['--yes', 'do not ask whether it is meant'] as const;
  command(release, 'publish <version>', 'publish a draft: it never changes again', ['iss release publish 1.1.0'])
    .option('--study <key>', study)
    .option(...yes)
    .action(async (version, options) => (await import('./commands/release.ts')).publish(io, version, options));
  command(release, 'check <version>', 'prove what a release promises', ['iss release check 1.0.0'])
    .option('--study <key>', study)
    .option('--no-checksums', 'prove sizes only, not every byte')
    .action(async (version, options) => (await import('./commands/release.ts')).check(io, version, options));
  command(release, 'diff <from> <to>', 'in what two releases differ, as far as you may see', [
    'iss release diff 1.0.0 1.1.0',
  ])
    .option('--study <key>', study)
    .action(async (from, to, options) => (await import('./commands/release.ts')).diff(io, from, to, options));
  command(release, 'deprecate <version>', 'mark a release as superseded', [
    'iss release deprecate 1.0.0 --reason "1.1.0 has more patients."',
  ])
    .requiredOption('--reason <text>', 'why; everybody reads it')
    .option('--study <key>', study)
    .action(async (version, options) => (await import('./commands/release.ts')).deprecate(io, version, options));
  command(release, 'retract <version>', 'end all access to a release, at once and for good', [
    'iss release retract 1.0.0 --reason "The labels are wrong."',
  ])
    .requiredOption('--reason <text>', 'why; everybody reads it')
    .option('--study <key>', study)
    .option(...yes)
    .action(async (version, options) => (await import('./commands/release.ts')).retract(io, version, options));
  command(release, 'erratum <version>', 'add an erratum to what was published, for good', [
    'iss release erratum 1.0.0 --concerns "Table 2" --text "Two columns stand in each other’s place."',
  ])
    .requiredOption('--concerns <words>', 'what it is about')
    .requiredOption('--text <text>', 'what is wrong, and what to make of it')
    .option('--corrected-in <version>', 'the release in which it is put right')
    .option('--study <key>', study)
    .option(...yes)
    .action(async (version, options) => (await import('./commands/release.ts')).erratum(io, version, options));

  command(iss, 'cite [version]', 'the reference to a release as it now is; nobody has to be signed in', [
    'iss cite 1.0.0',
    'iss cite --format bibtex',
  ])
    .option('--format <form>', 'text, bibtex, csl or datacite', 'text')
    .option('--study <key>', study)
    .action(async (version, options) => (await import('./commands/cite.ts')).cite(io, version, options));

  studyCommands(io, iss, command);

  const audit = iss.command('audit').description('the log that proves itself');
  command(
    audit,
    'verify [file]',
    'prove the log whole, or name what was altered, removed, put in or moved: an exported file, the server, or its data folder',
    [
      'iss audit verify                                              # beside the server, on its data folder',
      'iss audit verify log.jsonl --checkpoints carried --key key.txt    # at the auditor, no server needed',
      'iss audit verify --server --checkpoints carried --key key.txt     # read from the server at ISS_URL',
    ],
  )
    .option(
      '--checkpoints <dir>',
      'signed checkpoints, as they were carried away; beside the server its own unless named',
    )
    .option('--key <file>', 'the public key that you trust, as iss audit key prints it')
    .option('--server', 'read the log from the server as the signed-in auditor or steward')
    .action(async (file, options) => (await import('./commands/audit-verify.ts')).auditVerify(io, file, options));
  command(audit, 'checkpoint', 'sign size and head of the log, and write the note; runs beside the server', [
    'iss audit checkpoint',
    'iss audit checkpoint --folder /media/auditor',
  ])
    .option('--folder <dir>', 'where the note goes; ISS_CHECKPOINT_DIR unless named')
    .action(async (options) => (await import('./commands/audit-checkpoint.ts')).auditCheckpoint(io, options));
  command(audit, 'key', 'the public key that checkpoints are proved with; runs beside the server', [
    'iss audit key > key.txt            # hand it to the auditor yourself',
    'iss audit key --change             # the old key signs the new one, and is gone',
  ])
    .option('--change', 'make a new key; the note with which the old one hands over goes to the checkpoints')
    .option('--folder <dir>', 'where the checkpoints are; ISS_CHECKPOINT_DIR unless named')
    .action(async (options) => (await import('./commands/audit-checkpoint.ts')).auditKey(io, options));

  const filtered = (of: Command): Command =>
    of
      .option('--account <who>', 'id, username or address of an account')
      .option('--grant <id>', 'the grant that was acted for')
      .option('--action <words>', 'any of these words, e.g. READ,REFUSED')
      .option('--release <release>', 'id or version of a release')
      .option('--request <id>', 'the access request that it is about')
      .option('--from <time>', 'at or after, e.g. 2026-03-01 or 2026-03-01T09:30:00Z')
      .option('--to <time>', 'before');
  filtered(
    command(audit, 'list', 'look through the log, the last entries first; for stewards and auditors', [
      'iss audit list',
      'iss audit list --account researcher --action READ,DOWNLOADED --from 2026-03-01',
    ]),
  )
    .option('--oldest', 'the first entries first')
    .option('--first <number>', 'how many', '50')
    .action(async (options) => (await import('./commands/audit-list.ts')).auditList(io, options));
  filtered(
    command(audit, 'export', 'write the log to a file, oldest first; for stewards and auditors', [
      'iss audit export -o log.jsonl      # all of it: iss audit verify log.jsonl proves it anywhere',
      'iss audit export --grant 0196f3a2-… --format csv -o grant.csv',
    ]),
  )
    .option('--format <format>', 'jsonl or csv', 'jsonl')
    .requiredOption('-o, --output <file>', 'the file to write')
    .action(async (options) => (await import('./commands/audit-export.ts')).auditExport(io, options));
  command(audit, 'trace <what>', 'the story of a request, grant, release or account; of a file, who had it', [
    'iss audit trace 0196f3a2-…',
    'iss audit trace ./found.f32        # by its SHA-256; of a folder, by its manifest.json',
  ])
    .option('--first <number>', 'how many', '200')
    .action(async (what, options) => (await import('./commands/audit-list.ts')).auditTrace(io, what, options));
  command(audit, 'access <grant>', 'who has seen what under a grant of your own, the last first', [
    'iss audit access 0196f3a2-…',
  ])
    .option('--first <number>', 'how many', '50')
    .action(async (grant, options) => (await import('./commands/audit-list.ts')).auditAccess(io, grant, options));

  jobCommands(io, iss, command);
  safetyCommands(io, iss, command);
  withdrawalCommands(io, iss, command);
  operatorCommands(io, iss, command);
  dutyCommands(io, iss, command);

  return iss;
}
