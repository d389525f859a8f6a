import { decideRelease, type Plan, type PlanInput, plan, visibleReleases } from './plan.ts';

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

const keyOf = ({ operation, variables, actor, situations, now }: PlanInput): string | null => {
  const values = JSON.stringify(variables);
  if (values.length > LONGEST_VARIABLES) return null;
  const known = [...situations].map(([where, situation]) => [
    where,
    situation?.facts.policy.timeZone,
    ...visibleReleases(situation, actor, now).map(({ id, state, version }) => [id, state, version]),
  ]);
  return JSON.stringify([operation, values, actor, known]);
};

const decidedOf = ({ releases }: Plan, input: PlanInput): string =>
  JSON.stringify(
    releases.map(({ where, id }) => {
      const situation = input.situations.get(where) ?? null;
      const release = situation?.releases.find((one) => one.id === id);
      return situation === null || release === undefined ? null : decideRelease(situation, release, input);
    }),
  );
