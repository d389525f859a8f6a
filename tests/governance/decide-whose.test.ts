import { describe, expect, it } from 'vitest';
import type { AccountActor } from '../../governance/actor.ts';
import { decide } from '../../governance/decide.ts';
import type { ExceptionFacts, Facts } from '../../governance/facts.ts';
import { account, facts, grant, NOW, release, researcher } from './a-world.ts';

const video = { kind: 'modality', modality: 'VIDEO', release } as const;
const allows = (actor: AccountActor, given: Facts): boolean => decide(actor, 'READ', video, given, NOW).allow;

describe('decide() reads of facts only those that are the actor’s', () => {
  it('allows nothing on facts of another account', () => {
    const other: AccountActor = { kind: 'account', accountId: 'eve' };
    expect(allows(researcher, facts())).toBe(true);
    expect(allows(other, facts())).toBe(false);
    expect(decide(other, 'VIEW_OWN', { kind: 'none' }, facts(), NOW)).toMatchObject({
      allow: false,
      reasons: [expect.objectContaining({ code: 'NOT_SIGNED_IN' })],
    });
  });

  it('takes no signature of another member, nor an official’s for a member’s', () => {
    const signed = (who: string) =>
      grant({
        signatures: grant().signatures.map((one) => (one.as === 'MEMBER' ? { ...one, accountId: who } : one)),
      });
    expect(allows(researcher, facts({ grants: [signed('ada')] }))).toBe(true);
    expect(allows(researcher, facts({ grants: [signed('ben')] }))).toBe(false);
    const officialAlone = grant({ signatures: grant().signatures.filter(({ as }) => as === 'OFFICIAL') });
    expect(allows(researcher, facts({ grants: [officialAlone] }))).toBe(false);
  });

  const exception = (changes: Partial<ExceptionFacts> = {}): ExceptionFacts => ({
    id: 'exception-1',
    accountId: 'ada',
    releaseId: release.id,
    from: NOW,
    until: new Date(NOW.getTime() + 3_600_000),
    ...changes,
  });
  const looks = (one: ExceptionFacts): boolean =>
    allows(researcher, facts({ account: account({ roles: ['curator'] }), grants: [], exceptions: [one] }));

  it('takes a curator’s exception from the instant at which it begins until that at which it ends', () => {
    expect(looks(exception())).toBe(true);
    expect(looks(exception({ from: new Date(NOW.getTime() + 1) }))).toBe(false);
    expect(looks(exception({ from: new Date(NOW.getTime() - 3_600_000), until: NOW }))).toBe(false);
  });

  it('takes none of another person’s or for another release', () => {
    expect(looks(exception({ accountId: 'eve' }))).toBe(false);
    expect(looks(exception({ releaseId: 'release-2' }))).toBe(false);
  });
});
