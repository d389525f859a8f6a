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

const verify = (how: 'SEEN' | 'ISSUER', file = claim.fileSha256): CertificateCommand => ({
  type: 'verify',
  how,
  seen: file,
});

const replaceFile = (fileBytes = 10): CertificateCommand => ({
  type: 'replaceFile',
  fileSha256: 'c'.repeat(64),
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
const seen = (): Certificate => having(pending(), verify('SEEN'), steward);
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
    const better = having(seen(), verify('ISSUER'), steward);
    expect(certificateFacts(better)).toMatchObject({ state: 'VERIFIED', verifiedHow: 'ISSUER' });
    expect(codeOf(decideCertificate(better, verify('SEEN'), steward))).toBe('WRONG_STATE');
  });

  it('is rejected with a reason, after it was verified too, and that is the end of it', () => {
    expect(having(seen(), { type: 'reject', reason: 'Forged.' }, steward)).toMatchObject({
      state: 'REJECTED',
      verifiedHow: null,
      rejectedFor: 'Forged.',
      decidedBy: 'sam',
    });
    expect(codeOf(decideCertificate(rejected(), verify('ISSUER'), steward))).toBe('WRONG_STATE');
    expect(codeOf(decideCertificate(rejected(), { type: 'reject', reason: 'Again.' }, steward))).toBe('WRONG_STATE');
  });

  const refusals: readonly [string, string, () => CertificateOutcome][] = [
    ['FORBIDDEN', 'its owner verifies it', () => decideCertificate(pending(), verify('SEEN'), owner)],
    [
      'FORBIDDEN',
      'its owner is a steward',
      () =>
        decideCertificate(pending(), verify('SEEN'), {
          ...owner,
          facts: facts({ account: account({ roles: ['steward'] }) }),
        }),
    ],
    [
      'FORBIDDEN',
      'the steward is of the same institution',
      () => decideCertificate(pending(), verify('SEEN'), { ...steward, ownerInstitutionId: 'nih' }),
    ],
    [
      'FORBIDDEN',
      'the steward is a recent co-author',
      () => decideCertificate(pending(), verify('SEEN'), { ...steward, ownerCoAuthors: ['sam'] }),
    ],
    ['WRONG_STATE', 'there is none', () => decideCertificate(null, verify('SEEN'), steward)],
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
      'CREDENTIAL_MISSING',
      'the credential id has characters that a terminal obeys',
      () => decideCertificate(null, upload({ credentialId: 'A-1\u001b[2J\u202e' }), owner),
    ],
    [
      'DATES_INVALID',
      'it ends on the last day that a calendar has',
      () => decideCertificate(null, upload({ expiresOn: '9999-12-31' }), owner),
    ],
    [
      'DATES_INVALID',
      'a day does not exist',
      () => decideCertificate(null, upload({ expiresOn: '2026-02-29' }), owner),
    ],
    ['FILE_TOO_LARGE', 'the file is empty', () => decideCertificate(null, upload({}, 0), owner)],
    ['FILE_TOO_LARGE', 'the file is too large', () => decideCertificate(null, upload({}, 10 * 1024 * 1024 + 1), owner)],
    [
      'CREDENTIAL_MISSING',
      'the credential id is a novel',
      () => decideCertificate(null, upload({ credentialId: 'x'.repeat(201) }), owner),
    ],
    [
      'DATES_INVALID',
      'it would last for more than ten years',
      () => decideCertificate(null, upload({ expiresOn: '2035-03-02' }), owner),
    ],
    [
      'FILE_CHANGED',
      'the file is another than the one that was seen',
      () => decideCertificate(pending(), verify('SEEN', 'c'.repeat(64)), steward),
    ],
    ['NOT_OWNER', 'somebody else withdraws it', () => decideCertificate(pending(), { type: 'withdraw' }, steward)],
    ['FILE_TOO_LARGE', 'its new file is empty', () => decideCertificate(pending(), replaceFile(0), owner)],
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

  it('lasts for ten years at most', () => {
    expect(decideCertificate(null, upload({ expiresOn: '2035-03-01' }), owner).ok).toBe(true);
  });

  it('gets another file while it waits, and is verified as that one alone', () => {
    const other = having(pending(), replaceFile(), owner);
    expect(other).toEqual({ ...pending(), fileSha256: 'c'.repeat(64) });
    expect(codeOf(decideCertificate(other, verify('SEEN'), steward))).toBe('FILE_CHANGED');
    expect(having(other, verify('SEEN', 'c'.repeat(64)), steward).state).toBe('VERIFIED');
  });

  it('that its owner withdrew counts for nothing', () => {
    const gone = having(seen(), { type: 'withdraw' }, owner);
    expect(gone).toMatchObject({ state: 'WITHDRAWN', verifiedHow: null });
    expect(certificateFacts(gone)).toMatchObject({ state: 'REJECTED', verifiedHow: null });
  });

  describe('in each state, by each command of who may', () => {
    const looked = () => having(pending(), verify('ISSUER'), steward);
    const states = {
      none: () => null,
      PENDING: pending,
      'VERIFIED (seen)': seen,
      'VERIFIED (issuer)': looked,
      REJECTED: rejected,
      REPLACED: (): Certificate => ({ ...pending(), state: 'REPLACED' }),
      WITHDRAWN: () => having(pending(), { type: 'withdraw' }, owner),
    };
    const commands: Record<string, readonly [CertificateCommand, CertificateContext]> = {
      upload: [upload(), owner],
      replaceFile: [replaceFile(), owner],
      withdraw: [{ type: 'withdraw' }, owner],
      'verify as seen': [verify('SEEN'), steward],
      'verify as looked up': [verify('ISSUER'), steward],
      reject: [{ type: 'reject', reason: 'No.' }, steward],
    };
    /** Rows: states; columns: commands, in the order above; x where it is done. */
    const table: Record<keyof typeof states, string> = {
      none: 'x.....',
      PENDING: '.xxxxx',
      'VERIFIED (seen)': '..x.xx',
      'VERIFIED (issuer)': '..x..x',
      REJECTED: '......',
      REPLACED: '......',
      WITHDRAWN: '......',
    };
    for (const [name, state] of Object.entries(states)) {
      it.each(
        Object.keys(commands).map(
          (command, index) => [command, table[name as keyof typeof states][index] === 'x'] as const,
        ),
      )(`${name}: %s -> %s`, (command, done) => {
        const [given, context] = commands[command]!;
        expect(codeOf(decideCertificate(state(), given, context))).toBe(done ? 'done' : 'WRONG_STATE');
      });
    }

    it('and by nobody else', () => {
      const eve: CertificateContext = {
        ...owner,
        actor: { kind: 'account', accountId: 'eve' },
        facts: facts({ account: account({ id: 'eve' }) }),
      };
      const nobody: CertificateContext = { ...owner, actor: { kind: 'anonymous' } };
      const token: CertificateContext = { ...owner, actor: { kind: 'account', accountId: 'ada', tokenGrantId: 'g' } };
      for (const [command] of Object.values(commands).slice(1)) {
        const codes = [eve, nobody, token].map((who) => codeOf(decideCertificate(seen(), command, who)));
        const own = command.type === 'replaceFile' || command.type === 'withdraw';
        expect(codes).toEqual([own ? 'NOT_OWNER' : 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
      }
    });
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
