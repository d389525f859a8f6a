import { classOf } from '../modality.ts';
import type { RequestFacts, StewardFacts } from './commands.ts';
import { amended, everybodyOf, hasEndorsed, type RequestState } from './state.ts';

type Known = Pick<RequestFacts, 'stewards' | 'coAuthors'>;

/** True where somebody may decide this request: not their own, their institution's or a co-author's, not endorsed by them, and not stepped back. */
const mayJudge = (
  state: RequestState,
  { accountId, institutionId }: StewardFacts,
  coAuthors: readonly string[],
): boolean =>
  institutionId !== state.institutionId &&
  !state.recused.includes(accountId) &&
  !coAuthors.includes(accountId) &&
  !everybodyOf(state).includes(accountId) &&
  !hasEndorsed(state, accountId);

/** The stewards that a request needs at most: as many as the strictest data that is asked for. */
export const stewardsWanted = (state: RequestState, { policy }: Pick<RequestFacts, 'policy'>): number =>
  Math.max(
    1,
    ...((amended(state) ?? state).form.items ?? []).map(({ modality }) => policy.classes[classOf(modality)].stewards),
  );

/**
 * Who may decide a request. Appointed deputies stand in only where too few stewards are left, so that nothing waits for
 * ever because everybody has stepped back or is of the same institution.
 */
export const ableStewards = (state: RequestState, facts: Known & Pick<RequestFacts, 'policy'>): readonly string[] => {
  const able = facts.stewards.filter((one) => mayJudge(state, one, facts.coAuthors));
  const stewards = able.filter(({ deputy }) => deputy !== true);
  const enough = stewards.length >= stewardsWanted(state, facts);
  return (enough ? stewards : able).map(({ accountId }) => accountId);
};

/** True for a deputy who stands in for a steward here, as things stand. */
export const standsIn = (
  state: RequestState,
  accountId: string,
  facts: Known & Pick<RequestFacts, 'policy'>,
): boolean =>
  facts.stewards.some((one) => one.accountId === accountId && one.deputy === true) &&
  ableStewards(state, facts).includes(accountId);
