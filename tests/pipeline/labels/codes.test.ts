import { describe, expect, it } from 'vitest';
import { cohortOf } from '../../../pipeline/labels/cohort.ts';
import {
  SKIN_TYPES,
  sexCode,
  sexFrom,
  skinTypeCode,
  skinTypeFrom,
  skinTypeLabel,
} from '../../../pipeline/labels/demographics.ts';
import { painClassOf, painCode, painLevelOf, painNames } from '../../../pipeline/labels/pain.ts';
import { isPatientCode } from '../../../pipeline/labels/patient-code.ts';
import { timeframeCode, timeframeLabel, timeframeOf } from '../../../pipeline/labels/timeframe.ts';

describe('the hour of a submission', () => {
  it('gives its timeframe, code and label at every hour of the day', () => {
    const day = Array.from({ length: 24 }, (_, hour) => timeframeCode(timeframeOf(hour)));
    expect(day).toEqual([5, 5, 5, 5, 5, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4]);
    expect(timeframeOf(22)).toBe('EARLY_NITE');
    expect(timeframeLabel(timeframeOf(0))).toBe('late_nite');
  });

  it.each([24, -1, 7.5, Number.NaN])('is refused at %s', (hour) => {
    expect(() => timeframeOf(hour)).toThrow(RangeError);
  });
});

describe('demographic codes', () => {
  it('are M 0, F 1, I-III 1, IV-VI 0, as in the paper', () => {
    expect([sexCode('M'), sexCode('F'), skinTypeCode('I_III'), skinTypeCode('IV_VI')]).toEqual([0, 1, 1, 0]);
  });

  it('read back what files write, and nothing else', () => {
    expect(SKIN_TYPES.map((skinType) => skinTypeFrom(skinTypeLabel(skinType)))).toEqual(SKIN_TYPES);
    expect([sexFrom('F'), sexFrom('f'), skinTypeFrom('I_III'), skinTypeFrom('toString')]).toEqual(['F', ...Array(3)]);
  });
});

describe('a pain target', () => {
  it('has its level from 0 to 10', () => {
    const [N, L, M, S] = ['NONE', 'LOW', 'MODERATE', 'SEVERE'];
    const levels = Array.from({ length: 11 }, (_, target) => painLevelOf(target));
    expect(levels).toEqual([N, L, L, L, M, M, M, S, S, S, S]);
  });

  it('has a class: only NONE is NO_PAIN', () => {
    expect([0, 1, 4, 7].map((target) => painClassOf(painLevelOf(target)))).toEqual(['NO_PAIN', 'PAIN', 'PAIN', 'PAIN']);
  });

  it('has a code for four classes and for two, which index the names', () => {
    expect(painCode('MODERATE', 4)).toBe(2);
    expect(painCode('MODERATE', 2)).toBe(1);
    expect(painNames(4)[painCode('SEVERE', 4)]).toBe('SEVERE');
    expect(painNames(2)[painCode('NONE', 2)]).toBe('NO_PAIN');
  });

  it.each([11, -1, 2.5])('is refused at %s', (target) => {
    expect(() => painLevelOf(target)).toThrow(RangeError);
  });
});

describe('a cohort', () => {
  it('is named after level, skin type and sex', () => {
    expect(cohortOf('NONE', 'I_III', 'M')).toBe('1A');
    expect(cohortOf('LOW', 'I_III', 'F')).toBe('2B');
    expect(cohortOf('MODERATE', 'IV_VI', 'M')).toBe('3C');
    expect(cohortOf('SEVERE', 'IV_VI', 'F')).toBe('4D');
  });
});

describe('a patient code', () => {
  it.each(['0001', '9029', 'A-17', 'x'.repeat(32)])('may be %s', (code) => {
    expect(isPatientCode(code)).toBe(true);
  });

  it.each([
    '',
    '../x',
    '..',
    '.',
    'a/b',
    'a\\b',
    'a b',
    '-rf',
    'a_b',
    'a\n',
    'é',
    'a\0',
    '%2e',
    'x'.repeat(33),
  ])('may not be %j', (code) => {
    expect(isPatientCode(code)).toBe(false);
  });
});
