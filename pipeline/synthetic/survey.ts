import { SURVEY_ITEMS, type Survey, type SurveyItem } from '../labels/survey.ts';
import { couplingParameters } from './coupling.ts';
import { clamp, type Random } from './random.ts';

type Scored = Exclude<SurveyItem, 'paintime'>;
const scored: readonly Scored[] = SURVEY_ITEMS.filter((item) => item !== 'paintime');

/** A patient's lasting leaning per question, on a scale of 0 to 1. */
export type SurveyHabit = { readonly [question in Scored]: number };

export const drawSurveyHabit = (random: Random): SurveyHabit =>
  Object.fromEntries(
    scored.map((question) => [question, random.normal(0, couplingParameters.itemPatientNoise.value)]),
  ) as SurveyHabit;

/** The answers of one submission from its survey signal (0 to 1) and the patient's habit. */
export function drawSurvey(signal: number, habit: SurveyHabit, random: Random): Survey {
  // A patient without pain leaves most questions at nothing, so the habit only colours what is there.
  const colour = clamp(signal * 3, 0, 1);
  const scores = Object.fromEntries(
    scored.map((question) => {
      const noise = random.normal(0, couplingParameters.itemNoise.value);
      return [question, Math.round(10 * clamp(signal + colour * habit[question] + noise, 0, 1))];
    }),
  ) as SurveyHabit;
  return { ...scores, paintime: random.chance(1 / (1 + Math.exp(-9 * (signal - 0.3)))) };
}

/** The file survey.csv: a header and one row. */
export function surveyCsv(survey: Survey): string {
  const answer = (item: SurveyItem): string =>
    item === 'paintime' ? (survey.paintime ? 'Yes' : 'No') : String(survey[item]);
  return `${SURVEY_ITEMS.join(',')}\n${SURVEY_ITEMS.map(answer).join(',')}\n`;
}
