/** SQL: whether an appointment as a deputy steward, row `deputy`, runs at $2. What their other role excludes counts for nothing. */
export const DEPUTY_RUNS = `deputy.starts_at <= $2 AND $2 < deputy.ends_at AND deputy.ended_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = deputy.account_id AND r.role IN ('curator', 'auditor', 'admin'))`;

/** SQL: whether somebody is a deputy steward at $2. @param account SQL of their id */
export const isDeputy = (account: string): string =>
  `EXISTS (SELECT 1 FROM deputy_steward deputy WHERE deputy.account_id = ${account} AND ${DEPUTY_RUNS})`;
