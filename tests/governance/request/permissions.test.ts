import { describe, expect, it } from 'vitest';
import type { CommandType, RequestCommand, RequestFacts } from '../../../governance/request/commands.ts';
import { COMMANDS, type From, PARTS, type Part } from '../../../governance/request/permissions.ts';
import { REQUEST_STATES, type RequestState } from '../../../governance/request/state.ts';
import {
  attempt,
  attest,
  endorse,
  form,
  having,
  LATER,
  type Name,
  PEOPLE,
  propose,
  requestIn,
  second,
  sign,
} from './a-request.ts';

/**
 * Every cell of state x part x command, written out by hand so that a change of the rules shows here. A letter: may.
 * R researcher, A applicant, C collaborator, I invitee, O signing official, S steward, T the clock.
 */
const MATRIX = `
                    NONE DRAFT SUBMITTED RETURNED APPROVED SUSPENDED REJECTED WITHDRAWN REVOKED EXPIRED CLOSED
create              R    -     -         -        -        -         -        -         -       -       -
edit                -    A     -         A        -        -         -        -         -       -       -
invite              -    A     -         A        -        -         -        -         -       -       -
removeCollaborator  -    A     -         A        -        -         -        -         -       -       -
acceptInvitation    -    I     -         I        -        -         -        -         -       -       -
signAgreement       -    AC    -         AC       ACO      ACO       -        -         -       -       -
submit              -    A     -         A        -        -         -        -         -       -       -
endorse             -    -     O         -        -        O         -        -         -       -       -
decline             -    -     O         -        -        -         -        -         -       -       -
comment             -    -     S         -        -        -         -        -         -       -       -
assign              -    -     S         -        -        -         -        -         -       -       -
recuse              -    -     S         -        -        -         -        -         -       -       -
return              -    -     S         -        -        -         -        -         -       -       -
propose             -    -     S         -        -        -         -        -         -       -       -
second              -    -     S         -        -        -         -        -         -       -       -
reject              -    -     S         -        -        -         -        -         -       -       -
withdraw            -    A     A         A        -        -         -        -         -       -       -
removeMember        -    -     -         -        ACOS     -         -        -         -       -       -
suspend             -    -     -         -        OST      -         -        -         -       -       -
resume              -    -     -         -        -        S         -        -         -       -       -
revoke              -    -     -         -        S        S         -        -         -       -       -
expire              -    -     -         -        T        T         -        -         -       -       -
attestCloseOut      -    -     -         -        A        -         -        -         A       A       -
countersignCloseOut -    -     -         -        O        -         -        -         O       O       -
`;

const LETTER: Readonly<Record<Part, string>> = {
  researcher: 'R',
  applicant: 'A',
  collaborator: 'C',
  invitee: 'I',
  'signing-official': 'O',
  steward: 'S',
  clock: 'T',
};

const PLAYED_BY: Readonly<Record<Part, Name>> = {
  researcher: 'ada',
  applicant: 'ada',
  collaborator: 'ben',
  invitee: 'ina',
  'signing-official': 'olu',
  steward: 'sam',
  clock: 'clock',
};

const [head = '', ...lines] = MATRIX.trim().split('\n');
const columns = head.trim().split(/ +/) as From[];
const expected = new Map(
  lines.flatMap((line) => {
    const [command = '', ...cells] = line.trim().split(/ +/);
    return columns.map((from, index) => [`${command} ${from}`, cells[index] ?? ''] as const);
  }),
);

/** A command that is right in every way but, perhaps, for who gives it and when. */
const commandFor = (type: CommandType, state: RequestState | null): RequestCommand => {
  const none = { id: 'none' } as RequestState;
  switch (type) {
    case 'create':
    case 'submit':
    case 'recuse':
    case 'withdraw':
    case 'resume':
    case 'expire':
    case 'countersignCloseOut':
      return { type };
    case 'edit':
      return { type, form: { ...form, title: 'Another title' } };
    case 'invite':
      return { type, email: 'new@example.org' };
    case 'removeCollaborator':
      return { type, invitationId: 'invitation-ben' };
    case 'acceptInvitation':
      return { type, invitationId: 'invitation-ina' };
    case 'signAgreement':
      return state === null ? { type, version: 1, seen: none.id } : sign(state);
    case 'endorse':
      return state === null ? { ...endorse(requestIn('DRAFT')) } : endorse(state);
    case 'comment':
      return { type, text: 'Which servers?' };
    case 'assign':
      return { type, stewardId: 'sue' };
    case 'return':
      return { type, changes: 'Name the servers.' };
    case 'propose':
      return propose(state ?? requestIn('DRAFT'));
    case 'second':
      return second(state ?? requestIn('DRAFT'));
    case 'removeMember':
      return { type, accountId: 'ben' };
    case 'decline':
    case 'reject':
    case 'suspend':
    case 'revoke':
      return { type, reason: 'There is one.' };
    case 'attestCloseOut':
      return attest;
  }
};

const stateFor = (type: CommandType, from: From, part: Part): RequestState | null => {
  if (from === 'NONE') return null;
  const state = requestIn(from);
  const open = from === 'DRAFT' || from === 'RETURNED';
  if (part === 'invitee' && open) {
    return having(state, 'ada', { type: 'invite', email: 'ina@example.org' }, { newId: 'invitation-ina' });
  }
  const attests = from === 'APPROVED' || from === 'EXPIRED' || from === 'REVOKED';
  return type === 'countersignCloseOut' && attests ? having(state, 'ada', attest) : state;
};

const changesFor = (type: CommandType, part: Part): Partial<RequestFacts> => {
  if (type === 'expire') return LATER;
  return part === 'clock' ? { applicantInstitutionId: 'elsewhere' } : {};
};

describe('who may give which command in which state', () => {
  it('is written out for every command and every state', () => {
    expect(columns).toEqual(['NONE', ...REQUEST_STATES]);
    expect([...expected.keys()]).toEqual(COMMANDS.flatMap((command) => columns.map((from) => `${command} ${from}`)));
  });

  for (const command of COMMANDS) {
    it(`${command}: every state, every part`, () => {
      for (const from of columns) {
        let may = '';
        for (const part of PARTS) {
          const state = stateFor(command, from, part);
          // Before there is a request everybody is a researcher to it or nothing, and afterwards nobody is just that.
          if (part !== 'clock' && (part === 'researcher') !== (from === 'NONE')) continue;
          const outcome = attempt(state, PLAYED_BY[part], commandFor(command, state), changesFor(command, part));
          if (outcome.ok) {
            may += LETTER[part];
            expect(outcome.events.length, `${command} from ${from} by ${part}`).toBeGreaterThan(0);
          } else {
            expect(['NOT_PERMITTED', 'WRONG_STATE', 'NOT_FOUND'], `${command} from ${from} by ${part}`).toContain(
              outcome.refusal.code,
            );
          }
        }
        expect(`${command} ${from} ${may || '-'}`).toBe(`${command} ${from} ${expected.get(`${command} ${from}`)}`);
      }
    });
  }

  const outsiders: readonly Name[] = ['stranger', 'otherOfficial', 'curator', 'auditor', 'admin', 'nobody'];

  it.each(outsiders)('%s is told that there is no such request, whatever they try', (name) => {
    for (const status of REQUEST_STATES) {
      const state = requestIn(status);
      for (const command of COMMANDS) {
        const there = attempt(state, name, commandFor(command, state));
        expect(there).toEqual({ ok: false, refusal: { code: 'NOT_FOUND', subject: null } });
        if (command === 'create') continue;
        expect(attempt(null, name, commandFor(command, null))).toEqual(there);
      }
    }
  });

  it('an official who has moved on, or is not bound to the institution, is nothing to its requests', () => {
    const state = requestIn('SUBMITTED');
    const moved = { actor: { ...PEOPLE.olu, institutionId: 'lab' } };
    const unbound = { institution: { eligible: true, officials: [] } };
    for (const changes of [moved, unbound]) {
      expect(attempt(state, 'olu', endorse(state), changes)).toMatchObject({ refusal: { code: 'NOT_FOUND' } });
    }
  });

  it('a steward does not see a draft, and nobody begins a request without being a researcher', () => {
    const state = requestIn('DRAFT');
    expect(attempt(state, 'sam', { type: 'comment', text: 'x' })).toMatchObject({ refusal: { code: 'NOT_FOUND' } });
    for (const name of ['olu', 'sam', 'curator', 'auditor', 'admin', 'nobody'] as const) {
      expect(attempt(null, name, { type: 'create' })).toMatchObject({ refusal: { code: 'NOT_PERMITTED' } });
    }
  });
});
