import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSubmissionTimestamp } from '../../../pipeline/labels/submission-timestamp.ts';

describe('a submission timestamp', () => {
  it('is read as local wall time without a zone', () => {
    expect(parseSubmissionTimestamp('20201201T003232')).toEqual({
      text: '20201201T003232',
      year: 2020,
      month: 12,
      day: 1,
      hour: 0,
      minute: 32,
      second: 32,
      local: '2020-12-01T00:32:32',
      timeframe: 'LATE_NITE',
    });
  });

  it('knows leap years', () => {
    const days = ['20240229T120000', '20000229T120000', '20230229T120000', '19000229T120000', '21000229T120000'];
    expect(days.map((text) => parseSubmissionTimestamp(text) !== undefined)).toEqual([true, true, false, false, false]);
  });

  it.each([
    ['20210230T101010', 'a 30 February'],
    ['20210431T101010', 'a 31 April'],
    ['20211301T101010', 'a 13th month'],
    ['20210001T101010', 'month 0'],
    ['20210100T101010', 'day 0'],
    ['00000101T101010', 'year 0'],
    ['20210101T240000', 'hour 24'],
    ['20210101T106000', 'minute 60'],
    ['20210101T101060', 'second 60'],
    ['20210101 101010', 'a blank for the T'],
    ['20210101t101010', 'a small t'],
    ['2021-01-01T10:10:10', 'dashes and colons'],
    ['20210101T101010Z', 'a zone'],
    [' 20210101T101010', 'a blank before'],
    ['20210101T101010\n', 'a line end after'],
    ['２０210101T101010', 'digits of another script'],
    ['../20210101T101010', 'a path'],
    ['', 'nothing'],
  ])('refuses %j: %s', (text) => {
    expect(parseSubmissionTimestamp(text)).toBeUndefined();
  });

  it('accepts exactly the moments that the calendar of the machine has', () => {
    const two = (from: number, to: number) =>
      fc.integer({ min: from, max: to }).map((value) => String(value).padStart(2, '0'));
    const parts = fc.tuple(two(1, 99), two(0, 14), two(0, 33), two(0, 25), two(0, 61), two(0, 61));
    fc.assert(
      fc.property(parts, ([year, month, day, hour, minute, second]) => {
        const iso = `20${year}-${month}-${day}T${hour}:${minute}:${second}`;
        const date = new Date(`${iso}Z`);
        const real = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso);
        const text = `20${year}${month}${day}T${hour}${minute}${second}`;
        expect(parseSubmissionTimestamp(text)?.local).toBe(real ? iso : undefined);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});
