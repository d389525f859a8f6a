import type { RequestCommand } from '../../../governance/request/commands.ts';
import { decideRequest } from '../../../governance/request/decide-request.ts';
import type { RequestEvent } from '../../../governance/request/events.ts';
import { applyEvent, foldRequest } from '../../../governance/request/fold.ts';
import { REFUSALS, type RefusalCode } from '../../../governance/request/refusals.ts';
import type { RequestState } from '../../../governance/request/state.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { queueRequestMail } from '../mail/request-mail.ts';
import { findStudy } from '../study.ts';
import { isUuid } from '../uuid.ts';
import { invitationToken } from './invitation-token.ts';
import { appendEvents, foldOf } from './request-events.ts';
import { isCounted, requestActor, requestFactsOf } from './request-facts.ts';

/** Steps of a renewal that its old grant follows. */
const MOVES_RENEWED_GRANT: readonly RequestEvent['type'][] = [
  'RequestSubmitted',
  'RequestApproved',
  'RequestRejected',
  'RequestWithdrawn',
];

/** Refusals that name an address which somebody was invited by. */
const INVITED: readonly RefusalCode[] = ['ALREADY_INVITED', 'INVITATION_OPEN'];

export type CommandResult =
  | { ok: true; state: RequestState; events: readonly RequestEvent[]; begun: RequestState | null }
  | { ok: false; code: RefusalCode | 'STUDY_UNKNOWN'; subject: string | null; message: string };

/** Gives commands to access requests: one transaction each, in which the request's row is held, so that of two decisions one comes second. */
export function requestService(deps: {
  database: Database;
  clock: Clock;
  ids: Ids;
  audit: AuditLog;
  defaultStudy: string;
  /** Tokens of invitations follow from it. */
  invitationKey: Buffer;
}) {
  const { database, clock, ids, audit } = deps;

  /** What becomes of a grant when its renewal moves on; in the renewal's transaction. */
  async function tellRenewed(sql: Sql, studyId: string, renewal: RequestState, events: readonly RequestEvent[]) {
    const moved = events.some(
      ({ type, amendmentId }) => amendmentId === undefined && MOVES_RENEWED_GRANT.includes(type),
    );
    if (renewal.renewalOf === null || !moved) return;
    await sql.query('SELECT FROM access_request WHERE id = $1 FOR UPDATE', [renewal.renewalOf]);
    const start = renewal.grant?.terms.start ?? null;
    const news = { requestId: renewal.id, status: renewal.status, start };
    await give(sql, null, renewal.renewalOf, studyId, { type: 'followRenewal', renewal: news }, true);
  }

  async function give(
    sql: Sql,
    accountId: string | null,
    requestId: string | null,
    studyId: string,
    command: RequestCommand,
    /** True where nothing is wrong when there is nothing to do. */
    silently = false,
  ): Promise<CommandResult> {
    const now = clock.now();
    // What is counted in a day is counted over all requests of a person, and each request is held by itself alone.
    if (isCounted(command))
      await sql.query(`SELECT pg_advisory_xact_lock(hashtextextended('of today ' || $1, 0))`, [accountId]);
    const before = requestId === null ? null : ((await foldOf(sql, requestId))?.state ?? null);
    const actor = await requestActor(sql, accountId, now);
    const newId = ids.uuid();
    const newToken = invitationToken(deps.invitationKey, newId);
    const [facts] = await requestFactsOf(sql, [before], { actor, now, newId, newToken });
    if (facts === undefined) throw new Error('no facts of a request');
    const outcome = decideRequest(before, command, facts);
    const about = { request: requestId ?? undefined, command: command.type };
    if (!outcome.ok) {
      const { code, subject } = outcome.refusal;
      if (silently) return { ok: false, code, subject, message: REFUSALS[code] };
      await audit.write(sql, {
        accountId,
        grantId: null,
        action: 'COMMAND_REFUSED',
        // Whom a draft invites is nothing for who reads the log.
        detail: { ...about, code, subject: INVITED.includes(code) ? null : subject },
      });
      return { ok: false, code, subject, message: REFUSALS[code] };
    }
    const after = outcome.events.reduce<RequestState | null>(applyEvent, before);
    if (after === null) throw new Error('a command that makes no request');
    if (outcome.events.length > 0) await appendEvents(sql, { studyId, before, after, events: outcome.events, now });
    const begun = foldRequest(outcome.begun ?? []);
    if (begun !== null)
      await appendEvents(sql, { studyId, before: null, after: begun, events: outcome.begun ?? [], now });
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
        begun: begun?.id,
      },
    });
    await queueRequestMail(sql, after, outcome.events);
    await tellRenewed(sql, studyId, after, outcome.events);
    return { ok: true, state: after, events: outcome.events, begun };
  }

  return {
    /** Begins a request for a study. */
    async create(
      accountId: string,
      studyKey: string = deps.defaultStudy,
      linkedTo: string | null = null,
    ): Promise<CommandResult> {
      const study = await findStudy(database, studyKey);
      if (!study) return { ok: false, code: 'STUDY_UNKNOWN', subject: null, message: 'There is no such study.' };
      return database.transaction((sql) =>
        give(sql, accountId, null, study.id, { type: 'create', ...(linkedTo !== null && { linkedTo }) }),
      );
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

    /**
     * Does what time does: grants past their end expire, and those whose applicant has left the institution are suspended. Called from time to time;
     * access of who has left, or past an end, is over at the instant, without it.
     */
    async expireDue(): Promise<number> {
      const { rows } = await database.query<{ id: string; ended: boolean }>(
        `SELECT g.request_id AS id, g.ends_at <= $1 AS ended FROM data_grant g JOIN access_request r ON r.id = g.request_id JOIN account a ON a.id = r.applicant_id
         WHERE g.state IN ('ACTIVE', 'SUSPENDED') AND (g.ends_at <= $1 OR (g.state = 'ACTIVE' AND a.institution_id IS DISTINCT FROM g.institution_id))`,
        [clock.now()],
      );
      for (const { id, ended } of rows)
        await this.command(null, id, ended ? { type: 'expire' } : { type: 'suspend', reason: '' });
      return rows.length;
    },
  };
}

export type RequestService = ReturnType<typeof requestService>;
