import { describe, expect, it } from 'vitest';
import type { RequestCommand } from '../../../governance/request/commands.ts';
import { grantFacts } from '../../../governance/request/grant.ts';
import { seenHash } from '../../../governance/request/seen.ts';
import { teamOf } from '../../../governance/request/state.ts';
import { nextActor } from '../../../governance/request/view.ts';
import {
  amending,
  amendmentOf,
  amendmentSent,
  attempt,
  codeOf,
  endorse,
  form,
  having,
  propose,
  requestIn,
  second,
  sign,
  TOKEN,
  videoTerms,
  wider,
} from './a-request.ts';

const granted = grantFacts(requestIn('APPROVED'));

/** Every step of an amendment up to its end. */
const steps = (): readonly ReturnType<typeof amending>[] => {
  const begun = having(requestIn('APPROVED'), 'ada', { type: 'amend' });
  const written = amending();
  const invited = having(written, 'ada', { type: 'invite', email: 'ina@example.org' }, { newId: 'invitation-ina' });
  const joined = having(invited, 'ina', { type: 'acceptInvitation', invitationId: 'invitation-ina', token: TOKEN });
  const returned = having(amendmentSent(), 'sam', { type: 'return', changes: 'Say why faces.' });
  return [begun, written, invited, joined, amendmentSent(), returned];
};

describe('an amendment', () => {
  it('leaves the grant as it is until it is approved', () => {
    for (const state of steps()) {
      expect(state.status).toBe('APPROVED');
      expect(grantFacts(state)).toEqual(granted);
    }
  });

  it('changes the grant with the second steward, under the same id and for the same time', () => {
    const state = having(amendmentSent(), 'sam', second(amendmentOf(amendmentSent()), wider), { newId: 'another' });
    expect(state).toMatchObject({
      status: 'APPROVED',
      amendment: null,
      form: { items: [{}, {}, { modality: 'FACES' }] },
    });
    expect(grantFacts(state)).toEqual({ ...granted, access: wider.access });
  });

  it.each([
    ['rejected', 'sam', { type: 'reject', reason: 'No faces.' }],
    ['withdrawn', 'ada', { type: 'withdraw' }],
  ] as const)('that is %s leaves the grant as it was', (_, who, command) => {
    const state = having(amendmentSent(), who, command);
    expect(state.amendment).toBeNull();
    expect(state.status).toBe('APPROVED');
    expect(grantFacts(state)).toEqual(granted);
    expect(state.form).toEqual(form);
  });

  it('that is returned or declined is written on', () => {
    const returned = having(amendmentSent(), 'sam', { type: 'return', changes: 'Say why.' });
    const declined = having(amendmentSent(), 'olu', { type: 'decline', reason: 'Not now.' });
    for (const state of [returned, declined]) {
      expect(state.amendment).toMatchObject({ status: 'RETURNED', proposal: null });
      expect(nextActor(state)).toBe('APPLICANT');
      expect(codeOf(attempt(state, 'ada', { type: 'edit', form: { ...form, title: 'Another title' } }))).toBe('done');
    }
  });

  it('says who acts next, as a request does', () => {
    expect(nextActor(amending())).toBe('APPLICANT');
    let state = having(amending(), 'ada', sign(amendmentOf(amending())));
    state = having(state, 'ben', sign(amendmentOf(amending())));
    state = having(state, 'ada', { type: 'submit' });
    expect(nextActor(state)).toBe('SIGNING_OFFICIAL');
    expect(nextActor(amendmentSent())).toBe('STEWARD');
  });

  it('binds to its own text: what was said of the request, or of an amendment before, does not count', () => {
    const base = requestIn('APPROVED');
    const first = amendmentOf(amending());
    expect(seenHash(first)).not.toBe(seenHash(base));
    const again = having(having(amending(), 'ada', { type: 'withdraw' }), 'ada', { type: 'amend' }, { newId: 'b' });
    expect(seenHash(amendmentOf(having(again, 'ada', { type: 'edit', form: first.form })))).not.toBe(seenHash(first));
    const sent = amendmentSent();
    expect(codeOf(attempt(sent, 'sam', propose(base, wider)))).toBe('REQUEST_CHANGED');
    expect(codeOf(attempt(sent, 'olu', endorse(base)))).toBe('REQUEST_CHANGED');
  });

  it('needs the signature of everybody who is to be on the team', () => {
    const invited = having(
      amending(),
      'ada',
      { type: 'invite', email: 'ina@example.org' },
      { newId: 'invitation-ina' },
    );
    let state = having(invited, 'ina', { type: 'acceptInvitation', invitationId: 'invitation-ina', token: TOKEN });
    state = having(having(state, 'ada', sign(amendmentOf(state))), 'ben', sign(amendmentOf(state)));
    expect(attempt(state, 'ada', { type: 'submit' })).toMatchObject({
      refusal: { code: 'AGREEMENT_UNSIGNED', subject: 'ina' },
    });
    // Who joins has no part in the grant before, not even by signing for it.
    expect(codeOf(attempt(state, 'ina', sign(state)))).toBe('NOT_PERMITTED');
    expect(grantFacts(state)?.members).toEqual(['ada', 'ben']);
    state = having(state, 'ina', sign(amendmentOf(state)));
    state = having(state, 'ada', { type: 'submit' });
    state = having(state, 'olu', endorse(amendmentOf(state)));
    state = having(state, 'sue', propose(amendmentOf(state), wider));
    expect(grantFacts(state)?.members).toEqual(['ada', 'ben']);
    state = having(state, 'sam', second(amendmentOf(state), wider));
    expect(grantFacts(state)).toMatchObject({ members: ['ada', 'ben', 'ina'] });
    expect(grantFacts(state)?.signatures.map(({ accountId }) => accountId)).toEqual(['ada', 'ben', 'ina', 'olu']);
  });

  it('takes a member off with its approval, and one who leaves meanwhile at once and for good', () => {
    const without = having(amending(), 'ada', { type: 'removeCollaborator', invitationId: 'invitation-ben' });
    expect(grantFacts(without)?.members).toEqual(['ada', 'ben']);
    expect(teamOf(amendmentOf(without))).toEqual(['ada']);
    const left = having(amendmentSent(), 'ben', { type: 'removeMember', accountId: 'ben' });
    expect(grantFacts(left)?.members).toEqual(['ada']);
    const given = having(left, 'sam', second(amendmentOf(left), wider));
    expect(grantFacts(given)?.members).toEqual(['ada']);
  });

  it('does not prolong the grant, nor give more than the amendment asks for', () => {
    const state = amendmentSent();
    const longer = { ...wider, end: '2026-03-10T05:00:00.000Z' };
    expect(codeOf(attempt(state, 'sam', propose(amendmentOf(state), longer)))).toBe('TERM_INVALID');
    const more = { ...wider, access: { ...videoTerms.access, FACES: ['READ'] as const } };
    expect(codeOf(attempt(state, 'sam', propose(amendmentOf(state), more)))).toBe('NOT_ASKED_FOR');
  });

  it('rests while the grant is suspended, and ends with it', () => {
    const suspended = having(amendmentSent(), 'sam', { type: 'suspend', reason: 'A report.' });
    const seconds: RequestCommand = second(amendmentOf(amendmentSent()), wider);
    expect(codeOf(attempt(suspended, 'sam', seconds))).toBe('WRONG_STATE');
    expect(codeOf(attempt(having(suspended, 'sue', { type: 'resume' }), 'sam', seconds))).toBe('done');
    expect(having(amendmentSent(), 'sam', { type: 'revoke', reason: 'Copies.' }).amendment).toBeNull();
  });

  it('two stewards who decide it at once: one wins, the other is told that the request has changed', () => {
    const state = amendmentSent();
    const expectedVersion = state.version;
    const won = having(state, 'sam', { ...second(amendmentOf(state), wider), expectedVersion });
    expect(codeOf(attempt(won, 'sue', { type: 'reject', reason: 'No.', expectedVersion }))).toBe('REQUEST_CHANGED');
  });
});
