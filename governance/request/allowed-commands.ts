import type { CommandType, RequestFacts } from './commands.ts';
import { decideRequest } from './decide-request.ts';
import { exampleCommand } from './example-command.ts';
import { COMMANDS } from './permissions.ts';
import type { RefusalCode } from './refusals.ts';
import type { RequestState } from './state.ts';

/** Refusals of something that only the sender has: their invitation's token. */
const THEIRS_TO_BRING: readonly RefusalCode[] = ['INVITATION_TOKEN_WRONG'];

/**
 * The commands that would be taken from this actor now, as far as that is for the request and the person to say: the
 * decision itself is asked, with a command that says everything that it has to.
 */
export const allowedCommands = (state: RequestState, facts: RequestFacts): readonly CommandType[] =>
  facts.actor.kind === 'account'
    ? COMMANDS.filter((type) => {
        if (type === 'create' || type === 'expire' || type === 'followRenewal') return false;
        const command = exampleCommand(state, type, facts);
        if (command === null) return false;
        const outcome = decideRequest(state, command, facts);
        return outcome.ok || THEIRS_TO_BRING.includes(outcome.refusal.code);
      })
    : [];
