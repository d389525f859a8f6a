import type { AccountActor } from '../../../governance/actor.ts';
import { decideModalities, rowFilterOf } from '../../../governance/decide.ts';
import { MODALITIES, type Modality } from '../../../governance/modality.ts';
import { isHidden, publicReasons, type Reason } from '../../../governance/reasons.ts';
import type { RowFilter } from '../../../governance/rows.ts';
import type { ReleaseRecord, Situation } from '../../../schema/context.ts';

/** Why one kind of data may not be exported; `reasons` are those that the person may be told. */
export interface ModalityRefusal {
  readonly modality: Modality;
  readonly reasons: readonly Reason[];
}

export type ExportAccess =
  | { readonly ok: true; readonly grantId: string; readonly filter: RowFilter; readonly timeZone: string }
  | {
      readonly ok: false;
      /** True where the release must look as if it did not exist. */
      readonly hidden: boolean;
      readonly refused: readonly ModalityRefusal[];
      /** All reasons, those that only staff may know among them: for the log. */
      readonly all: readonly ModalityRefusal[];
    };

/** Paths name patients and moments, which are labels: every export has them. In the order of the API's enum, each once. */
export const withLabels = (modalities: readonly Modality[]): Modality[] =>
  MODALITIES.filter((modality) => modality === 'LABELS' || modalities.includes(modality));

/** Decides EXPORT of every one of these kinds of data of the release; under one grant, or not at all. */
export function decideExport(
  actor: AccountActor,
  { facts }: Situation,
  release: ReleaseRecord,
  modalities: readonly Modality[],
  now: Date,
): ExportAccess {
  const decisions = decideModalities(actor, 'EXPORT', release, facts, now);
  const all = withLabels(modalities).flatMap((modality): ModalityRefusal[] => {
    const decision = decisions[modality];
    return decision.allow ? [] : [{ modality, reasons: decision.reasons }];
  });
  const labels = decisions.LABELS;
  const filter = rowFilterOf(labels, now);
  if (all.length === 0 && labels.allow && labels.basis.kind === 'grant' && filter !== null)
    return { ok: true, grantId: labels.basis.grantId, filter, timeZone: facts.policy.timeZone };
  const refused = all
    .map(({ modality, reasons }) => ({ modality, reasons: publicReasons(reasons) }))
    .filter(({ reasons }) => reasons.length > 0);
  return { ok: false, hidden: all.every(({ reasons }) => isHidden(reasons)), refused, all };
}

/** The reasons' codes, each once, as jobs and logs keep them. */
export const reasonCodes = (refused: readonly ModalityRefusal[]): string[] => [
  ...new Set(refused.flatMap(({ reasons }) => reasons.map(({ code }) => code))),
];

/** What a job is told that access does not allow: never nothing, for a refusal that only staff may know the reasons of looks like an unknown release. */
export const jobReasons = (refused: readonly ModalityRefusal[]): string[] => {
  const codes = reasonCodes(refused);
  return codes.length > 0 ? codes : ['RELEASE_UNKNOWN'];
};
