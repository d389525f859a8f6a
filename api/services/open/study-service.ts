import { MODALITIES } from '../../../governance/modality.ts';
import { EXPERIMENTS } from '../../../pipeline/baselines/experiments.ts';
import { PUBLISHED_ACCURACY_RANGES } from '../../../pipeline/published/accuracy-ranges.ts';
import { PUBLISHED_COHORTS } from '../../../pipeline/published/cohorts.ts';
import { PUBLISHED_ERRATA } from '../../../pipeline/published/errata.ts';
import { PUBLISHED_LOWEST_PATIENTS } from '../../../pipeline/published/lowest-patients.ts';
import { STUDY_DESCRIPTION, STUDY_DESIGN } from '../../../pipeline/published/study-facts.ts';
import { SYNTHETIC_DATASHEET } from '../../../pipeline/synthetic/describe-study.ts';
import type { ExperimentFacts, StudyFacts, StudyService } from '../../../schema/context.ts';
import type { JobProgressFacts } from '../../../schema/services/jobs.ts';
import type { BaselineScoresFacts } from '../../../schema/services/scores.ts';
import type { Database } from '../../adapters/database/database.ts';
import { citeRelease } from '../releases/cite-release.ts';
import { describeRelease } from '../releases/describe-release.ts';
import { findStudy, listStudies, type Study, summaryOf } from '../study.ts';
import { openTables } from './open-tables.ts';

/** The only study whose results the paper published. Other studies, the synthetic one first of all, never stand beside them. */
const PUBLISHED_STUDY = 'iss';

/** Synthetic studies that this server is making now, by key, and how far they are. */
export type Preparing = Map<string, JobProgressFacts>;

/** What is open about the studies, to everybody. */
export function studyService(
  database: Database,
  defaultStudy: string,
  publicUrl: string,
  now: () => Date,
  preparing: Preparing,
): StudyService {
  return {
    async study(key) {
      const study = await findStudy(database, key ?? defaultStudy);
      return study && factsOf(study, preparing);
    },
    async studies() {
      return (await listStudies(database)).map((study) => factsOf(study, preparing));
    },
    openTables: (releaseId) => openTables(database, releaseId),
    citation: (releaseId) => citeRelease(database, releaseId, publicUrl),
    croissant: (releaseId) => describeRelease(database, { releaseId, publicUrl, now: now(), modalities: MODALITIES }),
    async experiments(studyKey) {
      return experimentsOf(studyKey);
    },
  };
}

function factsOf(study: Study, preparing: Preparing): StudyFacts {
  const published = study.key === PUBLISHED_STUDY;
  return {
    id: study.id,
    key: study.key,
    title: study.title,
    synthetic: study.synthetic,
    timeZone: study.timeZone,
    summary: summaryOf(study),
    design: published
      ? STUDY_DESIGN.map(({ label, value, source }) => ({ heading: label, text: `${value} (${source})` }))
      : [],
    cohorts: published
      ? PUBLISHED_COHORTS.map(({ cohort, painLevel, skinType, sex, goal, enrolled }) => ({
          name: cohort,
          painLevel,
          skinType,
          sex,
          goal,
          enrolled,
        }))
      : [],
    datasheet: published
      ? [
          { heading: 'What it holds', text: STUDY_DESCRIPTION.contents },
          { heading: 'Where it misleads', text: STUDY_DESCRIPTION.caution },
        ]
      : study.synthetic
        ? SYNTHETIC_DATASHEET
        : [],
    errata: published
      ? PUBLISHED_ERRATA.map(({ title, printed, used }, index) => ({
          number: index + 1,
          text: `${title}: ${printed.map(({ where, value }) => `${where}: ${value}`).join('; ')}. ${used}`,
        }))
      : [],
    experiments: experimentsOf(study.key),
    preparing: preparing.get(study.key) ?? null,
  };
}

/** Every study can run the experiments; only the published one has the paper's figures beside them. */
function experimentsOf(studyKey: string): ExperimentFacts[] {
  return EXPERIMENTS.map(({ key, number, title, classes, runnableClasses, reads, published }) => {
    const ranges = PUBLISHED_ACCURACY_RANGES.find((row) => row.key === key);
    const scores: BaselineScoresFacts = {
      model: title,
      classes,
      overall: published.accuracy,
      byClass: Object.entries(published.accuracyByClass).map(([name, accuracy]) => ({ class: name, accuracy })),
      ranges: (ranges?.patients ?? []).map((patients, quarter) => {
        return { above: quarter / 4, upTo: (quarter + 1) / 4, patients };
      }),
      patientsOver50: ranges?.patientsOver50 ?? null,
      lowest: PUBLISHED_LOWEST_PATIENTS[key] ?? [],
    };
    return {
      key,
      number,
      title,
      description:
        runnableClasses.length > 0
          ? `Can be run here with ${runnableClasses.join(' or ')} classes.`
          : 'Published; cannot be run here yet.',
      modalities: reads,
      classes: runnableClasses,
      published: studyKey === PUBLISHED_STUDY ? [scores] : [],
    };
  });
}
