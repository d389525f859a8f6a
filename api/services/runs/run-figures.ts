import { fieldRule } from '../../../governance/fields.ts';
import type { Grouping } from '../../../governance/group-figures.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { BaselineResult } from '../../../pipeline/baselines/experiment.ts';
import type { GroupAccuracyFacts, RunFigure, RunResultFacts } from '../../../schema/services/runs.ts';
import type { KeptGroups } from './kept-groups.ts';

/** The figures of a run, from its stored result. @param gone codes of patients whom the reader may not see; madeFrom, of those who do */
export const figuresOf = (
  result: BaselineResult,
  provenance: Readonly<Record<string, unknown>>,
  gone: ReadonlySet<string>,
  madeFrom: readonly string[],
): RunResultFacts => {
  const { evaluation, folds } = result;
  const { patients, rows, overall, byClass, byLevel, bySex, bySkinType, byDevice, byPatient, ranges } = evaluation;
  const { patientsOver50, lowest, tiedWithLowest } = evaluation;
  // Results from before had numbers of recordings there, which as numbers of rows need LABELS.
  const { recordingsRead: _read, recordingsFoundReady: _ready, ...made } = provenance;
  return {
    ...{ patients, rows, overall, byClass, byLevel, bySex, bySkinType, byDevice, ranges, provenance: made },
    ...{ patientsOver50, tiedWithLowest, madeFrom },
    // Results from before there were intervals have none.
    interval: evaluation.interval ?? null,
    lowest: lowest.filter(({ patient }) => !gone.has(patient)),
    byPatient: byPatient.filter(({ patient }) => !gone.has(patient)),
    byFold: folds.map(({ number, testPatients, ...fold }) => ({
      ...fold,
      fold: number,
      testPatients: testPatients.filter((patient) => !gone.has(patient)),
    })),
  };
};

/** Numbers of patients that a figure is about, each on its own; none for what is about no group. */
const groupSizes = (figures: RunResultFacts, name: RunFigure): readonly number[] => {
  switch (name) {
    case 'byClass':
    case 'byLevel':
    case 'bySex':
    case 'bySkinType':
    case 'byDevice':
    case 'ranges':
      return figures[name].map(({ patients }) => patients);
    case 'patientsOver50':
      return [figures.patientsOver50, figures.patients - figures.patientsOver50];
    case 'byFold':
      return figures.byFold.map(({ testPatients }) => testPatients.length);
    default:
      return [figures.patients];
  }
};

/** By what a figure groups patients; results that do not need LABELS by themselves. */
const GROUPING_OF: Partial<Record<RunFigure, Grouping>> = {
  byClass: 'CLASS',
  byLevel: 'LEVEL',
  bySex: 'SEX',
  bySkinType: 'SKIN_TYPE',
  byDevice: 'DEVICE',
  ranges: 'EVERYBODY',
  patientsOver50: 'EVERYBODY',
};

/** Whether all groups of a figure are told of the release: a run over fewer patients than it froze would tell who is missing. */
function isTold(figures: RunResultFacts, name: RunFigure, { told, patients }: TellableGroups): boolean {
  const by = GROUPING_OF[name];
  if (by === undefined) return true;
  if (figures.patients !== patients) return false;
  const groups = figures[name];
  if (by === 'EVERYBODY' || !Array.isArray(groups)) return told[by].length > 0;
  return (groups as readonly GroupAccuracyFacts[]).every(({ group }) => told[by].includes(group));
}

/** What may be told of groups of a release, how many patients it froze, and whether the run is of one fold alone. */
export interface TellableGroups {
  readonly oneFold: boolean;
  readonly told: KeptGroups['told'];
  readonly patients: number;
}

/**
 * What a figure needs READ of: the row of the field table, and LABELS too where a group is small, or where it and what is told of other runs and releases
 * would tell in which group somebody is. One such group makes the whole figure need them, since it could be worked out from the other groups and the total.
 * So does a run of one fold, however many that withholds: its model saw none of them, so who withdraws from it changes nothing but the mean.
 * @param resultGroup the policy's: fewest patients in a group whose results need only BASELINES
 */
export const needsOf = (
  figures: RunResultFacts,
  name: RunFigure,
  resultGroup: number,
  groups: TellableGroups,
): readonly Modality[] => {
  const rule = fieldRule(`BaselineRun.${name}`);
  if (rule === null) throw new Error(`BaselineRun.${name} has no rule`);
  const small = groupSizes(figures, name).some((patients) => patients < resultGroup);
  const closed = small || groups.oneFold || !isTold(figures, name, groups);
  return [...new Set<Modality>([...rule.needs, ...(closed ? (['LABELS'] as const) : [])])];
};
