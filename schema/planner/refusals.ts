import type { FieldNode } from 'graphql/index.js';
import { GraphQLError } from 'graphql/index.js';
import type { Modality } from '../../governance/modality.ts';
import { describeReason, publicReasons, type Reason } from '../../governance/reasons.ts';

/** One refused field of the document, however many rows it would have had. */
export interface Refusal {
  /** Response keys from the root; no list positions, since it stands for all rows. */
  readonly path: readonly string[];
  readonly nodes: readonly FieldNode[];
  readonly modality: Modality;
  readonly reasons: readonly Reason[];
}

/** The refused fields of an operation, each once. */
export class Refusals {
  private readonly byPath = new Map<string, Refusal>();

  add(refusal: Refusal): void {
    const key = `${refusal.modality} ${refusal.path.join('.')}`;
    const known = this.byPath.get(key);
    if (known === undefined) {
      this.byPath.set(key, refusal);
      return;
    }
    const more = refusal.reasons.filter(
      ({ code, subject }) => !known.reasons.some((other) => other.code === code && other.subject === subject),
    );
    if (more.length > 0) this.byPath.set(key, { ...known, reasons: [...known.reasons, ...more] });
  }

  get all(): readonly Refusal[] {
    return [...this.byPath.values()];
  }

  /** Each modality once, for the log. */
  get byModality(): readonly Pick<Refusal, 'modality' | 'reasons'>[] {
    return [...new Map(this.all.map((refusal) => [refusal.modality, refusal])).values()];
  }
}

/** The error of a refused field: every reason that the person may be told, with a sentence each. */
export const refusalError = ({ path, nodes, modality, reasons }: Refusal): GraphQLError => {
  const told = publicReasons(reasons).map(describeReason);
  return new GraphQLError(
    `${path.at(-1)} needs access to ${modality}. ${[...new Set(told.map(({ sentence }) => sentence))].join(' ')}`.trim(),
    { nodes, path, extensions: { code: 'FORBIDDEN', modality, reasons: told } },
  );
};
