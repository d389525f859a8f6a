import type { RequestState } from '../../../governance/request/state.ts';
import { standsIn } from '../../../governance/request/stewards.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { requestActor, requestFactsOf } from './request-facts.ts';

/** Whether somebody decides a request in the place of a steward as of now, and so has to see what it is decided by. */
export async function decidesAsDeputy(sql: Sql, accountId: string, state: RequestState, now: Date): Promise<boolean> {
  const actor = await requestActor(sql, accountId, now);
  const [facts] = await requestFactsOf(sql, [state], { actor, now, newId: 'example', newToken: '' });
  return standsIn(state, accountId, facts!);
}
