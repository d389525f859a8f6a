import { describe, expect, it } from 'vitest';
import { imposingRefusal, liftedBy, SANCTION_KINDS, type SanctionKind } from '../../governance/sanction.ts';
import { NOW } from './a-world.ts';

const days = (n: number): Date => new Date(NOW.getTime() + n * 86_400_000);

describe('a sanction', () => {
  it.each([
    ['WARN', null, null],
    ['WARN', days(1), 'UNTIL_INVALID'],
    ['SUSPEND', null, 'UNTIL_INVALID'],
    ['SUSPEND', days(-1), 'UNTIL_INVALID'],
    ['SUSPEND', NOW, 'UNTIL_INVALID'],
    ['SUSPEND', new Date(NOW.getTime() + 1), null],
    ['SUSPEND', days(1830), null],
    ['SUSPEND', days(1831), 'UNTIL_INVALID'],
    ['SUSPEND', new Date('9999-01-01T00:00:00Z'), 'UNTIL_INVALID'],
    ['BAR', null, null],
    ['BAR', days(1), 'UNTIL_INVALID'],
  ] as const)('%s until %s is imposed, or not: %s', (kind, until, refusal) => {
    expect(imposingRefusal({ kind, until, reason: 'Copies were passed on.' }, NOW)).toBe(refusal);
  });

  it.each([...SANCTION_KINDS])('%s takes a reason', (kind) => {
    expect(imposingRefusal({ kind, until: null, reason: ' \n' }, NOW)).toBe('REASON_MISSING');
  });

  it('is lifted by as many as its kind takes, while it runs', () => {
    const by = (kind: SanctionKind, endsAt: Date | null, liftedAt: Date | null = null) =>
      liftedBy({ kind, endsAt, liftedAt }, NOW);
    expect([by('WARN', null), by('SUSPEND', days(1)), by('BAR', null)]).toEqual([null, 'ONE', 'TWO']);
    expect([by('SUSPEND', NOW), by('SUSPEND', days(-1))]).toEqual([null, null]);
    expect([by('SUSPEND', days(1), NOW), by('BAR', null, NOW)]).toEqual([null, null]);
  });
});
