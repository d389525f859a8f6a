import type {
  CertificateFacts,
  Facts,
  GrantFacts,
  HaltFacts,
  InstitutionFacts,
  ReleaseState,
  Suspension,
} from '../../../governance/facts.ts';
import { isModality, type Modality } from '../../../governance/modality.ts';
import { NoPolicy, type Policy, parsePolicy } from '../../../governance/policy.ts';
import { isRole } from '../../../governance/roles.ts';
import { isUse, type Use } from '../../../governance/use.ts';
import type { Situation, StudyRef } from '../../../schema/context.ts';
import { named, type Sql } from '../../adapters/database/database.ts';
import { FACTS_SQL, type FactsRow } from './facts-sql.ts';

export interface FactsQuery {
  /** Null for a stranger. */
  readonly accountId: string | null;
  /** A study by its key, or by one of its releases. */
  readonly study: { readonly key: string } | Extract<StudyRef, { releaseId: string }>;
  readonly now: Date;
}

const FACTS = named('facts', FACTS_SQL);

/** Policy versions that were read, by number: a version never changes. */
const policies = new WeakMap<object, Map<number, Policy>>();

const knownPolicies = (sql: Sql): Map<number, Policy> => {
  const known = policies.get(sql);
  if (known !== undefined) return known;
  const made = new Map<number, Policy>();
  policies.set(sql, made);
  return made;
};

/**
 * Facts of a person and a study's releases, read in one statement, so as of one moment. Null for a study that does not
 * exist. Everything after it is pure. `sql` is asked with a name, so that it is planned once a connection.
 */
export const loadSituation = async (sql: Sql, { accountId, study, now }: FactsQuery): Promise<Situation | null> => {
  const known = knownPolicies(sql);
  const [key, releaseId] = 'key' in study ? [study.key, null] : [null, study.releaseId];
  const row = await factsRow(sql, [accountId, key?.replaceAll('\u0000', '\ufffd') ?? null, releaseId, now], known);
  if (row === undefined || row.study === null) return null;
  return {
    at: now,
    study: row.study,
    facts: factsOf(row, policyOf(row, known)),
    releases: row.releases.map(({ id, version, status, published_at }) => ({
      id,
      version,
      state: status as ReleaseState,
      studyKey: row.study?.key ?? '',
      publishedAt: published_at === null ? null : new Date(published_at),
    })),
  };
};

/** Facts of a person apart from any study, so without grants: for what roles govern. */
export const loadPersonFacts = async (sql: Sql, accountId: string | null, now: Date): Promise<Facts> => {
  const known = knownPolicies(sql);
  const row = (await factsRow(sql, [accountId, null, null, now], known)) as FactsRow;
  return factsOf(row, policyOf(row, known));
};

const factsRow = async (
  sql: Sql,
  [accountId, key, releaseId, now]: readonly [string | null, string | null, string | null, Date],
  known: ReadonlyMap<number, Policy>,
): Promise<FactsRow | undefined> => {
  const newest = known.size === 0 ? null : Math.max(...known.keys());
  const values = [accountId, key, releaseId, now.toISOString(), newest];
  return (await sql.query<FactsRow & Record<string, unknown>>(FACTS, values)).rows[0];
};

/** The facts alone. Throws Error for a study that does not exist. */
export const loadFacts = async (sql: Sql, query: FactsQuery): Promise<Facts> => {
  const situation = await loadSituation(sql, query);
  if (situation === null) throw new Error('there is no such study');
  return situation.facts;
};

const policyOf = ({ policy }: FactsRow, known: Map<number, Policy>): Policy => {
  if (policy === null) throw new NoPolicy();
  const kept = known.get(policy.number);
  if (kept !== undefined) return kept;
  const parsed = parsePolicy(policy.policy);
  known.set(policy.number, parsed);
  return parsed;
};

/** Facts as they stand in a row of FACTS_SQL, under a policy. */
export const factsOf = (row: FactsRow, policy: Policy): Facts => ({
  policy,
  account:
    row.account === null
      ? null
      : {
          id: row.account.id,
          roles: row.account.roles.filter(isRole),
          institutionId: row.account.institution_id,
          suspensions: [
            ...(row.account.suspended_at === null
              ? []
              : [{ from: new Date(row.account.suspended_at), until: instant(row.account.suspended_until) }]),
            ...suspensionsOf(row.sanctions.filter(({ account_id }) => account_id !== null)),
          ],
        },
  institution: row.institution === null ? null : institutionOf(row.institution, row.sanctions),
  grants: row.grants.map(grantOf),
  certificates: row.certificates.map((certificate) => ({
    id: certificate.id,
    accountId: certificate.account_id,
    type: certificate.type as CertificateFacts['type'],
    state: certificate.state as CertificateFacts['state'],
    completedOn: certificate.completed_on,
    expiresOn: certificate.expires_on,
    verifiedHow: certificate.verified_how as CertificateFacts['verifiedHow'],
  })),
  agreements: row.agreements.map(({ version, effective_on, grace_days, editorial }) => ({
    version,
    effectiveOn: effective_on,
    graceDays: grace_days,
    editorial,
  })),
  halts: row.halts.map(({ id, scope, target, placed_at, lifted_at }) => ({
    id,
    scope: scope as HaltFacts['scope'],
    target,
    from: new Date(placed_at),
    liftedAt: instant(lifted_at),
  })),
  exceptions: row.exceptions.map(({ id, account_id, release_id, starts_at, ends_at }) => ({
    id,
    accountId: account_id,
    releaseId: release_id,
    from: new Date(starts_at),
    until: new Date(ends_at),
  })),
  tokens: row.tokens.map(({ id, grant_id, expires_at }) => ({
    id,
    grantId: grant_id,
    expiresAt: new Date(expires_at),
  })),
});

const suspensionsOf = (sanctions: FactsRow['sanctions']): Suspension[] =>
  sanctions.map(({ starts_at, ends_at }) => ({ from: new Date(starts_at), until: instant(ends_at) }));

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

const institutionOf = (
  { id, country, standing }: NonNullable<FactsRow['institution']>,
  sanctions: FactsRow['sanctions'],
): InstitutionFacts => ({
  id,
  country,
  verified: standing === 'VERIFIED',
  suspensions: [
    ...(standing === 'SUSPENDED' || standing === 'BARRED' ? [{ from: new Date(0), until: null }] : []),
    ...suspensionsOf(sanctions.filter(({ account_id }) => account_id === null)),
  ],
});

const grantOf = (grant: FactsRow['grants'][number]): GrantFacts => {
  const access: Partial<Record<Modality, readonly Use[]>> = {};
  for (const [modality, uses] of Object.entries(grant.access)) {
    if (isModality(modality)) access[modality] = uses.filter(isUse);
  }
  return {
    id: grant.id,
    state: grant.state as GrantFacts['state'],
    start: new Date(grant.starts_at),
    end: new Date(grant.ends_at),
    access,
    purpose: grant.purpose,
    institutionId: grant.institution_id,
    members: grant.members,
    signatures: grant.signatures.map(({ account_id, capacity, version, signed_at }) => ({
      accountId: account_id,
      version,
      as: capacity,
      signedAt: new Date(signed_at),
    })),
  };
};
