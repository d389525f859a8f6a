import type { Actor } from '../../../governance/actor.ts';
import type {
  DraftFacts,
  ReleaseCheckFacts,
  ReleaseCommands,
  ReleaseFailureCode,
  ReleaseResult,
} from '../../../schema/services/releases.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { permitOf, refusedFor } from '../permit.ts';
import { diffReleases } from './diff-releases.ts';
import { draftRelease } from './draft-release.ts';
import { askForPublication, changePublished, publishRelease } from './publish-release.ts';
import { cancelCheck, findCheck, lastChecks, type ReleaseCheck, requestCheck } from './release-check.ts';
import type { ReleaseResult as Commanded, ReleaseDeps, ReleaseRefused } from './release-command.ts';
import { releaseStanding } from './release-standing.ts';

interface Row extends Omit<DraftFacts, 'draftedBy' | 'publicationAskedBy'> {
  draftedById: string | null;
  askedById: string | null;
}

async function draftsWhere(sql: Sql, where: string, value: string): Promise<DraftFacts[]> {
  const { rows } = await sql.query<Row & Record<string, unknown>>(
    `SELECT r.id, s.key AS study, r.version, r.status, r.notes, r.digest, r.drafted_at AS "draftedAt", r.drafted_by AS "draftedById",
       r.publish_asked_at AS "publicationAskedAt", r.publish_asked_by AS "askedById", r.published_at AS "publishedAt",
       r.status_reason AS "statusReason", r.errata,
       (SELECT count(*)::int FROM release_patient p WHERE p.release_id = r.id) AS patients,
       (SELECT count(*)::int FROM release_submission x WHERE x.release_id = r.id) AS submissions
     FROM release r JOIN study s ON s.id = r.study_id WHERE ${where} ORDER BY string_to_array(r.version, '.')::int[] DESC`,
    [value],
  );
  const people = await peopleOf(
    sql,
    rows.flatMap(({ draftedById, askedById }) => [draftedById, askedById]),
  );
  return rows.map(({ draftedById, askedById, ...row }) => ({
    ...row,
    draftedBy: people.get(draftedById ?? '') ?? null,
    publicationAskedBy: people.get(askedById ?? '') ?? null,
  }));
}

const unknown = { ok: false, code: 'RELEASE_UNKNOWN', message: 'There is no such release.' } as const;
const checkUnknown = { ok: false, code: 'CHECK_UNKNOWN', message: 'There is no such check.' } as const;

function told(refused: ReleaseRefused): Exclude<ReleaseResult, { ok: true }> {
  const { code, message, reasons, problems, changes, nextVersion } = refused;
  if (code === 'FORBIDDEN') return refusedFor(reasons);
  if (code === 'CHECK_FAILED') return { ok: false, code, message, problems };
  if (code === 'VERSION_TOO_SMALL') return { ok: false, code, message, changes, nextVersion };
  const named: ReleaseFailureCode = code === 'NO_SUCH_RELEASE' ? 'RELEASE_UNKNOWN' : code;
  return { ok: false, code: named, message };
}

/** Making and publishing releases, by one actor; what a command does is decided by governance/release.ts. */
export function releaseCommands(deps: CommandDeps, releases: ReleaseDeps, actor: Actor): ReleaseCommands {
  const { database } = deps;
  const permit = permitOf(deps, actor);

  async function done(releaseId: string): Promise<ReleaseResult> {
    const [release] = await draftsWhere(database, 'r.id = $1', releaseId);
    if (release === undefined) throw new Error('a release that was just commanded is gone');
    return { ok: true, release };
  }

  const after = async (result: Commanded): Promise<ReleaseResult> =>
    result.ok ? done(result.releaseId) : told(result);

  async function checkOf(check: ReleaseCheck): Promise<ReleaseCheckFacts> {
    const { jobId, askedBy, releaseId: _, ...facts } = check;
    const job = jobId === null ? null : await releases.jobs.get(jobId);
    const people = await peopleOf(database, [askedBy]);
    return {
      ...facts,
      askedBy: people.get(askedBy ?? '') ?? null,
      // A check without a job was made where it was asked for.
      state: check.endedAt === null ? (job?.state ?? 'RUNNING') : 'SUCCEEDED',
      progress: job?.progress ?? null,
      error: job?.error ?? null,
    };
  }

  async function checkById(id: string): Promise<ReleaseCheckFacts> {
    const check = await findCheck(database, id);
    if (check === null) throw new Error('a check that was just asked for is gone');
    return checkOf(check);
  }

  return {
    async draft({ study, version, notes }) {
      const allowed = await permit('DRAFT_RELEASE', { command: 'release draft', version });
      if (!allowed.ok) return allowed;
      const result = await draftRelease(releases, actor, { study: study ?? deps.defaultStudy, version, notes });
      if (result.ok) return done(result.releaseId);
      if ('reasons' in result) return told(result);
      return { ok: false, code: result.code, message: result.message };
    },

    async askForPublication(releaseId) {
      const allowed = await permit('DRAFT_RELEASE', { command: 'release askPublication', release: releaseId });
      return allowed.ok ? after(await askForPublication(releases, actor, releaseId)) : allowed;
    },

    async publish(releaseId) {
      // Who may publish is decided with the release.
      const allowed = await permit('VIEW_DRAFT', { command: 'release publish', release: releaseId });
      return allowed.ok ? after(await publishRelease(releases, actor, releaseId)) : allowed;
    },

    async deprecate(releaseId, reason) {
      const allowed = await permit('DEPRECATE_RELEASE', { command: 'release deprecate', release: releaseId });
      return allowed.ok
        ? after(await changePublished(releases, actor, releaseId, { type: 'deprecate', reason }))
        : allowed;
    },

    async retract(releaseId, reason) {
      const allowed = await permit('RETRACT_RELEASE', { command: 'release retract', release: releaseId });
      return allowed.ok
        ? after(await changePublished(releases, actor, releaseId, { type: 'retract', reason }))
        : allowed;
    },

    async addErratum(releaseId, erratum) {
      const allowed = await permit('ADD_ERRATUM', { command: 'release addErratum', release: releaseId });
      return allowed.ok
        ? after(await changePublished(releases, actor, releaseId, { type: 'addErratum', ...erratum }))
        : allowed;
    },

    async check(releaseId, checksums) {
      const allowed = await permit('VIEW_DRAFT', { command: 'release check', release: releaseId });
      if (!allowed.ok) return allowed;
      const id = await requestCheck(releases, allowed.actor.accountId, releaseId, checksums);
      return id === null ? unknown : { ok: true, check: await checkById(id) };
    },

    async cancelCheck(checkId) {
      const allowed = await permit('VIEW_DRAFT', { command: 'release cancelCheck', check: checkId });
      if (!allowed.ok) return allowed;
      const check = await findCheck(database, checkId);
      if (check === null) return checkUnknown;
      await cancelCheck(releases, allowed.actor.accountId, check);
      return { ok: true, check: await checkById(checkId) };
    },

    async getCheck(checkId) {
      const allowed = await permit('VIEW_DRAFT', { query: 'releaseCheck', check: checkId });
      if (!allowed.ok) return allowed;
      const check = await findCheck(database, checkId);
      return { ok: true, value: check && (await checkOf(check)) };
    },

    async lastCheck(releaseId) {
      const allowed = await permit('VIEW_DRAFT', { query: 'lastCheck', release: releaseId });
      if (!allowed.ok) return allowed;
      const check = (await lastChecks(database, [releaseId])).get(releaseId);
      return { ok: true, value: check === undefined ? null : await checkOf(check) };
    },

    async drafts(study, published) {
      const allowed = await permit('VIEW_DRAFT', { query: 'draftReleases' });
      if (!allowed.ok) return allowed;
      const where = published ? 's.key = $1' : `r.status = 'DRAFT' AND s.key = $1`;
      return { ok: true, value: await draftsWhere(database, where, study ?? deps.defaultStudy) };
    },

    async standing(releaseId) {
      const allowed = await permit('VIEW_DRAFT', { query: 'release standing', release: releaseId });
      return allowed.ok ? { ok: true, value: await releaseStanding(releases, actor, releaseId) } : allowed;
    },

    diff: (asked) => diffReleases(deps, actor, asked),
  };
}
