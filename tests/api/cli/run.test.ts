import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EXPERIMENTS } from '../../../pipeline/baselines/experiments.ts';
import { anIo, iss } from './an-io.ts';
import { type Portal, startPortal } from './portal.ts';

let portal: Portal;
let inputs: unknown[];
let cancelled: unknown[];
let previews: unknown[];

const PREVIEW = {
  ...{ study: 'demo', release: '1.0.0', experiment: 'random-forest-pain', classes: 2, preset: 'desk', fold: null },
  ...{ seed: 7, reads: ['LABELS', 'PAIN_SCORES'], comparable: 'Not comparable.', secondsTypical: 12, waiting: 3 },
  folds: [
    { fold: 1, trainPatients: 26, testPatients: 3, trainRows: 455, testRows: 54 },
    { fold: 2, trainPatients: 27, testPatients: 2, trainRows: 1479, testRows: 30 },
  ],
};

const DONE = {
  id: 'r1',
  state: 'SUCCEEDED',
  progress: null,
  error: null,
  experiment: 'random-forest-pain',
  classes: 2,
  preset: 'desk',
  fold: null,
  seed: 7,
  release: { version: '1.0.0' },
  result: {
    patients: 28,
    rows: 400,
    overall: 0.815,
    interval: { low: 0.7, high: 0.9 },
    byClass: [
      { class: 'NO_PAIN', patients: 4, accuracy: 0.5, interval: { low: 0.25, high: 1 }, small: true },
      { class: 'PAIN', patients: 24, accuracy: 0.9, interval: { low: 0.8, high: 0.95 }, small: false },
    ],
    bySex: [
      { group: 'M', patients: 20, accuracy: 0.8, interval: { low: 0.7, high: 0.9 }, small: false },
      { group: 'F', patients: 8, accuracy: 0.85, interval: { low: 0.5, high: 1 }, small: false },
    ],
    bySkinType: null,
    byDevice: [{ group: 'iOS', patients: 1, accuracy: 1, interval: null, small: true }],
    ranges: [
      { above: 0, upTo: 0.25, patients: 2 },
      { above: 0.25, upTo: 0.5, patients: 3 },
      { above: 0.5, upTo: 0.75, patients: 8 },
      { above: 0.75, upTo: 1, patients: 15 },
    ],
    patientsOver50: 23,
    lowest: [{ patient: '9002', accuracy: 0.1 }],
    byPatient: [{ patient: '9001', truth: 'PAIN', rows: 5, correct: 5, accuracy: 1 }],
  },
  published: {
    ...{ model: 'Random forest', overall: 0.7, byClass: [{ class: 'PAIN', accuracy: 0.8 }] },
    ranges: [7, 2, 4, 15].map((patients, at) => ({ above: at / 4, upTo: (at + 1) / 4, patients })),
    ...{ patientsOver50: 19, lowest: ['0015', '0030'] },
  },
  marked: false,
  comparable: 'Comparable as far as the patients are the same.',
  provenance: { seed: 7 },
};

beforeEach(async () => {
  portal = await startPortal();
  inputs = [];
  cancelled = [];
  previews = [];
  portal.operations.runBaseline = ({ input }) => {
    inputs.push(input);
    return { data: { runBaseline: { __typename: 'RunBaselineSuccess', run: { id: 'r1' } } } };
  };
  portal.operations.cancelRun = ({ input }) => {
    cancelled.push(input);
    return { data: { cancelRun: { __typename: 'CancelRunSuccess', run: { state: 'CANCELLED' } } } };
  };
  portal.operations.RunPreview = (asked) => {
    previews.push(asked);
    return { data: { runPreview: PREVIEW } };
  };
  portal.operations.Run = () => ({ data: { run: DONE } });
});
afterEach(() => portal.stop());

const io = () => anIo({ ISS_URL: portal.url, ISS_TOKEN: 'a-token' });

test('a run shows its accuracies beside the published ones', async () => {
  const terminal = io();
  expect(await iss(terminal, 'run', 'random-forest-pain', '--classes', '2', '--seed', '7', '--fold', '3')).toBe(0);
  expect(inputs).toEqual([
    {
      study: null,
      release: null,
      experiment: 'random-forest-pain',
      classes: 2,
      preset: null,
      fold: 3,
      seed: 7,
      grant: null,
    },
  ]);
  expect(terminal.lines.join('\n').split('\n')).toEqual([
    'random-forest-pain, 2 classes, all folds, release 1.0.0, preset desk, seed 7',
    '',
    '              patients  this run           95 %       published (ISS)',
    '------------  --------  --------  -------------  ---  ---------------',
    'all patients        28    81.5 %   70.0 to 90.0                70.0 %',
    'NO_PAIN              4    50.0 %  25.0 to 100.0  few',
    'PAIN                24    90.0 %   80.0 to 95.0                80.0 %',
    '',
    '            patients  this run           95 %',
    '----------  --------  --------  -------------  ---',
    'sex M             20    80.0 %   70.0 to 90.0',
    'sex F              8    85.0 %  50.0 to 100.0',
    'device iOS         1   100.0 %                 few',
    '',
    'accuracy     patients  published (ISS)',
    '-----------  --------  ---------------',
    '0 to 25 %           2                7',
    '25 to 50 %          3                2',
    '50 to 75 %          8                4',
    '75 to 100 %        15               15',
    'over 50 %          23               19',
    '',
    'Lowest patients: 9002 (10.0 %)',
    'Published (ISS): 0015, 0030',
    '',
    'Mean accuracy over patients, each predicted by the model of the fold that withheld them; 95 % interval by drawing patients anew.',
    '"few": fewer than five patients. Their mean says little, and its interval is too narrow.',
    'Comparable as far as the patients are the same.',
    '',
    'iss lineage r1: what this result was made from.',
  ]);
});

test('a network also says where its checkpoints are', async () => {
  portal.operations.Run = () => ({ data: { run: { ...DONE, experiment: 'fusion-1' } } });
  const terminal = io();
  expect(await iss(terminal, 'run', 'fusion-1')).toBe(0);
  expect(terminal.lines.join('\n').split('\n').slice(-2)).toEqual([
    'iss lineage r1: what this result was made from.',
    'iss checkpoint list r1: what its folds have learnt.',
  ]);
});

test('help names every experiment', async () => {
  const terminal = io();
  expect(await iss(terminal, 'run', '--help')).toBe(0);
  const said = [...terminal.lines, ...terminal.notes].join('\n');
  for (const { key } of EXPERIMENTS) expect(said).toContain(key);
});

test('as JSON it has what scripts rely on', async () => {
  const terminal = io();
  expect(await iss(terminal, 'run', 'random-forest-pain', '--json')).toBe(0);
  expect(terminal.lines.map((line) => JSON.parse(line))).toEqual([
    {
      ...{
        id: 'r1',
        experiment: 'random-forest-pain',
        classes: 2,
        preset: 'desk',
        fold: null,
        seed: 7,
        release: '1.0.0',
      },
      ...DONE.result,
      ...{
        marked: false,
        published: DONE.published,
        comparable: DONE.comparable,
        provenance: DONE.provenance,
      },
    },
  ]);
});

test('what the policy leaves out of a result is told, and the rest is shown', async () => {
  portal.operations.Run = () => ({
    data: { run: { ...DONE, published: null, result: { ...DONE.result, byPatient: null } } },
    errors: [
      {
        message: 'byPatient needs access to LABELS.',
        extensions: {
          code: 'FORBIDDEN',
          reasons: [{ code: 'USE_NOT_GRANTED', subject: 'READ', sentence: 'Ask for it.' }],
        },
      },
    ],
  });
  const terminal = io();
  expect(await iss(terminal, 'run', 'random-forest-pain')).toBe(0);
  expect(terminal.lines.join('\n')).toContain('all patients        28    81.5 %');
  expect(terminal.lines.join('\n')).not.toContain('published');
  expect(terminal.notes.slice(1)).toEqual(['Left out, USE_NOT_GRANTED (READ): Ask for it.']);
});

test('Ctrl-C cancels the run at the server and ends with 130', async () => {
  const terminal = io();
  portal.operations.Run = () => {
    terminal.abort();
    return { data: { run: { ...DONE, state: 'RUNNING', result: null } } };
  };
  expect(await iss(terminal, 'run', 'random-forest-pain')).toBe(130);
  expect(cancelled).toEqual([{ id: 'r1' }]);
  expect(terminal.notes.slice(1)).toEqual(['iss: Interrupted: run r1 was cancelled.']);
});

test('Ctrl-C while the run is being asked for cancels it all the same', async () => {
  const terminal = io();
  const ask = portal.operations.runBaseline!;
  portal.operations.runBaseline = (variables, request) => {
    terminal.abort();
    return ask(variables, request);
  };
  expect(await iss(terminal, 'run', 'random-forest-pain')).toBe(130);
  expect(cancelled).toEqual([{ id: 'r1' }]);
});

test('a run that loses its access meanwhile ends with 3 and the reasons', async () => {
  portal.operations.Run = () => ({
    data: {
      run: {
        ...DONE,
        state: 'REFUSED',
        result: null,
        error: { code: 'FORBIDDEN', message: 'Access ended.', reasons: ['GRANT_REVOKED'] },
      },
    },
  });
  const terminal = io();
  expect(await iss(terminal, 'run', 'random-forest-pain')).toBe(3);
  expect(terminal.notes.slice(1)).toEqual([
    'iss: The run was refused: Access ended.',
    '  GRANT_REVOKED: Your grant was revoked; the applicant attests that every copy is destroyed. Next: the applicant of the request (you, if it is yours).',
  ]);
});

describe('the server', () => {
  test('that is away for a moment is waited for', async () => {
    let looks = 0;
    portal.operations.Run = () => {
      looks += 1;
      return looks < 3 ? { status: 503, data: null } : { data: { run: DONE } };
    };
    expect(await iss(io(), 'run', 'random-forest-pain')).toBe(0);
  });

  test('that is not there is named, with what to do', async () => {
    const { url, stop } = await startPortal();
    await stop();
    const terminal = anIo({ ISS_URL: url, ISS_TOKEN: 'a-token' });
    expect(await iss(terminal, 'run', 'random-forest-pain')).toBe(1);
    expect(terminal.notes).toEqual([`iss: No server answers at ${url}: start it with npm start, or set ISS_URL.`]);
  });

  test('that does not accept the token says so', async () => {
    const terminal = anIo({ ISS_URL: portal.url, ISS_TOKEN: 'another' });
    expect(await iss(terminal, 'run', 'random-forest-pain')).toBe(1);
    expect(terminal.notes).toEqual([
      `iss: ${portal.url} does not accept ISS_TOKEN. Set another, or unset it and run iss login.`,
    ]);
  });

  test('that answers with errors is quoted, safely, and never with a stack', async () => {
    portal.operations.runBaseline = () => ({
      errors: [{ message: 'Something broke\x1b[2J', extensions: { code: 'INTERNAL_SERVER_ERROR', id: 'e-17' } }],
    });
    const terminal = io();
    expect(await iss(terminal, 'run', 'random-forest-pain')).toBe(1);
    expect(terminal.notes.slice(1)).toEqual(['iss: Something broke\\x1b[2J (error e-17)']);
  });

  test('that is of another version is told apart from a broken one', async () => {
    portal.operations.Run = () => ({ data: { run: { id: 'r1', estado: 'listo' } } });
    const terminal = io();
    expect(await iss(terminal, 'run', 'random-forest-pain')).toBe(1);
    expect(terminal.notes.join()).toContain('are both of the same version?');
  });
});

test('a dry run shows training and test of each fold, and begins nothing', async () => {
  const terminal = io();
  expect(await iss(terminal, 'run', 'random-forest-pain', '--dry-run')).toBe(0);
  expect(inputs).toEqual([]);
  expect(terminal.lines.join('\n').split('\n')).toEqual([
    'random-forest-pain, 2 classes, release 1.0.0, preset desk, seed 7; reads LABELS, PAIN_SCORES',
    '',
    'fold  train patients  train rows  test patients  test rows',
    '----  --------------  ----------  -------------  ---------',
    '   1              26         455              3         54',
    '   2              27        1479              2         30',
    '',
    'Learns from 455 to 1,479 rows in each of 2 folds, and predicts the 84 that are withheld. Such runs took about 12 s.',
    '3 runs wait.',
    'Not comparable.',
  ]);
});

test('the counts are told before a run begins; what may not be seen of them is not, and the run begins', async () => {
  const told = io();
  expect(await iss(told, 'run', 'random-forest-pain')).toBe(0);
  expect(told.notes.join('\n')).toContain('Learns from 455 to 1,479 rows in each of 2 folds');
  portal.operations.RunPreview = () => ({ data: { runPreview: { ...PREVIEW, folds: null } } });
  const untold = io();
  expect(await iss(untold, 'run', 'random-forest-pain')).toBe(0);
  expect(untold.notes.join('\n')).toContain('needs LABELS');
  expect(inputs).toHaveLength(2);
});
