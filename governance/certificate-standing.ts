import { addMonths, endOfDay } from './calendar.ts';
import type { CertificateFacts } from './facts.ts';
import { classOf, type Modality } from './modality.ts';
import type { Policy } from './policy.ts';
import type { TrainingType, VerifiedHow } from './training.ts';

export type TrainingStanding =
  | { readonly standing: 'MISSING' }
  | { readonly standing: 'UNVERIFIED' }
  | { readonly standing: 'EXPIRED'; readonly certificateId: string; readonly expiredAt: number }
  | { readonly standing: 'MET'; readonly certificateId: string; readonly expiresAt: number };

/**
 * When a certificate stops counting, in milliseconds since 1970: at the end, in the study's time zone, of the day that
 * it names, or of the day on which the policy's duration for its type is over. No job is needed for it.
 */
export const certificateEnd = (
  certificate: Pick<CertificateFacts, 'type' | 'completedOn' | 'expiresOn'>,
  policy: Policy,
): number =>
  endOfDay(
    certificate.expiresOn ?? addMonths(certificate.completedOn, policy.training[certificate.type].durationMonths),
    policy.timeZone,
  );

/**
 * How somebody stands with one type of training. Any verified, unexpired certificate meets it, so a newer one takes
 * over without a gap and a pending or rejected one takes nothing away. Otherwise the most advanced one says what to do.
 * `verifiedBy` ISSUER asks for a look-up at the issuer; one that was only seen then waits for a steward.
 */
export const trainingStanding = (
  certificates: readonly CertificateFacts[],
  accountId: string,
  type: TrainingType,
  verifiedBy: VerifiedHow,
  policy: Policy,
  now: Date,
): TrainingStanding => {
  const time = now.getTime();
  let met: { certificateId: string; expiresAt: number } | null = null;
  let expired: { certificateId: string; expiredAt: number } | null = null;
  let waiting = false;
  for (const certificate of certificates) {
    if (certificate.type !== type || certificate.accountId !== accountId || certificate.state === 'REJECTED') continue;
    const end = certificateEnd(certificate, policy);
    const verified =
      certificate.state === 'VERIFIED' && (verifiedBy === 'SEEN' || certificate.verifiedHow === 'ISSUER');
    if (end > time) {
      if (!verified) waiting = true;
      else if (met === null || end > met.expiresAt) met = { certificateId: certificate.id, expiresAt: end };
    } else if (certificate.state === 'VERIFIED' && (expired === null || end > expired.expiredAt)) {
      expired = { certificateId: certificate.id, expiredAt: end };
    }
  }
  if (met !== null) return { standing: 'MET', ...met };
  if (waiting) return { standing: 'UNVERIFIED' };
  return expired === null ? { standing: 'MISSING' } : { standing: 'EXPIRED', ...expired };
};

/** A training that a kind of data asks for and somebody does not have yet. */
export interface TrainingGap {
  readonly accountId: string;
  readonly modality: Modality;
  readonly training: TrainingType;
  readonly standing: Exclude<TrainingStanding['standing'], 'MET'>;
}

/** What some people still lack for kinds of data, by person and kind, as `trainingStanding` and decide() see it. */
export const trainingGaps = (
  certificates: readonly CertificateFacts[],
  accountIds: readonly string[],
  modalities: readonly Modality[],
  policy: Policy,
  now: Date,
): TrainingGap[] =>
  accountIds.flatMap((accountId) =>
    modalities.flatMap((modality) => {
      const { training, verifiedBy } = policy.classes[classOf(modality)];
      return training.flatMap((type): TrainingGap[] => {
        const { standing } = trainingStanding(certificates, accountId, type, verifiedBy, policy, now);
        return standing === 'MET' ? [] : [{ accountId, modality, training: type, standing }];
      });
    }),
  );
