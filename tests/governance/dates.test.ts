import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as dates from '../../governance/dates.ts';

const { dayShift, drawDayShift, MAX_SHIFT_DAYS, shiftWallTime } = dates;
const shift = fc.integer({ min: 1, max: MAX_SHIFT_DAYS }).map(dayShift);
const wall = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19));

describe('a released date', () => {
  it('keeps its format and hour', () => {
    expect(shiftWallTime('20201201T003232', dayShift(1))).toBe('20201130T003232');
    expect(shiftWallTime('2020-03-01T23:59:59.250', dayShift(1))).toBe('2020-02-29T23:59:59.250');
    expect(shiftWallTime('2020-12-01', dayShift(366))).toBe('2019-12-01');
  });

  it('keeps the hour where a zone would have skipped it, since there is no zone', () => {
    expect(shiftWallTime('20210315T023000', dayShift(1))).toBe('20210314T023000');
  });

  it('keeps intervals', () => {
    fc.assert(
      fc.property(wall, wall, shift, (one, other, days) => {
        const apart = (left: string, right: string) => Date.parse(`${left}Z`) - Date.parse(`${right}Z`);
        expect(apart(shiftWallTime(one, days), shiftWallTime(other, days))).toBe(apart(one, other));
        expect(apart(one, shiftWallTime(one, days))).toBe(days * 86_400_000);
      }),
    );
  });

  it.each([
    '2020-12-01T00:32:32Z',
    '2020-12-01T00:32:32+01:00',
    '2020-02-30',
    '202012-01',
    '2020-12-01T003232',
    '20201201T00:32:32',
    'soon',
    '',
  ])('is not made of %j', (text) => {
    expect(() => shiftWallTime(text, dayShift(1))).toThrow(RangeError);
  });

  it('cannot be moved back: a shift is a whole number of days, at least one', () => {
    for (const days of [-1, 0, 0.5, Number.NaN, MAX_SHIFT_DAYS + 1]) expect(() => dayShift(days)).toThrow(RangeError);
    expect(Object.keys(dates).sort()).toEqual(['MAX_SHIFT_DAYS', 'dayShift', 'drawDayShift', 'shiftWallTime']);
  });

  it('is drawn from all shifts', () => {
    expect([drawDayShift(() => 0), drawDayShift((limit) => limit - 1)]).toEqual([1, MAX_SHIFT_DAYS]);
  });
});
