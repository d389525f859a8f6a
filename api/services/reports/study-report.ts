import type { Actor } from '../../../governance/actor.ts';
import { decide, decideModalities, rowFilterOf } from '../../../governance/decide.ts';
import type { DataDecisions } from '../../../governance/decision.ts';
import { publicReasons, type Reason } from '../../../governance/reasons.ts';
import type { RowFilter } from '../../../governance/rows.ts';
import { cohortOf } from '../../../pipeline/labels/cohort.ts';
import { PUBLISHED_ERRATA } from '../../../pipeline/published/errata.ts';
import {
  cohortTable,
  deviceTable,
  openSummaryTable,
  patientTable,
  summaryTable,
} from '../../../pipeline/report/patient-tables.ts';
import type { ReportInput, ReportTable } from '../../../pipeline/report/report-table.ts';
import { lowestTable, rangeTable } from '../../../pipeline/report/run-tables.ts';
import { splitTables, testPatientTable } from '../../../pipeline/report/split-tables.ts';
import { demoCode } from '../../../pipeline/synthetic/cohort.ts';
import type { ReportCommands, StudyReportTableFacts } from '../../../schema/services/reports.ts';
import type { RunCommands } from '../../../schema/services/runs.ts';
import type { CommandDeps } from '../command-deps.ts';
import { openTables } from '../open/open-tables.ts';
import { loadSituation } from '../read/facts.ts';
import { type FoundRelease, findRelease } from '../releases/find-release.ts';
import { enrolledByCohort, reportRows } from './report-rows.ts';
import { reportRuns } from './report-runs.ts';

const NOTES = {
  ENROLLED: 'Patients enrolled, whether or not anything of theirs could be read; who has withdrawn is left out.',
  SEEN: 'Patients of the release, as far as they may be seen.',
  OPEN: 'Open counts of the release: small numbers are not told, nor others from which they could be worked out.',
  RUNS: 'Your last run of each model over all folds with the published number of classes. Accuracies of another study do not agree.',
} as const;

const told = (table: ReportTable, note: string | null = null): StudyReportTableFacts => ({
  ...table,
  withheld: [],
  note,
});
const withheld = (table: ReportTable, reasons: readonly Reason[]): StudyReportTableFacts => ({
  ...table,
  ...{ rows: [], withheld: publicReasons(reasons), note: null },
});

/**
 * Tables 2, 4 and 6 to 13 of a release, each as far as the actor may see it: with a grant for LABELS all that is counted over the rows that they
 * may see, faces with LANDMARKS, results with what their runs ask for; curators drafts whole; everybody else, stewards among them, the open tables: these
 * were proved when the release was published and never change, so that two looks around a withdrawal tell nothing. The paper's values stand beside those of ISS, and where asked for beside a synthetic study's, whose 9001 stands for 0001.
 */
export function reportCommands(deps: CommandDeps, runs: RunCommands, actor: Actor): ReportCommands {
  const { database, clock } = deps;
  const accountId = actor.kind === 'account' ? actor.accountId : null;

  async function log(action: 'READ' | 'REFUSED', detail: Record<string, unknown>, grantId: string | null) {
    await deps.audit.write(database, {
      accountId,
      grantId,
      action,
      detail: { query: 'studyReport', ...detail } as Record<string, string | string[]>,
    });
  }

  /** From the tables that are open to all. */
  async function openPart(release: FoundRelease, compared: boolean, reasons: readonly Reason[]) {
    const tables = await openTables(database, release.id);
    const cells = new Map(tables.flatMap((table) => table.cells.map(({ at, count }) => [cellOf(at), count] as const)));
    const count = (at: Readonly<Record<string, string>>): number | null => cells.get(cellOf(at)) ?? null;
    const cohorts = new Map(
      (tables.find(({ key }) => key === 'patientsByCohort')?.cells ?? []).map(({ at, count: number }) => [
        cohortOf(at.painLevel as 'NONE', at.skinType as 'I_III', at.sex as 'M'),
        number,
      ]),
    );
    const nothing: ReportInput = { patients: [], recordings: [], codeOf: null };
    return [
      told(
        cohortTable((cohort) => cohorts.get(cohort) ?? null, compared),
        NOTES.OPEN,
      ),
      told(openSummaryTable(count, compared), NOTES.OPEN),
      ...countedTables(nothing)
        .filter(({ number }) => number > 4)
        .map((table) => withheld(table, reasons)),
    ];
  }

  /** Counted over rows. */
  async function countedPart(
    release: FoundRelease,
    of: { filter: RowFilter; timeZone: string; faces: readonly Reason[] | null; codeOf: ReportInput['codeOf'] },
  ) {
    const rows = await reportRows(database, {
      ...{ releaseId: release.id, filter: of.filter, timeZone: of.timeZone },
      faces: of.faces === null,
    });
    const tables = countedTables({ ...rows, codeOf: of.codeOf }).map((table) =>
      table.number === 8 && of.faces !== null ? withheld(table, of.faces) : told(table),
    );
    return { tables, rows };
  }

  return {
    async studyReport({ study, release: version, besideIss }) {
      const key = study ?? deps.defaultStudy;
      const release = await findRelease(database, key, version);
      const now = clock.now();
      const situation = release && (await loadSituation(database, { accountId, study: { key }, now }));
      if (!release || !situation) return null;
      const { facts } = situation;
      if (!decide(actor, 'VIEW_RELEASE', { kind: 'release', release }, facts, now).allow) return null;
      const decisions = decideModalities(actor, 'READ', release, facts, now);
      const codeOf = codesBeside(release, besideIss);
      const compared = codeOf !== null;
      const { timeZone } = facts.policy;
      const refused = reasonsOf(decisions, 'LABELS');
      const filter = rowFilterOf(decisions.LABELS, now);

      let counted: readonly StudyReportTableFacts[];
      if (filter !== null) {
        const faces = decisions.LANDMARKS.allow ? null : reasonsOf(decisions, 'LANDMARKS');
        const { tables, rows } = await countedPart(release, { filter, timeZone, faces, codeOf });
        const draft = decisions.LABELS.allow && decisions.LABELS.basis.kind === 'draft';
        const enrolled = draft ? await enrolledByCohort(database, release.studyId) : countBy(rows.patients);
        counted = [
          told(
            cohortTable((cohort) => enrolled.get(cohort) ?? 0, compared),
            draft ? NOTES.ENROLLED : NOTES.SEEN,
          ),
          ...tables,
        ];
        const basis = decisions.LABELS.allow ? decisions.LABELS.basis : null;
        await log(
          'READ',
          {
            use: 'READ',
            releases: [release.id],
            modalities: faces === null ? ['LABELS', 'LANDMARKS'] : ['LABELS'],
            patients: rows.patients.map(({ code }) => code),
          },
          basis?.kind === 'grant' ? basis.grantId : null,
        );
      } else {
        counted = await openPart(release, compared, refused);
        if (accountId !== null)
          await log(
            'REFUSED',
            { releases: [release.id], modalities: ['LABELS'], reasons: refused.map(({ code }) => code) },
            actor.kind === 'account' ? (actor.grantId ?? null) : null,
          );
      }
      const own = await reportRuns(runs, release.id);
      const tables = [
        ...counted,
        own.refusedRanges.length > 0
          ? withheld(rangeTable([], false), own.refusedRanges)
          : told(rangeTable(own.runs, compared), NOTES.RUNS),
        own.refusedPatients.length > 0
          ? withheld(lowestTable([], null), own.refusedPatients)
          : told(lowestTable(own.runs, codeOf), NOTES.RUNS),
      ];
      return {
        ...{ study: release.studyKey, synthetic: release.synthetic, release: release.version, compared, tables },
        errata: PUBLISHED_ERRATA.filter(({ id }) =>
          tables.some(({ rows }) => rows.some((row) => row.some(({ errata }) => errata.includes(id)))),
        ).map(({ id, title, used }) => ({ id, title, used })),
      };
    },
  };
}

/** Tables 4 and 6 to 11. */
const countedTables = (input: ReportInput): ReportTable[] => [
  summaryTable(input),
  patientTable(input),
  deviceTable(input),
  ...splitTables(input),
  testPatientTable(input),
];

/** The study's code of a published patient: its own in ISS, that of who stands for them in a synthetic study. */
function codesBeside({ studyKey, synthetic }: FoundRelease, besideIss: boolean): ReportInput['codeOf'] {
  if (studyKey === 'iss' && !synthetic) return (published) => published;
  return synthetic && besideIss ? demoCode : null;
}

const reasonsOf = (decisions: DataDecisions, modality: 'LABELS' | 'LANDMARKS'): readonly Reason[] => {
  const decision = decisions[modality];
  return decision.allow ? [] : decision.reasons;
};

const cellOf = (at: Readonly<Record<string, string>>): string =>
  Object.entries(at)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ');

function countBy(patients: readonly { readonly cohort: string }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { cohort } of patients) counts.set(cohort, (counts.get(cohort) ?? 0) + 1);
  return counts;
}
