/**
 * Turns among people, for kinds of jobs of which one person must not keep another waiting: whose turn it is has fewest jobs at work, and of those
 * was served the longest ago. One person's jobs keep their order. So ten jobs of one delay another's first by one at most.
 */

/** For a waiting job `alias`: how many jobs of that kind its person has at work, and when one of them last began. Columns `running`, `served` of `turn`. */
const TURN = (alias: string): string =>
  `LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE state = 'RUNNING') AS running, max(started_at) AS served FROM job
     WHERE account_id = ${alias}.account_id AND kind = ${alias}.kind AND started_at IS NOT NULL) turn ON true`;

/**
 * Statement for the id of the one waiting job of these kinds whose turn it is, locked.
 * @param kinds, now placeholders of the values @param known condition of which jobs the worker knows, for a job called `waiting`
 */
const NEXT_IN_TURN = (kinds: string, now: string, known: string): string =>
  `SELECT waiting.id FROM job waiting ${TURN('waiting')}
   WHERE waiting.state = 'QUEUED' AND waiting.run_after <= ${now} AND waiting.kind = ANY (${kinds}) AND ${known}
   ORDER BY waiting.priority DESC, turn.running, turn.served NULLS FIRST, waiting.run_after, waiting.id LIMIT 1 FOR UPDATE OF waiting SKIP LOCKED`;

/** True for a job, by its name in the statement, whose version the worker of $3 (kinds) and $4 (versions) knows. */
const KNOWN = (job: string): string =>
  `${job}.version <= (SELECT k.version FROM unnest($3::text[], $4::int[]) AS k (kind, version) WHERE k.kind = ${job}.kind)`;

/** Not between a restore and the replay of what has ended since: nothing is done then. */
const IS_OPEN = 'NOT EXISTS (SELECT 1 FROM restored WHERE replayed_at IS NULL)';

/** Statement that gives a worker ($1) at a moment ($2) the next waiting job of kinds ($3, with versions $4); of those of $5 people take turns. */
export const CLAIM = (inTurn: boolean): string =>
  `UPDATE job SET state = 'RUNNING', locked_by = $1, attempts = attempts + 1, started_at = coalesce(started_at, $2), heartbeat_at = $2,
     error = NULL, progress = NULL
   WHERE id = (SELECT id FROM job WHERE state = 'QUEUED' AND run_after <= $2 AND kind = ANY($3) AND ${KNOWN('job')} AND ${IS_OPEN}
                 ${inTurn ? `AND (kind <> ALL ($5) OR id = (${NEXT_IN_TURN('$5', '$2', KNOWN('waiting'))}))` : ''}
               ORDER BY priority DESC, run_after, id LIMIT 1 FOR UPDATE SKIP LOCKED)`;

/** Statement for all waiting jobs of a kind in the order in which they will be taken if nobody asks for more: `id` and `place` from 1. */
export const PLACES_IN_TURN = (kind: string): string =>
  `SELECT own.id, row_number() OVER (ORDER BY own.priority DESC, own.number + turn.running, turn.running DESC, turn.served NULLS FIRST, own.run_after, own.id)::int AS place
   FROM (SELECT id, kind, account_id, priority, run_after, row_number() OVER (PARTITION BY account_id, priority ORDER BY run_after, id) AS number
         FROM job WHERE state = 'QUEUED' AND kind = ${kind}) own ${TURN('own')}`;
