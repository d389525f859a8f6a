import type { AccountActor, Actor } from '../../../governance/actor.ts';
import { certificateEnd, trainingGaps } from '../../../governance/certificate-standing.ts';
import { decide } from '../../../governance/decide.ts';
import { classOf, MODALITIES, MODALITY_CLASSES } from '../../../governance/modality.ts';
import type { Policy } from '../../../governance/policy.ts';
import { everybodyOf, modalitiesUnder } from '../../../governance/request/state.ts';
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
import {
  certificateFactsOf,
  certificateRow,
  certificatesOfPeople,
  pendingCertificates,
  pendingTotals,
  type StoredCertificate,
} from './certificate-rows.ts';
import type { CertificateService, CertificateResult as Decided } from './certificate-service.ts';
import { currentPolicy } from './policy.ts';
import { decidesAsDeputy } from './stand-in.ts';

const MOST_AT_ONCE = 500;

type FailureCode = Exclude<Extract<Decided, { ok: false }>['code'], 'FORBIDDEN'>;

/** A token of a script reads no certificate, its owner's neither. */
const inPerson = (actor: Actor): actor is AccountActor =>
  actor.kind === 'account' && (actor.tokenGrantId ?? null) === null;

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
    const now = clock.now().getTime();
    return stored.map((one) => {
      const end = certificateEnd({ ...one, type: one.trainingType }, policy);
      return {
        id: one.id,
        owner: people.get(one.accountId) ?? { id: one.accountId, name: '', email: '', institution: null },
        type: one.trainingType,
        course: one.course,
        // EXPIRED follows from the date alone.
        state: (one.state === 'VERIFIED' || one.state === 'PENDING') && end <= now ? 'EXPIRED' : one.state,
        completedOn: one.completedOn,
        expiresOn: one.expiresOn,
        endsAt: new Date(end),
        credentialId: one.credentialId,
        uploadedAt: new Date(one.uploadedAt),
        decidedAt: one.decidedAt,
        verifiedHow: one.verifiedHow,
        rejectedFor: one.rejectedFor,
        contentType: one.contentType,
        fileSha256: one.fileSha256,
      };
    });
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

    async replaceFile(id, fileSha256) {
      const allowed = await permit('UPLOAD_CERTIFICATE', { command: 'certificate replaceFile', certificate: id });
      if (!allowed.ok) return allowed;
      return told(await certificates.replaceFile(allowed.actor.accountId, id, fileSha256), {
        NO_SUCH_CERTIFICATE: 'CERTIFICATE_UNKNOWN',
        WRONG_STATE: 'WRONG_STATE',
        FILE_TOO_LARGE: 'FILE_TOO_LARGE',
        FILE_MISSING: 'FILE_MISSING',
      });
    },

    async withdraw(id) {
      const allowed = await permit('UPLOAD_CERTIFICATE', { command: 'certificate withdraw', certificate: id });
      if (!allowed.ok) return allowed;
      return told(await certificates.withdraw(allowed.actor.accountId, id), {
        NO_SUCH_CERTIFICATE: 'CERTIFICATE_UNKNOWN',
        WRONG_STATE: 'WRONG_STATE',
      });
    },

    async verify(id, how, seen) {
      const allowed = await permit('VIEW_CERTIFICATES', { command: 'certificate verify', certificate: id });
      if (!allowed.ok) return allowed;
      return told(await certificates.verify(allowed.actor.accountId, id, how, seen), {
        NO_SUCH_CERTIFICATE: 'CERTIFICATE_UNKNOWN',
        FILE_CHANGED: 'FILE_CHANGED',
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
      return inPerson(actor) ? details(await certificates.ofAccount(actor.accountId)) : [];
    },

    async pending() {
      const allowed = await permit('VIEW_CERTIFICATES', { query: 'certificatesPending' });
      if (!allowed.ok) return allowed;
      const { nodes } = await pendingCertificates(database, null, { first: MOST_AT_ONCE, after: null });
      return { ok: true, value: await details(nodes) };
    },

    async ofPeople(accountIds) {
      const allowed = await permit('VIEW_CERTIFICATES', { query: 'request certificates' });
      if (!allowed.ok) return allowed;
      return { ok: true, value: await details(await certificatesOfPeople(database, accountIds)) };
    },

    async gaps(state) {
      if (!inPerson(actor)) return [];
      const { accountId } = actor;
      const now = clock.now();
      const facts = await deps.loadFacts(database, accountId, now, null);
      const team = everybodyOf(state);
      const ofAll =
        decide(actor, 'VIEW_CERTIFICATES', { kind: 'none' }, facts, now).allow ||
        (!team.includes(accountId) && (await decidesAsDeputy(database, accountId, state, now)));
      const whose = team.filter((id) => ofAll || id === accountId);
      const standing = await certificateFactsOf(database, whose);
      const gaps = trainingGaps(standing, whose, modalitiesUnder(state), facts.policy, now);
      const people = await peopleOf(database, whose);
      return gaps.flatMap(({ accountId, ...gap }) => {
        const person = people.get(accountId);
        return person === undefined ? [] : [{ person, ...gap }];
      });
    },

    async queue(type, page) {
      const allowed = await permit('VIEW_CERTIFICATES', { query: 'certificateQueue' });
      if (!allowed.ok) return allowed;
      const found = await pendingCertificates(database, type, page);
      return { ok: true, value: { ...found, nodes: await details(found.nodes) } };
    },

    async totals() {
      const allowed = await permit('VIEW_CERTIFICATES', { query: 'certificateTotals' });
      return allowed.ok ? { ok: true, value: await pendingTotals(database) } : allowed;
    },

    async get(id) {
      const one = inPerson(actor) ? await certificateRow(database, id) : null;
      if (!inPerson(actor) || one === null) return null;
      if (one.accountId !== actor.accountId) {
        const allowed = await permit('VIEW_CERTIFICATES', { query: 'certificate', certificate: id });
        if (!allowed.ok) return null;
      }
      return (await details([one]))[0] ?? null;
    },

    file(certificateId) {
      if (actor.kind !== 'account') throw new Error('a ticket is for somebody who is signed in');
      return deps.tickets.issue({ kind: 'certificate', accountId: actor.accountId, certificateId });
    },

    async trainings() {
      const { training } = await policyNow();
      return TRAINING_TYPES.map((type) => ({ type, ...training[type] }));
    },

    async requirements() {
      const { classes, grant } = await policyNow();
      return {
        classes: MODALITY_CLASSES.flatMap((key) => {
          if (key === 'open') return [];
          return [{ key, ...classes[key], modalities: MODALITIES.filter((modality) => classOf(modality) === key) }];
        }),
        ...grant,
      };
    },
  };
}
