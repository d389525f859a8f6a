import type { Actor } from '../../../governance/actor.ts';
import { certificateEnd } from '../../../governance/certificate-standing.ts';
import type { Policy } from '../../../governance/policy.ts';
import { TRAINING_TYPES } from '../../../governance/training.ts';
import type {
  CertificateCommands,
  CertificateDetails,
  CertificateResult,
} from '../../../schema/services/certificates.ts';
import type { CommandDeps } from '../command-deps.ts';
import type { TicketOffice } from '../files/ticket.ts';
import { peopleOf } from '../people.ts';
import { permitOf, refusedFor } from '../permit.ts';
import type { CertificateService, CertificateResult as Decided, StoredCertificate } from './certificate-service.ts';
import { currentPolicy } from './policy.ts';

type FailureCode = Exclude<Extract<Decided, { ok: false }>['code'], 'FORBIDDEN'>;

/** Training certificates by one actor: handed in, decided, looked at. The rules of a decision are the service's. */
export function certificateCommands(
  deps: CommandDeps & { readonly tickets: TicketOffice },
  certificates: CertificateService,
  actor: Actor,
): CertificateCommands {
  const { database, clock } = deps;
  const permit = permitOf(deps, actor);
  const policyNow = (): Promise<Policy> => currentPolicy(database, clock.now());

  async function details(stored: readonly StoredCertificate[]): Promise<CertificateDetails[]> {
    if (stored.length === 0) return [];
    const people = await peopleOf(
      database,
      stored.map(({ accountId }) => accountId),
    );
    const policy = await policyNow();
    return stored.map((one) => ({
      id: one.id,
      owner: people.get(one.accountId) ?? { id: one.accountId, name: '', email: '', institution: null },
      type: one.trainingType,
      course: one.course,
      state: one.state,
      completedOn: one.completedOn,
      expiresOn: one.expiresOn,
      endsAt: new Date(certificateEnd({ ...one, type: one.trainingType }, policy)),
      credentialId: one.credentialId,
      uploadedAt: new Date(one.uploadedAt),
      verifiedHow: one.verifiedHow,
      rejectedFor: one.rejectedFor,
      contentType: one.contentType,
      fileSha256: one.fileSha256,
    }));
  }

  /** @param codes how this command can fail; anything else is a bug */
  async function told<Code extends string>(
    result: Decided,
    codes: Readonly<Partial<Record<FailureCode, Code>>>,
  ): Promise<CertificateResult<Code>> {
    if (result.ok) {
      const [certificate] = await details([result.certificate]);
      if (certificate === undefined) throw new Error('a certificate without details');
      return { ok: true, certificate };
    }
    if (result.code === 'FORBIDDEN') return refusedFor(result.reasons);
    const code = codes[result.code];
    if (code === undefined) throw new Error(`a certificate's command failed with ${result.code}`);
    return { ok: false, code, message: result.message };
  }

  return {
    async upload({ type, ...claim }) {
      const allowed = await permit('UPLOAD_CERTIFICATE', { command: 'certificate upload' });
      if (!allowed.ok) return allowed;
      return told(await certificates.upload(allowed.actor.accountId, { ...claim, trainingType: type }), {
        COURSE_NOT_ACCEPTED: 'COURSE_NOT_ACCEPTED',
        DATES_INVALID: 'DATES_INVALID',
        CREDENTIAL_MISSING: 'CREDENTIAL_MISSING',
        FILE_TOO_LARGE: 'FILE_TOO_LARGE',
        FILE_MISSING: 'FILE_MISSING',
      });
    },

    async verify(id, how) {
      const allowed = await permit('VIEW_CERTIFICATES', { command: 'certificate verify', certificate: id });
      if (!allowed.ok) return allowed;
      return told(await certificates.verify(allowed.actor.accountId, id, how), {
        NO_SUCH_CERTIFICATE: 'CERTIFICATE_UNKNOWN',
        WRONG_STATE: 'WRONG_STATE',
      });
    },

    async reject(id, reason) {
      const allowed = await permit('VIEW_CERTIFICATES', { command: 'certificate reject', certificate: id });
      if (!allowed.ok) return allowed;
      return told(await certificates.reject(allowed.actor.accountId, id, reason), {
        NO_SUCH_CERTIFICATE: 'CERTIFICATE_UNKNOWN',
        WRONG_STATE: 'WRONG_STATE',
        REASON_MISSING: 'REASON_MISSING',
      });
    },

    async mine() {
      return actor.kind === 'account' ? details(await certificates.ofAccount(actor.accountId)) : [];
    },

    async pending() {
      const allowed = await permit('VIEW_CERTIFICATES', { query: 'certificatesPending' });
      return allowed.ok ? { ok: true, value: await details(await certificates.pending()) } : allowed;
    },

    file(certificateId) {
      if (actor.kind !== 'account') throw new Error('a ticket is for somebody who is signed in');
      return deps.tickets.issue({ kind: 'certificate', accountId: actor.accountId, certificateId });
    },

    async trainings() {
      const { training } = await policyNow();
      return TRAINING_TYPES.map((type) => ({ type, ...training[type] }));
    },
  };
}
