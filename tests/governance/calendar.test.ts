import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths, endOfDay, isLocalDate, localDate, startOfDay } from '../../governance/calendar.ts';

const iso = (time: number): string => new Date(time).toISOString();

describe('a day of the study', () => {
  it('ends when its zone says, in winter and in summer', () => {
    expect(iso(endOfDay('2025-01-15', 'America/New_York'))).toBe('2025-01-16T05:00:00.000Z');
    expect(iso(endOfDay('2025-07-15', 'America/New_York'))).toBe('2025-07-16T04:00:00.000Z');
    expect(iso(endOfDay('2025-07-15', 'Asia/Kathmandu'))).toBe('2025-07-15T18:15:00.000Z');
    expect(iso(startOfDay('2025-07-15', 'Pacific/Kiritimati'))).toBe('2025-07-14T10:00:00.000Z');
  });

  it('is 23 hours long when clocks go forward and 25 when they go back', () => {
    const hours = (date: string): number =>
      (endOfDay(date, 'America/New_York') - startOfDay(date, 'America/New_York')) / 3_600_000;
    expect([hours('2025-03-09'), hours('2025-03-10'), hours('2025-11-02')]).toEqual([23, 24, 25]);
  });

  it('begins at the skip where midnight itself is skipped', () => {
    expect(iso(startOfDay('2018-11-04', 'America/Sao_Paulo'))).toBe('2018-11-04T03:00:00.000Z');
    expect(iso(startOfDay('2018-11-05', 'America/Sao_Paulo'))).toBe('2018-11-05T02:00:00.000Z');
  });

  it('is the one that holds the instant', () => {
    expect(localDate(new Date('2025-03-16T03:59:59Z'), 'America/New_York')).toBe('2025-03-15');
    expect(localDate(new Date('2025-03-16T04:00:00Z'), 'America/New_York')).toBe('2025-03-16');
  });

  it('holds every one of its instants and no other', () => {
    const zones = ['America/New_York', 'Europe/Rome', 'Australia/Lord_Howe', 'UTC'];
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        fc.constantFrom(...zones),
        (instant, zone) => {
          const day = localDate(instant, zone);
          expect(startOfDay(day, zone)).toBeLessThanOrEqual(instant.getTime());
          expect(endOfDay(day, zone)).toBeGreaterThan(instant.getTime());
        },
      ),
    );
  });

  it('is counted on over leap days and ends of months', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2025-03-01', -1)).toBe('2025-02-28');
    expect(addMonths('2024-02-29', 12)).toBe('2025-02-28');
    expect(addMonths('2024-02-29', 48)).toBe('2028-02-29');
    expect(addMonths('2024-08-31', 6)).toBe('2025-02-28');
    expect(addMonths('2024-12-15', 1)).toBe('2025-01-15');
  });

  it('exists, or is refused', () => {
    expect(['2024-02-29', '2025-02-29', '2025-13-01', '2025-1-1', 'soon', ''].map(isLocalDate)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(() => addDays('2025-02-30', 1)).toThrow(RangeError);
    expect(() => startOfDay('2025-02-01', 'Mars/Olympus')).toThrow(RangeError);
  });
});
