import { describe, expect, it } from 'vitest';
import {
  applyCertificateEvent,
  CERTIFICATE_REFUSALS,
  type Certificate,
  type CertificateClaim,
  type CertificateCommand,
  type CertificateContext,
  type CertificateOutcome,
  certificateFacts,
  decideCertificate,
} from '../../governance/certificate.ts';
import { certificateFileType } from '../../governance/certificate-file.ts';
import { account, facts, NOW } from './a-world.ts';

const at = NOW.toISOString();
const claim: CertificateClaim = {
  trainingType: 'HIPAA',
  course: 'citi-hipaa',
  completedOn: '2025-03-01',
  expiresOn: '2027-03-01',
  credentialId: '4711',
  fileSha256: 'b'.repeat(64),
};
const upload = (changes: Partial<CertificateClaim> = {}, fileBytes = 1_000): CertificateCommand => ({
  type: 'upload',
  claim: { ...claim, ...changes },
  fileBytes,
});

const owner: CertificateContext = {
  actor: { kind: 'account', accountId: 'ada' },
  facts: facts(),
  now: NOW,
  ownerInstitutionId: 'uni',
  ownerCoAuthors: [],
  newId: 'certificate-1',
};
const steward: CertificateContext = {
  ...owner,
  actor: { kind: 'account', accountId: 'sam' },
  facts: facts({ account: account({ id: 'sam', roles: ['steward'], institutionId: 'nih' }) }),
};

const having = (state: Certificate | null, command: CertificateCommand, context: CertificateContext): Certificate => {
  const outcome = decideCertificate(state, command, context);
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return applyCertificateEvent(state, outcome.event);
};
const codeOf = (outcome: CertificateOutcome): string => (outcome.ok ? 'done' : outcome.refusal.code);

const pending = (): Certificate => having(null, upload(), owner);
const seen = (): Certificate => having(pending(), { type: 'verify', how: 'SEEN' }, steward);
const rejected = (): Certificate => having(pending(), { type: 'reject', reason: 'Not readable.' }, steward);

describe('a certificate', () => {
  it('uploaded waits', () => {
    expect(decideCertificate(null, upload(), owner)).toEqual({
      ok: true,
      event: { type: 'CertificateUploaded', certificateId: 'certificate-1', ...claim, by: 'ada', at },
    });
    expect(certificateFacts(pending())).toEqual({
      id: 'certificate-1',
      accountId: 'ada',
      type: 'HIPAA',
      state: 'PENDING',
      completedOn: '2025-03-01',
      expiresOn: '2027-03-01',
      verifiedHow: null,
    });
  });

  it('is verified, as seen and later as looked up at its issuer', () => {
    expect(certificateFacts(seen())).toMatchObject({ state: 'VERIFIED', verifiedHow: 'SEEN' });
    const better = having(seen(), { type: 'verify', how: 'ISSUER' }, steward);
    expect(certificateFacts(better)).toMatchObject({ state: 'VERIFIED', verifiedHow: 'ISSUER' });
    expect(codeOf(decideCertificate(better, { type: 'verify', how: 'SEEN' }, steward))).toBe('WRONG_STATE');
  });

  it('is rejected with a reason, after it was verified too, and that is the end of it', () => {
    expect(having(seen(), { type: 'reject', reason: 'Forged.' }, steward)).toMatchObject({
      state: 'REJECTED',
      verifiedHow: null,
      rejectedFor: 'Forged.',
      decidedBy: 'sam',
    });
    expect(codeOf(decideCertificate(rejected(), { type: 'verify', how: 'ISSUER' }, steward))).toBe('WRONG_STATE');
    expect(codeOf(decideCertificate(rejected(), { type: 'reject', reason: 'Again.' }, steward))).toBe('WRONG_STATE');
  });

  const refusals: readonly [string, string, () => CertificateOutcome][] = [
    ['FORBIDDEN', 'its owner verifies it', () => decideCertificate(pending(), { type: 'verify', how: 'SEEN' }, owner)],
    [
      'FORBIDDEN',
      'its owner is a steward',
      () =>
        decideCertificate(
          pending(),
          { type: 'verify', how: 'SEEN' },
          { ...owner, facts: facts({ account: account({ roles: ['steward'] }) }) },
        ),
    ],
    [
      'FORBIDDEN',
      'the steward is of the same institution',
      () => decideCertificate(pending(), { type: 'verify', how: 'SEEN' }, { ...steward, ownerInstitutionId: 'nih' }),
    ],
    [
      'FORBIDDEN',
      'the steward is a recent co-author',
      () => decideCertificate(pending(), { type: 'verify', how: 'SEEN' }, { ...steward, ownerCoAuthors: ['sam'] }),
    ],
    ['WRONG_STATE', 'there is none', () => decideCertificate(null, { type: 'verify', how: 'SEEN' }, steward)],
    ['WRONG_STATE', 'it is uploaded upon another', () => decideCertificate(pending(), upload(), owner)],
    [
      'COURSE_NOT_ACCEPTED',
      'the course is of another training',
      () => decideCertificate(null, upload({ course: 'citi-coi' }), owner),
    ],
    [
      'CREDENTIAL_MISSING',
      'there is no credential id',
      () => decideCertificate(null, upload({ credentialId: ' ' }), owner),
    ],
    ['DATES_INVALID', 'it is of tomorrow', () => decideCertificate(null, upload({ completedOn: '2025-03-16' }), owner)],
    [
      'DATES_INVALID',
      'it has expired',
      () => decideCertificate(null, upload({ completedOn: '2024-01-01', expiresOn: '2025-03-14' }), owner),
    ],
    [
      'DATES_INVALID',
      "it is older than the policy's months",
      () => decideCertificate(null, upload({ completedOn: '2023-03-14', expiresOn: null }), owner),
    ],
    [
      'DATES_INVALID',
      'it ends before it was made',
      () => decideCertificate(null, upload({ expiresOn: '2025-02-28' }), owner),
    ],
    [
      'DATES_INVALID',
      'a day does not exist',
      () => decideCertificate(null, upload({ expiresOn: '2026-02-29' }), owner),
    ],
    ['FILE_TOO_LARGE', 'the file is empty', () => decideCertificate(null, upload({}, 0), owner)],
    ['FILE_TOO_LARGE', 'the file is too large', () => decideCertificate(null, upload({}, 10 * 1024 * 1024 + 1), owner)],
    [
      'REASON_MISSING',
      'no reason is given',
      () => decideCertificate(pending(), { type: 'reject', reason: '' }, steward),
    ],
  ];

  it.each(refusals)('is refused with %s when %s', (code, _, attempt) => {
    expect(codeOf(attempt())).toBe(code);
  });

  it('is refused in every way that there is', () => {
    expect(new Set(refusals.map(([code]) => code))).toEqual(new Set(Object.keys(CERTIFICATE_REFUSALS)));
  });

  it('has a history that begins with its upload', () => {
    expect(() => applyCertificateEvent(null, { type: 'CertificateVerified', how: 'SEEN', by: 'sam', at })).toThrow(
      'begins with',
    );
    expect(() =>
      applyCertificateEvent(pending(), { type: 'CertificateUploaded', certificateId: 'x', ...claim, by: 'ada', at }),
    ).toThrow('twice');
  });
});

describe("a certificate's file", () => {
  it('is what its first bytes say, whatever its name', () => {
    const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    expect(certificateFileType(bytes('%PDF-1.7'))).toBe('application/pdf');
    expect(certificateFileType(bytes('\x89PNG\r\n\x1a\nrest'))).toBe('image/png');
    expect(certificateFileType(bytes('\xff\xd8\xff\xe0'))).toBe('image/jpeg');
    expect([bytes('<html>'), bytes(' %PDF-'), bytes('\x89PNG'), bytes('')].map(certificateFileType)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
