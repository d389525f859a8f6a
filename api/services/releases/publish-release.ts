import type { Actor } from '../../../governance/actor.ts';
import type { ReleaseCommand } from '../../../governance/release.ts';
import { baseOf } from '../../../governance/release-version.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { keptGroups } from '../runs/kept-groups.ts';
import { withdrawnPatients } from './check-rows.ts';
import { storeOpenTables } from './open-tables.ts';
import { releaseChanges } from './release-changes.ts';
import { knownCheck } from './release-check.ts';
import {
  decideOnRelease,
  logRelease,
  type ReleaseDeps,
  type ReleaseRefused,
  type ReleaseResult,
  readRelease,
} from './release-command.ts';
import { tellOfRetraction } from './tell-of-retraction.ts';

const unknown: ReleaseRefused = {
  ok: false,
  code: 'NO_SUCH_RELEASE',
  message: 'There is no such release.',
  reasons: [],
  problems: [],
  changes: [],
  nextVersion: null,
};

/** A curator asks for a draft to be published; a steward, another person, then does. */
export async function askForPublication(deps: ReleaseDeps, actor: Actor, releaseId: string): Promise<ReleaseResult> {
  return deps.database.transaction(async (sql) => {
    const state = await readRelease(sql, releaseId);
    if (!state) return unknown;
    const command = { type: 'askPublication', contentHash: state.digest ?? '' } as const;
    const decided = await decideOnRelease(deps, sql, actor, state, command);
    if (!decided.ok) return decided;
    await sql.query(
      'UPDATE release SET publish_asked_by = $2, publish_asked_at = $3, publish_asked_digest = $4 WHERE id = $1',
      [releaseId, decided.after.asked?.by, decided.now, decided.after.asked?.contentHash],
    );
    await logRelease(deps, sql, actor, 'release askPublication', decided.after);
    return { ok: true, releaseId, version: state.version };
  });
}

/** The releases of a study that were ever published, with how this one differs from the one that its version follows. */
export async function sincePublished(sql: Sql, studyId: string, release: { id: string; version: string }) {
  const { rows } = await sql.query<{ id: string; version: string }>(
    `SELECT id, version FROM release WHERE study_id = $1 AND status <> 'DRAFT' AND id <> $2`,
    [studyId, release.id],
  );
  const base = baseOf(release.version, rows);
  return {
    published: rows.map(({ version }) => version),
    changes: base === null ? [] : await releaseChanges(sql, base.id, release.id),
  };
}

/**
 * Publishes what was asked for, with its open tables; it never changes afterwards. Nothing is read again but what may have changed since the check: the
 * check's result is of the same list (`revision`) and content (`digest`), and what the list points at cannot be changed by the server's role.
 */
export async function publishRelease(deps: ReleaseDeps, actor: Actor, releaseId: string): Promise<ReleaseResult> {
  const published = await deps.database.transaction(async (sql): Promise<ReleaseResult> => {
    const state = await readRelease(sql, releaseId);
    if (!state) return unknown;
    // Two releases of a study are published one after the other: each knows of the other's version and tables.
    await sql.query('SELECT 1 FROM study WHERE id = $1 FOR UPDATE', [state.studyId]);
    const check = await knownCheck(sql, releaseId);
    const command = { type: 'publish', contentHash: check?.contentHash ?? state.digest ?? '' } as const;
    const found = { ...(await sincePublished(sql, state.studyId, state)), check };
    const problems = await withdrawnPatients(sql, releaseId);
    const decided = await decideOnRelease(deps, sql, actor, state, command, { ...found, problems });
    if (!decided.ok) return decided;
    const openTables = await storeOpenTables(sql, releaseId, decided.now);
    await deps.audit.write(sql, {
      accountId: null,
      grantId: null,
      action: 'OPEN_TABLES',
      detail: { release: releaseId, ...openTables },
    });
    await sql.query(`UPDATE release SET status = 'PUBLISHED', published_by = $2, published_at = $3 WHERE id = $1`, [
      releaseId,
      actor.kind === 'account' ? actor.accountId : null,
      decided.now,
    ]);
    await logRelease(deps, sql, actor, 'release publish', decided.after, { digest: state.digest });
    return { ok: true, releaseId, version: state.version };
  });
  // Before anybody can withdraw; cut off here, the first look does it.
  if (published.ok) await keptGroups(deps, releaseId);
  return published;
}

type Later = Extract<ReleaseCommand, { type: 'deprecate' | 'retract' | 'addErratum' }>;

/**
 * Deprecates, retracts or adds an erratum to what was published. A retraction ends all access to the release's data from the moment of its commit: every
 * path decides from the state of its row.
 */
export async function changePublished(
  deps: ReleaseDeps,
  actor: Actor,
  releaseId: string,
  command: Later,
): Promise<ReleaseResult> {
  return deps.database.transaction(async (sql) => {
    const state = await readRelease(sql, releaseId);
    if (!state) return unknown;
    const decided = await decideOnRelease(deps, sql, actor, state, command);
    if (!decided.ok) return decided;
    const { after, now } = decided;
    const accountId = actor.kind === 'account' ? actor.accountId : null;
    if (command.type === 'addErratum')
      await sql.query('UPDATE release SET errata = errata || $2::jsonb WHERE id = $1', [
        releaseId,
        JSON.stringify(after.errata.slice(-1)),
      ]);
    else
      await sql.query(
        'UPDATE release SET status = $2, status_reason = $3, status_changed_at = $4, status_changed_by = $5 WHERE id = $1',
        [releaseId, after.state, after.lastReason, now, accountId],
      );
    const told = command.type === 'retract' ? { told: await tellOfRetraction(sql, releaseId) } : {};
    const more =
      command.type === 'addErratum' ? { erratum: after.errata.at(-1)?.number } : { reason: after.lastReason, ...told };
    await logRelease(deps, sql, actor, `release ${command.type}`, after, more);
    return { ok: true, releaseId, version: state.version };
  });
}
