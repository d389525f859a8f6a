import { skinTypeLabel } from '../labels/demographics.ts';
import { PAIN_CLASSES, PAIN_LEVELS } from '../labels/pain.ts';
import { PUBLISHED_COHORTS } from '../published/cohorts.ts';
import { PUBLISHED_PATIENTS_WITH_DATA, type PublishedPatient } from '../published/patients.ts';
import { publishedMeasure } from '../published/summary.ts';
import {
  beside,
  type CellValue,
  column,
  plain,
  type ReportCell,
  type ReportInput,
  type ReportTable,
  rounded,
  sumKnown,
  sumOf,
} from './report-table.ts';

/**
 * Table 2: patients enrolled in each of the sixteen cohorts.
 * @param enrolled number in a cohort; null where it is not told
 * @param compared whether the paper's numbers stand beside them
 */
export function cohortTable(enrolled: (cohort: string) => number | null, compared: boolean): ReportTable {
  const columns = [
    column('cohort', 'cohort'),
    column('painTarget', 'pain target', 'points, 0-10'),
    column('skinType', 'skin type'),
    column('sex', 'sex'),
    column('goal', 'goal'),
    column('enrolled', 'enrolled'),
  ];
  const rows = PUBLISHED_COHORTS.map((one): ReportCell[] => [
    plain(one.cohort),
    plain(one.painTarget),
    plain(skinTypeLabel(one.skinType)),
    plain(one.sex),
    plain(compared ? one.goal : null),
    // 0009 is counted in 2B, though nothing of theirs could be read.
    beside(
      enrolled(one.cohort),
      compared ? one.enrolled : undefined,
      compared && one.cohort === '2B' ? ['paper-02'] : [],
    ),
  ]);
  return { number: 2, title: 'Cohorts: patients enrolled', columns, rows };
}

interface Measure {
  readonly name: string;
  readonly unit: string | null;
  readonly value: CellValue;
  readonly published: number;
  readonly decimals?: number;
  readonly errata?: readonly string[];
}

/** Table 4: totals, means, and frames by pain level with their ratios. */
export function summaryTable({ patients, recordings, codeOf }: ReportInput): ReportTable {
  const levelOf = new Map(patients.map(({ code, painLevel }) => [code, painLevel]));
  const frames = sumOf(recordings, (one) => one.frames);
  const seconds = sumOf(recordings, (one) => one.seconds);
  const means = patients.map(({ code }) => meanSeconds(recordings.filter(({ patient }) => patient === code)));
  const known = means.filter((mean) => mean !== null);
  const per = (total: number, of: number): number | null => (of === 0 ? null : rounded(total / of, 2));
  const framesAt = (names: readonly string[]): number =>
    sumOf(
      recordings.filter(({ patient }) => names.includes(levelOf.get(patient) ?? '')),
      (one) => one.frames,
    );
  const number = (name: string, value: CellValue, published: number): Measure => ({
    ...{ name, value, published, unit: null },
  });
  const count = <Item>(items: readonly Item[], which: (item: Item) => boolean): number => items.filter(which).length;
  const publishedCount = (which: (one: PublishedPatient) => boolean): number =>
    count(PUBLISHED_PATIENTS_WITH_DATA, which);
  const seen = publishedMeasure;
  const none = framesAt(['NONE']);
  const classes = [
    ...PAIN_LEVELS.map((level) => ({ name: level, levels: [level as string] })),
    ...PAIN_CLASSES.map((name) => ({
      name,
      levels: name === 'PAIN' ? PAIN_LEVELS.filter((level) => level !== 'NONE') : ['NONE'],
    })),
  ];
  const publishedFrames = (levels: readonly string[]): number =>
    sumOf(levels, (level) => seen(`frames_${level.toLowerCase()}`));
  const measures: Measure[] = [
    number('patients', patients.length, seen('patients')),
    ...(['M', 'F'] as const).map((sex) =>
      number(
        `patients, sex ${sex}`,
        count(patients, (one) => one.sex === sex),
        publishedCount((one) => one.sex === sex),
      ),
    ),
    ...(['I_III', 'IV_VI'] as const).map((skin) =>
      number(
        `patients, skin type ${skinTypeLabel(skin)}`,
        count(patients, ({ skinType }) => skinType === skin),
        publishedCount(({ skinType }) => skinType === skin),
      ),
    ),
    number('videos', recordings.length, seen('videos')),
    number('frames', frames, seen('frames')),
    number(
      'faces',
      sumKnown(recordings, (one) => one.faces),
      seen('face_images'),
    ),
    {
      ...number(
        'faces with landmarks',
        sumKnown(recordings, (one) => one.landmarks),
        seen('face_images_with_landmarks'),
      ),
      errata: ['paper-09'],
    },
    number(
      'chunks of 4 s',
      sumOf(recordings, (one) => one.chunks),
      seen('chunks_4s'),
    ),
    { ...number('duration', rounded(seconds / 60, 2), seen('duration')), unit: 'min' },
    {
      ...number('videos per patient', per(recordings.length, patients.length), seen('average_videos_per_patient')),
      decimals: 2,
    },
    number('frames per patient', per(frames, patients.length), seen('average_frames_per_patient')),
    {
      ...number('duration per patient', per(seconds, patients.length), seen('average_duration_per_patient')),
      unit: 's',
    },
    {
      ...number('duration per video', per(seconds, recordings.length), seen('average_duration_per_video')),
      ...{ unit: 's', decimals: 2 },
    },
    {
      ...number(
        'shortest mean of a patient',
        known.length === 0 ? null : Math.min(...known),
        seen('shortest_average_video'),
      ),
      ...{ unit: 's', decimals: 2, errata: ['paper-14'] },
    },
    {
      ...number(
        'longest mean of a patient',
        known.length === 0 ? null : Math.max(...known),
        seen('longest_average_video'),
      ),
      ...{ unit: 's', decimals: 2, errata: ['paper-08'] },
    },
    ...classes.flatMap(({ name, levels }): Measure[] => [
      number(`frames, ${name}`, framesAt(levels), publishedFrames(levels)),
      {
        ...number(
          `ratio of frames, NONE to ${name}`,
          per(none, framesAt(levels)),
          rounded(seen('frames_none') / publishedFrames(levels), 2),
        ),
        ...{ decimals: 2, errata: name === 'LOW' ? ['paper-11'] : [] },
      },
      number(
        `patients, ${name}`,
        count(patients, ({ painLevel }) => levels.includes(painLevel)),
        publishedCount(({ painLevel }) => levels.includes(painLevel)),
      ),
    ]),
  ];
  const compared = codeOf !== null;
  return {
    number: 4,
    title: 'Summary',
    columns: [column('measure', 'measure'), column('value', 'value'), column('unit', 'unit')],
    rows: measures.map(({ name, unit, value, published, decimals = 0, errata = [] }) => [
      plain(name),
      beside(value, compared ? published : undefined, compared ? errata : [], decimals),
      plain(unit),
    ]),
  };
}

/**
 * What of Table 4 open counts tell: patients, by sex, by skin type and by level.
 * @param count patients of a cell, such as `{ sex: 'M' }`; null where it is not told
 */
export function openSummaryTable(
  count: (at: Readonly<Record<string, string>>) => number | null,
  compared: boolean,
): ReportTable {
  const cells = new Map<string, Readonly<Record<string, string>>>([
    ['patients', {}],
    ['patients, sex M', { sex: 'M' }],
    ['patients, sex F', { sex: 'F' }],
    ['patients, skin type I-III', { skinType: 'I_III' }],
    ['patients, skin type IV-VI', { skinType: 'IV_VI' }],
    ...PAIN_LEVELS.map((painLevel) => [`patients, ${painLevel}`, { painLevel }] as const),
  ]);
  const whole = summaryTable({ patients: [], recordings: [], codeOf: compared ? (code) => code : null });
  const rows = whole.rows.flatMap(([name, value, unit]): ReportCell[][] => {
    const at = cells.get(String(name?.value));
    if (at === undefined || !name || !value || !unit) return [];
    return [[name, beside(count(at), value.published ?? undefined), unit]];
  });
  return { ...whole, rows };
}

const meanSeconds = (own: readonly { readonly seconds: number }[]): number | null =>
  own.length === 0 ? null : rounded(sumOf(own, ({ seconds }) => seconds) / own.length, 2);

const publishedBy = ({ codeOf }: ReportInput): ReadonlyMap<string, PublishedPatient> =>
  new Map(codeOf === null ? [] : PUBLISHED_PATIENTS_WITH_DATA.map((one) => [codeOf(one.patient), one]));

/** Table 6: what there is of each patient, and their labels. */
export function patientTable(input: ReportInput): ReportTable {
  const published = publishedBy(input);
  const rows = input.patients.map(({ code, painLevel, painClass, sex, skinType }): ReportCell[] => {
    const own = input.recordings.filter(({ patient }) => patient === code);
    const there = published.get(code);
    const seconds = rounded(
      sumOf(own, (one) => one.seconds),
      2,
    );
    return [
      plain(code),
      beside(own.length, there?.videos),
      beside(
        sumOf(own, (one) => one.frames),
        there?.frames,
      ),
      beside(seconds, there?.seconds, [], 2),
      beside(meanSeconds(own), there?.averageSecondsPerVideo, [], 2),
      beside(
        sumOf(own, (one) => one.chunks),
        there?.chunks4s,
      ),
      beside(painLevel, there?.painLevel),
      beside(painClass, there?.painClass),
      beside(sex, there?.sex),
      beside(skinTypeLabel(skinType), there && skinTypeLabel(there.skinType)),
    ];
  });
  const columns = [
    column('patient', 'patient'),
    column('videos', 'videos'),
    column('frames', 'frames'),
    column('seconds', 'seconds', 's'),
    column('mean', 'mean', 's'),
    column('chunks', 'chunks of 4 s'),
    column('painLevel', 'level'),
    column('painClass', 'class'),
    column('sex', 'sex'),
    column('skinType', 'skin'),
  ];
  return { number: 6, title: 'Patients: what there is of each, and their labels', columns, rows };
}

/** Table 7: what each patient records with. */
export function deviceTable(input: ReportInput): ReportTable {
  const published = publishedBy(input);
  const rows = input.patients.map(({ code, sourceDevice }): ReportCell[] => {
    const there = published.get(code);
    return [plain(code), beside(sourceDevice, there?.sourceDevice, there?.sourceDevice === null ? ['paper-12'] : [])];
  });
  const columns = [column('patient', 'patient'), column('sourceDevice', 'source device')];
  return { number: 7, title: 'Patients: source device', columns, rows };
}
