import type { Facts, GrantFacts, HaltFacts, ReleaseFacts } from './facts.ts';
import type { Modality } from './modality.ts';

/** True while a halt covers this modality of this release for this grant (null: for nobody's). */
export const isHalted = (
  facts: Facts,
  modality: Modality,
  release: ReleaseFacts | null,
  grant: GrantFacts | null,
  now: Date,
): boolean => {
  const covers = ({ scope, target }: HaltFacts): boolean => {
    switch (scope) {
      case 'ALL':
        return true;
      case 'RELEASE':
        return target === release?.id;
      case 'MODALITY':
        return target === modality;
      case 'INSTITUTION':
        return target === facts.account?.institutionId || target === grant?.institutionId;
      case 'GRANT':
        return target === grant?.id;
    }
  };
  return facts.halts.some(
    (halt) => halt.from <= now && (halt.liftedAt === null || now < halt.liftedAt) && covers(halt),
  );
};

/** What a halt is about, as far as those whom it concerns are told. */
export const HALT_CATEGORIES = ['INCIDENT', 'WITHDRAWAL', 'DATA_QUALITY', 'LEGAL', 'TECHNICAL', 'OTHER'] as const;
export type HaltCategory = (typeof HALT_CATEGORIES)[number];
