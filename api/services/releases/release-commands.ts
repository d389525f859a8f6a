import type { Actor } from '../../../governance/actor.ts';
import type {
  DraftFacts,
  ReleaseCommands,
  ReleaseFailureCode,
  ReleaseResult,
} from '../../../schema/services/releases.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { type CommandDeps, isUuid } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { permitOf, refusedFor } from '../permit.ts';
import { checkRelease } from './check-release.ts';
import { draftRelease } from './draft-release.ts';
import { askForPublication, publishRelease } from './publish-release.ts';
import type { ReleaseDeps, ReleaseRefused } from './release-command.ts';

interface Row extends Omit<DraftFacts, 'draftedBy' | 'publicationAskedBy'> {
  draftedById: string | null;
  askedById: string | null;
}

async function draftsWhere(sql: Sql, where: string, value: string): Promise<DraftFacts[]> {
  const { rows } = await sql.query<Row & Record<string, unknown>>(
    `SELECT r.id, s.key AS study, r.version, r.status, r.notes, r.digest, r.drafted_at AS "draftedAt", r.drafted_by AS "draftedById",
       r.publish_asked_at AS "publicationAskedAt", r.publish_asked_by AS "askedById", r.published_at AS "publishedAt",
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

function told({ code, message, reasons, problems }: ReleaseRefused): Exclude<ReleaseResult, { ok: true }> {
  if (code === 'FORBIDDEN') return refusedFor(reasons);
  if (code === 'CHECK_FAILED') return { ok: false, code, message, problems };
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
      if (!allowed.ok) return allowed;
      const result = await askForPublication(releases, actor, releaseId);
      return result.ok ? done(releaseId) : told(result);
    },

    async publish(releaseId, checksums) {
      // The check reads every file: it is not begun for who may not even see the draft. Who may publish is decided with the release.
      const allowed = await permit('VIEW_DRAFT', { command: 'release publish', release: releaseId });
      if (!allowed.ok) return allowed;
      const result = await publishRelease(releases, actor, releaseId, { checksums });
      return result.ok ? done(releaseId) : told(result);
    },

    async check(releaseId, checksums) {
      const allowed = await permit('VIEW_DRAFT', { command: 'release check', release: releaseId });
      if (!allowed.ok) return allowed;
      const known = isUuid(releaseId) && (await draftsWhere(database, 'r.id = $1', releaseId)).length > 0;
      return known ? { ok: true, problems: await checkRelease(releases, releaseId, { checksums }) } : unknown;
    },

    async drafts(study) {
      const allowed = await permit('VIEW_DRAFT', { query: 'draftReleases' });
      if (!allowed.ok) return allowed;
      return {
        ok: true,
        value: await draftsWhere(database, `r.status = 'DRAFT' AND s.key = $1`, study ?? deps.defaultStudy),
      };
    },
  };
}
