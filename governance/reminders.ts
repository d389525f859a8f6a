import { addDays, addMonths, endOfDay, startOfDay } from './calendar.ts';
import { certificateEnd } from './certificate-standing.ts';
import type { CertificateFacts } from './facts.ts';
import type { Policy } from './policy.ts';

/** The reminder that is due now: the policy's number of days, and the earlier ones that are settled with it. */
export interface DueReminder {
  readonly days: number;
  /** Numbers of days whose time came and went unsent (nobody was running then): recorded, and not sent any more. */
  readonly passed: readonly number[];
}

/** The last day on which a certificate counts, of the study's calendar. */
const lastDay = (certificate: CertificateFacts, policy: Policy): string =>
  certificate.expiresOn ?? addMonths(certificate.completedOn, policy.training[certificate.type].durationMonths);

/** From when on a certificate's owner is reminded that it ends in so many days, in milliseconds since 1970. */
const reminderTime = (certificate: CertificateFacts, days: number, policy: Policy): number =>
  startOfDay(addDays(lastDay(certificate, policy), -days), policy.timeZone);

/**
 * Whether the owner of a certificate is to be reminded that it ends. Each of the policy's reminders goes once; of several that came due together
 * only the one nearest to the end goes. None for a certificate that does not count, or has ended, or whose training another one proves for longer.
 * @param of every certificate of its owner, itself among them
 * @param settled numbers of days for which it was reminded, or that were passed over
 */
export const dueReminder = (
  certificate: CertificateFacts,
  of: readonly CertificateFacts[],
  settled: readonly number[],
  policy: Policy,
  now: Date,
): DueReminder | null => {
  const time = now.getTime();
  if (certificate.state !== 'VERIFIED') return null;
  const end = certificateEnd(certificate, policy);
  if (end <= time) return null;
  const replaced = of.some(
    (other) =>
      other.type === certificate.type &&
      other.state === 'VERIFIED' &&
      other.id !== certificate.id &&
      // One that was only seen does not stand in for one that was looked up.
      (other.verifiedHow === 'ISSUER' || certificate.verifiedHow === 'SEEN') &&
      laterThan(other, certificate, policy),
  );
  if (replaced) return null;
  const due = [...new Set(policy.reminderDays)]
    .filter((days) => reminderTime(certificate, days, policy) <= time)
    .sort((one, other) => one - other);
  const [days, ...earlier] = due;
  if (days === undefined || settled.includes(days)) return null;
  return { days, passed: earlier.filter((one) => !settled.includes(one)) };
};

/** Ends later; of two that end together, the one of the greater id, so that one of them is left to remind of. */
const laterThan = (other: CertificateFacts, certificate: CertificateFacts, policy: Policy): boolean => {
  const [one, two] = [certificateEnd(other, policy), certificateEnd(certificate, policy)];
  return one > two || (one === two && other.id > certificate.id);
};

/** Whole days of the study's calendar until a certificate's last one is over; 0 on that day. */
export const daysLeft = (certificate: CertificateFacts, policy: Policy, now: Date): number => {
  const last = lastDay(certificate, policy);
  let days = 0;
  while (endOfDay(addDays(last, -days - 1), policy.timeZone) > now.getTime()) days++;
  return days;
};
