import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { systemFailure } from '../../../api/cli/exit.ts';
import { program } from '../../../api/cli/program.ts';
import { anIo, iss } from './an-io.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

const wrong: [string, string[], string][] = [
  ['no such command', ['frobnicate'], "unknown command 'frobnicate'"],
  ['no such option', ['whoami', '--loud'], "unknown option '--loud'"],
  ['a file too many', ['verify', 'a', 'b'], 'too many arguments'],
  ['a day that is none', ['token', 'create', '--name', 'x', '--expires', '2027-02-29'], '2027-02-29 is no day'],
  ['a beginning on a day that is none', ['audit', 'list', '--from', '2027-02-29'], '--from is a day or an instant'],
  ['no file', ['inspect'], "missing required argument 'file'"],
  [
    'no folder for an export',
    ['export', '--modalities', 'LABELS'],
    "required option '-o, --output <dir>' not specified",
  ],
  [
    'no such modality',
    ['export', '--modalities', 'LABELS,SMELL', '-o', 'x'],
    '--modalities takes LABELS, PAIN_SCORES,',
  ],
  [
    'a fold that is no number',
    ['export', '--modalities', 'LABELS', '--fold', 'three', '-o', 'x'],
    '--fold takes a whole number from 1 to 1000, not "three".',
  ],
  [
    'a part without its fold',
    ['export', '--modalities', 'LABELS', '--part', 'train', '-o', 'x'],
    '--part train needs --fold',
  ],
  [
    'no such part',
    ['export', '--modalities', 'LABELS', '--part', 'half', '-o', 'x'],
    '--part takes train, test, all, not "half".',
  ],
  ['three classes', ['run', 'random-forest-pain', '--classes', '3'], '--classes takes 2, 4, not "3".'],
  ['a seed below zero', ['run', 'random-forest-pain', '--seed=-1'], '--seed takes a whole number'],
  ['no such picture', ['inspect', 'x.mp4', '--from', 'moon'], '--from takes crop, frame, not "moon".'],
  ['one name for two files', ['inspect', 'x.mp4', '--landmarks', 'a', '--spectrogram', 'a'], 'name the same file'],
  ['no such modality to check', ['checklist', 'SMELL'], 'MODALITY takes LABELS'],
  ['a password without a name', ['login', '--password-stdin'], '--password-stdin needs --username.'],
  [
    'a study without patients',
    ['study', 'make', '--patients', '0', '--seed', '1', '-o', 'x'],
    '--patients takes a whole number from 1',
  ],
  ['a server that is no address', ['whoami'], 'ISS_URL is no http address'],
  ['a word that would steer the terminal', ['run', 'x', '--classes', '\x1b[2J'], 'not "\\x1b[2J".'],
];

describe('wrong usage ends with 2 and a sentence', () => {
  test.each(wrong)('%s', async (_name, words, sentence) => {
    const io = anIo(
      words[0] === 'whoami' && words.length === 1
        ? { ISS_URL: 'ftp://x' }
        : { ISS_URL: 'http://127.0.0.1:9', ISS_TOKEN: 'x' },
    );
    expect(await iss(io, ...words)).toBe(2);
    expect(io.notes.join('\n')).toContain(sentence);
    expect(io.lines).toEqual([]);
  });

  test('no command at all: the help, on stderr', async () => {
    const io = anIo();
    expect(await iss(io)).toBe(2);
    expect(io.notes.join('\n')).toContain('Usage: iss');
  });
});

const commands = (of: Command, path: string[] = []): string[][] =>
  of.commands.flatMap((one) =>
    one.commands.length > 0 ? commands(one, [...path, one.name()]) : [[...path, one.name()]],
  );

test.each(commands(program(anIo(), () => {})))('help of %s %s has examples', async (...words) => {
  const io = anIo();
  expect(await iss(io, ...words.filter(Boolean), '--help')).toBe(0);
  const help = io.lines.join('\n');
  expect(help).toContain(`Usage: iss ${words.filter(Boolean).join(' ')}`);
  expect(help).toContain('Examples:\n  $ ');
  expect(help).toContain('--json');
});

test('a full disk says so, and what to do', async () => {
  const { open } = await import('node:fs/promises');
  const full = await open('/dev/full', 'w');
  const error = await full.write('x').catch((reason: unknown) => reason);
  await full.close();
  expect(systemFailure(error, 'fold3/labels.parquet')?.message).toBe(
    'fold3/labels.parquet: the disk is full: free some space and run it again (ENOSPC).',
  );
});

test('the help takes well under a second', async () => {
  // Processor time, which a test machine that is busy with something else changes little.
  const report = `data:text/javascript,process.on('exit',()=>{const{user,system}=process.cpuUsage();process.stderr.write(String((user+system)/1e6))})`;
  const seconds: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const { stdout, stderr } = await run(process.execPath, [
      '--import',
      report,
      join(ROOT, 'api/cli/iss.mjs'),
      '--help',
    ]);
    expect(stdout).toContain('Usage: iss');
    seconds.push(Number(stderr));
  }
  expect(Math.min(...seconds)).toBeGreaterThan(0);
  expect(Math.min(...seconds)).toBeLessThan(0.8);
});

test('npx runs the command of this very checkout, without a network', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'iss-npx-'));
  try {
    const env = {
      ...process.env,
      npm_config_cache: cache,
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
    };
    const { stdout } = await run('npx', ['--no-install', 'iss', '--help'], { cwd: ROOT, env });
    expect(stdout).toContain('Usage: iss');
    const failed = await run('npx', ['iss', 'inspect', 'nothing-here.mp4'], { cwd: ROOT, env }).catch(
      (error: { code: number }) => error,
    );
    expect(failed).toMatchObject({ code: 1 });
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
});
