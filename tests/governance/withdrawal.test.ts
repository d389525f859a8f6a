import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WITHDRAWAL_KINDS, type WithdrawalKind } from '../../governance/rows.ts';
import {
  dutyState,
  isCovered,
  refuseStep,
  remainingOf,
  remindersFor,
  stageOf,
  WITHDRAWAL_STAGES,
  type WithdrawalCommand,
  type WithdrawalRecord,
  type WithdrawalRefusal,
  type WithdrawalStage,
} from '../../governance/withdrawal.ts';

const NOW = new Date('2025-03-15T12:00:00Z');
const day = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);
const PAST = day(-40);

/** A withdrawal of a kind at a stage. @param hold days until its hold ends, where it is ordered */
const at = (kind: WithdrawalKind, stage: WithdrawalStage, hold = 5): WithdrawalRecord => {
  const reached = (...stages: WithdrawalStage[]): Date | null => (stages.includes(stage) ? PAST : null);
  const ordered = reached('ERASURE_ORDERED', 'ERASING', 'ERASED');
  return {
    kind,
    notifiedAt: reached('NOTIFIED', 'ERASURE_ORDERED', 'ERASING', 'ERASED'),
    erasureOrderedAt: ordered,
    eraseAfter: ordered && day(hold),
    erasingAt: reached('ERASING', 'ERASED'),
    erasedAt: reached('ERASED'),
    takenBackAt: reached('TAKEN_BACK'),
  };
};

/** Stages that a kind can reach. */
const REACHED: Readonly<Record<WithdrawalKind, readonly WithdrawalStage[]>> = {
  STOP_COLLECTION: ['RECORDED', 'TAKEN_BACK'],
  STOP_SHARING: ['RECORDED', 'NOTIFIED', 'TAKEN_BACK'],
  ERASE: WITHDRAWAL_STAGES,
};

const NOT = 'NOT_OF_THIS_KIND';
const DONE = 'ALREADY_DONE';
const BACK = 'ALREADY_TAKEN_BACK';
const BEGUN = 'ERASURE_BEGUN';

/** Every cell: what each command comes to. null: it is done. */
const TABLE: readonly (readonly [
  WithdrawalKind,
  WithdrawalStage,
  Readonly<Record<WithdrawalCommand, WithdrawalRefusal | null>>,
])[] = [
  ['STOP_COLLECTION', 'RECORDED', { NOTICES: NOT, ERASURE: NOT, TAKE_BACK: null, ERASE: NOT }],
  ['STOP_COLLECTION', 'TAKEN_BACK', { NOTICES: BACK, ERASURE: BACK, TAKE_BACK: BACK, ERASE: BACK }],
  ['STOP_SHARING', 'RECORDED', { NOTICES: null, ERASURE: NOT, TAKE_BACK: null, ERASE: NOT }],
  ['STOP_SHARING', 'NOTIFIED', { NOTICES: DONE, ERASURE: NOT, TAKE_BACK: null, ERASE: NOT }],
  ['STOP_SHARING', 'TAKEN_BACK', { NOTICES: BACK, ERASURE: BACK, TAKE_BACK: BACK, ERASE: BACK }],
  ['ERASE', 'RECORDED', { NOTICES: null, ERASURE: 'NOTICES_FIRST', TAKE_BACK: null, ERASE: 'NOT_ORDERED' }],
  ['ERASE', 'NOTIFIED', { NOTICES: DONE, ERASURE: null, TAKE_BACK: null, ERASE: 'NOT_ORDERED' }],
  ['ERASE', 'ERASURE_ORDERED', { NOTICES: DONE, ERASURE: DONE, TAKE_BACK: null, ERASE: 'HOLD_RUNS' }],
  ['ERASE', 'ERASING', { NOTICES: DONE, ERASURE: DONE, TAKE_BACK: BEGUN, ERASE: null }],
  ['ERASE', 'ERASED', { NOTICES: DONE, ERASURE: DONE, TAKE_BACK: BEGUN, ERASE: DONE }],
  ['ERASE', 'TAKEN_BACK', { NOTICES: BACK, ERASURE: BACK, TAKE_BACK: BACK, ERASE: BACK }],
];

describe('a withdrawal', () => {
  it('has a row in the table for every stage that its kind reaches', () => {
    const cells = WITHDRAWAL_KINDS.flatMap((kind) => REACHED[kind].map((stage) => `${kind} ${stage}`));
    expect(TABLE.map(([kind, stage]) => `${kind} ${stage}`).sort()).toEqual(cells.sort());
  });

  it.each(
    TABLE.flatMap(([kind, stage, row]) =>
      Object.entries(row).map(([command, code]) => [kind, stage, command as WithdrawalCommand, code] as const),
    ),
  )('%s at %s: %s comes to %s', (kind, stage, command, code) => {
    expect(stageOf(at(kind, stage))).toBe(stage);
    expect(refuseStep(at(kind, stage), command, NOW)).toBe(code);
  });

  it('is erased from the very instant at which its hold ends, and not a millisecond before', () => {
    const end = new Date('2024-02-29T00:00:00Z');
    const held = { ...at('ERASE', 'ERASURE_ORDERED'), eraseAfter: end };
    expect(refuseStep(held, 'ERASE', new Date(end.getTime() - 1))).toBe('HOLD_RUNS');
    expect(refuseStep(held, 'ERASE', end)).toBeNull();
    expect(refuseStep(held, 'TAKE_BACK', day(5000))).toBeNull();
  });

  it('covers what is the same or less, and never what is more', () => {
    const table = WITHDRAWAL_KINDS.map((standing) => WITHDRAWAL_KINDS.map((kind) => isCovered([standing], kind)));
    expect(table).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
    expect(WITHDRAWAL_KINDS.some((kind) => isCovered([], kind))).toBe(false);
  });
});

describe('what remains to be done', () => {
  const nothing = { duties: [], asked: [], nextRelease: 'NONE' } as const;
  const told = { toldAt: PAST, dueAt: day(3), attestedAt: null };
  const said = (of: WithdrawalRecord, tasks: Parameters<typeof remainingOf>[1]) =>
    remainingOf(of, tasks, NOW).map(({ what, waitsFor, count }) => `${what} ${waitsFor} ${count}`);

  it('is nothing where collection alone stops, and where it was taken back', () => {
    expect(said(at('STOP_COLLECTION', 'RECORDED'), { ...nothing, nextRelease: 'DRAFTED' })).toEqual([]);
    expect(said(at('ERASE', 'TAKEN_BACK'), { ...nothing, duties: [told] })).toEqual([]);
  });

  it('goes from steward to second steward to holders, the clock and the program', () => {
    expect(said(at('ERASE', 'RECORDED'), { ...nothing, nextRelease: 'MAKING' })).toEqual([
      'NOTICES STEWARD 1',
      'NEXT_RELEASE SYSTEM 1',
      'ERASURE_ORDER STEWARD 1',
    ]);
    expect(said(at('ERASE', 'RECORDED'), { ...nothing, asked: ['NOTICES'] })[0]).toBe('NOTICES SECOND_STEWARD 1');
    expect(said(at('ERASE', 'NOTIFIED'), { duties: [told, told], asked: ['ERASURE'], nextRelease: 'DRAFTED' })).toEqual(
      ['ATTESTATIONS HOLDERS 2', 'NEXT_RELEASE CURATOR 1', 'ERASURE_ORDER SECOND_STEWARD 1'],
    );
    expect(said(at('ERASE', 'ERASURE_ORDERED'), { ...nothing, nextRelease: 'PUBLISHED' })).toEqual(['HOLD CLOCK 1']);
    expect(said(at('ERASE', 'ERASURE_ORDERED', -1), nothing)).toEqual(['ERASURE SYSTEM 1']);
    expect(said(at('ERASE', 'ERASING', -1), nothing)).toEqual(['ERASURE SYSTEM 1']);
    expect(said(at('ERASE', 'ERASED', -1), nothing)).toEqual([]);
  });

  it('never forgets a holder who has not attested', () => {
    const someTime = fc.integer({ min: -100, max: 100 }).map(day);
    const someDuty = fc.record({ attested: fc.boolean(), dueAt: someTime });
    fc.assert(
      fc.property(fc.array(someDuty, { maxLength: 8 }), fc.constantFrom(...WITHDRAWAL_STAGES), (some, stage) => {
        const duties = some.map(({ attested, dueAt }) => ({ toldAt: PAST, dueAt, attestedAt: attested ? NOW : null }));
        const open = duties.filter(({ attestedAt }) => attestedAt === null);
        const found = remainingOf(at('ERASE', stage), { ...nothing, duties }, NOW).find(
          ({ what }) => what === 'ATTESTATIONS',
        );
        expect(found?.count ?? 0).toBe(stage === 'TAKEN_BACK' ? 0 : open.length);
      }),
    );
  });
});

describe('a holder’s duty', () => {
  const duty = { toldAt: PAST, dueAt: NOW, attestedAt: null };

  it('is overdue from the instant at which it is due', () => {
    expect(dutyState(duty, new Date(NOW.getTime() - 1))).toBe('OPEN');
    expect(dutyState(duty, NOW)).toBe('OVERDUE');
    expect(dutyState({ ...duty, attestedAt: day(9) }, day(10))).toBe('ATTESTED');
    expect(dutyState({ toldAt: null, dueAt: null, attestedAt: null }, NOW)).toBe('NOT_TOLD');
  });

  it('brings reminders a week before, on the day and each week after, none before it was told', () => {
    expect(remindersFor(PAST, NOW)).toEqual([-7, 0, 7, 14, 21, 28].map(day));
    expect(remindersFor(day(-3), NOW)[0]).toEqual(NOW);
  });
});
