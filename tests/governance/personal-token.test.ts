import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';
import { isMeantAsToken, isTokenText, latestExpiry, tokenSha256, tokenText } from '../../governance/personal-token.ts';
import { NOW } from './a-world.ts';

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('the text of a personal token', () => {
  it('always has the form that scanners look for, and its own checksum', () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const text = tokenText(random);
        expect(text).toMatch(/^iss_[0-9A-Za-z]{49}$/);
        expect(isTokenText(text)).toBe(true);
        expect(isMeantAsToken(text)).toBe(true);
      }),
    );
  });

  it('is another for other bytes, and holds all of them', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        expect(tokenText(one) === tokenText(other)).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)) === 0);
      }),
    );
    expect(tokenText(new Uint8Array(32))).toBe(`iss_${'0'.repeat(43)}${tokenText(new Uint8Array(32)).slice(-6)}`);
    expect(() => tokenText(new Uint8Array(31))).toThrow(RangeError);
    expect(isTokenText(tokenText(new Uint8Array(32).fill(255)))).toBe(true);
  });

  it('is known as mistyped when any one character is another, two neighbours are swapped, or some are missing', () => {
    fc.assert(
      fc.property(bytes, fc.nat({ max: 48 }), fc.nat({ max: 61 }), (random, place, digit) => {
        const text = tokenText(random);
        const at = 4 + place;
        const other = `${text.slice(0, at)}${DIGITS[digit]}${text.slice(at + 1)}`;
        expect(isTokenText(other)).toBe(other === text);
        const swapped = `${text.slice(0, at)}${text[at + 1] ?? ''}${text[at]}${text.slice(at + 2)}`;
        expect(isTokenText(swapped)).toBe(swapped === text);
        for (const cut of [text.slice(0, at), text.slice(1), `${text}0`, ` ${text}`, `${text}\n`])
          expect(isTokenText(cut)).toBe(false);
      }),
    );
  });

  it.each(['', 'iss_', 'eyJhbGciOi.a.b', `iss_${'!'.repeat(49)}`, `ISS_${'0'.repeat(49)}`])('is not %o', (text) => {
    expect(isTokenText(text)).toBe(false);
  });

  it('cannot be read from what is kept of it', () => {
    const text = tokenText(randomBytes(32));
    expect(tokenSha256(text)).toMatch(/^[0-9a-f]{64}$/);
    expect(tokenSha256(text)).not.toContain(text.slice(4, 20));
  });
});

describe('a token lives', () => {
  const days = (n: number): Date => new Date(NOW.getTime() + n * 86_400_000);
  it('no longer than its grant, and no longer than the policy lets it', () => {
    expect(latestExpiry(days(3), DEFAULT_POLICY, NOW)).toEqual(days(3));
    expect(latestExpiry(days(400), DEFAULT_POLICY, NOW)).toEqual(days(180));
    expect(latestExpiry(days(400), { ...DEFAULT_POLICY, tokenMaxDays: 1 }, NOW)).toEqual(days(1));
  });
});
