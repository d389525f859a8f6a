import type { Actor } from '../../../governance/actor.ts';
import { decide } from '../../../governance/decide.ts';
import { isModality } from '../../../governance/modality.ts';
import { isSeen, seenText } from '../../../governance/seen-signs.ts';
import { decodeNodeId } from '../../../schema/planner/node-id.ts';
import type { HaltCommands, HaltDetails, HaltInput } from '../../../schema/services/safety.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { secondSteps } from '../two-person/second-steps.ts';
import { isUuid } from '../uuid.ts';

interface Row extends Omit<HaltDetails, 'placedBy'>, Record<string, unknown> {
  placedById: string;
}

/** What people call it: an id names nothing to them. */
const NAME = `CASE h.scope
    WHEN 'RELEASE' THEN (SELECT s.key || ' ' || r.version FROM release r JOIN study s ON s.id = r.study_id WHERE r.id::text = h.target)
    WHEN 'INSTITUTION' THEN (SELECT i.name FROM institution i WHERE i.id::text = h.target) ELSE h.target END`;
const COLUMNS = `h.id, h.scope, h.target, ${NAME} AS "targetName", h.category, h.reason, h.incident_id AS "incidentId", h.placed_at AS "placedAt", h.placed_by AS "placedById",
  h.lifted_at AS "liftedAt"`;
const MOST_REASON = 2_000;
const MOST_LISTED = 500;
const TABLES = { RELEASE: 'release', INSTITUTION: 'institution', GRANT: 'data_grant' } as const;

/** What a halt is of, spelled as facts spell it: another spelling of an id would halt nothing. Null where there is no such thing. */
async function targetOf(sql: Sql, { scope, target }: HaltInput): Promise<{ target: string | null } | null> {
  if (scope === 'ALL') return target === null ? { target } : null;
  if (target === null) return null;
  if (scope === 'MODALITY') return isModality(target) ? { target } : null;
  const node = scope === 'RELEASE' ? decodeNodeId(target) : null;
  const id = node?.letter === 'R' ? node.releaseId : target;
  if (!isUuid(id)) return null;
  const { rows } = await sql.query<{ id: string }>(`SELECT id FROM ${TABLES[scope]} WHERE id = $1`, [id]);
  return rows[0] === undefined ? null : { target: rows[0].id };
}

/** Places a halt in the caller's transaction; whether they may was asked. It acts on every path as soon as that commits. */
export async function placeHalt(
  { clock, ids, audit }: Pick<CommandDeps, 'clock' | 'ids' | 'audit'>,
  sql: Sql,
  { input, by, incidentId }: { readonly input: HaltInput; readonly by: string; readonly incidentId: string | null },
) {
  const reason = seenText(input.reason, MOST_REASON);
  if (reason === '')
    return { ok: false, code: 'REASON_MISSING', message: 'Say why, for the stewards who are to lift it.' } as const;
  const found = await targetOf(sql, input);
  if (found === null) {
    const message =
      input.scope === 'ALL' ? 'A halt of everything names no target.' : 'There is no such thing to be halted.';
    return { ok: false, code: 'TARGET_UNKNOWN', message } as const;
  }
  const id = ids.uuid();
  const { scope, category } = input;
  await sql.query(
    'INSERT INTO halt (id, scope, target, category, reason, placed_at, placed_by, incident_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    [id, scope, found.target, category, reason, clock.now(), by, incidentId],
  );
  await audit.write(sql, {
    accountId: by,
    grantId: null,
    action: 'HALT_ACCESS',
    detail: { command: 'haltAccess', halt: id, scope, target: found.target, category, reason, incident: incidentId },
  });
  return { ok: true, id } as const;
}

/** Halts by one actor: any steward places one at once, two lift it; whom it concerns is told that it is there. */
export function haltCommands(deps: CommandDeps, actor: Actor): HaltCommands {
  const { database, clock, audit } = deps;
  const permit = permitOf(deps, actor);
  const steps = secondSteps(deps);

  async function details(sql: Sql, where: string, values: unknown[], whole: boolean): Promise<HaltDetails[]> {
    const { rows } = await sql.query<Row>(
      `SELECT ${COLUMNS} FROM halt h WHERE ${where} ORDER BY h.placed_at DESC, h.id DESC LIMIT ${MOST_LISTED}`,
      values,
    );
    const people = whole
      ? await peopleOf(
          sql,
          rows.map(({ placedById }) => placedById),
        )
      : null;
    return rows.map(({ placedById, ...row }) =>
      people === null
        ? { ...row, reason: null, incidentId: null, placedBy: null }
        : { ...row, placedBy: people.get(placedById) ?? null },
    );
  }

  const one = async (sql: Sql, id: string): Promise<HaltDetails> => {
    const [halt] = await details(sql, 'h.id = $1', [id], true);
    if (halt === undefined) throw new Error('a halt that was just there is gone');
    return halt;
  };

  return {
    async place(input) {
      const { scope, target } = input;
      const allowed = await permit('HALT_ACCESS', { command: 'haltAccess', scope, target });
      if (!allowed.ok) return allowed;
      return database.transaction(async (sql) => {
        const placed = await placeHalt(deps, sql, { input, by: allowed.actor.accountId, incidentId: null });
        return placed.ok ? ({ ok: true, halt: await one(sql, placed.id) } as const) : placed;
      });
    },

    async askToLift(id, reason) {
      const allowed = await permit('HALT_ACCESS', { command: 'askToLiftHalt', halt: id });
      if (!allowed.ok) return allowed;
      if (!isSeen(reason))
        return { ok: false, code: 'REASON_MISSING', message: 'Say why it is safe, for whoever confirms.' };
      return database.transaction(async (sql) => {
        const [halt] = isUuid(id) ? await details(sql, 'h.id = $1', [id], true) : [];
        if (halt === undefined) return { ok: false, code: 'HALT_UNKNOWN', message: 'There is no such halt.' } as const;
        if (halt.liftedAt !== null)
          return { ok: false, code: 'WRONG_STATE', message: 'This halt is lifted already.' } as const;
        const { scope, target, category } = halt;
        const payload = { halt: halt.id, scope, target, category, placedAt: halt.placedAt.toISOString() };
        const step = await steps.ask(sql, { action: 'LIFT_HALT', payload, reason, by: allowed.actor });
        await audit.write(sql, {
          accountId: allowed.actor.accountId,
          grantId: null,
          action: 'ASK_TO_LIFT_HALT',
          detail: {
            command: 'askToLiftHalt',
            halt: halt.id,
            step: step.stepId,
            reason: seenText(reason, MOST_REASON),
          },
        });
        return { ok: true, ...step } as const;
      });
    },

    async lift(stepId, seen) {
      // The role first; that it takes another person than who asked is the step's to say.
      const allowed = await permit('HALT_ACCESS', { command: 'liftHalt', step: stepId });
      if (!allowed.ok) return allowed;
      const by = allowed.actor;
      return database.transaction(async (sql) => {
        const confirmed = await steps.confirm(sql, { id: stepId, action: 'LIFT_HALT', by, seen });
        if (!confirmed.ok) return confirmed;
        const id = String(confirmed.payload.halt);
        await sql.query(
          'UPDATE halt SET lifted_at = $2, lifted_by = $3, lift_asked_by = $4 WHERE id = $1 AND lifted_at IS NULL',
          [id, clock.now(), by.accountId, confirmed.askedBy],
        );
        await audit.write(sql, {
          accountId: by.accountId,
          grantId: null,
          action: 'LIFT_HALT',
          detail: { command: 'liftHalt', halt: id, step: stepId, askedBy: confirmed.askedBy, reason: confirmed.reason },
        });
        return { ok: true, halt: await one(sql, id) } as const;
      });
    },

    async active() {
      const allowed = await permit('VIEW_OWN', { query: 'activeHalts' });
      if (!allowed.ok) return allowed;
      const { accountId, tokenGrantId } = allowed.actor;
      const now = clock.now();
      const facts = await deps.loadFacts(database, accountId, now, null);
      const may = (action: 'HALT_ACCESS' | 'READ_AUDIT_LOG' | 'VIEW_DRAFT'): boolean =>
        decide(allowed.actor, action, { kind: 'none' }, facts, now).allow;
      const whole = may('HALT_ACCESS') || may('READ_AUDIT_LOG');
      const value = await details(
        database,
        CONCERNS,
        [accountId, tokenGrantId ?? null, whole || may('VIEW_DRAFT')],
        whole,
      );
      return { ok: true, value };
    },
  };
}

/**
 * SQL: halts in force that concern account $1: for staff ($3) all; for everybody the halt of everything, and what touches a grant of theirs that is not
 * over ($2: of a token's grant alone) or their institution.
 */
const MINE = `FROM data_grant g JOIN grant_member m ON m.grant_id = g.id
  WHERE m.account_id = $1 AND m.removed_at IS NULL AND g.state IN ('ACTIVE', 'SUSPENDED') AND ($2::uuid IS NULL OR g.id = $2)`;
const CONCERNS = `h.lifted_at IS NULL AND ($3 OR CASE h.scope
  WHEN 'ALL' THEN true
  WHEN 'MODALITY' THEN EXISTS (SELECT 1 ${MINE} AND g.access ? h.target)
  WHEN 'RELEASE' THEN EXISTS (SELECT 1 ${MINE} AND g.study_id = (SELECT r.study_id FROM release r WHERE r.id::text = h.target))
  WHEN 'GRANT' THEN EXISTS (SELECT 1 ${MINE} AND g.id::text = h.target)
  ELSE EXISTS (SELECT 1 ${MINE} AND g.institution_id::text = h.target)
    OR EXISTS (SELECT 1 FROM account a WHERE a.id = $1 AND a.institution_id::text = h.target)
    OR EXISTS (SELECT 1 FROM official o WHERE o.account_id = $1 AND o.institution_id::text = h.target) END)`;
