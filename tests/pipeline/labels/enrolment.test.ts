import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseEnrolment } from '../../../pipeline/labels/enrolment.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';

const HEADER = 'patient,sex,skin_type,worst_pain,source_device,enrolled_on';
const bytes = (...lines: string[]) => new TextEncoder().encode(lines.join('\n'));
const problemsOf = (file: Uint8Array) => {
  const parsed = parseEnrolment(file);
  return parsed.ok ? [] : parsed.problems;
};

describe('an enrolment file', () => {
  it('gives each patient with level, class and cohort', () => {
    expect(parseEnrolment(bytes(HEADER, '0103,M,IV-VI,5,Android,2020-12-10', '0030,M,IV-VI,1,,2021-02-28'))).toEqual({
      ok: true,
      value: [
        {
          patient: '0103',
          sex: 'M',
          skinType: 'IV_VI',
          painTarget: 5,
          painLevel: 'MODERATE',
          painClass: 'PAIN',
          cohort: '3C',
          sourceDevice: 'Android',
          enrolledOn: '2020-12-10',
          ageGroup: 'ADULT',
          split: null,
          synthetic: false,
          line: 2,
        },
        {
          patient: '0030',
          sex: 'M',
          skinType: 'IV_VI',
          painTarget: 1,
          painLevel: 'LOW',
          painClass: 'PAIN',
          cohort: '2C',
          sourceDevice: null,
          enrolledOn: '2021-02-28',
          ageGroup: 'ADULT',
          split: null,
          synthetic: false,
          line: 3,
        },
      ],
    });
  });

  it('may add an age group and a split', () => {
    const parsed = parseEnrolment(
      bytes(`${HEADER},age_group,split`, '9001,F,I-III,0,Clinic Only,2020-12-10,PEDIATRIC,10'),
    );
    expect(parsed.ok && parsed.value[0]).toMatchObject({ ageGroup: 'PEDIATRIC', split: 10, cohort: '1B' });
  });

  it('says of itself that its patients are made up', () => {
    const marked = (word: string) =>
      parseEnrolment(bytes(`${HEADER},synthetic`, `9001,F,I-III,0,Clinic Only,2020-12-10,${word}`));
    expect([marked('YES'), marked('NO'), marked('')].map((parsed) => parsed.ok && parsed.value[0]?.synthetic)).toEqual([
      true,
      false,
      false,
    ]);
    expect(marked('maybe').ok).toBe(false);
  });

  it('is refused with a column that nobody asked for, such as a name', () => {
    expect(problemsOf(bytes(`${HEADER},name`, '0101,M,I-III,0,iOS,2020-12-01,Jo'))).toMatchObject([
      { code: 'COLUMN_UNKNOWN', line: 1, column: 'name' },
    ]);
  });

  it('is refused with a patient enrolled twice, and both lines are named', () => {
    const row = ',M,I-III,0,iOS,2020-12-01';
    expect(problemsOf(bytes(HEADER, `0101${row}`, `ab-1${row}`, `0101${row}`, `AB-1${row}`))).toEqual([
      {
        code: 'PATIENT_REPEATED',
        line: 4,
        column: 'patient',
        value: '0101',
        message: 'Line 4, column patient: "0101" is already enrolled on line 2.',
      },
      {
        code: 'PATIENT_REPEATED',
        line: 5,
        column: 'patient',
        value: 'AB-1',
        message: 'Line 5, column patient: "AB-1" is already enrolled on line 3.',
      },
    ]);
  });

  it.each([
    ['patient', '../x'],
    ['patient', '..'],
    ['patient', '/etc/passwd'],
    ['patient', 'C:\\x'],
    ['patient', ''],
    ['sex', 'male'],
    ['skin_type', 'V'],
    ['worst_pain', '11'],
    ['worst_pain', 'three'],
    ['worst_pain', ''],
    ['source_device', '=HYPERLINK(1)'],
    ['enrolled_on', '2021-02-30'],
    ['enrolled_on', '01.12.2020'],
    ['age_group', 'BABY'],
    ['split', '0'],
  ])('is refused where %s is %j, naming line, column and value', (column, value) => {
    const row: Record<string, string> = {
      patient: '0101',
      sex: 'M',
      skin_type: 'I-III',
      worst_pain: '0',
      source_device: 'iOS',
      enrolled_on: '2020-12-01',
      age_group: 'ADULT',
      split: '1',
    };
    const header = Object.keys(row).join(',');
    const first = Object.values(row).join(',');
    const second = Object.values({ ...row, patient: '0102', [column]: value }).join(',');
    const problems = problemsOf(bytes(header, first, second));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'VALUE_INVALID', line: 3, column, value });
    expect(problems[0]?.message).toContain(`Line 3, column ${column}:`);
  });

  it.each([
    ['in UTF-16', 'ENCODING_UTF_16', Buffer.from(`\uFEFF${HEADER}`, 'utf16le')],
    ['empty', 'FILE_EMPTY', Buffer.alloc(0)],
    ['without patients', 'ROW_MISSING', bytes(HEADER)],
    ['without a header', 'COLUMN_MISSING', bytes('0101,M,I-III,0,iOS,2020-12-01')],
    ['with a comma too many', 'ROW_LENGTH', bytes(HEADER, '0101,M,I-III,0,iOS,2020-12-01,')],
  ])('is refused %s', (_, code, file) => {
    expect(problemsOf(file).map((problem) => problem.code)).toContain(code);
  });

  it('says the line of a row after a quoted value that spans lines', () => {
    expect(
      problemsOf(bytes(HEADER, '0101,M,I-III,0,"i', 'OS",2020-12-01', '0102,X,I-III,0,iOS,2020-12-01')),
    ).toMatchObject([
      { column: 'source_device', line: 3 },
      { column: 'sex', line: 4 },
    ]);
  });
});

describe.skipIf(!hasShared)('the enrolment of the real drop (skipped where ../shared is absent)', () => {
  it('is read whole', () => {
    const parsed = parseEnrolment(readFileSync(sharedPath('real/incoming/enrolment.csv')));
    const rows = parsed.ok
      ? parsed.value.map((row) => [row.patient, row.cohort, row.sourceDevice, row.enrolledOn])
      : [];
    expect(rows).toEqual([
      ['0101', '1A', 'iOS', '2020-12-01'],
      ['0102', '2B', 'Android', '2020-12-03'],
      ['0103', '3C', 'Android', '2020-12-10'],
      ['0104', '4A', 'iOS', '2020-12-12'],
      ['0105', '1A', 'iOS', '2020-12-14'],
      ['0106', '2B', 'Android', '2020-12-16'],
    ]);
  });
});
