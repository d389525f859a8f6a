import type { Actor } from '../../../governance/actor.ts';
import { decide } from '../../../governance/decide.ts';
import {
  type IncidentCommand,
  type IncidentState,
  nextIncidentState,
  reportDue,
} from '../../../governance/incident.ts';
import { isSeen, seenText } from '../../../governance/seen-signs.ts';
import type { Failed } from '../../../schema/services/result.ts';
import type { EvidenceSpan, IncidentCommands, IncidentDetails } from '../../../schema/services/safety.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { byToken } from '../audit/by-token.ts';
import type { CommandDeps } from '../command-deps.ts';
import { placeHalt } from '../halts/halt-commands.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { permitOf } from '../permit.ts';
import { RolledBack } from '../rolled-back.ts';
import { isUuid } from '../uuid.ts';
import { gather, isIntact, MOST_ENTRIES } from './evidence.ts';
import { readIncidents } from './read-incidents.ts';

const MOST_TEXT = 10_000;
/** Reports of one person in a day. */
const MOST_REPORTS = 20;
const DAY_MS = 86_400_000;
/** Clocks of two machines may be apart; further ahead than this nothing was discovered. */
const SKEW_MS = 60_000;
const OLDEST_MS = 10 * 366 * DAY_MS;

const unknown = { ok: false, code: 'INCIDENT_UNKNOWN', message: 'There is no such incident.' } as const;
const summaryMissing = { ok: false, code: 'SUMMARY_MISSING', message: 'Say what it is, in words.' } as const;
const momentInvalid = (message: string) => ({ ok: false, code: 'MOMENT_INVALID', message }) as const;
const tooLarge = {
  ok: false,
  code: 'EVIDENCE_TOO_LARGE',
  message: `More than ${MOST_ENTRIES} entries: gather a shorter span, or fewer people, at a time.`,
} as const;

/** Incidents by one actor: anybody signed in reports, also by a token; stewards contain, gather evidence, notify and close. */
export function incidentCommands(deps: CommandDeps, actor: Actor): IncidentCommands {
  const { database, clock, ids, audit } = deps;
  const permit = permitOf(deps, actor);

  const one = async (sql: Sql, id: string, whole: boolean): Promise<IncidentDetails> => {
    const [incident] = await readIncidents(sql, 'i.id = $1', [id], whole);
    if (incident === undefined) throw new Error('an incident that was just there is gone');
    return incident;
  };

  async function keepEvent(sql: Sql, id: string, type: string, data: object, by: string): Promise<void> {
    await sql.query(
      `INSERT INTO incident_event (incident_id, number, type, data, actor_id, at)
       VALUES ($1, (SELECT count(*) + 1 FROM incident_event WHERE incident_id = $1), $2, $3, $4, $5)`,
      [id, type, JSON.stringify(data), by, clock.now()],
    );
  }

  async function keepEvidence(sql: Sql, id: string, span: EvidenceSpan, by: string) {
    const now = clock.now();
    const until = span.until ?? now;
    const [grants, accounts] = [span.grants, span.accounts].map((all) => [...new Set(all)]) as [string[], string[]];
    if (
      span.from >= until ||
      [...grants, ...accounts].some((one) => !isUuid(one)) ||
      grants.length + accounts.length === 0
    )
      return momentInvalid('Evidence is of named grants or accounts, from one moment to a later one.');
    const found = await gather(sql, { grants, accounts, from: span.from, until });
    if (found === null) return tooLarge;
    const evidence = ids.uuid();
    await sql.query(
      `INSERT INTO incident_evidence (id, incident_id, grants, accounts, from_at, until_at, entries, sha256, gathered_at, gathered_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [evidence, id, grants, accounts, span.from, until, found.entries, found.sha256, now, by],
    );
    await audit.write(sql, {
      accountId: by,
      grantId: null,
      action: 'GATHER_EVIDENCE',
      detail: {
        command: 'gatherEvidence',
        ...{ incident: id, evidence, grants, accounts },
        ...{ from: span.from.toISOString(), until: until.toISOString() },
        ...{ entries: found.entries.length, sha256: found.sha256 },
      },
    });
    return { ok: true } as const;
  }

  /** Takes an incident a step further, in one transaction with all that belongs to the step; of two at once the second finds the new state. */
  async function step<Code extends string = never>(
    id: string,
    command: IncidentCommand,
    work: (sql: Sql, by: string) => Promise<{ readonly ok: true; readonly data: object } | Failed<Code>>,
  ) {
    const allowed = await permit('HANDLE_INCIDENT', { command: `${command} incident`, incident: id });
    if (!allowed.ok) return allowed;
    if (!isUuid(id)) return unknown;
    const by = allowed.actor.accountId;
    try {
      return await database.transaction(async (sql) => {
        const { rows } = await sql.query<{ state: IncidentState }>(
          'SELECT state FROM incident WHERE id = $1 FOR UPDATE',
          [id],
        );
        if (rows[0] === undefined) return unknown;
        const { state } = rows[0];
        const next = nextIncidentState(state, command);
        if (next === null)
          return { ok: false, code: 'WRONG_STATE', message: `The incident is ${state.toLowerCase()}.` } as const;
        const done = await work(sql, by);
        if (!done.ok) throw new RolledBack(done);
        if (command !== 'gather') {
          await sql.query('UPDATE incident SET state = $2 WHERE id = $1', [id, next]);
          await keepEvent(sql, id, next, done.data, by);
          await audit.write(sql, {
            accountId: by,
            grantId: null,
            action: `${command.toUpperCase()}_INCIDENT`,
            detail: { command: `${command}Incident`, incident: id, state: next },
          });
        }
        return { ok: true, incident: await one(sql, id, true) } as const;
      });
    } catch (error) {
      if (error instanceof RolledBack) return error.answer as Failed<Code>;
      throw error;
    }
  }

  /** @param sql the transaction that asks: who waits for a second connection while holding one stops everybody as soon as there are many */
  const handles = async (sql: Sql): Promise<boolean> => {
    const now = clock.now();
    const facts = await deps.loadFacts(sql, actor.kind === 'account' ? actor.accountId : null, now, null);
    return decide(actor, 'HANDLE_INCIDENT', { kind: 'none' }, facts, now).allow;
  };

  return {
    async report({ kind, summary: given, discoveredAt, grantId: named }) {
      const allowed = await permit('REPORT_INCIDENT', { command: 'reportIncident' });
      if (!allowed.ok) return allowed;
      const { accountId, tokenGrantId } = allowed.actor;
      const grantId = named ?? tokenGrantId ?? null;
      const summary = seenText(given, MOST_TEXT);
      if (summary === '') return summaryMissing;
      const now = clock.now();
      const age = now.getTime() - discoveredAt.getTime();
      if (age < -SKEW_MS || age > OLDEST_MS) return momentInvalid('It was discovered in the past, not ahead of now.');
      return database.transaction(async (sql) => {
        // One report of a person after the other: those that come at once are counted, too.
        await sql.query('SELECT 1 FROM account WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
        if (grantId !== null) {
          const bound = tokenGrantId ?? null;
          const known = isUuid(grantId) && (bound === null || bound === grantId);
          const { rows } = await sql.query(
            'SELECT 1 FROM grant_member WHERE grant_id = $1 AND account_id = $2 UNION ALL SELECT 1 FROM data_grant WHERE id = $1 AND $3',
            [known ? grantId : null, accountId, await handles(sql)],
          );
          if (rows.length === 0)
            return { ok: false, code: 'GRANT_UNKNOWN', message: 'You belong to no such grant.' } as const;
        }
        const { rows } = await sql.query<{ n: number }>(
          'SELECT count(*)::int AS n FROM incident WHERE reported_by = $1 AND reported_at > $2',
          [accountId, new Date(now.getTime() - DAY_MS)],
        );
        if ((rows[0]?.n ?? 0) >= MOST_REPORTS)
          return {
            ok: false,
            code: 'TOO_MANY_REPORTS',
            message: `${MOST_REPORTS} reports in a day are the most: write to the stewards.`,
          } as const;
        const id = ids.uuid();
        const dueAt = grantId === null ? null : reportDue(discoveredAt);
        await sql.query(
          `INSERT INTO incident (id, kind, summary, state, grant_id, discovered_at, due_at, reported_at, reported_by)
           VALUES ($1, $2, $3, 'REPORTED', $4, $5, $6, $7, $8)`,
          [id, kind, summary, grantId, discoveredAt, dueAt, now, accountId],
        );
        await keepEvent(sql, id, 'REPORTED', {}, accountId);
        await audit.write(sql, {
          accountId,
          grantId,
          action: 'REPORT_INCIDENT',
          // What was reported stands with the incident: it may name people.
          detail: {
            ...{ command: 'reportIncident', incident: id, kind, discoveredAt: discoveredAt.toISOString() },
            ...byToken(allowed.actor),
          },
        });
        const stewards = await sql.query<{ id: string }>(
          `SELECT account_id AS id FROM account_role WHERE role = 'steward'`,
        );
        for (const steward of stewards.rows)
          await queueMail(sql, {
            to: { accountId: steward.id },
            template: 'incident-reported',
            data: { kind, late: dueAt !== null && now > dueAt },
          });
        return { ok: true, incident: await one(sql, id, await handles(sql)) } as const;
      });
    },

    contain: ({ id, what, halt, evidence }) =>
      step(id, 'contain', async (sql, by) => {
        if (!isSeen(what)) return summaryMissing;
        const placed = halt === null ? null : await placeHalt(deps, sql, { input: halt, by, incidentId: id });
        if (placed?.ok === false) return placed;
        const kept = evidence === null ? null : await keepEvidence(sql, id, evidence, by);
        if (kept?.ok === false) return kept;
        return { ok: true, data: { text: seenText(what, MOST_TEXT), halt: placed?.id ?? null } } as const;
      }),

    gather: (id, span) =>
      step(id, 'gather', async (sql, by) => {
        const kept = await keepEvidence(sql, id, span, by);
        return kept.ok ? ({ ok: true, data: {} } as const) : kept;
      }),

    notify: ({ id, whom, at, what }) =>
      step(id, 'notify', async () => {
        const named = whom.map((one) => one.trim().slice(0, 200)).filter((one) => one !== '');
        const said = seenText(what, MOST_TEXT);
        if (named.length === 0 || named.length > 200 || said === '') return summaryMissing;
        const when = at ?? clock.now();
        if (when.getTime() > clock.now().getTime() + SKEW_MS) return momentInvalid('Nobody was notified ahead of now.');
        return { ok: true, data: { text: said, whom: named, at: when.toISOString() } } as const;
      }),

    close: (id, summary) =>
      step(id, 'close', async () => {
        const text = seenText(summary, MOST_TEXT);
        return text === '' ? summaryMissing : ({ ok: true, data: { text } } as const);
      }),

    async list(state) {
      const allowed = await permit('VIEW_OWN', { query: 'incidents' });
      if (!allowed.ok) return allowed;
      const whole = await handles(database);
      // A token knows of what was reported under its grant.
      const bound = allowed.actor.tokenGrantId ?? null;
      const where =
        '($1::text IS NULL OR i.state = $1) AND ($2 OR i.reported_by = $3) AND ($4::uuid IS NULL OR i.grant_id = $4)';
      return {
        ok: true,
        value: await readIncidents(database, where, [state, whole, allowed.actor.accountId, bound], whole),
      };
    },

    async get(id) {
      const found = await this.list(null);
      return found.ok ? (found.value.find((incident) => incident.id === id) ?? null) : null;
    },

    async intact({ entries, sha256 }) {
      return (await handles(database)) && isIntact(database, { entries, sha256 });
    },
  };
}
