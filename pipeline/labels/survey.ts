import { parseCsvTable } from './csv-table.ts';
import { type Parsed, type Problem, quoted } from './problem.ts';

/** The nine answers given with a submission, in the order of the questionnaire and of `survey.csv`. */
export interface Survey {
  /** Pain at this moment, 0 to 10. */
  readonly painnow: number;
  /** Whether pain from the cancer has lasted over three months. */
  readonly paintime: boolean;
  /** How far pain interferes, 0 not at all to 10 completely: */
  readonly activity: number;
  readonly mood: number;
  readonly walking: number;
  readonly work: number;
  readonly relationships: number;
  readonly sleep: number;
  readonly enjoyment: number;
}

export type SurveyItem = keyof Survey;

export const SURVEY_ITEMS: readonly SurveyItem[] = [
  'painnow',
  'paintime',
  'activity',
  'mood',
  'walking',
  'work',
  'relationships',
  'sleep',
  'enjoyment',
];

const MAX_BYTES = 65_536;

/** The number of a 0-10 answer, or undefined: digits alone, so neither `5.0` nor `+5` nor `11`. */
export const scoreFrom = (text: string): number | undefined => (/^(?:\d|10)$/.test(text) ? Number(text) : undefined);

const yesOrNo = (text: string): boolean | undefined => {
  if (/^yes$/i.test(text)) return true;
  return /^no$/i.test(text) ? false : undefined;
};

/**
 * Reads a submission's `survey.csv`: a header of the nine items in any order, and one row.
 * `paintime` is Yes or No, every other answer a whole number from 0 to 10.
 * @returns the survey, or every problem with its line, column and value
 */
export const parseSurvey = (bytes: Uint8Array): Parsed<Survey> => {
  const table = parseCsvTable(bytes, { required: SURVEY_ITEMS, maxBytes: MAX_BYTES });
  if (!table.ok) return table;
  const [row, extra] = table.value;
  if (row === undefined) {
    return { ok: false, problems: [{ code: 'ROW_MISSING', message: 'The survey has a header and no answers.' }] };
  }
  if (extra !== undefined) {
    const message = `Line ${extra.line}: a survey has one row of answers, this is a second.`;
    return { ok: false, problems: [{ code: 'ROW_EXTRA', line: extra.line, message }] };
  }

  const problems: Problem[] = [];
  const read = (item: SurveyItem): number | boolean => {
    const value = row.cells[item] ?? '';
    const answer = item === 'paintime' ? yesOrNo(value) : scoreFrom(value);
    if (answer === undefined) {
      const wanted = item === 'paintime' ? 'Yes or No' : 'a whole number from 0 to 10';
      const message = `Line ${row.line}, column ${item}: ${quoted(value)} is not ${wanted}.`;
      problems.push({ code: 'VALUE_INVALID', line: row.line, column: item, value, message });
    }
    return answer ?? 0;
  };
  const survey = Object.fromEntries(SURVEY_ITEMS.map((item) => [item, read(item)])) as unknown as Survey;
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: survey };
};

/** The nine answers as numbers in questionnaire order; `paintime` Yes 1, No 0. No survey gives zeros, as in the paper (patient 0015). */
export const surveyNumbers = (survey: Survey | null): number[] =>
  SURVEY_ITEMS.map((item) => (survey === null ? 0 : Number(survey[item])));
