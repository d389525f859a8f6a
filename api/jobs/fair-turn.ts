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
export const NEXT_IN_TURN = (kinds: string, now: string, known: string): string =>
  `SELECT waiting.id FROM job waiting ${TURN('waiting')}
   WHERE waiting.state = 'QUEUED' AND waiting.run_after <= ${now} AND waiting.kind = ANY (${kinds}) AND ${known}
   ORDER BY waiting.priority DESC, turn.running, turn.served NULLS FIRST, waiting.run_after, waiting.id LIMIT 1 FOR UPDATE OF waiting SKIP LOCKED`;

/** Statement for all waiting jobs of a kind in the order in which they will be taken if nobody asks for more: `id` and `place` from 1. */
export const PLACES_IN_TURN = (kind: string): string =>
  `SELECT own.id, row_number() OVER (ORDER BY own.priority DESC, own.number + turn.running, turn.running DESC, turn.served NULLS FIRST, own.run_after, own.id)::int AS place
   FROM (SELECT id, kind, account_id, priority, run_after, row_number() OVER (PARTITION BY account_id, priority ORDER BY run_after, id) AS number
         FROM job WHERE state = 'QUEUED' AND kind = ${kind}) own ${TURN('own')}`;
