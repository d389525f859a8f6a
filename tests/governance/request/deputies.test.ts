import { describe, expect, it } from 'vitest';
import type { RequestFacts } from '../../../governance/request/commands.ts';
import { ableStewards } from '../../../governance/request/stewards.ts';
import {
  attempt,
  codeOf,
  endorsed,
  factsOf,
  having,
  labelTerms,
  PEOPLE,
  propose,
  requestIn,
  second,
} from './a-request.ts';

const steward = (accountId: string, institutionId = 'nih') => ({ accountId, institutionId });
const deputy = (accountId: string, institutionId = 'far') => ({ accountId, institutionId, deputy: true as const });
const as = (accountId: string, institutionId = 'far'): Pick<RequestFacts, 'actor'> => ({
  actor: { ...PEOPLE.nobody, accountId, institutionId },
});

describe('a deputy steward', () => {
  const stewards = [steward('sam'), steward('sue'), deputy('dee'), deputy('dan')];

  it('is nothing to a request that enough stewards can decide', () => {
    expect(ableStewards(endorsed(), factsOf('sam', { stewards }))).toEqual(['sam', 'sue']);
    expect(codeOf(attempt(endorsed(), 'nobody', propose(endorsed()), { stewards, ...as('dee') }))).toBe('NOT_FOUND');
  });

  it('decides where stewards have stepped back, are of the institution, or have written with the team', () => {
    const recused = having(endorsed(), 'sam', { type: 'recuse' });
    expect(ableStewards(recused, factsOf('sam', { stewards }))).toEqual(['sue', 'dee', 'dan']);
    const own = [steward('sam'), steward('uma', 'uni'), deputy('dee')];
    expect(ableStewards(endorsed(), factsOf('sam', { stewards: own }))).toEqual(['sam', 'dee']);
    expect(ableStewards(endorsed(), factsOf('sam', { stewards, coAuthors: ['sue'] }))).toEqual(['sam', 'dee', 'dan']);
    // Then a request for what is identifiable comes to its two stewards.
    const proposed = having(recused, 'sue', propose(recused), { stewards });
    expect(codeOf(attempt(proposed, 'nobody', second(proposed), { stewards, ...as('dee') }))).toBe('done');
  });

  it('does not decide for their own institution, a co-author, or after stepping back', () => {
    const few = [steward('sam'), deputy('dee', 'uni'), deputy('dan')];
    const state = requestIn('SUBMITTED');
    expect(codeOf(attempt(state, 'nobody', second(state), { stewards: few, ...as('dee', 'uni') }))).toBe('NOT_FOUND');
    const facts = { stewards: few, coAuthors: ['dan'], ...as('dan') };
    expect(codeOf(attempt(state, 'nobody', second(state), facts))).toBe('NOT_FOUND');
  });

  it('is not needed where one steward is enough', () => {
    const one = [steward('sam'), deputy('dee')];
    const labels = having(requestIn('RETURNED'), 'ada', {
      type: 'edit',
      form: { ...requestIn('RETURNED').form, items: [{ modality: 'LABELS', uses: ['READ'], why: 'Targets only.' }] },
    });
    expect(ableStewards(labels, factsOf('sam', { stewards: one }))).toEqual(['sam']);
    expect(labelTerms.access).toEqual({ LABELS: ['READ'] });
  });
});
