import { describe, expect, it } from 'vitest';
import { allowedCommands } from '../../../governance/request/allowed-commands.ts';
import type { RequestCommand } from '../../../governance/request/commands.ts';
import { decideRequest } from '../../../governance/request/decide-request.ts';
import { COMMANDS } from '../../../governance/request/permissions.ts';
import { REQUEST_STATES, type RequestStatus } from '../../../governance/request/state.ts';
import { attempt, factsOf, having, type Name, PEOPLE, requestIn } from './a-request.ts';

/** A command of a type, saying nothing useful: it is refused for that, unless it is refused for who gives it. */
const empty = (type: RequestCommand['type']): RequestCommand =>
  ({
    type,
    form: { title: 'Another title' },
    email: 'x',
    invitationId: 'x',
    version: 1,
    seen: 'x',
    agreementVersion: 1,
    attestsEmployment: false,
    attestsSeniority: false,
    reason: '',
    text: '',
    stewardId: 'x',
    changes: '',
    terms: { access: {}, conditions: '', start: '', end: '' },
    termsHash: 'x',
    confirmsExport: false,
    accountId: 'x',
    destroyed: false,
    statement: '',
  }) as RequestCommand;

/** Refusals that say that somebody may not, rather than that something is missing. */
const NOT_THEIRS = [
  'NOT_FOUND',
  'NOT_PERMITTED',
  'WRONG_STATE',
  'CONFLICT_OF_INTEREST',
  'RECUSED',
  'ACCOUNT_SUSPENDED',
];

describe('the commands that somebody is offered', () => {
  const cells = REQUEST_STATES.flatMap((status) =>
    (Object.keys(PEOPLE) as Name[]).map((name): [RequestStatus, Name] => [status, name]),
  );

  it.each(cells)('of a request that is %s, to %s, are those that the decision takes from them', (status, name) => {
    const state = requestIn(status);
    const taken = COMMANDS.filter((type) => {
      const outcome = decideRequest(state, empty(type), factsOf(name));
      // removeMember asks again, for whom: a collaborator may, for themself.
      if (type === 'removeMember' && name === 'ben' && status === 'APPROVED') return true;
      return outcome.ok || !NOT_THEIRS.includes(outcome.refusal.code);
    });
    expect(allowedCommands(state, factsOf(name))).toEqual(taken);
  });

  it('are none for a suspended account', () => {
    const { actor } = factsOf('ada');
    if (actor.kind !== 'account') throw new Error('ada is an account');
    expect(allowedCommands(requestIn('DRAFT'), factsOf('ada', { actor: { ...actor, suspended: true } }))).toEqual([]);
  });

  it('are no decisions for a steward of the same institution', () => {
    const own = factsOf('sam', { actor: { ...PEOPLE.sam, institutionId: 'uni' } });
    expect(allowedCommands(requestIn('SUBMITTED'), own)).toEqual(['comment', 'assign', 'recuse']);
  });

  it('are no decisions for a steward who stepped back', () => {
    const state = having(requestIn('SUBMITTED'), 'sam', { type: 'recuse' });
    const allowed = allowedCommands(state, factsOf('sam'));
    expect(allowed).toEqual(['comment', 'assign', 'recuse']);
    expect(attempt(state, 'sam', { type: 'reject', reason: 'No.' })).toMatchObject({ refusal: { code: 'RECUSED' } });
  });
});
