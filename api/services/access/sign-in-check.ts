import type { Actor } from '../../../governance/actor.ts';
import { signInReason } from '../../../governance/second-factor.ts';
import type { SignInCheck } from '../../../schema/services/sign-in.ts';
import type { CommandDeps } from '../command-deps.ts';
import { refusedFor } from '../permit.ts';

/** Asks of each command whether it is taken from somebody who signed in like this; a refusal is written to the log. */
export const signInCheck = ({ database, clock, audit }: CommandDeps, actor: Actor): SignInCheck => ({
  async refusal(command) {
    const unmet = signInReason(command, actor, clock.now());
    if (unmet === null || actor.kind !== 'account') return null;
    await audit.write(database, {
      accountId: actor.accountId,
      grantId: null,
      action: 'COMMAND_REFUSED',
      detail: { command, code: 'FORBIDDEN', reasons: [unmet.code] },
    });
    return refusedFor([unmet]);
  },
});
