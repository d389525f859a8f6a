import { canonicalText, sha256 } from '../canonical.ts';
import { classOf, MODALITIES, type Modality } from '../modality.ts';
import type { Policy } from '../policy.ts';
import { USES, type Use } from '../use.ts';

/** What a steward proposes to give: JSON, as stored. */
export interface GrantTerms {
  readonly access: Readonly<Partial<Record<Modality, readonly Use[]>>>;
  readonly conditions: string;
  /** ISO 8601, UTC; half-open. */
  readonly start: string;
  readonly end: string;
}

/** The same terms written in one way: modalities and uses in the order of their lists, nothing empty, nothing twice. */
export const normalTerms = (terms: GrantTerms): GrantTerms => {
  const access: Partial<Record<Modality, readonly Use[]>> = {};
  for (const modality of MODALITIES) {
    const uses = USES.filter((use) => terms.access[modality]?.includes(use));
    if (uses.length > 0) access[modality] = uses;
  }
  return {
    access,
    conditions: terms.conditions.trim(),
    start: new Date(terms.start).toISOString(),
    end: new Date(terms.end).toISOString(),
  };
};

/** Hash by which a second steward says that they mean the identical proposal. */
export const termsHash = (terms: GrantTerms): string => sha256(canonicalText({ ...normalTerms(terms) }));

/** The modalities that terms give. */
export const modalitiesOf = (terms: GrantTerms): readonly Modality[] =>
  MODALITIES.filter((modality) => (terms.access[modality]?.length ?? 0) > 0);

/** How many stewards have to agree. */
export const stewardsNeeded = (terms: GrantTerms, policy: Policy): number =>
  Math.max(1, ...modalitiesOf(terms).map((modality) => policy.classes[classOf(modality)].stewards));

/** True where terms give EXPORT of something for which every steward has to say so. */
export const needsExportWord = (terms: GrantTerms, policy: Policy): boolean =>
  modalitiesOf(terms).some(
    (modality) =>
      policy.classes[classOf(modality)].exportByConfirmation && terms.access[modality]?.includes('EXPORT') === true,
  );
