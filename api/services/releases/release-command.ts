import type { Actor } from '../../../governance/actor.ts';
import { describeReason, type Reason } from '../../../governance/reasons.ts';
import {
  applyReleaseEvent,
  decideReleaseCommand,
  RELEASE_REFUSALS,
  type Release,
  type ReleaseCommand,
  type ReleaseOutcome,
} from '../../../governance/release.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import type { LoadFacts } from '../access/load-facts.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { isUuid } from '../uuid.ts';

export interface ReleaseProblem {
  about: string;
  problem: string;
}

export interface ReleaseDeps {
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  ids: Ids;
  audit: AuditLog;
  loadFacts: LoadFacts;
}

export type ReleaseRefused = {
  ok: false;
  code: keyof typeof RELEASE_REFUSALS | 'NO_SUCH_RELEASE';
  message: string;
  reasons: readonly Reason[];
  problems: readonly ReleaseProblem[];
};
export type ReleaseResult = { ok: true; releaseId: string; version: string } | ReleaseRefused;

type Row = Release & { digest: string | null; studyId: string };

export async function readRelease(sql: Sql, releaseId: string): Promise<Row | null> {
  if (!isUuid(releaseId)) return null;
  const { rows } = await sql.query<Omit<Row, 'asked'> & { askedBy: string | null; askedOf: string | null }>(
    `SELECT id, version, status AS state, digest, study_id AS "studyId", publish_asked_by AS "askedBy", publish_asked_digest AS "askedOf", published_at AS "publishedAt", NULL AS "lastReason"
     FROM release WHERE id = $1 FOR UPDATE`,
    [releaseId],
  );
  const row = rows[0];
  return row
    ? { ...row, asked: row.askedBy === null ? null : { by: row.askedBy, contentHash: row.askedOf ?? '' } }
    : null;
}

/** Decides a command on a release, with the actor's facts as of now; a refusal is written to the log. */
export async function decideOnRelease(
  deps: ReleaseDeps,
  sql: Sql,
  actor: Actor,
  state: Release | null,
  command: ReleaseCommand,
  found: { versions: readonly string[]; problems: readonly ReleaseProblem[] },
): Promise<{ ok: true; after: Release; now: Date } | ReleaseRefused> {
  const now = deps.clock.now();
  const accountId = actor.kind === 'account' ? actor.accountId : null;
  const facts = await deps.loadFacts(sql, accountId, now, null);
  const problems = found.problems.map(({ about, problem }) => `${about}: ${problem}`);
  const outcome: ReleaseOutcome = decideReleaseCommand(state, command, {
    actor,
    facts,
    now,
    versions: found.versions,
    problems,
    newId: deps.ids.uuid(),
  });
  if (outcome.ok) return { ok: true, after: applyReleaseEvent(state, outcome.event), now };
  const { code, reasons } = outcome.refusal;
  await deps.audit.write(sql, {
    accountId,
    grantId: null,
    action: 'COMMAND_REFUSED',
    detail: {
      command: `release ${command.type}`,
      release: state?.id,
      code,
      reasons: reasons.map((reason) => reason.code),
    },
  });
  const told = reasons.map((reason) => describeReason(reason).sentence).join(' ');
  return { ok: false, code, message: `${RELEASE_REFUSALS[code]} ${told}`.trim(), reasons, problems: found.problems };
}

export function logRelease(
  deps: ReleaseDeps,
  sql: Sql,
  actor: Actor,
  command: string,
  release: Release,
): Promise<void> {
  const accountId = actor.kind === 'account' ? actor.accountId : null;
  return deps.audit.write(sql, {
    accountId,
    grantId: null,
    action: 'COMMAND',
    detail: { command, release: release.id, version: release.version, state: release.state },
  });
}
