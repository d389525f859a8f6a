import { describe, expect, it } from 'vitest';
import { COUNTRIES, isCountry } from '../../governance/countries.ts';
import { parseRor } from '../../governance/ror.ts';

// Identifiers of the NIH, the NCI, Harvard and Stanford, as the registry gives them.
const REAL = ['01cwqze88', '040gcmg81', '03vek6s52', '00f54p054'];

describe('a ROR identifier', () => {
  it.each(REAL)('%s is read bare and as an address, in small letters', (id) => {
    for (const text of [
      id,
      `ror.org/${id}`,
      `${'https:'}//ror.org/${id}`,
      ` ${id.toUpperCase()} `,
      `www.ror.org/${id}`,
    ])
      expect(parseRor(text)).toBe(id);
  });

  it('with any one character changed, or two neighbours swapped, is found out', () => {
    let wrong = 0;
    for (const id of REAL)
      for (let at = 1; at < id.length; at++) {
        for (const other of '0123456789abcdefghjkmnpqrstvwxyz') {
          if (other === id[at]) continue;
          wrong += 1;
          expect(parseRor(id.slice(0, at) + other + id.slice(at + 1))).toBeNull();
        }
        const swapped = id.slice(0, at) + (id[at + 1] ?? '') + id[at] + id.slice(at + 2);
        if (swapped !== id && swapped.length === id.length) expect(parseRor(swapped)).toBeNull();
      }
    expect(wrong).toBe(REAL.length * 8 * 31);
  });

  it.each([
    '',
    '1cwqze88',
    '01cwqze888',
    'x01cwqze88',
    '01cwqze88/..',
    '01cwqil88',
    '01cwqze8٨',
  ])('is not %j', (text) => {
    expect(parseRor(text)).toBeNull();
  });
});

describe('a country', () => {
  it('is one of the 249 codes of ISO 3166-1, in capitals', () => {
    expect(COUNTRIES.size).toBe(249);
    expect(['US', 'DE', 'TW', 'ZZ', 'XK', 'EU', 'us', 'USA', ''].map(isCountry)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
