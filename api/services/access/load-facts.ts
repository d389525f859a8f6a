import type { AgreementSignature, AgreementVersion } from '../../../governance/agreement.ts';
import type { CertificateFacts, ExceptionFacts, Facts, GrantFacts, HaltFacts } from '../../../governance/facts.ts';
import { parsePolicy } from '../../../governance/policy.ts';
import type { Role } from '../../../governance/roles.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { institutionFacts } from './request-facts.ts';

/** Facts of one person (null: of nobody signed in), as of now, for decide(). */
export type LoadFacts = (sql: Sql, accountId: string | null, now: Date) => Promise<Facts>;

type Dated<T, Keys extends keyof T> = Omit<T, Keys> & { [Key in Keys]: string | (null extends T[Key] ? null : never) };

interface Loaded {
  policy: unknown;
  account: {
    id: string;
    roles: Role[];
    institutionId: string | null;
    suspendedAt: string | null;
    suspendedUntil: string | null;
  } | null;
  institution: { id: string; country: string; standing: string } | null;
  grants: (Omit<GrantFacts, 'start' | 'end' | 'signatures'> & {
    start: string;
    end: string;
    signatures: Dated<AgreementSignature, 'signedAt'>[];
  })[];
  certificates: CertificateFacts[];
  agreements: AgreementVersion[];
  halts: Dated<HaltFacts, 'from' | 'liftedAt'>[];
  exceptions: Dated<ExceptionFacts, 'from' | 'until'>[];
}

const STATEMENT = `SELECT json_build_object(
  'policy', (SELECT policy FROM policy_version WHERE effective_at <= $2 ORDER BY number DESC LIMIT 1),
  'account', (SELECT json_build_object('id', a.id, 'roles', ARRAY(SELECT role FROM account_role r WHERE r.account_id = a.id), 'institutionId', a.institution_id,
      'suspendedAt', a.suspended_at, 'suspendedUntil', a.suspended_until) FROM account a WHERE a.id = $1),
  'institution', (SELECT json_build_object('id', i.id, 'country', i.country, 'standing', i.standing) FROM institution i JOIN account a ON a.institution_id = i.id WHERE a.id = $1),
  'grants', (SELECT coalesce(json_agg(json_build_object('id', g.id, 'state', g.state, 'start', g.starts_at, 'end', g.ends_at, 'access', g.access, 'purpose', g.purpose,
        'institutionId', g.institution_id,
        'members', ARRAY(SELECT account_id FROM grant_member o WHERE o.grant_id = g.id AND o.removed_at IS NULL),
        'signatures', (SELECT coalesce(json_agg(json_build_object('accountId', s.account_id, 'version', s.version, 'as', s.capacity, 'signedAt', s.signed_at)), '[]')
                       FROM grant_signature s WHERE s.grant_id = g.id)) ORDER BY g.starts_at, g.id), '[]')
      FROM data_grant g JOIN grant_member m ON m.grant_id = g.id WHERE m.account_id = $1 AND m.removed_at IS NULL),
  'certificates', (SELECT coalesce(json_agg(json_build_object('id', id, 'accountId', account_id, 'type', type, 'state', state, 'completedOn', completed_on,
        'expiresOn', expires_on, 'verifiedHow', verified_how)), '[]') FROM certificate WHERE account_id = $1 AND state <> 'REPLACED'),
  'agreements', (SELECT coalesce(json_agg(json_build_object('version', version, 'effectiveOn', effective_on, 'graceDays', grace_days, 'editorial', editorial) ORDER BY version), '[]') FROM agreement),
  'halts', (SELECT coalesce(json_agg(json_build_object('id', id, 'scope', scope, 'target', target, 'from', placed_at, 'liftedAt', lifted_at)), '[]') FROM halt WHERE lifted_at IS NULL OR lifted_at > $2),
  'exceptions', (SELECT coalesce(json_agg(json_build_object('id', id, 'accountId', account_id, 'releaseId', release_id, 'from', starts_at, 'until', ends_at)), '[]')
      FROM access_exception WHERE account_id = $1 AND ends_at > $2)
) AS facts`;

/** One statement, so that everything decided together is decided from one moment. @throws if no policy is in force */
export const loadFacts: LoadFacts = async (sql, accountId, now) => {
  const { rows } = await sql.query<{ facts: Loaded }>(STATEMENT, [accountId, now]);
  return factsOf(rows[0]!.facts);
};

function factsOf(loaded: Loaded): Facts {
  const { account, institution } = loaded;
  return {
    policy: parsePolicy(loaded.policy),
    account: account && {
      id: account.id,
      roles: account.roles,
      institutionId: account.institutionId,
      suspensions:
        account.suspendedAt === null
          ? []
          : [{ from: new Date(account.suspendedAt), until: dateOrNull(account.suspendedUntil) }],
    },
    institution: institution && institutionFacts(institution),
    grants: loaded.grants.map((grant) => ({
      ...grant,
      start: new Date(grant.start),
      end: new Date(grant.end),
      signatures: grant.signatures.map((signature) => ({
        ...signature,
        signedAt: new Date(signature.signedAt as string),
      })),
    })),
    certificates: loaded.certificates,
    agreements: loaded.agreements,
    halts: loaded.halts.map((halt) => ({
      ...halt,
      from: new Date(halt.from as string),
      liftedAt: dateOrNull(halt.liftedAt),
    })),
    exceptions: loaded.exceptions.map((exception) => ({
      ...exception,
      from: new Date(exception.from as string),
      until: new Date(exception.until as string),
    })),
  };
}

const dateOrNull = (text: string | null): Date | null => (text === null ? null : new Date(text));
