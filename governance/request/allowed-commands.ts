import type { CommandType, RequestFacts } from './commands.ts';
import { actorId } from './outcome.ts';
import { isConflicted, partsOf } from './parts.ts';
import { COMMANDS, isPermitted, PERMISSIONS } from './permissions.ts';
import type { RequestState } from './state.ts';

/** What has to be known to say what somebody may do. */
export type AllowedFacts = Pick<RequestFacts, 'actor' | 'institution' | 'coAuthors'>;

/**
 * The commands that this actor may give to a request as it stands: those that the table of permissions does not refuse.
 * One of them may still be refused for what it says, or for what is missing.
 */
export const allowedCommands = (state: RequestState, facts: AllowedFacts): readonly CommandType[] => {
  if (facts.actor.kind === 'account' && facts.actor.suspended) return [];
  const parts = partsOf(state, facts);
  const judges = !state.recused.includes(actorId(facts)) && !isConflicted(state, facts, parts);
  return COMMANDS.filter(
    (command) => isPermitted(command, state.status, parts) && (judges || PERMISSIONS[command].conflicts !== true),
  );
};
