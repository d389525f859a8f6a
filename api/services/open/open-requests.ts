import { MODALITIES, type Modality } from '../../../governance/modality.ts';
import type { ApprovedUseFacts, OpenRequests, QueueMonthFacts } from '../../../schema/services/stewardship.ts';
import { currentPolicy } from '../access/policy.ts';
import type { CommandDeps } from '../command-deps.ts';
import { idCursor, idPlace } from '../keyset.ts';
import { findStudy } from '../study.ts';

/** Months that are told of. */
const MONTHS = 24;

/** The public register of approved uses, and how the queue does. Names and words here were said to become public; nothing else is shown. */
export function openRequests({ database, clock, defaultStudy }: CommandDeps): OpenRequests {
  return {
    async approvedUses(key, { first, after }) {
      const study = await findStudy(database, key ?? defaultStudy);
      if (!study) return null;
      const { rows } = await database.query<
        Omit<ApprovedUseFacts, 'modalities'> & { access: Partial<Record<Modality, string[]>> } & Record<string, unknown>
      >(
        `SELECT r.id, a.name AS applicant, i.name AS institution, r.title, r.plain_summary AS "plainSummary", g.access, g.starts_at AS "startsAt",
           least(g.ends_at, (SELECT min(e.at) FROM request_event e WHERE e.request_id = r.id AND e.type IN ('GrantRevoked', 'GrantClosed'))) AS "endsAt", g.state
         FROM data_grant g JOIN access_request r ON r.id = g.request_id JOIN account a ON a.id = r.applicant_id JOIN institution i ON i.id = r.institution_id
         WHERE g.study_id = $1 AND ($2::uuid IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT ${Math.trunc(first) + 1}`,
        [study.id, after === null ? null : idPlace('use', after, 'DESC')],
      );
      const counted = await database.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM data_grant WHERE study_id = $1',
        [study.id],
      );
      const nodes = rows.slice(0, first).map(({ access, ...use }) => ({
        ...use,
        modalities: MODALITIES.filter((modality) => (access[modality]?.length ?? 0) > 0),
      }));
      return {
        nodes,
        cursors: nodes.map(({ id }) => idCursor('use', id)),
        hasNextPage: rows.length > first,
        totalCount: counted.rows[0]?.n ?? 0,
      };
    },

    async queue(key) {
      const study = await findStudy(database, key ?? defaultStudy);
      if (!study) return null;
      const { timeZone, smallCell } = await currentPolicy(database, clock.now());
      const { rows: waits } = await database.query<{ waitsFor: string | null; n: number }>(
        `SELECT waits_for AS "waitsFor", count(*)::int AS n FROM access_request WHERE study_id = $1 AND state = 'SUBMITTED' GROUP BY waits_for`,
        [study.id],
      );
      const { rows: months } = await database.query<QueueMonthFacts & Record<string, unknown>>(
        // A median of few would tell how long somebody's own request took.
        `SELECT to_char(first_submitted_at AT TIME ZONE $2, 'YYYY-MM') AS month, count(*)::int AS received, count(first_answered_at)::int AS answered,
           count(decided_at)::int AS decided,
           CASE WHEN count(first_answered_at) >= $3 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_answered_at - first_submitted_at)) / 86400)::numeric, 1)::float8 END AS "medianDaysToAnswer",
           CASE WHEN count(decided_at) >= $3 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - first_submitted_at)) / 86400)::numeric, 1)::float8 END AS "medianDaysToDecision"
         FROM access_request WHERE study_id = $1 AND first_submitted_at IS NOT NULL GROUP BY 1 ORDER BY 1 DESC LIMIT ${MONTHS}`,
        [study.id, timeZone, smallCell],
      );
      const of = (who: string): number => waits.find(({ waitsFor }) => waitsFor === who)?.n ?? 0;
      return {
        waiting: waits.reduce((sum, { n }) => sum + n, 0),
        waitingForOfficial: of('SIGNING_OFFICIAL'),
        waitingForSteward: of('STEWARD'),
        months,
      };
    },
  };
}
