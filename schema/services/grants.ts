import type { Modality } from '../../governance/modality.ts';

export interface ViewerGrantFacts {
  readonly id: string;
  readonly state: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly items: readonly { readonly modality: Modality; readonly uses: readonly string[] }[];
  readonly purposes: readonly string[];
  /** What the stewards made it conditional on; empty for nothing. */
  readonly conditions: string;
}
