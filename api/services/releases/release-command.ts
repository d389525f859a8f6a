import type { Actor } from '../../../governance/actor.ts';
import type { Json } from '../../../governance/canonical.ts';
import { describeReason, type Reason } from '../../../governance/reasons.ts';
import {
  applyReleaseEvent,
  decideReleaseCommand,
  RELEASE_REFUSALS,
  type Release,
  type ReleaseCheckFacts,
  type ReleaseCommand,
  type ReleaseOutcome,
} from '../../../governance/release.ts';
import { CHANGES, type ReleaseChange } from '../../../governance/release-version.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import type { JobQueue } from '../../adapters/queue/queue.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import type { LoadFacts } from '../access/load-facts.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { isUuid } from '../uuid.ts';

export interface ReleaseProblem {
  about: string;
  problem: string;
}

export const problemText = ({ about, problem }: ReleaseProblem): string => `${about}: ${problem}`;

export interface ReleaseDeps {
  database: Database;
  objects: ObjectStore;
  jobs: JobStore;
  queue: JobQueue;
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
  /** VERSION_TOO_SMALL: what has changed, and the first version that allows it. */
  changes: readonly ReleaseChange[];
  nextVersion: string | null;
};
export type ReleaseResult = { ok: true; releaseId: string; version: string } | ReleaseRefused;

type Row = Release & { digest: string | null; studyId: string };

export async function readRelease(sql: Sql, releaseId: string, hold = true): Promise<Row | null> {
  if (!isUuid(releaseId)) return null;
  const { rows } = await sql.query<Omit<Row, 'asked'> & { askedBy: string | null; askedOf: string | null }>(
    `SELECT id, version, status AS state, digest, study_id AS "studyId", publish_asked_by AS "askedBy", publish_asked_digest AS "askedOf", published_at AS "publishedAt",
       status_reason AS "lastReason", errata
     FROM release WHERE id = $1 ${hold ? 'FOR UPDATE' : ''}`,
    [releaseId],
  );
  const row = rows[0];
  return row
    ? { ...row, asked: row.askedBy === null ? null : { by: row.askedBy, contentHash: row.askedOf ?? '' } }
    : null;
}

/** What a command on a release is decided from, beside the actor's facts; what a command has no use for is left out. */
export interface FoundOnRelease {
  readonly versions?: readonly string[];
  readonly published?: readonly string[];
  readonly changes?: readonly ReleaseChange[];
  readonly check?: ReleaseCheckFacts | null;
  readonly problems?: readonly ReleaseProblem[];
}

/** Decides a command on a release, with the actor's facts as of now; a refusal is written to the log. */
export async function decideOnRelease(
  deps: ReleaseDeps,
  sql: Sql,
  actor: Actor,
  state: Release | null,
  command: ReleaseCommand,
  found: FoundOnRelease = {},
  /** False where the caller undoes the transaction, and writes the refusal after it: an entry that is undone would count as written. */
  logged = true,
): Promise<{ ok: true; after: Release; now: Date } | ReleaseRefused> {
  const now = deps.clock.now();
  const facts = await deps.loadFacts(sql, actor.kind === 'account' ? actor.accountId : null, now, null);
  const { versions = [], published = [], changes = [], check = null, problems = [] } = found;
  const outcome: ReleaseOutcome = decideReleaseCommand(state, command, {
    ...{ actor, facts, now, versions, published, changes, check },
    problems: problems.map(problemText),
    newId: deps.ids.uuid(),
  });
  if (outcome.ok) return { ok: true, after: applyReleaseEvent(state, outcome.event), now };
  const { code, reasons, changes: tooLarge, nextVersion } = outcome.refusal;
  if (logged) await logRefusal(deps, sql, actor, `release ${command.type}`, state?.id, code, reasons);
  const told = [
    RELEASE_REFUSALS[code],
    ...reasons.map((reason) => describeReason(reason).sentence),
    ...(nextVersion === null ? [] : [`Since the release before it ${whatChanged(tooLarge)}: ${nextVersion} or later.`]),
  ];
  // Problems of the check are told as they were found.
  const listed = outcome.refusal.problems.map(problemOf);
  return { ok: false, code, message: told.join(' '), reasons, problems: listed, changes: tooLarge, nextVersion };
}

const whatChanged = (changes: readonly ReleaseChange[]): string =>
  changes.map((change) => CHANGES[change].does).join('; ');

/** The two halves of a problem that was kept as one line. */
const problemOf = (line: string): ReleaseProblem => {
  const at = line.lastIndexOf(': ');
  return { about: line.slice(0, Math.max(0, at)), problem: line.slice(at < 0 ? 0 : at + 2) };
};

/** Writes a refusal to the log; where its transaction is undone, once more after it. */
export function logRefusal(
  deps: ReleaseDeps,
  sql: Sql,
  actor: Actor,
  command: string,
  release: string | undefined,
  code: string,
  reasons: readonly Reason[],
): Promise<void> {
  return deps.audit.write(sql, {
    accountId: actor.kind === 'account' ? actor.accountId : null,
    grantId: null,
    action: 'COMMAND_REFUSED',
    detail: { command, release, code, reasons: reasons.map((reason) => reason.code) },
  });
}

export function logRelease(
  deps: ReleaseDeps,
  sql: Sql,
  actor: Actor,
  command: string,
  release: Release,
  more: { readonly [key: string]: Json | undefined } = {},
): Promise<void> {
  const accountId = actor.kind === 'account' ? actor.accountId : null;
  return deps.audit.write(sql, {
    accountId,
    grantId: null,
    action: 'COMMAND',
    detail: { command, release: release.id, version: release.version, state: release.state, ...more },
  });
}
