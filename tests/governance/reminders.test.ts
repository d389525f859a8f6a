import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';
import type { CertificateFacts } from '../../governance/facts.ts';
import type { Policy } from '../../governance/policy.ts';
import { daysLeft, dueReminder } from '../../governance/reminders.ts';
import { certificate } from './a-world.ts';

const one = (changes: Partial<CertificateFacts> = {}) =>
  certificate({ id: 'one', type: 'HIPAA', expiresOn: '2025-12-01', ...changes });
const at = (
  instant: string,
  settled: number[] = [],
  others: CertificateFacts[] = [],
  mine = one(),
  policy: Policy = DEFAULT_POLICY,
) => dueReminder(mine, [mine, ...others], settled, policy, new Date(instant));

describe('a certificate that is about to end', () => {
  it.each([
    // 60 days before 1 December is 2 October, under summer time; 30 days, 1 November; 7 days, 24 November, under winter time.
    ['2025-10-02T03:59:59.999Z', [], null],
    ['2025-10-02T04:00:00Z', [], { days: 60, passed: [] }],
    ['2025-10-15T00:00:00Z', [60], null],
    ['2025-11-01T03:59:59.999Z', [60], null],
    ['2025-11-01T04:00:00Z', [60], { days: 30, passed: [] }],
    ['2025-11-20T00:00:00Z', [60, 30], null],
    ['2025-11-24T04:59:59.999Z', [60, 30], null],
    ['2025-11-24T05:00:00Z', [60, 30], { days: 7, passed: [] }],
    ['2025-11-30T00:00:00Z', [60, 30, 7], null],
    ['2025-12-02T04:59:59.999Z', [60, 30], { days: 7, passed: [] }],
    ['2025-12-02T05:00:00Z', [60, 30], null],
  ] as const)('at %s, with %j settled: %j', (instant, settled, due) => {
    expect(at(instant, [...settled])).toEqual(due);
  });

  it('after a standstill is told of once, and what was missed is settled with it', () => {
    expect(at('2025-11-26T00:00:00Z')).toEqual({ days: 7, passed: [30, 60] });
    expect(at('2025-11-26T00:00:00Z', [60])).toEqual({ days: 7, passed: [30] });
    expect(at('2025-11-10T00:00:00Z')).toEqual({ days: 30, passed: [60] });
  });

  it('is not told of where it does not count', () => {
    for (const state of ['PENDING', 'REJECTED'] as const)
      expect(at('2025-11-26T00:00:00Z', [], [], one({ state, verifiedHow: null }))).toBeNull();
  });

  it("without an end of its own is told of by the policy's months, over a leap day", () => {
    const leap = one({ type: 'INFORMATION_SECURITY', completedOn: '2024-02-29', expiresOn: null });
    // It lasts to 28 February 2025: seven days before is the 21st.
    expect(at('2025-02-21T04:59:59.999Z', [60, 30], [], leap)).toBeNull();
    expect(at('2025-02-21T05:00:00Z', [60, 30], [], leap)).toEqual({ days: 7, passed: [] });
  });
});

describe('one that is replaced', () => {
  const later = certificate({ id: 'two', type: 'HIPAA', expiresOn: '2026-12-01' });
  const due = '2025-11-26T00:00:00Z';

  it('by one that ends later is not told of, and that one has its own time', () => {
    expect(at(due, [], [later])).toBeNull();
    expect(dueReminder(later, [one(), later], [], DEFAULT_POLICY, new Date(due))).toBeNull();
  });

  it.each([
    ['that only waits', { ...later, state: 'PENDING', verifiedHow: null }],
    ['that was rejected', { ...later, state: 'REJECTED', verifiedHow: null }],
    ['of another training', { ...later, type: 'HUMAN_SUBJECTS' }],
    ['that ends sooner', { ...later, expiresOn: '2025-11-30' }],
    ['that was only seen, where it was looked up itself', { ...later, verifiedHow: 'SEEN' }],
  ] as const)('is told of beside one %s', (_, other) => {
    expect(at(due, [], [other])).toMatchObject({ days: 7 });
  });

  it('by its equal is told of once', () => {
    const twin = { ...later, expiresOn: '2025-12-01' };
    const both = [one(), twin].map((mine) => dueReminder(mine, [one(), twin], [], DEFAULT_POLICY, new Date(due)));
    expect(both.filter((found) => found !== null)).toHaveLength(1);
  });
});

describe('the days that are left', () => {
  it.each([
    ['2025-11-01T04:00:00Z', 30],
    ['2025-12-01T04:59:59Z', 1],
    ['2025-12-01T05:00:00Z', 0],
    ['2025-12-02T04:59:59Z', 0],
  ])('at %s are %i', (instant, days) => {
    expect(daysLeft(one(), DEFAULT_POLICY, new Date(instant))).toBe(days);
  });
});
