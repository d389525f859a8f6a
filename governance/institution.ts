import { type InstitutionFacts, isSuspended } from './facts.ts';
import type { Policy } from './policy.ts';

/** True where the people of an institution may be given data: verified, in good standing, in an eligible country. */
export const isEligible = (institution: InstitutionFacts | null, policy: Policy, now: Date): boolean =>
  institution?.verified === true &&
  !isSuspended(institution.suspensions, now) &&
  !policy.ineligibleCountries.includes(institution.country);
