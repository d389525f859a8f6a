import type { Actor } from '../../../governance/actor.ts';
import type { ReleaseCommand } from '../../../governance/release.ts';
import type { ReleaseMutation, ReleaseStanding } from '../../../schema/services/releases.ts';
import { withdrawnPatients } from './check-rows.ts';
import { sincePublished } from './publish-release.ts';
import { knownCheck } from './release-check.ts';
import { decideOnRelease, type ReleaseDeps, readRelease } from './release-command.ts';

const WORDS = 'Why.';

/** Asks the decision itself what an actor could do to a release now, with commands that say everything that they have to; nothing is written. */
export async function releaseStanding(deps: ReleaseDeps, actor: Actor, releaseId: string): Promise<ReleaseStanding> {
  return deps.database.transaction(async (sql) => {
    const state = await readRelease(sql, releaseId, false);
    if (state === null) return { allowedCommands: [], publicationLacks: null };
    const ask = (command: ReleaseCommand, found = {}) =>
      decideOnRelease(deps, sql, actor, state, command, found, false);
    // Whoever may look at a release may have it checked.
    const allowed: ReleaseMutation[] = ['checkRelease'];
    const examples: readonly (readonly [ReleaseMutation, ReleaseCommand])[] = [
      ['askForPublication', { type: 'askPublication', contentHash: state.digest ?? '' }],
      ['deprecateRelease', { type: 'deprecate', reason: WORDS }],
      ['retractRelease', { type: 'retract', reason: WORDS }],
      ['addErratum', { type: 'addErratum', concerns: WORDS, text: WORDS, correctedIn: null }],
    ];
    for (const [name, command] of examples) if ((await ask(command)).ok) allowed.push(name);
    if (state.state !== 'DRAFT') return { allowedCommands: allowed, publicationLacks: null };
    const check = await knownCheck(sql, releaseId);
    const contentHash = check?.contentHash ?? state.digest ?? '';
    const publication = await ask(
      { type: 'publish', contentHash },
      {
        ...(await sincePublished(sql, state.studyId, state)),
        ...{ check, problems: await withdrawnPatients(sql, releaseId) },
      },
    );
    if (publication.ok) allowed.push('publishRelease');
    return { allowedCommands: allowed, publicationLacks: publication.ok ? null : publication.message };
  });
}
