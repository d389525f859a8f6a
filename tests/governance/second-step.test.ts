import { describe, expect, it } from 'vitest';
import { ROLE_ACTIONS, ruleOf } from '../../governance/actions.ts';
import type { AccountActor } from '../../governance/actor.ts';
import type { Facts } from '../../governance/facts.ts';
import { ROLES, type Role } from '../../governance/roles.ts';
import {
  refuseConfirmation,
  SECOND_ACTIONS,
  type SecondAction,
  type SecondStep,
} from '../../governance/second-step.ts';
import { account, facts, NOW } from './a-world.ts';

const is = (id: string, ...roles: Role[]): Facts =>
  facts({ account: account({ id, roles, institutionId: null }), institution: null, grants: [], certificates: [] });
const bea: AccountActor = { kind: 'account', accountId: 'bea' };
const step = (changes: Partial<SecondStep> = {}): SecondStep => ({
  id: 'step-1',
  action: 'GIVE_ROLE',
  payloadSha256: 'h',
  about: 'ada',
  askedBy: 'adm',
  expiresAt: new Date(NOW.getTime() + 1),
  endedAt: null,
  ...changes,
});
const refuse = (one: SecondStep | null, changes: Partial<Parameters<typeof refuseConfirmation>[1]> = {}) =>
  refuseConfirmation(one, {
    actor: bea,
    action: 'GIVE_ROLE',
    seen: 'h',
    facts: is('bea', 'admin'),
    askerFacts: is('adm', 'admin'),
    now: NOW,
    ...changes,
  })?.code ?? null;

describe('what takes two people', () => {
  it('is every action of the table that does, but publication, which a curator asks for', () => {
    const two = ROLE_ACTIONS.filter((action) => ruleOf(action).second === true && action !== 'PUBLISH_RELEASE');
    expect([...SECOND_ACTIONS].sort()).toEqual([...two].sort());
  });

  it('is confirmed by another holder of the role who names what they saw', () => {
    expect(refuse(step())).toBeNull();
  });

  it.each<[string, SecondStep | null, Partial<Parameters<typeof refuseConfirmation>[1]>]>([
    ['STEP_UNKNOWN', null, {}],
    ['STEP_UNKNOWN', step({ action: 'LOOSEN_POLICY' }), {}],
    ['SAME_PERSON', step({ askedBy: 'bea' }), {}],
    ['FORBIDDEN', step(), { facts: is('bea', 'steward') }],
    ['FORBIDDEN', step({ about: 'bea' }), {}],
    ['STEP_ENDED', step({ endedAt: NOW }), {}],
    ['STEP_ENDED', step({ expiresAt: NOW }), {}],
    ['STEP_CHANGED', step(), { seen: 'other' }],
    ['ASKER_LEFT', step(), { askerFacts: is('adm') }],
    ['ASKER_LEFT', step({ about: 'adm' }), {}],
  ])('is refused with %s', (code, one, changes) => {
    expect(refuse(one, changes)).toBe(code);
  });

  it('counts for nothing once who asked, or who confirms, is suspended', () => {
    const suspensions = [{ from: NOW, until: null }];
    const shut = (id: string) => facts({ account: account({ id, roles: ['admin'], suspensions }) });
    expect(refuse(step(), { askerFacts: shut('adm') })).toBe('ASKER_LEFT');
    expect(refuse(step(), { facts: shut('bea') })).toBe('FORBIDDEN');
  });

  it.each([...SECOND_ACTIONS])('%s is confirmed only by the role of the table, whoever asked', (action) => {
    const rule = ruleOf(action).who as readonly Role[];
    for (const confirmer of ROLES)
      for (const asker of ROLES) {
        const both = rule.includes(confirmer) && rule.includes(asker);
        const code = refuse(step({ action, about: null }), {
          action: action as SecondAction,
          facts: is('bea', confirmer),
          askerFacts: is('adm', asker),
        });
        expect([confirmer, asker, code === null]).toEqual([confirmer, asker, both]);
      }
  });
});
