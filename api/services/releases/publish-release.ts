import type { Actor } from '../../../governance/actor.ts';
import { isUuid } from '../uuid.ts';
import { checkRelease } from './check-release.ts';
import { storeOpenTables } from './open-tables.ts';
import {
  decideOnRelease,
  logRelease,
  type ReleaseDeps,
  type ReleaseRefused,
  type ReleaseResult,
  readRelease,
} from './release-command.ts';
import { releaseDigest } from './release-digest.ts';

const unknown: ReleaseRefused = {
  ok: false,
  code: 'NO_SUCH_RELEASE',
  message: 'There is no such release.',
  reasons: [],
  problems: [],
};

/** A curator asks for a draft to be published; a steward, another person, then does. */
export async function askForPublication(deps: ReleaseDeps, actor: Actor, releaseId: string): Promise<ReleaseResult> {
  return deps.database.transaction(async (sql) => {
    const state = await readRelease(sql, releaseId);
    if (!state) return unknown;
    const decided = await decideOnRelease(
      deps,
      sql,
      actor,
      state,
      { type: 'askPublication', contentHash: state.digest ?? '' },
      { versions: [], problems: [] },
    );
    if (!decided.ok) return decided;
    await sql.query(
      'UPDATE release SET publish_asked_by = $2, publish_asked_at = $3, publish_asked_digest = $4 WHERE id = $1',
      [releaseId, decided.after.asked?.by, decided.now, decided.after.asked?.contentHash],
    );
    await logRelease(deps, sql, actor, 'release askPublication', decided.after);
    return { ok: true, releaseId, version: state.version };
  });
}

/** Publishes what was asked for, after a check, with its open tables; it never changes afterwards. */
export async function publishRelease(
  deps: ReleaseDeps,
  actor: Actor,
  releaseId: string,
  options: { checksums: boolean },
): Promise<ReleaseResult> {
  // The check reads every file: it runs before the transaction, which then only compares the rows.
  const problems = isUuid(releaseId) ? await checkRelease(deps, releaseId, options) : [];
  return deps.database.transaction(async (sql) => {
    const state = await readRelease(sql, releaseId);
    if (!state) return unknown;
    const decided = await decideOnRelease(
      deps,
      sql,
      actor,
      state,
      // Worked out anew: what is published is what was asked for and checked, and not what became of it since.
      { type: 'publish', contentHash: await releaseDigest(sql, releaseId) },
      { versions: [], problems },
    );
    if (!decided.ok) return decided;
    await storeOpenTables(sql, releaseId, decided.now);
    await sql.query(`UPDATE release SET status = 'PUBLISHED', published_by = $2, published_at = $3 WHERE id = $1`, [
      releaseId,
      actor.kind === 'account' ? actor.accountId : null,
      decided.now,
    ]);
    await logRelease(deps, sql, actor, 'release publish', decided.after);
    return { ok: true, releaseId, version: state.version };
  });
}
