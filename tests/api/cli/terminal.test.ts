import { describe, expect, test } from 'vitest';
import { progressOn } from '../../../api/cli/io.ts';
import { isListedPath } from '../../../api/cli/listed-path.ts';
import { reasonsOf } from '../../../api/cli/reasons.ts';
import { table } from '../../../api/cli/table.ts';
import { bytesText, jsonLine, safe } from '../../../api/cli/terminal.ts';

describe('text from outside', () => {
  test('cannot steer the terminal', () => {
    expect(safe('a\x1b[31mred\x07\r\nb\x9b2J')).toBe('a\\x1b[31mred\\x07\\x0d\\x0ab\\x9b2J');
  });

  test('cannot turn the direction of writing', () => {
    expect(safe('photo\u202egpj.exe')).toBe('photo\\u{202e}gpj.exe');
  });

  test('keeps its letters', () => {
    expect(safe('Zoë 王 𝒳 – ½')).toBe('Zoë 王 𝒳 – ½');
  });

  test('as JSON is safe too, and says the same', () => {
    const value = { name: 'a\x1b[2J\x9b\u202e\u2028é' };
    const line = jsonLine(value);
    expect(line).toBe('{"name":"a\\u001b[2J\\u009b\\u202e\\u2028é"}');
    expect(JSON.parse(line)).toEqual(value);
  });

  test('stands in its cell of a table', () => {
    const text = table(
      [{ title: 'name' }, { title: 'count', align: 'right' }],
      [
        ['a\nb', '7'],
        ['Zoë', '1,000'],
      ],
    );
    expect(text).toBe('name    count\n------  -----\na\\x0ab      7\nZoë     1,000');
  });
});

test('sizes are told in the unit that suits them', () => {
  expect([0, 999, 1000, 123_456, 4_096_000_000].map(bytesText)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.0 kB',
    '123 kB',
    '4.1 GB',
  ]);
});

describe('a path that a server lists', () => {
  test.each(['manifest.json', 'frames/0001/20201201T003232/1.jpg', 'a b/ü.csv', '.hidden'])('%s is taken', (path) => {
    expect(isListedPath(path)).toBe(true);
  });

  test.each([
    '',
    '/etc/passwd',
    '../up',
    'a/../../b',
    'a/./b',
    'a//b',
    'a/',
    'C:/x',
    'a\\..\\b',
    '\\\\host\\x',
    'a\0b',
    'a\nb',
    'nul',
    'com1.txt',
    'dir/aux',
    'end.',
    'end ',
    '~/x/..',
    'x:stream',
    `${'long'.repeat(80)}`,
    'right\u202eleft',
  ])('%j is not', (path) => {
    expect(isListedPath(path)).toBe(false);
  });
});

describe('reasons', () => {
  test('as codes only get the sentence of this version', () => {
    expect(reasonsOf(['NO_GRANT', 'NO_GRANT'])).toEqual([
      {
        code: 'NO_GRANT',
        subject: null,
        sentence: 'You have no grant for this data; make an access request, or name a grant that you belong to.',
        whoActsNext: 'YOU',
      },
    ]);
  });

  test('of a newer server are shown as they came', () => {
    expect(reasonsOf([{ code: 'NEW_RULE', sentence: 'Wait for spring.', whoActsNext: 'STEWARD' }])).toEqual([
      { code: 'NEW_RULE', subject: null, sentence: 'Wait for spring.', whoActsNext: 'STEWARD' },
    ]);
  });

  test('of no sensible form do no harm', () => {
    expect(reasonsOf([null, 7, {}])).toEqual([{ code: 'UNKNOWN', subject: null, sentence: '', whoActsNext: null }]);
  });
});

describe('progress', () => {
  const written = (isTTY: boolean): string => {
    let text = '';
    const progress = progressOn({
      isTTY,
      write: (part: string | Uint8Array) => {
        text += part;
        return true;
      },
    });
    for (let done = 0; done <= 40; done += 1) progress.show('frames', done / 40, `frames ${done}`);
    progress.clear();
    return text;
  };

  test('is one line on a terminal, gone at the end', () => {
    expect(written(true).split('\n')).toHaveLength(1);
    expect(written(true).endsWith('\r\x1b[2K')).toBe(true);
  });

  test('is a line for each tenth elsewhere', () => {
    expect(written(false).trim().split('\n')).toEqual(
      [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40].map((done) => `frames ${done}`),
    );
  });
});
