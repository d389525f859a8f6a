import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aFolder, anIo, iss } from './an-io.ts';
import { type Answer, aFile, type Portal, startPortal } from './portal.ts';

let portal: Portal;
let folder: string;
let requests: unknown[];
beforeEach(async () => {
  portal = await startPortal();
  folder = join(await aFolder(), 'fold3');
  requests = [];
  answer({ __typename: 'RequestExportSuccess', export: { id: 'one' } });
});
afterEach(() => portal.stop());

function answer(result: unknown): void {
  portal.operations.requestExport = ({ input }): Answer => {
    requests.push(input);
    return { data: { requestExport: result } };
  };
}

const io = () => anIo({ ISS_URL: portal.url, ISS_TOKEN: 'a-token' });
const words = (...more: string[]): string[] => [
  'export',
  '--release',
  '1.0.0',
  '--fold',
  '3',
  '--part',
  'train',
  '--modalities',
  'labels,AUDIO_FEATURES',
  '-o',
  folder,
  ...more,
];
const file = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

test('an export is asked for with what was named, awaited and pulled', async () => {
  portal.host('one', [aFile('labels.parquet', 'PAR1')]);
  const ready = portal.operations.Export!;
  const states = [
    { state: 'QUEUED', progress: null },
    { state: 'RUNNING', progress: { stage: 'landmarks', done: 40, total: 100, rate: 8.25, secondsLeft: 7.2 } },
  ];
  portal.operations.Export = (variables, request) => {
    const state = states.shift();
    if (!state) return ready(variables, request);
    return {
      data: { export: { id: 'one', error: null, fileCount: null, bytes: null, manifestSha256: null, ...state } },
    };
  };
  const terminal = io();
  expect(await iss(terminal, ...words())).toBe(0);
  expect(requests).toEqual([
    { study: null, release: '1.0.0', fold: 3, part: 'TRAIN', modalities: ['AUDIO_FEATURES', 'LABELS'], grant: null },
  ]);
  expect(terminal.shown.slice(0, 2)).toEqual(['export queued …', 'export: landmarks 40 of 100, 8.3/s, 8 s left']);
  expect(await file('labels.parquet')).toBe('PAR1');
  expect(await file('manifest.json')).toBe('{"export":"one"}');
});

describe('a refused export', () => {
  const reasons = [
    { code: 'NO_GRANT', subject: null, sentence: 'You have no grant.', whoActsNext: 'YOU' },
    { code: 'TRAINING_MISSING', subject: 'HUMAN_SUBJECTS', sentence: 'A certificate is missing.', whoActsNext: 'YOU' },
  ];

  test('prints a line for each reason, ends with 3 and leaves nothing', async () => {
    answer({ __typename: 'Refused', code: 'FORBIDDEN', message: 'This is not allowed.', reasons });
    const terminal = io();
    expect(await iss(terminal, ...words())).toBe(3);
    expect(terminal.notes).toEqual([
      'iss: This is not allowed.',
      '  NO_GRANT: You have no grant. Next: you.',
      '  TRAINING_MISSING (HUMAN_SUBJECTS): A certificate is missing. Next: you.',
    ]);
    expect(existsSync(folder)).toBe(false);
  });

  test('says the same as JSON', async () => {
    answer({ __typename: 'Refused', code: 'FORBIDDEN', message: 'This is not allowed.', reasons });
    const terminal = io();
    expect(await iss(terminal, ...words('--json'))).toBe(3);
    expect(terminal.lines.map((line) => JSON.parse(line))).toEqual([
      { error: { code: 'FORBIDDEN', message: 'This is not allowed.', reasons } },
    ]);
  });

  test('that is refused only when its job begins leaves nothing either', async () => {
    portal.operations.Export = () => ({
      data: {
        export: {
          id: 'one',
          state: 'REFUSED',
          progress: null,
          fileCount: null,
          bytes: null,
          manifestSha256: null,
          error: { code: 'FORBIDDEN', message: 'Access ended.', reasons },
        },
      },
    });
    expect(await iss(io(), ...words())).toBe(3);
    expect(existsSync(folder)).toBe(false);
  });
});

test('a fold that does not exist ends with 1 and leaves nothing', async () => {
  answer({ __typename: 'FoldUnknown', code: 'FOLD_UNKNOWN', message: 'The release has the folds 1 to 10.' });
  const terminal = io();
  expect(await iss(terminal, ...words())).toBe(1);
  expect(terminal.notes).toEqual(['iss: The release has the folds 1 to 10.']);
  expect(existsSync(folder)).toBe(false);
});

test('a job that fails leaves nothing, so that the same command asks anew', async () => {
  portal.operations.Export = () => ({
    data: {
      export: {
        id: 'one',
        state: 'FAILED',
        progress: null,
        fileCount: null,
        bytes: null,
        manifestSha256: null,
        error: { code: 'DISK', message: 'the disk is full', reasons: null },
      },
    },
  });
  const terminal = io();
  expect(await iss(terminal, ...words())).toBe(1);
  expect(terminal.notes).toEqual(['iss: The export failed: the disk is full']);
  expect(existsSync(folder)).toBe(false);
});

describe('the same command again', () => {
  test('goes on with the same export', async () => {
    portal.host('one', [aFile('labels.parquet', 'PAR1')]);
    await iss(io(), ...words());
    expect(await iss(io(), ...words())).toBe(0);
    expect(requests).toHaveLength(1);
  });

  test('goes on after an interruption while the export was still being made', async () => {
    const terminal = io();
    portal.operations.Export = () => {
      terminal.abort();
      return {
        data: {
          export: {
            id: 'one',
            state: 'RUNNING',
            progress: null,
            error: null,
            fileCount: null,
            bytes: null,
            manifestSha256: null,
          },
        },
      };
    };
    expect(await iss(terminal, ...words())).toBe(130);
    portal.host('one', [aFile('labels.parquet', 'PAR1')]);
    expect(await iss(io(), ...words())).toBe(0);
    expect(requests).toHaveLength(1);
    expect(await file('labels.parquet')).toBe('PAR1');
  });

  test('goes on after an interruption while the export was being asked for', async () => {
    const terminal = io();
    const ask = portal.operations.requestExport!;
    portal.operations.requestExport = (variables, request) => {
      terminal.abort();
      return ask(variables, request);
    };
    expect(await iss(terminal, ...words())).toBe(130);
    portal.host('one', [aFile('labels.parquet', 'PAR1')]);
    expect(await iss(io(), ...words())).toBe(0);
    expect(requests).toHaveLength(1);
  });

  test('with another wish is refused, and asks for nothing', async () => {
    portal.host('one', [aFile('labels.parquet', 'PAR1')]);
    await iss(io(), ...words());
    const terminal = io();
    expect(await iss(terminal, ...words('--fold', '4'))).toBe(1);
    expect(terminal.notes.join()).toContain('choose another folder');
    expect(requests).toHaveLength(1);
  });
});

test('a folder with other files in it is not taken, and nothing is asked for', async () => {
  await mkdir(folder);
  await writeFile(join(folder, 'thesis.doc'), 'mine');
  expect(await iss(io(), ...words())).toBe(1);
  expect(requests).toEqual([]);
});
