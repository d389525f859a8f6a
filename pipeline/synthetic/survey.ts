import { couplingParameters } from './coupling.ts';
import { clamp, type Random } from './random.ts';

/** The seven questions on how far pain interferes, in the order of a drop's survey.csv. */
const interference = ['activity', 'mood', 'walking', 'work', 'relationships', 'sleep', 'enjoyment'] as const;

/** The nine questions in the order of a drop's survey.csv. */
export const surveyColumns = ['painnow', 'paintime', ...interference] as const;

type Scored = Exclude<(typeof surveyColumns)[number], 'paintime'>;

/** Nine answers: scores from 0 to 10, and whether there was pain today. */
export type SurveyAnswers = { readonly [question in Scored]: number } & { readonly paintime: 'Yes' | 'No' };

/** A patient's lasting leaning per question, on a scale of 0 to 1. */
export type SurveyHabit = { readonly [question in Scored]: number };

export function drawSurveyHabit(random: Random): SurveyHabit {
  const entries = ['painnow' as const, ...interference].map(
    (question) => [question, random.normal(0, couplingParameters.itemPatientNoise.value)] as const,
  );
  return Object.fromEntries(entries) as SurveyHabit;
}

/** The answers of one submission from its survey signal (0 to 1) and the patient's habit. */
export function drawSurvey(signal: number, habit: SurveyHabit, random: Random): SurveyAnswers {
  const score = (question: Scored): number => {
    // A patient without pain leaves most questions at nothing, so the habit only colours what is there.
    const colour = habit[question] * clamp(signal * 3, 0, 1);
    return Math.round(10 * clamp(signal + colour + random.normal(0, couplingParameters.itemNoise.value), 0, 1));
  };
  const painnow = score('painnow');
  const rest = Object.fromEntries(interference.map((question) => [question, score(question)])) as Omit<
    SurveyHabit,
    'painnow'
  >;
  const painful = random.chance(1 / (1 + Math.exp(-9 * (signal - 0.3))));
  return { painnow, paintime: painful ? 'Yes' : 'No', ...rest };
}

/** The file survey.csv: a header and one row. */
export const surveyCsv = (answers: SurveyAnswers): string =>
  `${surveyColumns.join(',')}\n${surveyColumns.map((column) => answers[column]).join(',')}\n`;
