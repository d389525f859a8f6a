import type { Actor } from '../../../governance/actor.ts';
import type { SecondStepCommands } from '../../../schema/services/second-steps.ts';
import type { CommandDeps } from '../command-deps.ts';
import { logCommand } from '../log-command.ts';
import { permitOf } from '../permit.ts';
import { secondSteps } from './second-steps.ts';

/** What waits for a second person, for one actor. Confirming is a command of what it does. */
export function secondStepCommands(deps: CommandDeps, actor: Actor): SecondStepCommands {
  const steps = secondSteps(deps);
  const permit = permitOf(deps, actor);
  return {
    async pending() {
      const allowed = await permit('VIEW_STEPS', { query: 'pendingSteps' });
      return allowed.ok ? { ok: true, value: await steps.pending(deps.database, allowed.actor) } : allowed;
    },
    async withdraw(id) {
      const allowed = await permit('VIEW_STEPS', { command: 'withdrawStep', step: id });
      if (!allowed.ok) return allowed;
      return deps.database.transaction(async (sql) => {
        const done = await steps.withdraw(sql, { id, by: allowed.actor });
        if (!done.ok) return done;
        const detail = { step: id, needs: done.action };
        await logCommand(deps.audit, sql, allowed.actor.accountId, 'withdrawStep', detail);
        return { ok: true, id } as const;
      });
    },
  };
}
