import { describe, expect, it } from 'vitest';
import { allowedCommands } from '../../../governance/request/allowed-commands.ts';
import type { RequestFacts } from '../../../governance/request/commands.ts';
import { REQUEST_STATES, type RequestState, type RequestStatus } from '../../../governance/request/state.ts';
import {
  amending,
  amendmentOf,
  amendmentSent,
  attempt,
  attest,
  endorsed,
  factsOf,
  form,
  having,
  LAST_WEEKS,
  LATER,
  leaderless,
  type Name,
  noEndorsement,
  PEOPLE,
  requestIn,
  sign,
} from './a-request.ts';

const allowed = (state: RequestState, name: Name, changes: Partial<RequestFacts> = {}) =>
  allowedCommands(state, factsOf(name, changes)).join(' ');

/** Written out: who is offered what. In these requests everybody has signed, olu has endorsed and sue has proposed. */
const OFFERED: Readonly<Record<RequestStatus, Partial<Record<Name, string>>>> = {
  DRAFT: { ada: 'edit invite removeCollaborator submit withdraw' },
  SUBMITTED: {
    ada: 'comment withdraw',
    ben: 'comment',
    olu: 'endorse decline',
    sam: 'comment assign recuse return propose second reject',
    sue: 'comment assign recuse return propose reject',
  },
  RETURNED: { ada: 'edit invite removeCollaborator submit withdraw' },
  APPROVED: {
    ada: 'amend removeMember attestCloseOut',
    ben: 'removeMember',
    olu: 'removeMember suspend',
    sam: 'removeMember suspend revoke',
    sue: 'removeMember suspend revoke',
  },
  SUSPENDED: { olu: 'endorse', sam: 'resume revoke', sue: 'resume revoke' },
  REJECTED: {},
  WITHDRAWN: {},
  REVOKED: { ada: 'attestCloseOut' },
  EXPIRED: { ada: 'attestCloseOut' },
  CLOSED: {},
};

describe('the commands that somebody is offered', () => {
  const cells = REQUEST_STATES.flatMap((status) =>
    (Object.keys(PEOPLE) as Name[]).map((name): [RequestStatus, Name] => [status, name]),
  );

  it.each(cells)('of a request that is %s, to %s, are those that would be taken', (status, name) => {
    expect(allowed(requestIn(status), name)).toBe(OFFERED[status][name] ?? '');
  });

  it('are not to propose before the official has endorsed, and to endorse again does no harm', () => {
    expect(allowed(noEndorsement(), 'sam')).toBe('comment assign recuse return reject');
    expect(allowed(endorsed(), 'sam')).toBe('comment assign recuse return propose reject');
    expect(allowed(noEndorsement(), 'olu')).toBe('endorse decline');
  });

  it('are not to send in what is not complete, not signed, or waits for somebody', () => {
    const untitled = having(requestIn('DRAFT'), 'ada', { type: 'edit', form: { ...form, title: '' } });
    expect(allowed(untitled, 'ada')).toBe('edit invite removeCollaborator signAgreement withdraw');
    expect(allowed(untitled, 'ben')).toBe('signAgreement');
    const waiting = having(requestIn('DRAFT'), 'ada', { type: 'invite', email: 'ina@example.org' }, { newId: 'ina-1' });
    expect(allowed(waiting, 'ada')).toBe('edit invite removeCollaborator signAgreement withdraw');
    expect(allowed(waiting, 'ina')).toBe('acceptInvitation');
    expect(allowed(waiting, 'ina', { actor: { ...PEOPLE.ina, institutionId: 'lab' } })).toBe('');
  });

  it('are not decisions while the institution is not eligible or the team is late', () => {
    const shut = { institution: { eligible: false, officials: ['olu'] } };
    expect(allowed(requestIn('SUBMITTED'), 'sam', shut)).toBe('comment assign recuse return reject');
    expect(allowed(requestIn('SUBMITTED'), 'sam', { closeOutOverdue: true })).toBe(
      'comment assign recuse return reject',
    );
    expect(allowed(requestIn('SUSPENDED'), 'sam', shut)).toBe('revoke');
  });

  it('are to renew in the last weeks and shortly after the end, and then no more', () => {
    expect(allowed(requestIn('APPROVED'), 'ada', LAST_WEEKS)).toBe('amend removeMember renew attestCloseOut');
    expect(allowed(requestIn('EXPIRED'), 'ada', LATER)).toBe('renew attestCloseOut');
    expect(allowed(requestIn('EXPIRED'), 'ada', { now: new Date('2026-06-01T00:00:00Z') })).toBe('attestCloseOut');
  });

  it('are to countersign once something is attested, and to attest once', () => {
    const attested = having(requestIn('EXPIRED'), 'ada', attest, LATER);
    expect(allowed(attested, 'olu', LATER)).toBe('countersignCloseOut');
    expect(allowed(attested, 'ada', LATER)).toBe('');
  });

  it('are to sign where a new version came into force', () => {
    const agreements = [1, 2].map((version) => ({
      version,
      effectiveOn: version === 1 ? '2024-01-01' : '2025-03-01',
      graceDays: 30,
      editorial: false,
    }));
    expect(allowed(requestIn('APPROVED'), 'ben', { agreements })).toBe('signAgreement removeMember');
    expect(allowed(requestIn('APPROVED'), 'olu', { agreements })).toBe('signAgreement removeMember suspend');
  });

  it('are for an amendment what they are for a request, beside what the grant allows', () => {
    const written = amending();
    expect(allowed(written, 'ada')).toBe(
      'edit invite removeCollaborator signAgreement withdraw removeMember attestCloseOut',
    );
    const signed = having(having(written, 'ada', sign(amendmentOf(written))), 'ben', sign(amendmentOf(written)));
    expect(allowed(signed, 'ada')).toBe('edit invite removeCollaborator submit withdraw removeMember attestCloseOut');
    expect(allowed(signed, 'sam')).toBe('removeMember suspend revoke');
    expect(allowed(amendmentSent(), 'sam')).toBe(
      'comment assign recuse return propose second reject removeMember suspend revoke',
    );
    expect(allowed(amendmentSent(), 'sue')).toBe(
      'comment assign recuse return propose reject removeMember suspend revoke',
    );
    expect(allowed(amendmentSent(), 'olu')).toBe('endorse decline removeMember suspend');
  });

  it('are to resume once a successor is endorsed', () => {
    expect(allowed(leaderless(), 'sam')).toBe('revoke');
  });

  it('are none for a suspended account', () => {
    expect(allowed(requestIn('DRAFT'), 'ada', { actor: { ...PEOPLE.ada, suspended: true } })).toBe('');
  });

  it('are no decisions for a steward of the same institution', () => {
    const own = { actor: { ...PEOPLE.sam, institutionId: 'uni' } };
    expect(allowed(requestIn('SUBMITTED'), 'sam', own)).toBe('comment assign recuse');
  });

  it('are no decisions for a steward who stepped back', () => {
    const state = having(requestIn('SUBMITTED'), 'sam', { type: 'recuse' });
    expect(allowed(state, 'sam')).toBe('comment assign recuse');
    expect(attempt(state, 'sam', { type: 'reject', reason: 'No.' })).toMatchObject({ refusal: { code: 'RECUSED' } });
  });

  it('are not to assign where nobody is left who may decide', () => {
    const state = having(having(requestIn('SUBMITTED'), 'sam', { type: 'recuse' }), 'sue', { type: 'recuse' });
    expect(allowed(state, 'sam')).toBe('comment recuse');
  });
});
