import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MODALITIES } from '../../../governance/modality.ts';
import { anIo, iss } from './an-io.ts';
import { type Portal, startPortal } from './portal.ts';

let portal: Portal;
beforeEach(async () => {
  portal = await startPortal();
});
afterEach(() => portal.stop());
const io = () => anIo({ ISS_URL: portal.url, ISS_TOKEN: 'a-token' });

const VIEWER = {
  account: { username: 'researcher', name: 'A Researcher', email: 'r@example.org' },
  roles: ['RESEARCHER', 'SIGNING_OFFICIAL'],
  grants: [
    {
      id: 'g1',
      state: 'ACTIVE',
      startsAt: '2026-01-01T00:00:00.000Z',
      endsAt: '2027-01-01T00:00:00.000Z',
      items: [{ modality: 'LABELS', uses: ['READ', 'RUN'] }],
    },
  ],
};

describe('iss whoami', () => {
  test('tells name, roles and grants', async () => {
    portal.operations.Whoami = () => ({ data: { viewer: VIEWER } });
    const terminal = io();
    expect(await iss(terminal, 'whoami')).toBe(0);
    expect(terminal.lines.join('\n').split('\n')).toEqual([
      `researcher (A Researcher) at ${portal.url}`,
      'Roles: researcher, signing-official',
      'grant  state   ends        covers',
      '-----  ------  ----------  ------------------',
      'g1     ACTIVE  2027-01-01  LABELS (READ, RUN)',
    ]);
  });

  test('as JSON says the same', async () => {
    portal.operations.Whoami = () => ({ data: { viewer: VIEWER } });
    const terminal = io();
    expect(await iss(terminal, 'whoami', '--json')).toBe(0);
    expect(terminal.lines.map((line) => JSON.parse(line))).toEqual([{ server: portal.url, ...VIEWER }]);
  });

  test('ends with 1 where the token is nobody’s', async () => {
    portal.operations.Whoami = () => ({ data: { viewer: null } });
    expect(await iss(io(), 'whoami')).toBe(1);
  });
});

describe('iss checklist', () => {
  const met = {
    key: 'SIGNED_IN',
    title: 'Be signed in',
    met: true,
    expiresAt: null,
    reasons: [],
    whatToDo: null,
    whoActsNext: null,
  };
  const missing = {
    key: 'SCOPE',
    title: 'Have it granted',
    met: false,
    expiresAt: null,
    reasons: ['USE_NOT_GRANTED'],
    whatToDo: 'Ask for it.',
    whoActsNext: 'APPLICANT',
  };
  const until = '2027-01-01T00:00:00.000Z';
  beforeEach(() => {
    portal.operations.Checklist = ({ modality }) => ({
      data: {
        viewer: {
          accessChecklist: {
            modality,
            uses: [
              {
                use: 'READ',
                allowed: true,
                validUntil: until,
                items: [met, { ...missing, met: true, expiresAt: until }],
              },
              { use: 'EXPORT', allowed: false, validUntil: null, items: [met, missing] },
            ],
          },
        },
      },
    });
  });

  test('of a modality tells each requirement once, and who acts next', async () => {
    const terminal = io();
    expect(await iss(terminal, 'checklist', 'labels')).toBe(0);
    expect(terminal.lines.join('\n').split('\n')).toEqual([
      'LABELS: READ allowed, EXPORT NOT allowed',
      '',
      'uses             requirement      expires     what to do   who acts next',
      '------  -------  ---------------  ----------  -----------  -------------',
      'all     met      Be signed in',
      'READ    met      Have it granted  2027-01-01',
      'EXPORT  MISSING  Have it granted              Ask for it.  APPLICANT',
    ]);
  });

  test('of all is a line for each use', async () => {
    const terminal = io();
    expect(await iss(terminal, 'checklist')).toBe(0);
    const lines = terminal.lines.join('\n').split('\n');
    expect(lines).toHaveLength(2 + 2 * MODALITIES.length);
    expect(lines[3]).toMatch(/^LABELS +EXPORT +no +USE_NOT_GRANTED$/);
  });
});
