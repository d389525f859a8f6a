import type { Actor } from '../../../governance/actor.ts';
import { decide } from '../../../governance/decide.ts';
import type { RequestActor } from '../../../governance/request/commands.ts';
import { isConflicted } from '../../../governance/request/parts.ts';
import { amended, collaboratorsOf, everybodyOf, type RequestState } from '../../../governance/request/state.ts';
import type { Reader } from '../../../governance/request/view.ts';
import type { Role } from '../../../governance/roles.ts';
import type { CommandDeps } from '../command-deps.ts';
import { personSanctioned } from '../sanctions/sanctioned-sql.ts';
import { isDeputy } from './deputies-sql.ts';

/** Somebody who looks at requests, with what decides which of them there are for them. */
export interface RequestReader {
  readonly accountId: string;
  readonly actor: Extract<RequestActor, { kind: 'account' }>;
  /** Lower case; for invitations. */
  readonly email: string;
  /** The institution whose signing official they are and whose requests they may see; null for none. */
  readonly officialOf: string | null;
  /** Sees all that were sent in. */
  readonly steward: boolean;
  /** The grant that a token is bound to: nothing but its own request is seen with it then. */
  readonly tokenGrantId: string | null;
}

interface Row {
  institutionId: string | null;
  email: string;
  suspended: boolean;
  roles: Role[];
  official: boolean;
  deputy: boolean;
}

/** Facts of the actor as of now; null for who is nobody, and while their account is suspended: of requests they read nothing then, their own included. */
export async function requestReader(deps: CommandDeps, actor: Actor): Promise<RequestReader | null> {
  if (actor.kind !== 'account') return null;
  const { database, clock } = deps;
  const now = clock.now();
  const { rows } = await database.query<Row & Record<string, unknown>>(
    `SELECT institution_id AS "institutionId", email, coalesce(suspended_at <= $2 AND (suspended_until IS NULL OR $2 < suspended_until), false)
         OR ${personSanctioned('a.id')} AS suspended,
       ARRAY(SELECT role FROM account_role r WHERE r.account_id = a.id) AS roles,
       EXISTS (SELECT 1 FROM official o WHERE o.account_id = a.id AND o.institution_id = a.institution_id) AS official,
       ${isDeputy('a.id')} AS deputy
     FROM account a WHERE id = $1`,
    [actor.accountId, now],
  );
  const row = rows[0];
  if (!row || row.suspended) return null;
  const facts = await deps.loadFacts(database, actor.accountId, now, null);
  const { institutionId, official, deputy, ...person } = row;
  const own = { accountId: null, institutionId, coAuthors: [], askedBy: null };
  const ofInstitution = decide(actor, 'VIEW_INSTITUTION_REQUESTS', { kind: 'subject', subject: own }, facts, now);
  return {
    accountId: actor.accountId,
    actor: { kind: 'account', accountId: actor.accountId, institutionId, ...person },
    email: row.email.toLowerCase(),
    officialOf: official && ofInstitution.allow ? institutionId : null,
    // A deputy looks at the queue like a steward, and decides only where too few stewards may.
    steward:
      decide(actor, 'VIEW_REQUEST_QUEUE', { kind: 'none' }, facts, now).allow ||
      (deputy && (actor.tokenGrantId ?? null) === null),
    tokenGrantId: actor.tokenGrantId ?? null,
  };
}

/**
 * As what they look at a request; null where there is none for them. `requestsSql` says the same of rows.
 *
 * @param coAuthors of its team: a steward among them reads nothing of what the others say about it
 */
export function readerOf(state: RequestState, reader: RequestReader, coAuthors: readonly string[] = []): Reader | null {
  if (reader.tokenGrantId !== null && reader.tokenGrantId !== state.grant?.id) return null;
  const asked = [state, amended(state)].flatMap((one) => (one === null ? [] : collaboratorsOf(one)));
  const invited = asked.some(({ accountId, email }) => accountId === null && email === reader.email);
  const team = invited || everybodyOf(state).includes(reader.accountId);
  // Whoever is on the team looks as the team does, whatever else they are: what those who decide say among themselves is not for them.
  // A draft is its team's own until it is sent in, also where it is withdrawn before that.
  const sent = !team && state.submittedAt !== null;
  const steward = sent && reader.steward;
  const judges =
    !state.recused.includes(reader.accountId) && !isConflicted(state, 'second', { actor: reader.actor, coAuthors });
  const found: Reader = {
    ...{ team, steward, apart: steward && !judges ? reader.accountId : null },
    official: sent && reader.officialOf !== null && reader.officialOf === state.institutionId,
  };
  return found.team || found.official || found.steward ? found : null;
}

/**
 * Condition on `access_request r` that a reader may see it, with its parameters; `mine`: on the team alone. Only what can be true of this reader is
 * asked: a steward's queue is read in the order of its index, and what anybody else may see is looked up by its ids.
 */
export function requestsSql(
  reader: RequestReader,
  mine: boolean,
): { where: string; values: unknown[] /** Selects ids of those that they are on or asked to join. */; ofTeam: string } {
  const values: unknown[] = [reader.accountId, reader.email];
  const ids = [
    'SELECT p.request_id FROM request_party p WHERE p.account_id = $1',
    'SELECT p.request_id FROM request_party p WHERE p.email = $2',
  ];
  const ofTeam = ids.join(' UNION ');
  if (!mine && reader.officialOf !== null)
    ids.push(
      `SELECT o.id FROM access_request o WHERE o.institution_id = $${values.push(reader.officialOf)}::uuid AND o.first_submitted_at IS NOT NULL`,
    );
  const listed = `r.id IN (${ids.join(' UNION ')})`;
  const who = !mine && reader.steward ? `(${listed} OR r.first_submitted_at IS NOT NULL)` : listed;
  if (reader.tokenGrantId === null) return { where: who, values, ofTeam };
  const token = `$${values.push(reader.tokenGrantId)}::uuid`;
  return { where: `${who} AND r.id = (SELECT g.request_id FROM data_grant g WHERE g.id = ${token})`, values, ofTeam };
}
