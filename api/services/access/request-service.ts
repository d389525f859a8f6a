import type { RequestCommand } from '../../../governance/request/commands.ts';
import { decideRequest } from '../../../governance/request/decide-request.ts';
import type { RequestEvent } from '../../../governance/request/events.ts';
import { foldRequest } from '../../../governance/request/fold.ts';
import { REFUSALS, type RefusalCode } from '../../../governance/request/refusals.ts';
import type { RequestState } from '../../../governance/request/state.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { queueRequestMail } from '../mail/request-mail.ts';
import { findStudy } from '../study.ts';
import { isUuid } from '../uuid.ts';
import { appendEvents, foldOf } from './request-events.ts';
import { requestFacts } from './request-facts.ts';

export type CommandResult =
  | { ok: true; state: RequestState; events: readonly RequestEvent[] }
  | { ok: false; code: RefusalCode | 'STUDY_UNKNOWN'; subject: string | null; message: string };

/** Gives commands to access requests: one transaction each, in which the request's row is held, so that of two decisions one comes second. */
export function requestService(deps: {
  database: Database;
  clock: Clock;
  ids: Ids;
  audit: AuditLog;
  defaultStudy: string;
}) {
  const { database, clock, ids, audit } = deps;

  async function give(
    sql: Sql,
    accountId: string | null,
    requestId: string | null,
    studyId: string,
    command: RequestCommand,
  ): Promise<CommandResult> {
    const now = clock.now();
    const before = requestId === null ? null : ((await foldOf(sql, requestId))?.state ?? null);
    const facts = await requestFacts(sql, { accountId, state: before, newId: ids.uuid(), now });
    const outcome = decideRequest(before, command, facts);
    const about = { request: requestId ?? undefined, command: command.type };
    if (!outcome.ok) {
      const { code, subject } = outcome.refusal;
      await audit.write(sql, {
        accountId,
        grantId: null,
        action: 'COMMAND_REFUSED',
        detail: { ...about, code, subject },
      });
      return { ok: false, code, subject, message: REFUSALS[code] };
    }
    const history = before === null ? [] : (await foldOf(sql, before.id))!.events;
    const after = foldRequest([...history, ...outcome.events])!;
    if (outcome.events.length > 0) await appendEvents(sql, { studyId, before, after, events: outcome.events, now });
    await audit.write(sql, {
      accountId,
      grantId: after.grant?.id ?? null,
      action: 'COMMAND',
      detail: {
        ...about,
        request: after.id,
        events: outcome.events.map((event) => event.type),
        version: after.version,
        state: after.status,
      },
    });
    await queueRequestMail(sql, after, outcome.events);
    return { ok: true, state: after, events: outcome.events };
  }

  return {
    /** Begins a request for a study. */
    async create(accountId: string, studyKey: string = deps.defaultStudy): Promise<CommandResult> {
      const study = await findStudy(database, studyKey);
      if (!study) return { ok: false, code: 'STUDY_UNKNOWN', subject: null, message: 'There is no such study.' };
      return database.transaction((sql) => give(sql, accountId, null, study.id, { type: 'create' }));
    },

    /** @param accountId null for the clock */
    async command(
      accountId: string | null,
      requestId: string,
      command: Exclude<RequestCommand, { type: 'create' }>,
    ): Promise<CommandResult> {
      const none: CommandResult = { ok: false, code: 'NOT_FOUND', subject: null, message: REFUSALS.NOT_FOUND };
      if (!isUuid(requestId)) return none;
      return database.transaction(async (sql) => {
        const { rows } = await sql.query<{ studyId: string }>(
          'SELECT study_id AS "studyId" FROM access_request WHERE id = $1 FOR UPDATE',
          [requestId],
        );
        return rows[0] ? give(sql, accountId, requestId, rows[0].studyId, command) : none;
      });
    },

    read: (requestId: string) => foldOf(database, requestId),

    /** Ends what has run out: grants past their end expire. Called from time to time; access itself ends at the instant, without it. */
    async expireDue(): Promise<number> {
      const { rows } = await database.query<{ id: string }>(
        `SELECT request_id AS id FROM data_grant WHERE state IN ('ACTIVE', 'SUSPENDED') AND ends_at <= $1`,
        [clock.now()],
      );
      for (const { id } of rows) await this.command(null, id, { type: 'expire' });
      return rows.length;
    },
  };
}

export type RequestService = ReturnType<typeof requestService>;
