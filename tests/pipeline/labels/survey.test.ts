import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSurvey, SURVEY_ITEMS, surveyNumbers } from '../../../pipeline/labels/survey.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const HEADER = 'painnow,paintime,activity,mood,walking,work,relationships,sleep,enjoyment';
const survey = {
  painnow: 6,
  paintime: true,
  activity: 5,
  mood: 5,
  walking: 4,
  work: 6,
  relationships: 3,
  sleep: 10,
  enjoyment: 0,
};
const good = `${HEADER}\n6,Yes,5,5,4,6,3,10,0\n`;
const problemsOf = (file: Uint8Array) => {
  const parsed = parseSurvey(file);
  return parsed.ok ? [] : parsed.problems;
};

describe('a survey', () => {
  it('is nine answers under their names', () => {
    expect(parseSurvey(bytes(good))).toEqual({ ok: true, value: survey });
  });

  it.each([
    ['a byte order mark', `\uFEFF${good}`],
    ['lines that end as on Windows', good.replaceAll('\n', '\r\n')],
    ['lines that end as on an old Mac', good.replaceAll('\n', '\r')],
    ['blanks around values and empty lines', `\n${HEADER}\n\n 6 , yes,5,5,4,6,3,10,0 \n\n`],
    ['quotes', `${HEADER}\n"6","YES",5,5,4,6,3,10,0`],
    [
      'its columns in another order',
      'paintime,painnow,activity,mood,walking,work,relationships,enjoyment,sleep\nYes,6,5,5,4,6,3,0,10',
    ],
  ])('may have %s', (_, text) => {
    expect(parseSurvey(bytes(text))).toEqual({ ok: true, value: survey });
  });

  it('names row, column and value of every wrong answer at once', () => {
    expect(problemsOf(bytes(`${HEADER}\n11,maybe,x,-1,5.0,,3,7,5\n`))).toEqual([
      {
        code: 'VALUE_INVALID',
        line: 2,
        column: 'painnow',
        value: '11',
        message: 'Line 2, column painnow: "11" is not a whole number from 0 to 10.',
      },
      {
        code: 'VALUE_INVALID',
        line: 2,
        column: 'paintime',
        value: 'maybe',
        message: 'Line 2, column paintime: "maybe" is not Yes or No.',
      },
      ...[
        ['activity', 'x'],
        ['mood', '-1'],
        ['walking', '5.0'],
        ['work', ''],
      ].map(([column, value]) => ({
        code: 'VALUE_INVALID',
        line: 2,
        column,
        value,
        message: `Line 2, column ${column}: "${value}" is not a whole number from 0 to 10.`,
      })),
    ]);
  });

  it('counts lines as an editor does', () => {
    expect(problemsOf(bytes(`\n\n${HEADER}\r\n\r\n6,Yes,5,5,4,6,3,10,x`))[0]?.line).toBe(5);
  });

  it.each([
    ['UTF-16 with a mark', 'ENCODING_UTF_16', Buffer.from(`\uFEFF${good}`, 'utf16le')],
    ['UTF-16 without a mark', 'ENCODING_UTF_16', Buffer.from(good, 'utf16le')],
    ['big-endian UTF-16', 'ENCODING_UTF_16', Buffer.from(`\uFEFF${good}`, 'utf16le').swap16()],
    ['UTF-32', 'ENCODING_UTF_32', Buffer.from([0xff, 0xfe, 0, 0, 0x70, 0, 0, 0])],
    ['Latin-1 with an accent', 'ENCODING_NOT_UTF_8', Buffer.from(`${HEADER}\né`, 'latin1')],
    ['a video', 'NOT_TEXT', Buffer.from([0x66, 0x74, 0x79, 0x70, 0, 0, 0, 1])],
    ['an empty file', 'FILE_EMPTY', Buffer.alloc(0)],
    ['blank lines only', 'FILE_EMPTY', bytes('\n \n')],
    ['only a byte order mark', 'FILE_EMPTY', bytes('\uFEFF')],
    ['far too much', 'FILE_TOO_LARGE', Buffer.alloc(65_537, 0x20)],
    ['an open quote', 'CSV_MALFORMED', bytes(`${HEADER}\n"6,Yes,5\n`)],
    ['no answers', 'ROW_MISSING', bytes(HEADER)],
    ['two rows', 'ROW_EXTRA', bytes(`${good}6,Yes,5,5,4,6,3,10,0`)],
    ['a short row', 'ROW_LENGTH', bytes(`${HEADER}\n6,Yes,5`)],
    ['semicolons', 'COLUMN_MISSING', bytes(good.replaceAll(',', ';'))],
    ['a column missing', 'COLUMN_MISSING', bytes(good.replace(',enjoyment', '').replace(',0\n', '\n'))],
    ['a column twice', 'COLUMN_REPEATED', bytes(`${HEADER},mood\n6,Yes,5,5,4,6,3,10,0,5`)],
    ['a column it does not know', 'COLUMN_UNKNOWN', bytes(`${HEADER},name\n6,Yes,5,5,4,6,3,10,0,Jo`)],
  ])('refuses %s as %s', (_, code, file) => {
    expect(problemsOf(file).map((problem) => problem.code)).toContain(code);
  });

  it('prints no control characters of a hostile value', () => {
    const [problem] = problemsOf(bytes(`${HEADER}\n\u001b[2J\u202eevil,Yes,5,5,4,6,3,10,0`));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(problem?.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(problem?.message).toContain('\\u{1b}[2J\\u{202e}evil');
  });

  it('gives nine numbers in the order of the questionnaire, zeros where there is none', () => {
    expect(surveyNumbers(survey)).toEqual([6, 1, 5, 5, 4, 6, 3, 10, 0]);
    expect(surveyNumbers(null)).toEqual(Array(9).fill(0));
    expect(SURVEY_ITEMS.join(',')).toBe(HEADER);
  });
});

describe.skipIf(!hasShared)('the surveys of the real drop (skipped where ../shared is absent)', () => {
  it.each([
    ['0101/20210104T081500', [0, 0, 0, 0, 0, 0, 0, 1, 0]],
    ['0103/20210109T120500', [6, 1, 5, 5, 4, 6, 3, 7, 5]],
    ['0106/20210113T101000', [3, 1, 2, 3, 1, 2, 2, 4, 3]],
  ])('%s is read', (folder, numbers) => {
    const parsed = parseSurvey(readFileSync(sharedPath('real/incoming/submissions', folder, 'survey.csv')));
    expect(parsed.ok && surveyNumbers(parsed.value)).toEqual(numbers);
  });
});
