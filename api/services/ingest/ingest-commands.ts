import type { Actor } from '../../../governance/actor.ts';
import type {
  DropFacts,
  DropItemFacts,
  DropSummaryFacts,
  IngestCommands,
  SourceFile,
} from '../../../schema/services/ingest.ts';
import type { CommandDeps } from '../command-deps.ts';
import { idCursor, idPlace } from '../keyset.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { isUuid } from '../uuid.ts';
import type { DropItem } from './drop-item.ts';
import { correctionsOfDrop } from './enrol.ts';
import type { DropState, IngestService } from './ingest-service.ts';

interface Counts {
  frames: number;
  faces: number;
  chunks: number;
}

/** Taking drops in, by one actor: a curator. */
export function ingestCommands(deps: CommandDeps, ingest: IngestService, actor: Actor): IngestCommands {
  const { database } = deps;
  const permit = permitOf(deps, actor);

  /** What was made of the items that were processed, by recording. */
  async function countsOf(items: readonly DropItem[]): Promise<ReadonlyMap<string, Counts>> {
    const ids = items.flatMap(({ recordingId }) => (recordingId === null ? [] : [recordingId]));
    const { rows } = await database.query<Counts & { id: string }>(
      `SELECT id, frame_count AS frames, face_count AS faces, chunk_count AS chunks FROM recording WHERE id = ANY($1::uuid[]) AND status = 'PROCESSED'`,
      [ids],
    );
    return new Map(rows.map(({ id, ...counts }) => [id, counts]));
  }

  async function wantedOf(item: DropItem & { study: string }): Promise<SourceFile[]> {
    if (item.outcome !== 'WAITING') return [];
    return (await ingest.wanted(item)).map((kind) => (kind === 'video' ? 'VIDEO' : 'SURVEY'));
  }

  async function dropOf(
    id: string,
    study: string,
    items: readonly DropItem[],
    running: DropState['running'],
  ): Promise<DropFacts> {
    const counts = await countsOf(items);
    const factsOf = (item: DropItem): DropItemFacts => {
      const made = counts.get(item.recordingId ?? '');
      const { patient, timestamp, outcome, reasonCode, reason, seconds } = item;
      return {
        ...{ patient, timestamp, outcome, reasonCode, reason, seconds },
        frames: made?.frames ?? null,
        faces: made?.faces ?? null,
        chunks: made?.chunks ?? null,
        wanted: () => wantedOf({ ...item, study }),
      };
    };
    return { id, study, items: items.map(factsOf), running, corrections: () => correctionsOfDrop(database, id) };
  }

  return {
    async open({ study, enrolment, items }) {
      const allowed = await permit('INGEST', { command: 'openDrop', study: study ?? deps.defaultStudy });
      if (!allowed.ok) return allowed;
      const { accountId } = allowed.actor;
      const opened = await ingest.open({ study: study ?? deps.defaultStudy, enrolment, items, accountId });
      if (opened.ok) return { ok: true, drop: await dropOf(opened.dropId, opened.study.key, opened.items, []) };
      const { code, message, problems } = opened;
      if (code !== 'ENROLMENT_INVALID') return { ok: false, code, message };
      return {
        ok: false,
        code,
        message,
        problems: problems.map((one) => ({
          code: one.code,
          line: one.line ?? null,
          column: one.column ?? null,
          message: one.message,
        })),
      };
    },

    async process(dropId, patient, timestamp) {
      const allowed = await permit('INGEST', { command: 'processSubmission', drop: dropId });
      if (!allowed.ok) return allowed;
      const item = isUuid(dropId) ? await ingest.item(dropId, patient, timestamp) : null;
      if (item === null) return { ok: false, code: 'ITEM_UNKNOWN', message: 'The drop announced no such submission.' };
      const wanted = await wantedOf(item);
      if (wanted.length > 0) {
        const message = `Send its files first: ${wanted.join(' and ').toLowerCase()}.`;
        return { ok: false, code: 'FILES_MISSING', message, wanted };
      }
      return { ok: true, queued: (await ingest.process(item, allowed.actor.accountId)) !== null };
    },

    async drops({ first, after }) {
      const allowed = await permit('INGEST', { query: 'drops' });
      if (!allowed.ok) return allowed;
      const { rows } = await database.query<Omit<DropSummaryFacts, 'openedBy'> & { accountId: string | null }>(
        `SELECT d.id, d.created_at AS "openedAt", d.account_id AS "accountId", count(i.id)::int AS submissions,
           count(i.id) FILTER (WHERE i.outcome = 'WAITING')::int AS waiting, count(i.id) FILTER (WHERE i.reason_code IS NOT NULL)::int AS failed
         FROM (SELECT * FROM ingest_drop WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2) d LEFT JOIN ingest_item i ON i.drop_id = d.id
         GROUP BY d.id, d.created_at, d.account_id ORDER BY d.id DESC`,
        // Ids are ordered by time.
        [after === null ? null : idPlace('drop', after, 'DESC'), first + 1],
      );
      const shown = rows.slice(0, first);
      const people = await peopleOf(
        database,
        shown.map(({ accountId }) => accountId),
      );
      const totalCount = async (): Promise<number> =>
        (await database.query<{ n: number }>('SELECT count(*)::int AS n FROM ingest_drop')).rows[0]!.n;
      const value = {
        nodes: shown.map((row) => ({ ...row, openedBy: people.get(row.accountId ?? '') ?? null })),
        cursors: shown.map(({ id }) => idCursor('drop', id)),
        ...{ hasNextPage: rows.length > first, totalCount },
      };
      return { ok: true, value };
    },

    async drop(id) {
      const allowed = await permit('INGEST', { query: 'drop', drop: id });
      if (!allowed.ok) return allowed;
      const state = isUuid(id) ? await ingest.state(id) : null;
      return { ok: true, value: state && (await dropOf(state.id, state.study, state.items, state.running)) };
    },
  };
}
