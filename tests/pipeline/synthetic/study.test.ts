import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseEnrolment } from '../../../pipeline/labels/enrolment.ts';
import { provenDisjoint } from '../../../pipeline/labels/folds.ts';
import { PAIN_LEVELS, painLevelOf } from '../../../pipeline/labels/pain.ts';
import { parseSubmissionTimestamp } from '../../../pipeline/labels/submission-timestamp.ts';
import { parseSurvey } from '../../../pipeline/labels/survey.ts';
import { enrolmentCsv, type SyntheticStudy, syntheticStudy } from '../../../pipeline/synthetic/study.ts';
import { surveyCsv } from '../../../pipeline/synthetic/survey.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';

const demo = syntheticStudy({ seed: 1 });

const table = (name: string): { [column: string]: string }[] => {
  const [header, ...lines] = readFileSync(sharedPath('reference', name), 'utf8').replace(/\n$/, '').split('\n');
  const columns = header!.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [columns[i]!, cell])));
};

const enrolmentOf = (study: SyntheticStudy) => {
  const parsed = parseEnrolment(Buffer.from(enrolmentCsv(study)));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.value;
};

describe('the plan of a synthetic study', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(syntheticStudy({ seed: 1 })).toEqual(demo);
    const other = syntheticStudy({ seed: 2 });
    expect(other.submissions.map(({ timestamp }) => timestamp)).not.toEqual(
      demo.submissions.map(({ timestamp }) => timestamp),
    );
    expect(other.patients.map(({ face }) => face)).not.toEqual(demo.patients.map(({ face }) => face));
  });

  test('is plain data: it survives being written as JSON', () => {
    expect(JSON.parse(JSON.stringify(demo))).toEqual(demo);
  });

  test('gives the demo 29 patients with five recordings of about 2 s at 240 x 320 and 15 frames a second', () => {
    expect(demo.patients).toHaveLength(29);
    expect(demo.submissions).toHaveLength(145);
    for (const { frames, framesPerSecond, width, height } of demo.submissions) {
      expect([framesPerSecond, width, height]).toEqual([15, 240, 320]);
      expect(frames).toBeGreaterThanOrEqual(27);
      expect(frames).toBeLessThanOrEqual(33);
    }
  });

  test('has some recordings with a stretch without a face, within the recording', () => {
    const absences = demo.submissions.filter(({ absence }) => absence !== null);
    expect(absences.length).toBeGreaterThan(3);
    expect(absences.length).toBeLessThan(20);
    expect(new Set(absences.map(({ absence }) => absence!.kind)).size).toBe(2);
    for (const { absence, frames, framesPerSecond } of absences) {
      expect(absence!.from).toBeGreaterThan(0);
      expect(absence!.to).toBeLessThan(frames / framesPerSecond);
    }
  });

  test('has phones that store pictures lying down, and both sampling rates', () => {
    expect(new Set(demo.patients.map(({ phone }) => phone.storesLyingDown))).toEqual(new Set([true, false]));
    expect(new Set(demo.patients.map(({ phone }) => phone.sampleRate))).toEqual(new Set([22_050, 44_100]));
  });

  test('draws the light skins lighter than the dark ones, and no two people alike', () => {
    for (const { skinType, face } of demo.patients) {
      if (skinType === 'I_III') expect(face.skinTone).toBeLessThan(0.48);
      else expect(face.skinTone).toBeGreaterThan(0.48);
    }
    expect(new Set(demo.patients.map(({ face }) => JSON.stringify(face))).size).toBe(29);
  });
});

describe.skipIf(!hasShared)('the demo against the published tables (skipped without ../shared)', () => {
  test('has their sex, skin type, pain level and device under codes from 9001', () => {
    const published = table('patients.tsv').filter(({ videos }) => videos !== '');
    expect(
      enrolmentOf(demo).map((row) => [row.patient, row.sex, row.skinType, row.painLevel, row.sourceDevice ?? '']),
    ).toEqual(
      published.map((row) => [
        String(9000 + Number(row.patient)),
        row.sex,
        row.skin_type!.replace('-', '_'),
        row.pain_level,
        row.source_device,
      ]),
    );
  });

  test('has their folds, in the plan and in enrolment.csv', () => {
    const published = table('splits.tsv').map(({ split, patients }) => ({
      number: Number(split),
      testPatients: patients!
        .split(',')
        .map((code) => String(9000 + Number(code)))
        .sort(),
    }));
    expect(demo.folds.map(({ number, testPatients }) => ({ number, testPatients }))).toEqual(published);
    for (const { patient, split } of enrolmentOf(demo)) {
      expect(published[split! - 1]!.testPatients).toContain(patient);
    }
    expect(provenDisjoint(demo.folds)).toEqual({ disjoint: true });
  });
});

describe('the dates of a synthetic study', () => {
  test('are real moments within the period of the study, in order, one a day, after enrolment', () => {
    for (const { code, enrolledOn } of demo.patients) {
      const own = demo.submissions.filter(({ patient }) => patient === code).map(({ timestamp }) => timestamp);
      const moments = own.map((text) => parseSubmissionTimestamp(text)!.local);
      expect(moments).toEqual([...moments].sort());
      expect(new Set(moments.map((moment) => moment.slice(0, 10))).size).toBe(own.length);
      expect(enrolledOn >= '2020-12-01').toBe(true);
      expect(moments[0]! > `${enrolledOn}T23:59:59`).toBe(true);
      expect(moments.at(-1)! < '2021-08-01').toBe(true);
    }
  });

  test('cover every timeframe of the day', () => {
    const timeframes = demo.submissions.map(({ timestamp }) => parseSubmissionTimestamp(timestamp)!.timeframe);
    expect(new Set(timeframes).size).toBe(6);
  });
});

describe('the answers of a synthetic study', () => {
  test('are nine valid answers, except for the patient who stands for 0015', () => {
    for (const { patient, survey } of demo.submissions) {
      if (patient === '9015') expect(survey).toBeNull();
      else expect(parseSurvey(Buffer.from(surveyCsv(survey!)))).toEqual({ ok: true, value: survey });
    }
  });

  test('have a pain target within the level', () => {
    for (const { painLevel, painTarget } of demo.patients) expect(painLevelOf(painTarget)).toBe(painLevel);
  });
});

describe('a study of any size', () => {
  test('is spread evenly over the sixteen cohorts', () => {
    const study = syntheticStudy({ seed: 5, patients: 112, submissionsPerPatient: 1 });
    const sizes = new Map<string, number>();
    for (const { cohort } of enrolmentOf(study)) sizes.set(cohort, (sizes.get(cohort) ?? 0) + 1);
    expect([...sizes.values()]).toEqual(Array.from({ length: 16 }, () => 7));
    expect(study.patients.map(({ code }) => code).slice(0, 3)).toEqual(['9001', '9002', '9003']);
  });

  test('has ten disjoint folds with every level in each, or as many as it has patients', () => {
    const study = syntheticStudy({ seed: 5, patients: 64, submissionsPerPatient: 1 });
    expect(study.folds).toHaveLength(10);
    expect(provenDisjoint(study.folds)).toEqual({ disjoint: true });
    const levelOf = new Map(study.patients.map(({ code, painLevel }) => [code, painLevel]));
    for (const { testPatients } of study.folds) {
      expect(new Set(testPatients.map((code) => levelOf.get(code))).size).toBe(PAIN_LEVELS.length);
    }
    expect(syntheticStudy({ seed: 5, patients: 3 }).folds).toHaveLength(3);
    const alone = syntheticStudy({ seed: 5, patients: 1 });
    expect([alone.folds, alone.patients[0]!.split]).toEqual([[], null]);
  });

  test.each([
    [{ seed: -1 }],
    [{ seed: 1.5 }],
    [{ seed: 1, patients: 0 }],
    [{ seed: 1, patients: 2.5 }],
    [{ seed: 1, submissionsPerPatient: 91 }],
    [{ seed: 1, submissionsPerPatient: 0 }],
    [{ seed: 1, seconds: 0 }],
    [{ seed: 1, seconds: Number.NaN }],
  ])('refuses %j', (settings) => {
    expect(() => syntheticStudy(settings)).toThrow(RangeError);
  });
});
