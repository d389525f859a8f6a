import { decidedIn } from './decided.ts';
import { type Plan, type PlanInput, plan } from './plan.ts';

/** Plans that are kept; scripts ask the same few documents over and over. */
const MOST_PLANS = 300;
/** Variables beyond this many characters are not worth remembering. */
const LONGEST_VARIABLES = 10_000;

interface Kept {
  readonly decided: string;
  readonly plan: Plan;
}

/**
 * Plans by what they follow from. The decisions are made anew for every operation, from facts that were just read; a
 * plan is used again only where the document, its variables, the person, the releases that they may know of and every
 * decision are the same to the letter.
 */
export class PlanCache {
  private readonly kept = new Map<string, Kept>();

  plan(input: PlanInput): Plan {
    const key = keyOf(input);
    if (key === null) return plan(input);
    const known = this.kept.get(key);
    if (known !== undefined && known.decided === decidedOf(known.plan, input)) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return known.plan;
    }
    const made = plan(input);
    this.kept.delete(key);
    this.kept.set(key, { decided: decidedOf(made, input), plan: made });
    if (this.kept.size > MOST_PLANS) this.kept.delete(this.kept.keys().next().value ?? '');
    return made;
  }
}

const keyOf = ({ operation, variables, actor, situations }: PlanInput): string | null => {
  const values = JSON.stringify(variables);
  if (values.length > LONGEST_VARIABLES) return null;
  const known = [...situations].map(([where, situation]) => [
    where,
    situation === null ? null : decidedIn(situation, actor).releasesText,
  ]);
  return JSON.stringify([operation, values, actor, known]);
};

const decidedOf = ({ releases }: Plan, { situations, actor }: PlanInput): string =>
  releases
    .map(({ where, id }) => {
      const situation = situations.get(where) ?? null;
      if (situation === null) return '';
      const decided = decidedIn(situation, actor);
      const release = decided.releases.find((one) => one.id === id);
      return release === undefined ? '' : decided.of(release).text;
    })
    .join('\n');
