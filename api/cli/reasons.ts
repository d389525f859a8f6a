import { describeReason, REASON_CODES } from '../../governance/reasons.ts';
import type { RefusalReason } from './exit.ts';

/**
 * Reasons as a server gives them: whole, or as `CODE` and `CODE subject` only, as jobs and downloads do; then the sentence of this version stands in.
 * What is neither is shown as it came.
 */
export function reasonsOf(given: readonly unknown[]): RefusalReason[] {
  const reasons = given.map(reasonOf);
  return reasons.filter(
    (one, at) => reasons.findIndex(({ code, subject }) => code === one.code && subject === one.subject) === at,
  );
}

function reasonOf(given: unknown): RefusalReason {
  if (typeof given === 'string') {
    const [word = '', ...rest] = given.split(' ');
    return known(word, rest.join(' ') || null);
  }
  const { code, subject, sentence, whoActsNext } = (given ?? {}) as Record<string, unknown>;
  const ours = known(textOf(code) ?? 'UNKNOWN', textOf(subject));
  return {
    ...ours,
    sentence: textOf(sentence) ?? ours.sentence,
    whoActsNext: textOf(whoActsNext) ?? ours.whoActsNext,
  };
}

function known(word: string, subject: string | null): RefusalReason {
  const code = REASON_CODES.find((one) => one === word);
  if (!code) return { code: word, subject, sentence: '', whoActsNext: null };
  return describeReason({ code, subject });
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Who acts next, as said to whoever reads it: the reason does not say whose request it is about. */
export const nextText = (who: string): string =>
  who === 'APPLICANT' ? 'the applicant of the request (you, if it is yours)' : who.toLowerCase().replaceAll('_', ' ');
