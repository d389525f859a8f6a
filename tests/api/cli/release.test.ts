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

describe('publishing', () => {
  test('proves every byte first unless told otherwise', async () => {
    answer('publishRelease', { __typename: 'PublishReleaseSuccess', release: { ...DRAFT, status: 'PUBLISHED' } });
    expect(await iss(io(), 'release', 'publish', '1.1.0')).toBe(0);
    expect(await iss(io(), 'release', 'publish', '1.1.0', '--no-checksums')).toBe(0);
    expect(inputs).toEqual([
      { releaseId: 'R2', checksums: true },
      { releaseId: 'R2', checksums: false },
    ]);
  });

  test('of what does not hold tells every problem', async () => {
    answer('publishRelease', {
      __typename: 'ReleaseNotSound',
      code: 'CHECK_FAILED',
      message: 'The release does not hold.',
      problems: [{ about: 'patient 0101', problem: 'is in more than one fold' }],
    });
    const terminal = io();
    expect(await iss(terminal, 'release', 'publish', '1.1.0')).toBe(1);
    expect(terminal.notes).toEqual(['iss: The release does not hold.', '  patient 0101: is in more than one fold']);
  });

  test('takes somebody else than who asked', async () => {
    const reasons = [
      { code: 'SECOND_PERSON_NEEDED', subject: null, sentence: 'This takes two people.', whoActsNext: 'STEWARD' },
    ];
    answer('publishRelease', { __typename: 'Refused', code: 'FORBIDDEN', message: 'This takes two people.', reasons });
    const terminal = io();
    expect(await iss(terminal, 'release', 'publish', '1.1.0')).toBe(3);
    expect(terminal.notes).toEqual([
      'iss: Refused by policy:',
      '  SECOND_PERSON_NEEDED: This takes two people. Next: steward.',
    ]);
  });
});

describe('a check', () => {
  test('of a sound release ends with 0', async () => {
    answer('checkRelease', { __typename: 'CheckReleaseSuccess', problems: [] });
    const terminal = io();
    expect(await iss(terminal, 'release', 'check', '1.0.0')).toBe(0);
    expect(inputs).toEqual([{ releaseId: 'R1', checksums: true }]);
    expect(terminal.lines).toEqual(['Release 1.0.0 holds what it promises, every byte of it.']);
  });

  test('names what is broken, and ends with 1 and one value as JSON', async () => {
    const problems = [{ about: 'iss/0101/a.bin', problem: 'the file is missing' }];
    answer('checkRelease', { __typename: 'CheckReleaseSuccess', problems });
    const terminal = io();
    expect(await iss(terminal, 'release', 'check', '1.0.0', '--json')).toBe(1);
    expect(terminal.lines.map((line) => JSON.parse(line))).toEqual([{ release: '1.0.0', ok: false, problems }]);
  });
});

test('a version that is not there is told with those that are', async () => {
  const terminal = io();
  expect(await iss(terminal, 'release', 'check', '2.0.0')).toBe(1);
  expect(terminal.notes).toEqual(['iss: There is no release 2.0.0; there are: 1.0.0, 1.1.0.']);
});
