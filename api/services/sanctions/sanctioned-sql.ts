const runs = (now: string): string =>
  `s.kind <> 'WARN' AND s.lifted_at IS NULL AND s.starts_at <= ${now} AND (s.ends_at IS NULL OR ${now} < s.ends_at)`;

/** SQL: whether a suspension or a bar of a person runs. @param account SQL of their id @param now SQL of the moment */
export const personSanctioned = (account: string, now = '$2'): string =>
  `EXISTS (SELECT 1 FROM sanction s WHERE s.account_id = ${account} AND ${runs(now)})`;

/** SQL: the same of an institution. */
export const institutionSanctioned = (institution: string): string =>
  `EXISTS (SELECT 1 FROM sanction s WHERE s.institution_id = ${institution} AND ${runs('$2')})`;
