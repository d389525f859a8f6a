import type { Actor } from '../../../governance/actor.ts';
import type { SubjectFacts } from '../../../governance/decision.ts';
import { imposingRefusal, liftedBy } from '../../../governance/sanction.ts';
import { isSeen, seenText } from '../../../governance/seen-signs.ts';
import type { SanctionCommands, SanctionDetails } from '../../../schema/services/safety.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { coAuthorsOf } from '../access/co-authors.ts';
import { currentPolicy } from '../access/policy.ts';
import type { CommandDeps } from '../command-deps.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { peopleNamed, peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { secondSteps } from '../two-person/second-steps.ts';
import { isUuid } from '../uuid.ts';

interface Row extends Omit<SanctionDetails, 'person' | 'imposedBy'>, Record<string, unknown> {
  accountId: string | null;
  institutionId: string | null;
  imposedById: string;
}

const SELECT = `SELECT s.id, s.kind, s.account_id AS "accountId", s.institution_id AS "institutionId", i.name AS institution, s.reason, s.starts_at AS "startsAt",
  s.ends_at AS "endsAt", s.lifted_at AS "liftedAt", s.lift_reason AS "liftReason", s.imposed_by AS "imposedById", s.incident_id AS "incidentId"
  FROM sanction s LEFT JOIN institution i ON i.id = s.institution_id`;
const MOST_REASON = 2_000;
const MOST_LISTED = 500;

const UNTIL = 'A suspension has an end, after now and within five years; a warning and a bar have none.';
const unknown = { ok: false, code: 'SANCTION_UNKNOWN', message: 'There is no such sanction.' } as const;
const reasonMissing = { ok: false, code: 'REASON_MISSING', message: 'Say why, for whoever it concerns.' } as const;

/**
 * Sanctions by one actor: a steward without a conflict imposes them; they act through the suspensions that decide() reads. One steward lifts a
 * suspension, two a bar.
 */
export function sanctionCommands(deps: CommandDeps, actor: Actor): SanctionCommands {
  const { database, clock, ids, audit } = deps;
  const permit = permitOf(deps, actor);
  const steps = secondSteps(deps);

  async function details(sql: Sql, where: string, values: unknown[], whole = true) {
    const { rows } = await sql.query<Row>(
      `${SELECT} WHERE ${where} ORDER BY s.starts_at DESC, s.id DESC LIMIT ${MOST_LISTED}`,
      values,
    );
    const people = await peopleOf(
      sql,
      rows.flatMap(({ accountId, imposedById }) => [accountId, imposedById]),
    );
    return rows.map(({ accountId, institutionId, imposedById, ...row }) => ({
      about: { accountId, institutionId },
      sanction: {
        ...row,
        person: accountId === null ? null : (people.get(accountId) ?? null),
        imposedBy: whole ? (people.get(imposedById) ?? null) : null,
        incidentId: whole ? row.incidentId : null,
      } satisfies SanctionDetails,
    }));
  }

  const one = async (sql: Sql, id: string) => {
    const [found] = await details(sql, 's.id = $1', [id]);
    if (found === undefined) throw new Error('a sanction that was just there is gone');
    return found;
  };

  type About = { readonly accountId: string | null; readonly institutionId: string | null };

  async function coAuthorsNow(accountId: string): Promise<readonly string[]> {
    const now = clock.now();
    const authors = await coAuthorsOf(database, [accountId], await currentPolicy(database, now), now);
    return authors.get(accountId) ?? [];
  }

  /** Whom it concerns, with their institution: nobody judges themself or their own. Null where there is no such person or institution. */
  async function subjectOf({ accountId, institutionId }: About): Promise<SubjectFacts | null> {
    if ((accountId === null) === (institutionId === null)) return null;
    if (!isUuid(accountId ?? institutionId ?? '')) return null;
    const { rows } = await database.query<{ institutionId: string | null }>(
      accountId !== null
        ? `SELECT institution_id AS "institutionId" FROM account WHERE id = $1`
        : `SELECT id AS "institutionId" FROM institution WHERE id = $1`,
      [accountId ?? institutionId],
    );
    const found = rows[0];
    if (found === undefined) return null;
    const coAuthors = accountId === null ? [] : await coAuthorsNow(accountId);
    return { accountId, institutionId: found.institutionId, coAuthors, askedBy: null };
  }

  async function tell(
    sql: Sql,
    { accountId, institutionId }: About,
    sanction: SanctionDetails,
    lifted: boolean,
  ): Promise<void> {
    const officials = await sql.query<{ id: string }>(
      'SELECT account_id AS id FROM official WHERE institution_id = $1',
      [accountId === null ? institutionId : null],
    );
    const { kind, institution, endsAt } = sanction;
    for (const to of accountId === null ? officials.rows.map(({ id }) => id) : [accountId])
      await (lifted
        ? queueMail(sql, { to: { accountId: to }, template: 'sanction-lifted', data: { institution } })
        : queueMail(sql, {
            to: { accountId: to },
            template: 'sanction-imposed',
            data: { kind, institution, lastDay: endsAt === null ? null : endsAt.toISOString().slice(0, 10) },
          }));
  }

  /** One that somebody may lift in this way, locked; or why not. */
  async function liftable(sql: Sql, id: string, by: 'ONE' | 'TWO') {
    await sql.query('SELECT 1 FROM sanction WHERE id = $1 FOR UPDATE', [id]);
    const found = await one(sql, id);
    if (liftedBy(found.sanction, clock.now()) === by) return { ok: true, ...found } as const;
    const message =
      by === 'ONE'
        ? 'One steward lifts a suspension that runs. A bar takes two (askToLiftBar), a warning stays.'
        : 'Only a bar that stands is lifted so.';
    return { ok: false, code: 'WRONG_STATE', message } as const;
  }

  async function lifts(
    sql: Sql,
    { id, by, askedBy, reason }: { id: string; by: string; askedBy: string | null; reason: string },
  ): Promise<SanctionDetails> {
    await sql.query(
      'UPDATE sanction SET lifted_at = $2, lifted_by = $3, lift_asked_by = $4, lift_reason = $5 WHERE id = $1',
      [id, clock.now(), by, askedBy, seenText(reason, MOST_REASON)],
    );
    const { sanction, about } = await one(sql, id);
    await tell(sql, about, sanction, true);
    await audit.write(sql, {
      accountId: by,
      grantId: null,
      action: 'LIFT_SANCTION',
      detail: { command: 'liftSanction', sanction: id, kind: sanction.kind, askedBy, reason: sanction.liftReason },
    });
    return sanction;
  }

  /** Whether the actor may judge in the matter of a sanction that there is. */
  async function judge(id: string, command: string) {
    const [found] = isUuid(id) ? await details(database, 's.id = $1', [id]) : [];
    const subject = found && (await subjectOf(found.about));
    const nobody: SubjectFacts = { accountId: null, institutionId: null, coAuthors: [], askedBy: null };
    const allowed = await permit(
      'SANCTION',
      { command, sanction: id },
      { kind: 'subject', subject: subject ?? nobody },
    );
    if (!allowed.ok) return allowed;
    return found === undefined ? unknown : ({ ok: true, by: allowed.actor } as const);
  }

  return {
    async impose({ kind, until, reason, incidentId, ...about }) {
      const subject = await subjectOf(about);
      const nobody: SubjectFacts = { accountId: null, institutionId: null, coAuthors: [], askedBy: null };
      const named = { command: 'imposeSanction', kind, subject: about.accountId, institution: about.institutionId };
      const allowed = await permit('SANCTION', named, { kind: 'subject', subject: subject ?? nobody });
      if (!allowed.ok) return allowed;
      if (subject === null)
        return { ok: false, code: 'SUBJECT_UNKNOWN', message: 'Name one person or one institution that there is.' };
      const now = clock.now();
      const refusal = imposingRefusal({ kind, until, reason }, now);
      if (refusal === 'REASON_MISSING') return reasonMissing;
      if (refusal !== null) return { ok: false, code: refusal, message: UNTIL };
      const by = allowed.actor.accountId;
      return database.transaction(async (sql) => {
        if (incidentId !== null) {
          const known = await sql.query('SELECT 1 FROM incident WHERE id = $1', [
            isUuid(incidentId) ? incidentId : null,
          ]);
          if (known.rows.length === 0)
            return { ok: false, code: 'INCIDENT_UNKNOWN', message: 'There is no such incident.' } as const;
        }
        const id = ids.uuid();
        await sql.query(
          `INSERT INTO sanction (id, kind, account_id, institution_id, incident_id, reason, starts_at, ends_at, imposed_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [id, kind, about.accountId, about.institutionId, incidentId, seenText(reason, MOST_REASON), now, until, by],
        );
        await audit.write(sql, {
          accountId: by,
          grantId: null,
          action: 'IMPOSE_SANCTION',
          detail: {
            ...{ ...named, sanction: id, until: until?.toISOString() ?? null, incident: incidentId },
            reason: seenText(reason, MOST_REASON),
          },
        });
        const { sanction } = await one(sql, id);
        await tell(sql, about, sanction, false);
        return { ok: true, sanction } as const;
      });
    },

    async lift(id, reason) {
      const judged = await judge(id, 'liftSanction');
      if (!judged.ok) return judged;
      if (!isSeen(reason)) return reasonMissing;
      return database.transaction(async (sql) => {
        const found = await liftable(sql, id, 'ONE');
        if (!found.ok) return found;
        const sanction = await lifts(sql, { id, by: judged.by.accountId, askedBy: null, reason });
        return { ok: true, sanction } as const;
      });
    },

    async askToLiftBar(id, reason) {
      const judged = await judge(id, 'askToLiftBar');
      if (!judged.ok) return judged;
      if (!isSeen(reason)) return reasonMissing;
      return database.transaction(async (sql) => {
        const found = await liftable(sql, id, 'TWO');
        if (!found.ok) return found;
        const { accountId, institutionId } = found.about;
        const payload = { sanction: id, account: accountId, institution: institutionId };
        const step = await steps.ask(sql, { action: 'LIFT_BAR', payload, reason, by: judged.by, about: accountId });
        await audit.write(sql, {
          accountId: judged.by.accountId,
          grantId: null,
          action: 'ASK_TO_LIFT_BAR',
          detail: {
            command: 'askToLiftBar',
            sanction: id,
            step: step.stepId,
            reason: seenText(reason, MOST_REASON),
          },
        });
        return { ok: true, ...step } as const;
      });
    },

    async liftBar(stepId, seen) {
      const { rows } = isUuid(stepId)
        ? await database.query<{ id: string }>(
            `SELECT payload ->> 'sanction' AS id FROM second_step WHERE id = $1 AND action = 'LIFT_BAR'`,
            [stepId],
          )
        : { rows: [] };
      // A conflict with whom it concerns keeps from confirming as it keeps from asking.
      const judged = await judge(rows[0]?.id ?? '', 'liftBar');
      if (!judged.ok)
        return judged.code === 'SANCTION_UNKNOWN'
          ? { ok: false, code: 'STEP_UNKNOWN', message: 'Nobody has asked for this.' }
          : judged;
      return database.transaction(async (sql) => {
        const confirmed = await steps.confirm(sql, { id: stepId, action: 'LIFT_BAR', by: judged.by, seen });
        if (!confirmed.ok) return confirmed;
        const id = String(confirmed.payload.sanction);
        const found = await liftable(sql, id, 'TWO');
        const { askedBy, reason } = confirmed;
        const sanction = found.ok
          ? await lifts(sql, { id, by: judged.by.accountId, askedBy, reason })
          : (await one(sql, id)).sanction;
        return { ok: true, sanction } as const;
      });
    },

    async mine() {
      if (actor.kind !== 'account' || actor.tokenGrantId != null) return [];
      const found = await details(
        database,
        's.account_id = $1 OR s.institution_id = (SELECT a.institution_id FROM account a WHERE a.id = $1)',
        [actor.accountId],
        false,
      );
      return found.map(({ sanction }) => sanction);
    },

    async find(name) {
      const allowed = await permit('FIND_PEOPLE', { query: 'peopleByName' });
      return allowed.ok ? { ok: true, value: await peopleNamed(database, name) } : allowed;
    },

    async list() {
      const allowed = await permit('HANDLE_INCIDENT', { query: 'sanctions' });
      if (!allowed.ok) return allowed;
      return { ok: true, value: (await details(database, 'true', [])).map(({ sanction }) => sanction) };
    },
  };
}
