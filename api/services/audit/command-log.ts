import type { Actor } from '../../../governance/actor.ts';
import type { CommandLog } from '../../../schema/services/command-log.ts';
import type { CommandDeps } from '../command-deps.ts';
import { byToken } from './by-token.ts';

/**
 * What a service itself leaves out: a repeat that changes nothing, a refusal for another reason than access (no such thing, a bad form). A command that
 * failed with a bug has an entry of its transaction or none; the server's log has it.
 */
export function commandLog({ database, audit }: CommandDeps, actor: Actor): CommandLog {
  return {
    async around(command, work) {
      // A stranger's refusal is counted where it is decided.
      if (actor.kind !== 'account') return work();
      const { result, entries } = await audit.counting(work);
      if (entries > 0) return result;
      const outcome = result.ok ? { effect: false } : { code: result.code };
      await audit.write(database, {
        accountId: actor.accountId,
        grantId: actor.grantId ?? null,
        action: result.ok ? 'COMMAND' : 'COMMAND_REFUSED',
        detail: { command, ...outcome, ...byToken(actor) },
      });
      return result;
    },
  };
}
