import type { Actor } from '../../../governance/actor.ts';
import { decide } from '../../../governance/decide.ts';
import type { RequestActor } from '../../../governance/request/commands.ts';
import { type RequestState, teamOf } from '../../../governance/request/state.ts';
import type { Reader } from '../../../governance/request/view.ts';
import type { Role } from '../../../governance/roles.ts';
import type { CommandDeps } from '../command-deps.ts';
import { personSanctioned } from '../sanctions/sanctioned-sql.ts';

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
}

/** Facts of the actor as of now; null for who is nobody. */
export async function requestReader(deps: CommandDeps, actor: Actor): Promise<RequestReader | null> {
  if (actor.kind !== 'account') return null;
  const { database, clock } = deps;
  const now = clock.now();
  const { rows } = await database.query<Row & Record<string, unknown>>(
    `SELECT institution_id AS "institutionId", email, coalesce(suspended_at <= $2 AND (suspended_until IS NULL OR $2 < suspended_until), false)
         OR ${personSanctioned('a.id')} AS suspended,
       ARRAY(SELECT role FROM account_role r WHERE r.account_id = a.id) AS roles,
       EXISTS (SELECT 1 FROM official o WHERE o.account_id = a.id AND o.institution_id = a.institution_id) AS official
     FROM account a WHERE id = $1`,
    [actor.accountId, now],
  );
  const row = rows[0];
  if (!row) return null;
  const facts = await deps.loadFacts(database, actor.accountId, now, null);
  const { institutionId, official, ...person } = row;
  const own = { accountId: null, institutionId, coAuthors: [], askedBy: null };
  const ofInstitution = decide(actor, 'VIEW_INSTITUTION_REQUESTS', { kind: 'subject', subject: own }, facts, now);
  return {
    accountId: actor.accountId,
    actor: { kind: 'account', accountId: actor.accountId, institutionId, ...person },
    email: row.email.toLowerCase(),
    officialOf: official && ofInstitution.allow ? institutionId : null,
    steward: decide(actor, 'VIEW_REQUEST_QUEUE', { kind: 'none' }, facts, now).allow,
    tokenGrantId: actor.tokenGrantId ?? null,
  };
}

/** As what they look at a request; null where there is none for them. `requestsSql` says the same of rows. */
export function readerOf(state: RequestState, reader: RequestReader): Reader | null {
  if (reader.tokenGrantId !== null && reader.tokenGrantId !== state.grant?.id) return null;
  const invited = state.collaborators.some(({ accountId, email }) => accountId === null && email === reader.email);
  const found: Reader = {
    team: invited || teamOf(state).includes(reader.accountId),
    official: reader.officialOf !== null && reader.officialOf === state.institutionId,
    // A draft is its team's own until it is sent in.
    steward: reader.steward && state.status !== 'DRAFT',
  };
  return found.team || found.official || found.steward ? found : null;
}

const TEAM = `(r.applicant_id = $1
  OR EXISTS (SELECT 1 FROM request_event a WHERE a.request_id = r.id AND a.type = 'InvitationAccepted' AND a.actor_id = $1
       AND NOT EXISTS (SELECT 1 FROM request_event x WHERE x.request_id = r.id AND x.number > a.number
         AND ((x.type = 'CollaboratorRemoved' AND x.data ->> 'invitationId' = a.data ->> 'invitationId') OR (x.type = 'MemberRemoved' AND x.data ->> 'accountId' = $1::text))))
  OR EXISTS (SELECT 1 FROM request_event i WHERE i.request_id = r.id AND i.type = 'CollaboratorInvited' AND i.data ->> 'email' = $2
       AND NOT EXISTS (SELECT 1 FROM request_event x WHERE x.request_id = r.id AND x.number > i.number
         AND x.type IN ('CollaboratorRemoved', 'InvitationAccepted') AND x.data ->> 'invitationId' = i.data ->> 'invitationId')))`;

/** Condition on `access_request r` that a reader may see it, with its parameters, $1 to $5; `mine`: on the team alone. */
export const requestsSql = (reader: RequestReader, mine: boolean): { where: string; values: unknown[] } => ({
  where: `($5::uuid IS NULL OR EXISTS (SELECT 1 FROM data_grant g WHERE g.request_id = r.id AND g.id = $5))
    AND (${TEAM} OR ($3::boolean AND r.state <> 'DRAFT') OR r.institution_id = $4::uuid)`,
  values: [
    reader.accountId,
    reader.email,
    !mine && reader.steward,
    mine ? null : reader.officialOf,
    reader.tokenGrantId,
  ],
});
