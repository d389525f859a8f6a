import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MODALITIES } from '../../../governance/modality.ts';
import { cohortOf } from '../../../pipeline/labels/cohort.ts';
import { skinTypeLabel } from '../../../pipeline/labels/demographics.ts';
import { provenDisjoint } from '../../../pipeline/labels/folds.ts';
import { PAIN_LEVELS, painClassOf } from '../../../pipeline/labels/pain.ts';
import { PUBLISHED_ACCURACY_RANGES } from '../../../pipeline/published/accuracy-ranges.ts';
import { PUBLISHED_BASELINES, publishedBaseline } from '../../../pipeline/published/baselines.ts';
import { PUBLISHED_COHORTS } from '../../../pipeline/published/cohorts.ts';
import { DATA_DICTIONARY } from '../../../pipeline/published/data-dictionary.ts';
import { PUBLISHED_ERRATA } from '../../../pipeline/published/errata.ts';
import { PUBLISHED_LOWEST_PATIENTS } from '../../../pipeline/published/lowest-patients.ts';
import { PUBLISHED_PATIENTS, PUBLISHED_PATIENTS_WITH_DATA } from '../../../pipeline/published/patients.ts';
import { RELATED_DATASETS } from '../../../pipeline/published/related-datasets.ts';
import { PUBLISHED_FOLDS, PUBLISHED_SPLITS } from '../../../pipeline/published/splits.ts';
import { STUDY_DESCRIPTION, STUDY_DESIGN } from '../../../pipeline/published/study-facts.ts';
import { PUBLISHED_SUMMARY, publishedMeasure } from '../../../pipeline/published/summary.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';

const sum = (values: readonly (number | null)[]): number => values.reduce<number>((a, b) => a + (b ?? 0), 0);

describe('the published facts', () => {
  it('add up: patients to totals', () => {
    const patients = PUBLISHED_PATIENTS_WITH_DATA;
    expect({
      patients: patients.length,
      videos: sum(patients.map((p) => p.videos)),
      frames: sum(patients.map((p) => p.frames)),
      chunks: sum(patients.map((p) => p.chunks4s)),
      minutes: Math.floor(sum(patients.map((p) => p.seconds)) / 60),
      levels: PAIN_LEVELS.map((level) => patients.filter((p) => p.painLevel === level).length),
      framesByLevel: PAIN_LEVELS.map((level) =>
        sum(patients.filter((p) => p.painLevel === level).map((p) => p.frames)),
      ),
    }).toEqual({
      patients: publishedMeasure('patients'),
      videos: publishedMeasure('videos'),
      frames: publishedMeasure('frames'),
      chunks: publishedMeasure('chunks_4s'),
      minutes: publishedMeasure('duration'),
      levels: [13, 4, 4, 8],
      framesByLevel: ['none', 'low', 'moderate', 'severe'].map((level) => publishedMeasure(`frames_${level}`)),
    });
    expect(patients.filter((p) => p.sex === 'F')).toHaveLength(9);
    expect(patients.filter((p) => p.skinType === 'IV_VI')).toHaveLength(12);
  });

  it('give each patient the class of their level, and each cohort its patients', () => {
    expect(PUBLISHED_PATIENTS.filter((p) => painClassOf(p.painLevel) !== p.painClass)).toEqual([]);
    for (const cohort of PUBLISHED_COHORTS) {
      expect(cohortOf(cohort.painLevel, cohort.skinType, cohort.sex)).toBe(cohort.cohort);
      const own = PUBLISHED_PATIENTS.filter((p) => cohortOf(p.painLevel, p.skinType, p.sex) === cohort.cohort);
      expect([cohort.cohort, own.length]).toEqual([cohort.cohort, cohort.enrolled]);
    }
    expect(sum(PUBLISHED_COHORTS.map((cohort) => cohort.goal))).toBe(publishedMeasure('target_enrolment'));
  });

  it('have ten disjoint folds over the 29 patients, whose chunks are those of their patients', () => {
    expect(provenDisjoint(PUBLISHED_FOLDS)).toEqual({ disjoint: true });
    expect(PUBLISHED_FOLDS.flatMap((fold) => fold.testPatients).sort()).toEqual(
      PUBLISHED_PATIENTS_WITH_DATA.map((p) => p.patient),
    );
    for (const split of PUBLISHED_SPLITS) {
      const own = PUBLISHED_PATIENTS.filter((p) => split.testPatients.includes(p.patient));
      expect([split.number, sum(own.map((p) => p.chunks4s))]).toEqual([split.number, split.testChunks]);
      expect([
        split.trainFaces + split.testFaces,
        split.trainFacesWithLandmarks + split.testFacesWithLandmarks,
        split.trainChunks + split.testChunks,
        split.trainScores + split.testScores,
      ]).toEqual([173_011, 168_063, 4_988, 537]);
    }
  });

  it('print three labels that differ from Table 6, which the errata name', () => {
    const differing = PUBLISHED_SPLITS.flatMap((split) =>
      split.testPatients.filter((code, i) => {
        const patient = PUBLISHED_PATIENTS.find((p) => p.patient === code);
        return patient?.painLevel !== split.printedLevels[i] || patient?.painClass !== split.printedClasses[i];
      }),
    );
    expect(differing).toEqual(['0002', '0007', '0030']);
    for (const code of differing) expect(PUBLISHED_ERRATA.some(({ title }) => title.includes(code))).toBe(true);
  });

  it('count 29 patients for each model, but for the forest on pain scores', () => {
    for (const { key, patients, patientsOver50 } of PUBLISHED_ACCURACY_RANGES) {
      expect([key, sum(patients)]).toEqual([key, key === 'random-forest-pain' ? 28 : 29]);
      expect(patients[2] + patients[3]).toBe(patientsOver50);
      expect(publishedBaseline(key).key).toBe(key);
    }
  });

  it('hold sixteen errata, each with at least two values and what is used', () => {
    expect(PUBLISHED_ERRATA.map(({ id }) => id)).toEqual(
      Array.from({ length: 16 }, (_, i) => `paper-${String(i + 1).padStart(2, '0')}`),
    );
    for (const { printed, used } of PUBLISHED_ERRATA) {
      expect(printed.length).toBeGreaterThanOrEqual(2);
      expect(used).toMatch(/\.$/);
    }
  });

  it('describe every modality in the data dictionary, each variable once', () => {
    expect(new Set(DATA_DICTIONARY.map(({ modality }) => modality))).toEqual(new Set(MODALITIES));
    expect(new Set(DATA_DICTIONARY.map(({ name }) => name)).size).toBe(DATA_DICTIONARY.length);
  });

  it('refuse a measure that was not published', () => {
    expect(() => publishedMeasure('happiness')).toThrow(RangeError);
  });
});

const table = (name: string): Record<string, string>[] => {
  const [head = '', ...rows] = readFileSync(sharedPath('reference', `${name}.tsv`), 'utf8')
    .trimEnd()
    .split('\n');
  const columns = head.split('\t');
  return rows.map((row) => {
    const values = row.split('\t');
    return Object.fromEntries(columns.map((column, i) => [column, values[i] ?? '']));
  });
};
const cells = (...values: unknown[]) => values.map((value) => String(value ?? ''));
const print = (rows: Record<string, string>[]) => rows.map((row) => Object.values(row));

describe.skipIf(!hasShared)('the reference tables (skipped where ../shared is absent)', () => {
  it('say the same of patients, cohorts and splits', () => {
    expect(
      PUBLISHED_PATIENTS.map((p) => {
        const size = [p.videos, p.frames, p.seconds, p.averageSecondsPerVideo, p.chunks4s];
        return cells(p.patient, ...size, p.painLevel, p.painClass, p.sex, skinTypeLabel(p.skinType), p.sourceDevice);
      }),
    ).toEqual(print(table('patients')));
    expect(
      PUBLISHED_COHORTS.map((c) =>
        cells(c.cohort, c.painTarget, skinTypeLabel(c.skinType), c.sex, c.painLevel, c.goal, c.enrolled),
      ),
    ).toEqual(print(table('cohorts')));
    expect(
      PUBLISHED_SPLITS.map((s) => {
        const faces = [s.trainFaces, s.trainFacesWithLandmarks, s.testFaces, s.testFacesWithLandmarks];
        const others = [s.trainChunks, s.testChunks, s.trainScores, s.testScores];
        return cells(s.number, s.testPatients, s.printedLevels, s.printedClasses, ...faces, ...others);
      }),
    ).toEqual(print(table('splits')));
  });

  it('say the same of the results', () => {
    expect(PUBLISHED_BASELINES.map((b) => cells(b.experiment, b.key, b.title, b.classes, b.data))).toEqual(
      print(table('baselines')).map((row) => row.slice(0, 5)),
    );
    const classes = ['NONE', 'LOW', 'MODERATE', 'SEVERE', 'NO_PAIN', 'PAIN'] as const;
    expect(PUBLISHED_BASELINES.map((b) => [b.accuracy, ...classes.map((name) => b.accuracyByClass[name])])).toEqual(
      print(table('baselines')).map((row) => row.slice(5).map((cell) => (cell === '' ? undefined : Number(cell)))),
    );
    expect(PUBLISHED_ACCURACY_RANGES.map((r) => cells(r.key, ...r.patients, r.patientsOver50))).toEqual(
      print(table('accuracy-ranges')),
    );
    expect(Object.entries(PUBLISHED_LOWEST_PATIENTS).map(([key, patients]) => cells(key, patients))).toEqual(
      print(table('lowest-accuracy-patients')),
    );
  });

  it('say the same of totals and related data sets', () => {
    expect(PUBLISHED_SUMMARY.map((m) => cells(m.measure, m.value, m.unit))).toEqual(print(table('summary')));
    expect(
      RELATED_DATASETS.map((d) =>
        cells(d.dataset, d.stimulus, d.subjects, d.frames, d.sequences, d.sequenceDuration ?? 'unknown', d.modality),
      ),
    ).toEqual(
      print(table('related-datasets')).map((row) => row.map((cell, i) => (i === 6 ? cell.toUpperCase() : cell))),
    );
  });

  it('lend no sentence of the paper: no eight words in a row are its own', () => {
    const words = (text: string) => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
    const runs = (text: string) => {
      const all = words(text);
      return all.slice(7).map((_, i) => all.slice(i, i + 8).join(' '));
    };
    const paper = new Set(runs(readFileSync(sharedPath('paper/iss-dataset.txt'), 'utf8')));
    const { citation: _, ...description } = STUDY_DESCRIPTION;
    const ours = JSON.stringify([description, STUDY_DESIGN, PUBLISHED_ERRATA, DATA_DICTIONARY]);
    expect(runs(ours).filter((run) => paper.has(run))).toEqual([]);
  });
});
