import { describe, expect, it } from 'vitest';
import type { CommandType, RequestCommand, RequestFacts } from '../../../governance/request/commands.ts';
import { COMMANDS, FROMS, type From, PARTS, type Part } from '../../../governance/request/permissions.ts';
import { amended, REQUEST_STATES, type RequestState } from '../../../governance/request/state.ts';
import {
  amending,
  amendmentOf,
  amendmentSent,
  attempt,
  attest,
  endorse,
  form,
  having,
  LAST_WEEKS,
  LATER,
  type Name,
  PEOPLE,
  propose,
  requestIn,
  second,
  sign,
  TOKEN,
} from './a-request.ts';

/**
 * Every cell of state x part x command, written out by hand so that a change of the rules shows here. A letter: may.
 * R researcher, A applicant, C collaborator, I invitee, O signing official, S steward, T the clock. AMENDING, AMENDED: approved,
 * with an amendment that is being written or was sent in; what can be done to an approved request can be done then too.
 */
const MATRIX = `
                    NONE DRAFT SUBMITTED RETURNED APPROVED SUSPENDED REJECTED WITHDRAWN REVOKED EXPIRED CLOSED AMENDING AMENDED
create              R    -     -         -        -        -         -        -         -       -       -      -        -
edit                -    A     -         A        -        -         -        -         -       -       -      A        -
invite              -    A     -         A        -        -         -        -         -       -       -      A        -
removeCollaborator  -    A     -         A        -        -         -        -         -       -       -      A        -
acceptInvitation    -    I     -         I        -        -         -        -         -       -       -      I        -
signAgreement       -    AC    -         AC       ACO      ACO       -        -         -       -       -      ACO      ACO
submit              -    A     -         A        -        -         -        -         -       -       -      A        -
endorse             -    -     O         -        -        O         -        -         -       -       -      -        O
decline             -    -     O         -        -        -         -        -         -       -       -      -        O
comment             -    -     ACS       -        -        -         -        -         -       -       -      -        ACS
assign              -    -     S         -        -        -         -        -         -       -       -      -        S
recuse              -    -     S         -        -        -         -        -         -       -       -      -        S
return              -    -     S         -        -        -         -        -         -       -       -      -        S
propose             -    -     S         -        -        -         -        -         -       -       -      -        S
second              -    -     S         -        -        -         -        -         -       -       -      -        S
reject              -    -     S         -        -        -         -        -         -       -       -      -        S
withdraw            -    A     A         A        -        -         -        -         -       -       -      A        A
amend               -    -     -         -        A        -         -        -         -       -       -      -        -
removeMember        -    -     -         -        ACOS     -         -        -         -       -       -      ACOS     ACOS
suspend             -    -     -         -        OST      -         -        -         -       -       -      OST      OST
resume              -    -     -         -        -        S         -        -         -       -       -      -        -
revoke              -    -     -         -        S        S         -        -         -       -       -      S        S
renew               -    -     -         -        A        -         -        -         -       A       -      A        A
followRenewal       -    -     -         -        T        T         -        -         -       T       -      T        T
expire              -    -     -         -        T        T         -        -         -       -       -      T        T
attestCloseOut      -    -     -         -        A        -         -        -         A       A       -      A        A
countersignCloseOut -    -     -         -        O        -         -        -         O       O       -      O        O
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
const commandFor = (type: CommandType, request: RequestState | null, part: Part): RequestCommand => {
  const state = (request && amended(request)) ?? request ?? requestIn('DRAFT');
  switch (type) {
    case 'create':
    case 'submit':
    case 'recuse':
    case 'withdraw':
    case 'resume':
    case 'expire':
    case 'amend':
    case 'countersignCloseOut':
      return { type };
    case 'edit':
      return { type, form: { ...form, title: 'Another title' } };
    case 'invite':
      return { type, email: 'new@example.org' };
    case 'removeCollaborator':
      return { type, invitationId: 'invitation-ben' };
    case 'acceptInvitation':
      return { type, invitationId: 'invitation-ina', token: TOKEN };
    case 'signAgreement':
      // The official signs for the grant as it is; an amendment they sign by endorsing it.
      return sign((part === 'signing-official' || state.status === 'SUBMITTED' ? request : null) ?? state);
    case 'endorse':
      return endorse(state);
    case 'comment':
      return { type, text: 'Which servers?' };
    case 'assign':
      return { type, stewardId: 'sue' };
    case 'return':
      return { type, changes: 'Name the servers.' };
    case 'propose':
      return propose(state);
    case 'second':
      return second(state, state.proposal?.terms);
    case 'removeMember':
      return { type, accountId: 'ben' };
    case 'decline':
    case 'reject':
    case 'suspend':
    case 'revoke':
      return { type, reason: 'There is one.' };
    case 'renew':
      return { type, progressReport: 'Two papers.' };
    case 'followRenewal':
      return { type, renewal: { requestId: 'renewal-1', status: 'REJECTED', start: null } };
    case 'attestCloseOut':
      return attest;
  }
};

const SIGNED_BY_ALL: readonly CommandType[] = ['submit'];

const stateIn = (from: Exclude<From, 'NONE'>, signed: boolean): RequestState => {
  if (from === 'AMENDED') return amendmentSent();
  if (from !== 'AMENDING') return requestIn(from);
  const state = amending();
  if (!signed) return state;
  return having(having(state, 'ada', sign(amendmentOf(state))), 'ben', sign(amendmentOf(state)));
};

const stateFor = (type: CommandType, from: From, part: Part): RequestState | null => {
  if (from === 'NONE') return null;
  if (type === 'followRenewal' && ['APPROVED', 'SUSPENDED', 'EXPIRED', 'AMENDING', 'AMENDED'].includes(from)) {
    const begun = having(
      stateIn(from === 'SUSPENDED' || from === 'EXPIRED' ? 'APPROVED' : from, false),
      'ada',
      { type: 'renew', progressReport: 'Two papers.' },
      { ...LAST_WEEKS, newId: 'renewal-1' },
    );
    if (from === 'SUSPENDED') return having(begun, 'sam', { type: 'suspend', reason: 'A report.' });
    return from === 'EXPIRED' ? having(begun, 'clock', { type: 'expire' }, LATER) : begun;
  }
  const state = stateIn(from, SIGNED_BY_ALL.includes(type));
  const open = from === 'DRAFT' || from === 'RETURNED' || from === 'AMENDING';
  if (part === 'invitee' && open) {
    return having(state, 'ada', { type: 'invite', email: 'ina@example.org' }, { newId: 'invitation-ina' });
  }
  const attests = ['APPROVED', 'EXPIRED', 'REVOKED', 'AMENDING', 'AMENDED'].includes(from);
  return type === 'countersignCloseOut' && attests ? having(state, 'ada', attest) : state;
};

const changesFor = (type: CommandType, part: Part): Partial<RequestFacts> => {
  if (type === 'expire') return LATER;
  if (type === 'renew' || type === 'followRenewal') return LAST_WEEKS;
  return part === 'clock' ? { applicantInstitutionId: 'elsewhere' } : {};
};

describe('who may give which command in which state', () => {
  it('is written out for every command and every state', () => {
    expect(columns).toEqual(FROMS);
    expect(FROMS).toEqual(['NONE', ...REQUEST_STATES, 'AMENDING', 'AMENDED']);
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
          const outcome = attempt(state, PLAYED_BY[part], commandFor(command, state, part), changesFor(command, part));
          if (outcome.ok) {
            may += LETTER[part];
            // Who has signed what they see signs it again, and nothing is added.
            if (command !== 'signAgreement')
              expect(outcome.events.length, `${command} from ${from} by ${part}`).toBeGreaterThan(0);
          } else {
            expect(
              ['NOT_PERMITTED', 'WRONG_STATE', 'NOT_FOUND', 'AMENDMENT_PENDING'],
              `${command} from ${from} by ${part}`,
            ).toContain(outcome.refusal.code);
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
        const there = attempt(state, name, commandFor(command, state, 'applicant'));
        expect(there).toEqual({ ok: false, refusal: { code: 'NOT_FOUND', subject: null } });
        if (command === 'create') continue;
        expect(attempt(null, name, commandFor(command, null, 'applicant'))).toEqual(there);
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
