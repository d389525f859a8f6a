import { describe, expect, it } from 'vitest';
import { refuseReview, reviewDueAt } from '../../governance/quarantine-review.ts';

const at = (day: string): Date => new Date(`${day}T12:00:00Z`);

describe('a quarantine', () => {
  it('is to be looked at within a week, then every ninety days, until it is lifted', () => {
    const placed = { placedAt: at('2026-03-01'), reviewedAt: null, liftedAt: null };
    expect(reviewDueAt(placed)).toEqual(at('2026-03-08'));
    expect(reviewDueAt({ ...placed, reviewedAt: at('2026-03-05') })).toEqual(at('2026-06-03'));
    expect(reviewDueAt({ ...placed, liftedAt: at('2026-03-02') })).toBeNull();
  });

  it.each([
    ['kept for a reason by somebody else', 'sam', 'KEEP', 'A name is heard.', null, null],
    ['lifted by somebody else', 'sam', 'LIFT', '', null, null],
    ['kept without a reason', 'sam', 'KEEP', '', null, 'REASON_MISSING'],
    ['judged by who placed it', 'cy', 'LIFT', '', null, 'OWN_QUARANTINE'],
    ['judged when it is lifted', 'sam', 'KEEP', 'Why.', at('2026-03-02'), 'ALREADY_LIFTED'],
  ] as const)('%s: %s %s %j', (_, by, outcome, reason, liftedAt, code) => {
    expect(refuseReview({ placedById: 'cy', liftedAt }, { by, outcome, reason })).toBe(code);
  });
});
