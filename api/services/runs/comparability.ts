import type { FoundRelease } from '../releases/find-release.ts';

/** Whether a result may be read beside Table 5, as a sentence. @param differs what the preset left out of the paper's; null for nothing */
export function comparability(release: FoundRelease, differs: string | null): string {
  const reasons = [
    ...(release.synthetic ? ['these patients are synthetic'] : release.studyKey === 'iss' ? [] : ['another study']),
    ...(differs === null ? [] : [differs]),
  ];
  return reasons.length === 0
    ? 'Comparable with the published results as far as the release holds the same patients.'
    : `Not comparable with the published results: ${reasons.join('; ')}.`;
}
