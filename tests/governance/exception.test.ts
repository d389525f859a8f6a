import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exceptionEnd, refuseException } from '../../governance/exception.ts';
import { isSettingKey, SETTING_KEYS, SETTINGS, settingProblem, settingValue } from '../../governance/settings.ts';
import { NOW } from './a-world.ts';

const HOUR = 3_600_000;
const at = (hours: number) => new Date(NOW.getTime() + hours * HOUR);
const reason = 'A landmark file that cannot be read.';
const refuse = (hours: number, opened: [number, number][] = [], perDay = 2, why = reason) =>
  refuseException(
    { reason: why, hours },
    {
      opened: opened.map(([from, until]) => ({ from: at(from), until: at(until) })),
      policy: { exceptionHours: 4 },
      perDay,
      now: NOW,
    },
  );

describe('a look at released rows', () => {
  it.each([
    [4, null],
    [0.5, null],
    [4.001, 'HOURS_INVALID'],
    [0, 'HOURS_INVALID'],
    [-1, 'HOURS_INVALID'],
    [Number.NaN, 'HOURS_INVALID'],
    [Number.POSITIVE_INFINITY, 'HOURS_INVALID'],
  ])('of %s hours: %s', (hours, code) => {
    expect(refuse(hours)).toBe(code);
  });

  it('takes a reason that says something', () => {
    expect([refuse(1, [], 2, ''), refuse(1, [], 2, '    x     ')]).toEqual(['REASON_MISSING', 'REASON_MISSING']);
  });

  it('is one at a time, and so many a day', () => {
    expect(refuse(1, [[-1, 0.001]])).toBe('EXCEPTION_OPEN');
    expect(refuse(1, [[-1, 0]])).toBeNull();
    expect(
      refuse(1, [
        [-8, -4],
        [-4, 0],
      ]),
    ).toBe('EXCEPTION_LIMIT');
    expect(
      refuse(1, [
        [-24, -20],
        [-4, 0],
      ]),
    ).toBeNull();
  });

  it('never adds up to more than its hours times its number in any day, however it is asked for', () => {
    const tries = fc.array(
      fc.tuple(fc.double({ min: 0, max: 12, noNaN: true }), fc.double({ min: 0, max: 6, noNaN: true })),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(tries, (steps) => {
        const opened: { from: Date; until: Date }[] = [];
        let now = NOW;
        for (const [wait, hours] of steps) {
          now = new Date(now.getTime() + wait * HOUR);
          const policy = { exceptionHours: 4 };
          if (refuseException({ reason, hours }, { opened, policy, perDay: 2, now }) !== null) continue;
          opened.push({ from: now, until: exceptionEnd(now, hours) });
        }
        for (const [index, one] of opened.entries()) {
          expect(one.until.getTime() - one.from.getTime()).toBeLessThanOrEqual(4 * HOUR);
          const next = opened[index + 1];
          if (next) expect(next.from.getTime()).toBeGreaterThanOrEqual(one.until.getTime());
          const inDay = opened.filter(
            ({ from }) => from >= one.from && from.getTime() - one.from.getTime() < 24 * HOUR,
          );
          expect(inDay.length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});

describe('settings', () => {
  it('have defaults of their own form, and count so where what is stored is not of it', () => {
    for (const key of SETTING_KEYS) {
      expect(settingProblem(key, SETTINGS[key].default)).toBeNull();
      for (const nonsense of [undefined, null, 'x', -1, {}])
        expect(settingValue(key, nonsense)).toBe(SETTINGS[key].default);
    }
    expect(settingValue('runsPerPersonAndDay', 7)).toBe(7);
    expect(settingProblem('runsPerPersonAndDay', 0)).not.toBeNull();
    expect(['runsPerPersonAndDay', 'toString', 'account-roles-as-of:x'].map(isSettingKey)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
