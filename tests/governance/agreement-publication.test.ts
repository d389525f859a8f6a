import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AgreementSignature,
  type AgreementVersion,
  agreementStanding,
  graceEnd,
  signsInForce,
} from '../../governance/agreement.ts';
import {
  type AgreementDraft,
  agreementText,
  decidePublication,
  mustSign,
  PUBLICATION_REFUSALS,
  type Signer,
} from '../../governance/agreement-publication.ts';
import { addDays } from '../../governance/calendar.ts';
import { sha256 } from '../../governance/canonical.ts';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';

const ZONE = DEFAULT_POLICY.timeZone;
// 8 in the morning of 15 March in New York.
const NOW = new Date('2025-03-15T12:00:00Z');
const version = (number: number, effectiveOn: string, graceDays = 0, editorial = false): AgreementVersion => ({
  ...{ version: number, effectiveOn, graceDays, editorial },
  sha256: sha256(`Text ${number}`),
});
const first = version(1, '2024-01-01');
const draft = (changes: Partial<AgreementDraft> = {}): AgreementDraft => ({
  version: 2,
  title: 'Agreement',
  text: 'Text 2',
  effectiveOn: '2025-04-01',
  graceDays: 30,
  editorial: false,
  ...changes,
});
const decided = (changes: Partial<AgreementDraft> = {}, versions: readonly AgreementVersion[] = [first], now = NOW) =>
  decidePublication(versions, draft(changes), DEFAULT_POLICY, now);
const codeOf = (...given: Parameters<typeof decided>) => {
  const outcome = decided(...given);
  return outcome.ok ? 'done' : outcome.code;
};

describe('a version', () => {
  it('is published with its text as everybody reads it, and the hash of that', () => {
    expect(decided({ text: '  One.\r\nTwo.\rU\u0308bung.\n\n' })).toEqual({
      ok: true,
      agreement: {
        version: 2,
        title: 'Agreement',
        text: 'One.\nTwo.\nÜbung.',
        sha256: sha256('One.\nTwo.\nÜbung.'),
        effectiveOn: '2025-04-01',
        graceDays: 30,
        editorial: false,
      },
    });
    expect(agreementText(agreementText(' a\r\nb '))).toBe('a\nb');
  });

  it.each([
    ['takes effect today, with no grace', { effectiveOn: '2025-03-15', graceDays: 0 }, 'done'],
    ['took effect yesterday', { effectiveOn: '2025-03-14' }, 'DAY_INVALID'],
    ['takes effect in a year', { effectiveOn: '2026-03-15' }, 'done'],
    ['takes effect later than that', { effectiveOn: '2026-03-16' }, 'DAY_INVALID'],
    ['takes effect in the year 9999', { effectiveOn: '9999-12-31' }, 'DAY_INVALID'],
    ['takes effect on no day', { effectiveOn: '2025-02-29' }, 'DAY_INVALID'],
    ["takes the policy's grace", { graceDays: null }, 'done'],
    ['has a negative grace', { graceDays: -1 }, 'GRACE_INVALID'],
    ['has half a day of grace', { graceDays: 0.5 }, 'GRACE_INVALID'],
    ['has a year of grace', { graceDays: 365 }, 'done'],
    ['has more than that', { graceDays: 366 }, 'GRACE_INVALID'],
    ['is editorial', { editorial: true, graceDays: null }, 'done'],
    ['is editorial, with a grace', { editorial: true, graceDays: 1 }, 'GRACE_INVALID'],
    ['has no text', { text: ' \n ' }, 'TEXT_MISSING'],
    ['has no title', { title: ' ' }, 'TEXT_MISSING'],
    ['has a title like a text', { title: 'x'.repeat(201) }, 'TEXT_MISSING'],
    ['has a text like a library', { text: 'x'.repeat(200_001) }, 'TEXT_MISSING'],
    ['says what the one before says', { text: 'Text 1' }, 'TEXT_UNCHANGED'],
    ['says so in other lines', { text: '\r\nText 1 ' }, 'TEXT_UNCHANGED'],
    ['has a number that is taken', { version: 1 }, 'VERSION_TAKEN'],
    ['leaves a gap', { version: 3 }, 'VERSION_TAKEN'],
  ] as const)('that %s: %s%s', (_, changes, code) => {
    expect(codeOf(changes)).toBe(code);
  });

  it('that is the first is no editorial one', () => {
    expect(codeOf({ version: 1 }, [])).toBe('done');
    expect(codeOf({ version: 1, editorial: true, graceDays: 0 }, [])).toBe('EDITORIAL_FIRST');
    expect(Object.keys(PUBLICATION_REFUSALS)).toHaveLength(6);
  });

  it("takes effect today by the study's calendar, not by the world's clock", () => {
    const late = new Date('2025-03-16T03:59:59Z'); // still the 15th in New York
    expect(codeOf({ effectiveOn: '2025-03-15' }, [first], late)).toBe('done');
    expect(codeOf({ effectiveOn: '2025-03-15' }, [first], new Date('2025-03-16T04:00:00Z'))).toBe('DAY_INVALID');
  });
});

describe('who has to sign', () => {
  const signature = (number: number, as: AgreementSignature['as'] = 'MEMBER', signedAt = '2024-06-01T00:00:00Z') => ({
    ...{ accountId: 'ada', version: number, as },
    signedAt: new Date(signedAt),
  });
  const signer = (...versions: number[]): Signer => ({
    ...{ accountId: 'ada', grantId: 'g', as: 'MEMBER' },
    signatures: versions.map((number) => signature(number)),
  });
  const next = version(2, '2025-04-01', 30);
  const losers = (of: Signer[], what = next, versions = [first]) => mustSign(versions, what, of, ZONE, NOW);

  it('is whose signature would end with the grace', () => {
    expect(losers([signer(1)])).toEqual([
      { accountId: 'ada', grantId: 'g', as: 'MEMBER', until: graceEnd(next, ZONE) },
    ]);
  });

  it('is nobody by an editorial version, and nobody who has nothing that counts', () => {
    expect(losers([signer(1)], version(2, '2025-04-01', 0, true))).toEqual([]);
    expect(losers([signer()])).toEqual([]);
    const outdated = [first, version(2, '2025-01-01', 0)];
    expect(losers([signer(1)], version(3, '2025-04-01'), outdated)).toEqual([]);
    expect(losers([signer(2)], version(3, '2025-04-01'), outdated)).toHaveLength(1);
  });

  it('is who loses it at once, where the version takes effect today without grace', () => {
    const today = version(2, '2025-03-15', 0);
    expect(losers([signer(1)], today)).toEqual([
      { accountId: 'ada', grantId: 'g', as: 'MEMBER', until: NOW.getTime() },
    ]);
  });

  it('is exactly who loses access by it: any versions, signatures and days', () => {
    const day = fc.integer({ min: -400, max: 300 }).map((days) => addDays('2025-03-15', days));
    const grace = fc.constantFrom(0, 1, 7, 30, 365);
    fc.assert(
      fc.property(
        fc.array(fc.record({ on: day, grace, editorial: fc.boolean() }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 4 }),
        fc.integer({ min: 0, max: 300 }),
        grace,
        (made, signed, ahead, days) => {
          const versions = made.map((one, index) => version(index + 1, one.on, one.grace, index > 0 && one.editorial));
          const coming = version(versions.length + 1, addDays('2025-03-15', ahead), days);
          const who = signer(...signed.filter((number) => number <= versions.length));
          const at = new Date(Math.max(graceEnd(coming, ZONE), NOW.getTime()));
          const stands = (all: AgreementVersion[]) =>
            agreementStanding(all, who.signatures, at, ZONE).standing === 'SIGNED';
          const told = losers([who], coming, versions).length === 1;
          expect(told).toBe(stands(versions) && !stands([...versions, coming]));
          // Who signs the new one keeps it, at the edge and a moment before.
          const kept = { ...who, signatures: [...who.signatures, signature(coming.version)] };
          if (told) {
            const after = agreementStanding([...versions, coming], kept.signatures, at, ZONE);
            expect(after.standing).toBe('SIGNED');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a signature ahead of or behind the version in force', () => {
  const versions = [first, version(2, '2025-02-01', 0, true), version(3, '2025-03-01', 7), version(4, '2025-06-01')];
  it.each([
    // signed, in force, is enough to send a request in
    [1, 1, true],
    [1, 2, true], // only words changed
    [1, 3, false],
    [2, 3, false],
    [3, 3, true],
    [4, 3, false], // announced: it does not count yet
    [9, 3, false],
  ])('version %i, with %i in force: %s', (signed, inForce, enough) => {
    expect(signsInForce(versions, signed, versions[inForce - 1]!)).toBe(enough);
  });
});

describe('the end of a grace', () => {
  it.each([
    // effective, days, zone, the instant
    ['2024-02-28', 1, ZONE, '2024-02-29T05:00:00.000Z'], // a leap day
    ['2023-02-28', 1, ZONE, '2023-03-01T05:00:00.000Z'],
    ['2025-03-08', 1, ZONE, '2025-03-09T05:00:00.000Z'], // clocks go forward on the 9th
    ['2025-03-09', 1, ZONE, '2025-03-10T04:00:00.000Z'],
    ['2025-11-01', 1, ZONE, '2025-11-02T04:00:00.000Z'], // and back on 2 November
    ['2025-11-02', 1, ZONE, '2025-11-03T05:00:00.000Z'],
    ['2025-03-15', 0, 'Pacific/Kiritimati', '2025-03-14T10:00:00.000Z'],
    ['2025-03-15', 0, 'Pacific/Pago_Pago', '2025-03-15T11:00:00.000Z'],
    ['2024-12-31', 365, 'UTC', '2025-12-31T00:00:00.000Z'],
  ])('%s and %i days in %s is %s, to the millisecond', (effectiveOn, days, zone, end) => {
    const versions = [first, version(2, effectiveOn, days)];
    const mine: AgreementSignature[] = [
      { accountId: 'ada', version: 1, as: 'MEMBER', signedAt: new Date('2023-01-01T00:00:00Z') },
    ];
    const old = [{ ...first, effectiveOn: '2020-01-01' }, versions[1]!];
    const at = (time: number) => agreementStanding(old, mine, new Date(time), zone).standing;
    expect(new Date(graceEnd(versions[1]!, zone)).toISOString()).toBe(end);
    expect([at(Date.parse(end) - 1), at(Date.parse(end))]).toEqual(['SIGNED', 'OUTDATED']);
  });
});
