/**
 * Everything that an operation of one person on one study is decided from, as of one moment, in one statement of one row.
 * $1 account id or null, $2 study key or null, $3 id of one of its releases or null, $4 now, $5 number of a policy
 * version that is known already or null.
 */
export const FACTS_SQL = `
WITH st AS (
  SELECT s.id, s.key, s.synthetic FROM study s
  WHERE s.key = $2::text OR s.id = (SELECT r.study_id FROM release r WHERE r.id = $3::uuid)
), me AS (
  SELECT a.* FROM account a WHERE a.id = $1::uuid
), mine AS (
  SELECT g.* FROM grant_member m JOIN data_grant g ON g.id = m.grant_id
  WHERE m.account_id = $1::uuid AND m.removed_at IS NULL AND g.study_id = (SELECT st.id FROM st)
)
SELECT
  (SELECT row_to_json(st) FROM st) AS study,
  (SELECT row_to_json(x) FROM (
    SELECT me.id, me.institution_id, me.suspended_at, me.suspended_until,
      (SELECT coalesce(json_agg(r.role), '[]') FROM account_role r WHERE r.account_id = me.id) AS roles
    FROM me) x) AS account,
  (SELECT row_to_json(x) FROM (
    SELECT i.id, i.country, i.standing FROM institution i WHERE i.id = (SELECT me.institution_id FROM me)) x) AS institution,
  (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT mine.id, mine.state, mine.starts_at, mine.ends_at, mine.access, mine.purpose, mine.institution_id,
      (SELECT coalesce(json_agg(m.account_id), '[]') FROM grant_member m WHERE m.grant_id = mine.id AND m.removed_at IS NULL) AS members,
      (SELECT coalesce(json_agg(s), '[]') FROM (
        SELECT g.account_id, g.capacity, g.version, g.signed_at FROM grant_signature g WHERE g.grant_id = mine.id) s) AS signatures
    FROM mine) x) AS grants,
  (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT c.id, c.account_id, c.type, c.state, c.completed_on, c.expires_on, c.verified_how
    FROM certificate c WHERE c.account_id = $1::uuid AND c.state IN ('PENDING', 'VERIFIED', 'REJECTED')) x) AS certificates,
  (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT a.version, a.effective_on, a.grace_days, a.editorial FROM agreement a) x) AS agreements,
  (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT h.id, h.scope, h.target, h.placed_at, h.lifted_at FROM halt h WHERE h.lifted_at IS NULL OR h.lifted_at > $4::timestamptz) x) AS halts,
  (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT e.id, e.account_id, e.release_id, e.starts_at, e.ends_at FROM access_exception e
    WHERE e.account_id = $1::uuid AND e.ends_at > $4::timestamptz) x) AS exceptions,
  (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT t.id, t.grant_id, t.expires_at FROM personal_token t
    WHERE t.account_id = $1::uuid AND t.revoked_at IS NULL AND t.expires_at > $4::timestamptz) x) AS tokens,
  (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT s.account_id, s.starts_at, s.ends_at FROM sanction s
    WHERE s.kind <> 'WARN' AND s.lifted_at IS NULL AND (s.ends_at IS NULL OR s.ends_at > $4::timestamptz)
      AND (s.account_id = $1::uuid OR s.institution_id = (SELECT me.institution_id FROM me))) x) AS sanctions,
  (SELECT row_to_json(x) FROM (
    SELECT p.number, CASE WHEN p.number = $5::integer THEN NULL ELSE p.policy END AS policy FROM policy_version p
    WHERE p.effective_at <= $4::timestamptz ORDER BY p.number DESC LIMIT 1) x) AS policy,
  (SELECT coalesce(json_agg(x), '[]') FROM (
    SELECT r.id, r.version, r.status, r.published_at FROM release r WHERE r.study_id = (SELECT st.id FROM st)
    ORDER BY string_to_array(r.version, '.')::integer[] DESC) x) AS releases`;

/** The row of that statement. Instants come as text from JSON. */
export interface FactsRow {
  readonly study: { readonly id: string; readonly key: string; readonly synthetic: boolean } | null;
  readonly account: {
    readonly id: string;
    readonly institution_id: string | null;
    readonly suspended_at: string | null;
    readonly suspended_until: string | null;
    readonly roles: readonly string[];
  } | null;
  readonly institution: { readonly id: string; readonly country: string; readonly standing: string } | null;
  readonly grants: readonly {
    readonly id: string;
    readonly state: string;
    readonly starts_at: string;
    readonly ends_at: string;
    readonly access: Readonly<Record<string, readonly string[]>>;
    readonly purpose: readonly string[];
    readonly institution_id: string;
    readonly members: readonly string[];
    readonly signatures: readonly {
      readonly account_id: string;
      readonly capacity: 'MEMBER' | 'OFFICIAL';
      readonly version: number;
      readonly signed_at: string;
    }[];
  }[];
  readonly certificates: readonly {
    readonly id: string;
    readonly account_id: string;
    readonly type: string;
    readonly state: string;
    readonly completed_on: string;
    readonly expires_on: string | null;
    readonly verified_how: string | null;
  }[];
  readonly agreements: readonly {
    readonly version: number;
    readonly effective_on: string;
    readonly grace_days: number;
    readonly editorial: boolean;
  }[];
  readonly halts: readonly {
    readonly id: string;
    readonly scope: string;
    readonly target: string | null;
    readonly placed_at: string;
    readonly lifted_at: string | null;
  }[];
  readonly exceptions: readonly {
    readonly id: string;
    readonly account_id: string;
    readonly release_id: string;
    readonly starts_at: string;
    readonly ends_at: string;
  }[];
  readonly tokens: readonly { readonly id: string; readonly grant_id: string; readonly expires_at: string }[];
  /** Suspensions and bars that run: of the account, or, with no account, of its institution. */
  readonly sanctions: readonly {
    readonly account_id: string | null;
    readonly starts_at: string;
    readonly ends_at: string | null;
  }[];
  readonly policy: { readonly number: number; readonly policy: unknown } | null;
  readonly releases: readonly {
    readonly id: string;
    readonly version: string;
    readonly status: string;
    readonly published_at: string | null;
  }[];
}
