import { describe, expect, it } from 'vitest';
import {
  type AgreementVersion,
  agreementInForce,
  agreementStanding,
  signedText,
  signsInForce,
} from '../../governance/agreement.ts';

const ZONE = 'America/New_York';
const NOW = new Date('2025-03-15T12:00:00Z');
const version = (number: number, effectiveOn: string): AgreementVersion => ({
  ...{ version: number, effectiveOn, graceDays: 30, editorial: false },
});
const first = version(1, '2024-01-01');
const second = version(2, '2025-01-01');

describe('the version in force', () => {
  it('is the newest that has begun, in whatever order they are kept', () => {
    const coming = version(3, '2025-03-16');
    for (const versions of [
      [first, second, coming],
      [coming, second, first],
    ])
      expect(agreementInForce(versions, NOW, ZONE)).toBe(second);
  });
});

describe('a signature', () => {
  it('counts from the very moment that it is given', () => {
    const given = (signedAt: Date) =>
      agreementStanding([first], [{ accountId: 'ada', version: 1, as: 'MEMBER', signedAt }], NOW, ZONE).standing;
    expect([given(NOW), given(new Date(NOW.getTime() + 1))]).toEqual(['SIGNED', 'UNSIGNED']);
  });

  it('of a version that is not known says nothing of the one in force', () => {
    expect([signsInForce([first, second], 2, second), signsInForce([second], 1, second)]).toEqual([true, false]);
    expect(signsInForce([{ ...second, editorial: true }], 1, second)).toBe(false);
  });

  it('records the hash of the text and the typed name, where there are such', () => {
    const sha256 = 'a'.repeat(64);
    expect(signedText({ sha256 }, 'Ada Lovelace')).toEqual({ textSha256: sha256, typedName: 'Ada Lovelace' });
    for (const none of [null, undefined]) expect(Object.keys(signedText({ sha256 }, none))).toEqual(['textSha256']);
    expect(Object.keys(signedText(first, 'Ada'))).toEqual(['typedName']);
  });
});
