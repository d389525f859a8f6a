import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anIo, iss } from './an-io.ts';
import { type Portal, startPortal } from './portal.ts';

let portal: Portal;
let inputs: unknown[];
const PUBLISHED = { id: 'R1', version: '1.0.0', status: 'PUBLISHED' };
const DRAFT = { id: 'R2', version: '1.1.0', status: 'DRAFT' };

beforeEach(async () => {
  portal = await startPortal();
  inputs = [];
  portal.operations.Releases = () => ({ data: { releases: [PUBLISHED] } });
  portal.operations.Drafts = () => ({ data: { draftReleases: [DRAFT] } });
});
afterEach(() => portal.stop());

const io = () => anIo({ ISS_URL: portal.url, ISS_TOKEN: 'a-token' });

function answer(name: string, result: Record<string, unknown>): void {
  portal.operations[name] = ({ input }) => {
    inputs.push(input);
    return { data: { [name]: result } };
  };
}

test('a draft is made of what the study holds', async () => {
  answer('draftRelease', { __typename: 'DraftReleaseSuccess', release: DRAFT });
  const terminal = io();
  expect(await iss(terminal, 'release', 'draft', '1.1.0', '--notes', 'June', '--study', 'iss', '--json')).toBe(0);
  expect(inputs).toEqual([{ study: 'iss', version: '1.1.0', notes: 'June' }]);
  expect(terminal.lines.map((line) => JSON.parse(line))).toEqual([DRAFT]);
});

test('publication is asked for by version', async () => {
  answer('askForPublication', { __typename: 'AskForPublicationSuccess', release: DRAFT });
  const terminal = io();
  expect(await iss(terminal, 'release', 'ask', '1.1.0')).toBe(0);
  expect(inputs).toEqual([{ releaseId: 'R2' }]);
  expect(terminal.lines).toEqual(['The publication of release 1.1.0 is asked for: a steward publishes it.']);
});

/** A check that the server makes in two looks. */
function aCheck(problems: { about: string; problem: string }[]): void {
  answer('checkRelease', { __typename: 'CheckReleaseSuccess', check: { id: 'C1' } });
  let looks = 0;
  portal.operations.Check = () => {
    looks += 1;
    const running = { stage: 'files', done: 3, total: 6, rate: null, secondsLeft: null };
    const done = looks > 1;
    return {
      data: {
        releaseCheck: {
          id: 'C1',
          state: done ? 'SUCCEEDED' : 'RUNNING',
          progress: done ? null : running,
          error: null,
          problems: done ? problems : null,
          files: done ? 6 : null,
          bytes: done ? 6000 : null,
          digest: done ? 'd'.repeat(64) : null,
        },
      },
    };
  };
}

describe('publishing', () => {
  const done = { __typename: 'PublishReleaseSuccess', release: { ...DRAFT, status: 'PUBLISHED' } };

  test('asks first, and takes the version written out for yes', async () => {
    answer('publishRelease', done);
    const sure = io();
    sure.answers = ['1.1.0'];
    expect(await iss(sure, 'release', 'publish', '1.1.0')).toBe(0);
    expect(sure.asked).toEqual(['Write 1.1.0 to go on: ']);
    const unsure = io();
    unsure.answers = ['y'];
    expect(await iss(unsure, 'release', 'publish', '1.1.0')).toBe(2);
    expect(await iss(io(), 'release', 'publish', '1.1.0')).toBe(2);
    expect(inputs).toEqual([{ releaseId: 'R2' }]);
    expect(await iss(io(), 'release', 'publish', '1.1.0', '--yes')).toBe(0);
  });

  test('checks first where nobody has', async () => {
    aCheck([]);
    const check = portal.operations.checkRelease!;
    let tries = 0;
    portal.operations.publishRelease = ({ input }) => {
      inputs.push(input);
      tries += 1;
      return {
        data: {
          publishRelease: tries > 1 ? done : { __typename: 'CheckNeeded', code: 'CHECK_NEEDED', message: 'Check it.' },
        },
      };
    };
    portal.operations.checkRelease = check;
    const terminal = io();
    expect(await iss(terminal, 'release', 'publish', '1.1.0', '--yes')).toBe(0);
    expect(inputs).toEqual([{ releaseId: 'R2' }, { releaseId: 'R2', checksums: true }, { releaseId: 'R2' }]);
    expect(terminal.lines).toEqual(['Release 1.1.0 is published. It never changes again.']);
  });

  test('of what does not hold tells every problem', async () => {
    answer('publishRelease', {
      __typename: 'ReleaseNotSound',
      code: 'CHECK_FAILED',
      message: 'The release does not hold.',
      problems: [{ about: 'patient 0101', problem: 'is in more than one fold' }],
    });
    const terminal = io();
    expect(await iss(terminal, 'release', 'publish', '1.1.0', '--yes')).toBe(1);
    expect(terminal.notes).toEqual(['iss: The release does not hold.', '  patient 0101: is in more than one fold']);
  });

  test('takes somebody else than who asked', async () => {
    const reasons = [
      { code: 'SECOND_PERSON_NEEDED', subject: null, sentence: 'This takes two people.', whoActsNext: 'STEWARD' },
    ];
    answer('publishRelease', { __typename: 'Refused', code: 'FORBIDDEN', message: 'This takes two people.', reasons });
    const terminal = io();
    expect(await iss(terminal, 'release', 'publish', '1.1.0', '--yes')).toBe(3);
    expect(terminal.notes).toEqual([
      'iss: Refused by policy:',
      '  SECOND_PERSON_NEEDED: This takes two people. Next: steward.',
    ]);
  });
});

describe('a check', () => {
  test('of a sound release ends with 0', async () => {
    aCheck([]);
    const terminal = io();
    expect(await iss(terminal, 'release', 'check', '1.0.0')).toBe(0);
    expect(inputs).toEqual([{ releaseId: 'R1', checksums: true }]);
    expect(terminal.shown).toEqual(['check: files 3 of 6']);
    expect(terminal.lines).toEqual(['Release 1.0.0 holds what it promises, every byte of it (6 files, 6.0 kB).']);
  });

  test('names what is broken, and ends with 1 and one value as JSON', async () => {
    const problems = [{ about: 'iss/0101/a.bin', problem: 'the file is missing' }];
    aCheck(problems);
    const terminal = io();
    expect(await iss(terminal, 'release', 'check', '1.0.0', '--json')).toBe(1);
    expect(terminal.lines.map((line) => JSON.parse(line))).toEqual([
      { release: '1.0.0', ok: false, problems, files: 6, bytes: 6000, digest: 'd'.repeat(64) },
    ]);
  });

  test('that is interrupted is ended at the server', async () => {
    aCheck([]);
    answer('cancelReleaseCheck', { __typename: 'CancelReleaseCheckSuccess', check: { id: 'C1' } });
    const terminal = io();
    const look = portal.operations.Check!;
    portal.operations.Check = (variables, request) => {
      terminal.abort();
      return look(variables, request);
    };
    expect(await iss(terminal, 'release', 'check', '1.0.0')).not.toBe(0);
    expect(inputs.at(-1)).toEqual({ id: 'C1' });
  });
});

describe('what is published', () => {
  test('is deprecated with a reason', async () => {
    answer('deprecateRelease', {
      __typename: 'DeprecateReleaseSuccess',
      release: { ...PUBLISHED, status: 'DEPRECATED' },
    });
    expect(await iss(io(), 'release', 'deprecate', '1.0.0')).toBe(2);
    expect(await iss(io(), 'release', 'deprecate', '1.0.0', '--reason', 'Old.')).toBe(0);
    expect(inputs).toEqual([{ releaseId: 'R1', reason: 'Old.' }]);
  });

  test('is retracted after a question, or with --yes', async () => {
    answer('retractRelease', { __typename: 'RetractReleaseSuccess', release: { ...PUBLISHED, status: 'RETRACTED' } });
    expect(await iss(io(), 'release', 'retract', '1.0.0', '--reason', 'Wrong.')).toBe(2);
    expect(inputs).toEqual([]);
    expect(await iss(io(), 'release', 'retract', '1.0.0', '--reason', 'Wrong.', '--yes')).toBe(0);
    expect(inputs).toEqual([{ releaseId: 'R1', reason: 'Wrong.' }]);
  });

  test('is given an erratum', async () => {
    answer('addErratum', { __typename: 'AddErratumSuccess', release: PUBLISHED });
    const words = ['--concerns', 'Table 1', '--text', 'Wrong.', '--corrected-in', '1.1.0', '--yes'];
    expect(await iss(io(), 'release', 'erratum', '1.0.0', ...words)).toBe(0);
    expect(inputs).toEqual([{ releaseId: 'R1', concerns: 'Table 1', text: 'Wrong.', correctedIn: '1.1.0' }]);
  });

  test('is compared, page by page', async () => {
    const one = { change: 'PATIENTS_ADDED', patient: '9001', timestamp: null, detail: [] };
    const two = { change: 'FILES_CHANGED', patient: '9002', timestamp: '20201201T003232', detail: ['FACES'] };
    portal.operations.Diff = ({ after }) => ({
      data: {
        releaseDiff: {
          from: '1.0.0',
          to: '2.0.0',
          step: 'MAJOR',
          counts: [{ change: 'PATIENTS_ADDED', does: 'patients have come in', count: 1 }],
          differences: {
            totalCount: 2,
            nodes: [after === null ? one : two],
            pageInfo: { hasNextPage: after === null, endCursor: after === null ? '0' : '1' },
          },
        },
      },
    });
    const terminal = io();
    expect(await iss(terminal, 'release', 'diff', '1.0.0', '2.0.0')).toBe(0);
    expect(terminal.lines).toEqual(['PATIENTS_ADDED  9001', 'FILES_CHANGED  9002  20201201T003232  FACES']);
    const scripted = io();
    expect(await iss(scripted, 'release', 'diff', '1.0.0', '2.0.0', '--json')).toBe(0);
    expect(JSON.parse(scripted.lines[0]!)).toMatchObject({ step: 'MAJOR', differences: [one, two] });
    portal.operations.Diff = () => ({ data: { releaseDiff: null } });
    expect(await iss(io(), 'release', 'diff', '1.0.0', '3.0.0')).toBe(1);
  });

  test('is cited, with what its reader must know', async () => {
    const citation = {
      version: '1.0.0+w2',
      digest: 'e'.repeat(64),
      text: 'A study (2025).',
      bibtex: '@misc{demo-1.0.0-w2,\n}',
      csl: { type: 'dataset' },
      datacite: { publicationYear: 2025 },
    };
    portal.operations.Cite = () => ({
      data: {
        release: {
          version: '1.0.0',
          status: 'RETRACTED',
          statusReason: 'Wrong labels.',
          errata: [{ number: 1, concerns: 'Table 1', text: 'Swapped.', correctedIn: null }],
          citation,
        },
      },
    });
    const anonymous = anIo({ ISS_URL: portal.url });
    expect([await iss(anonymous, 'cite', '1.0.0'), anonymous.notes[0]]).toEqual([0, 'It is retracted: Wrong labels.']);
    expect(anonymous.lines).toEqual(['A study (2025).']);
    expect(anonymous.notes).toEqual(['It is retracted: Wrong labels.', 'Erratum 1, Table 1: Swapped.']);
    const formats = await Promise.all(
      ['bibtex', 'csl', 'datacite'].map(async (format) => {
        const terminal = io();
        expect(await iss(terminal, 'cite', '--format', format)).toBe(0);
        return terminal.lines.join('\n');
      }),
    );
    expect(formats[0]).toContain('@misc');
    expect(JSON.parse(formats[1]!)).toEqual({ type: 'dataset' });
    expect(JSON.parse(formats[2]!)).toEqual({ publicationYear: 2025 });
    expect(await iss(io(), 'cite', '--format', 'word')).toBe(2);
    const scripted = io();
    expect(await iss(scripted, 'cite', '--json')).toBe(0);
    expect(JSON.parse(scripted.lines[0]!)).toMatchObject({ release: '1.0.0', version: '1.0.0+w2' });
    portal.operations.Cite = () => ({ data: { release: null } });
    expect(await iss(io(), 'cite', '9.0.0')).toBe(1);
  });
});

test('a version that is not there is told with those that are', async () => {
  const terminal = io();
  expect(await iss(terminal, 'release', 'check', '2.0.0')).toBe(1);
  expect(terminal.notes).toEqual(['iss: There is no release 2.0.0; there are: 1.0.0, 1.1.0.']);
});
