import { describe, expect, it } from 'vitest';
import { type AgreementSignature, type AgreementVersion, agreementStanding } from '../../governance/agreement.ts';
import { certificateEnd, trainingStanding } from '../../governance/certificate-standing.ts';
import { decide } from '../../governance/decide.ts';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';
import type { CertificateFacts, Facts } from '../../governance/facts.ts';
import { isEligible } from '../../governance/institution.ts';
import { certificate, facts, grant, NOW, release, researcher } from './a-world.ts';

const ZONE = DEFAULT_POLICY.timeZone;
const iso = (time: number): string => new Date(time).toISOString();
const reads = (given: Facts, at: string): boolean =>
  decide(researcher, 'READ', { kind: 'modality', modality: 'VIDEO', release }, given, new Date(at)).allow;

describe('a certificate', () => {
  const standing = (certificates: readonly CertificateFacts[], at: string) =>
    trainingStanding(certificates, 'ada', 'HIPAA', 'SEEN', DEFAULT_POLICY, new Date(at));

  it('counts to the last moment of its last day in the study, winter or summer', () => {
    const winter = [certificate({ expiresOn: '2025-12-01' })];
    expect(standing(winter, '2025-12-02T04:59:59.999Z').standing).toBe('MET');
    expect(standing(winter, '2025-12-02T05:00:00Z').standing).toBe('EXPIRED');
    const summer = [certificate({ expiresOn: '2025-07-01' })];
    expect(standing(summer, '2025-07-02T03:59:59.999Z').standing).toBe('MET');
    expect(standing(summer, '2025-07-02T04:00:00Z').standing).toBe('EXPIRED');
  });

  it('of several counts the one that ends last, in whatever order, and a rejected one is none', () => {
    const [early, late] = [
      certificate({ id: 'early', expiresOn: '2025-06-01' }),
      certificate({ id: 'late', expiresOn: '2025-09-01' }),
    ];
    for (const order of [
      [early, late],
      [late, early],
    ]) {
      expect(standing(order, '2025-05-01T00:00:00Z')).toMatchObject({ standing: 'MET', certificateId: 'late' });
      expect(standing(order, '2025-12-01T00:00:00Z')).toMatchObject({ standing: 'EXPIRED', certificateId: 'late' });
    }
    const rejected = certificate({ state: 'REJECTED', expiresOn: '2025-09-01' });
    expect(standing([rejected], '2025-05-01T00:00:00Z').standing).toBe('MISSING');
    expect(standing([rejected], '2025-12-01T00:00:00Z').standing).toBe('MISSING');
  });

  it('only seen is not verified where the issuer has to be asked', () => {
    const seen = [certificate({ verifiedHow: 'SEEN', expiresOn: '2025-09-01' })];
    const asked = (how: 'SEEN' | 'ISSUER') =>
      trainingStanding(seen, 'ada', 'HIPAA', how, DEFAULT_POLICY, new Date('2025-05-01T00:00:00Z')).standing;
    expect([asked('SEEN'), asked('ISSUER')]).toEqual(['MET', 'UNVERIFIED']);
  });

  it('on the day that clocks go forward, ends an hour sooner by the clock of the world', () => {
    expect(iso(certificateEnd(certificate({ expiresOn: '2025-03-08' }), DEFAULT_POLICY))).toBe(
      '2025-03-09T05:00:00.000Z',
    );
    expect(iso(certificateEnd(certificate({ expiresOn: '2025-03-09' }), DEFAULT_POLICY))).toBe(
      '2025-03-10T04:00:00.000Z',
    );
  });

  it("without an expiry lasts the policy's months, a leap day to 28 February", () => {
    const open = certificate({ type: 'INFORMATION_SECURITY', completedOn: '2024-02-29', expiresOn: null });
    expect(iso(certificateEnd(open, DEFAULT_POLICY))).toBe('2025-03-01T05:00:00.000Z');
  });

  it('ends access by the date alone, with nobody doing anything', () => {
    const given = facts({ certificates: facts().certificates.map((one) => ({ ...one, expiresOn: '2025-06-30' })) });
    expect(reads(given, '2025-07-01T03:59:59.999Z')).toBe(true);
    expect(reads(given, '2025-07-01T04:00:00Z')).toBe(false);
  });

  it('is replaced by a newer one without a gap, and a pending or rejected one takes nothing away', () => {
    const old = certificate({ id: 'old', expiresOn: '2025-04-01' });
    const next = certificate({ id: 'new', completedOn: '2025-03-10', expiresOn: '2026-03-10' });
    expect(standing([old, { ...next, state: 'PENDING', verifiedHow: null }], '2025-03-15T12:00:00Z')).toMatchObject({
      standing: 'MET',
      certificateId: 'old',
    });
    expect(standing([old, { ...next, state: 'REJECTED' }], '2025-03-15T12:00:00Z')).toMatchObject({
      certificateId: 'old',
    });
    expect(standing([next, old], '2025-04-01T12:00:00Z')).toMatchObject({ standing: 'MET', certificateId: 'new' });
    expect(standing([old, next], '2025-05-01T12:00:00Z')).toMatchObject({ standing: 'MET', certificateId: 'new' });
    const waiting = [old, { ...next, state: 'PENDING' as const, verifiedHow: null }];
    expect(standing(waiting, '2025-05-01T12:00:00Z').standing).toBe('UNVERIFIED');
  });

  it('that nobody verified before it ran out was never training', () => {
    const late = certificate({ state: 'PENDING', verifiedHow: null, expiresOn: '2025-01-01' });
    expect(standing([late], '2025-03-15T12:00:00Z').standing).toBe('MISSING');
  });
});

describe('the agreement', () => {
  const version = (number: number, effectiveOn: string, graceDays: number, editorial = false): AgreementVersion => ({
    version: number,
    effectiveOn,
    graceDays,
    editorial,
  });
  const signed = (...versions: number[]): AgreementSignature[] =>
    versions.map((number) => ({
      accountId: 'ada',
      version: number,
      as: 'MEMBER',
      signedAt: new Date('2024-06-01T00:00:00Z'),
    }));
  const standing = (versions: AgreementVersion[], signatures: AgreementSignature[], at: string) =>
    agreementStanding(versions, signatures, new Date(at), ZONE);
  const first = version(1, '2024-01-01', 0);

  it('stands signed until the grace of a newer version is over', () => {
    const versions = [first, version(2, '2025-03-01', 30)];
    // 1 March and thirty days is 31 March, which begins under summer time.
    expect(standing(versions, signed(1), '2025-03-31T03:59:59.999Z')).toEqual({
      standing: 'SIGNED',
      signed: 1,
      until: Date.parse('2025-03-31T04:00:00Z'),
    });
    expect(standing(versions, signed(1), '2025-03-31T04:00:00Z')).toEqual({ standing: 'OUTDATED', signed: 1 });
    expect(standing(versions, signed(1, 2), '2025-03-31T04:00:00Z')).toEqual({
      standing: 'SIGNED',
      signed: 2,
      until: null,
    });
  });

  it('stands by the newest of several signatures, in whatever order they are kept, and one of an unknown version is none', () => {
    const versions = [first, version(2, '2025-03-01', 0)];
    for (const order of [signed(1, 2), signed(2, 1), signed(2, 1, 2)])
      expect(standing(versions, order, '2025-04-01T00:00:00Z')).toMatchObject({ standing: 'SIGNED', signed: 2 });
    const gap = [first, version(3, '2025-03-01', 0)];
    expect(standing(gap, signed(2), '2025-04-01T00:00:00Z').standing).toBe('UNSIGNED');
    expect(standing(gap, signed(1, 2), '2025-04-01T00:00:00Z')).toEqual({ standing: 'OUTDATED', signed: 1 });
  });

  it('ends with the first grace that runs out, whichever version has it', () => {
    const [long, short] = [version(2, '2025-03-01', 60), version(3, '2025-03-10', 5)];
    for (const versions of [
      [first, long, short],
      [short, long, first],
    ]) {
      expect(standing(versions, signed(1), '2025-03-14T00:00:00Z').standing).toBe('SIGNED');
      expect(standing(versions, signed(1), '2025-03-16T00:00:00Z').standing).toBe('OUTDATED');
    }
  });

  it('with a grace of zero ends the moment that the newer version begins', () => {
    const versions = [first, version(2, '2025-03-01', 0)];
    expect(standing(versions, signed(1), '2025-03-01T04:59:59.999Z').standing).toBe('SIGNED');
    expect(standing(versions, signed(1), '2025-03-01T05:00:00Z').standing).toBe('OUTDATED');
    const given = facts({ agreements: versions });
    expect([reads(given, '2025-03-01T04:59:59.999Z'), reads(given, '2025-03-01T05:00:00Z')]).toEqual([true, false]);
  });

  it('needs no new signature for an editorial version, but for the terms before it', () => {
    const editorial = [first, version(2, '2025-02-01', 0, true)];
    expect(standing(editorial, signed(1), '2025-03-01T00:00:00Z').standing).toBe('SIGNED');
    const both = [...editorial, version(3, '2025-02-15', 7), version(4, '2025-02-20', 0, true)];
    expect(standing(both, signed(1), '2025-02-21T00:00:00Z').standing).toBe('SIGNED');
    expect(standing(both, signed(1), '2025-02-22T05:00:00Z').standing).toBe('OUTDATED');
    expect(standing(both, signed(3), '2025-03-01T00:00:00Z').standing).toBe('SIGNED');
  });

  it('signed ahead of its day counts from its day, and the one before until then', () => {
    const versions = [first, version(2, '2025-03-01', 0)];
    expect(standing(versions, signed(2), '2025-02-01T00:00:00Z').standing).toBe('UNSIGNED');
    expect(standing(versions, signed(1, 2), '2025-02-01T00:00:00Z')).toMatchObject({ standing: 'SIGNED', signed: 1 });
    expect(standing(versions, signed(2), '2025-03-01T05:00:00Z')).toMatchObject({ standing: 'SIGNED', signed: 2 });
  });

  it('that does not exist, or is not in force, is signed by nobody', () => {
    expect(standing([], signed(1), '2025-03-01T00:00:00Z').standing).toBe('UNSIGNED');
    expect(standing([version(1, '2026-01-01', 0)], signed(1), '2025-03-01T00:00:00Z').standing).toBe('UNSIGNED');
    expect(standing([first], signed(7), '2025-03-01T00:00:00Z').standing).toBe('UNSIGNED');
    expect(standing([first], signed(1), '2024-05-31T23:59:59Z').standing).toBe('UNSIGNED');
  });
});

describe('a grant', () => {
  it('counts from its first moment up to, and without, its last', () => {
    const given = facts({ grants: [grant({ start: NOW, end: new Date('2025-03-16T12:00:00Z') })] });
    expect(
      ['2025-03-15T11:59:59.999Z', '2025-03-15T12:00:00Z', '2025-03-16T11:59:59.999Z', '2025-03-16T12:00:00Z'].map(
        (at) => reads(given, at),
      ),
    ).toEqual([false, true, true, false]);
  });
});

describe('an institution', () => {
  it('suspended until a date is eligible again from then on', () => {
    const until = (end: Date | null) =>
      isEligible(
        {
          id: 'uni',
          country: 'US',
          verified: true,
          suspensions: [{ from: new Date('2025-01-01T00:00:00Z'), until: end }],
        },
        DEFAULT_POLICY,
        NOW,
      );
    expect([until(NOW), until(new Date(NOW.getTime() + 1)), until(null)]).toEqual([true, false, false]);
    expect(isEligible(null, DEFAULT_POLICY, NOW)).toBe(false);
  });
});
