import { startOfDay } from '../../../governance/calendar.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { QuarantineFacts, RowFacts, WithdrawalKind } from '../../../governance/rows.ts';
import type { Sql } from '../../adapters/database/database.ts';

interface Loaded {
  inRelease: boolean;
  consent: {
    version: string;
    uses: string[];
    modalities: Modality[];
    adultFrom: string | null;
    reconsentedAt: string | null;
  } | null;
  withdrawals: { kind: WithdrawalKind }[];
  quarantines: { fromSeconds: number | null; toSeconds: number | null; liftedAt: string | null }[];
}

/** What decide() is told of one submission of a release: the same facts that the statement builder's row rule asks in SQL. */
export async function submissionRowFacts(
  sql: Sql,
  of: { releaseId: string; submissionId: string; timeZone: string; now: Date },
): Promise<RowFacts> {
  const { rows } = await sql.query<{ facts: Loaded }>(
    `SELECT json_build_object(
       'inRelease', EXISTS (SELECT 1 FROM release_submission rs WHERE rs.release_id = $1 AND rs.submission_id = s.id),
       'consent', (SELECT json_build_object('version', c.version, 'uses', c.uses, 'modalities', c.modalities, 'adultFrom', c.adult_from, 'reconsentedAt', c.reconsented_at)
                   FROM consent c WHERE c.patient_id = s.patient_id AND c.effective_at <= $3 ORDER BY c.effective_at DESC, c.id DESC LIMIT 1),
       'withdrawals', (SELECT coalesce(json_agg(json_build_object('kind', w.kind)), '[]') FROM withdrawal w WHERE w.patient_id = s.patient_id AND w.taken_back_at IS NULL),
       'quarantines', (SELECT coalesce(json_agg(json_build_object('fromSeconds', q.from_seconds, 'toSeconds', q.to_seconds, 'liftedAt', q.lifted_at)), '[]')
                       FROM quarantine q WHERE q.submission_id = s.id)
     ) AS facts FROM submission s WHERE s.id = $2`,
    [of.releaseId, of.submissionId, of.now],
  );
  const loaded = rows[0]?.facts;
  if (!loaded) return { inRelease: false, consent: null, withdrawals: [], quarantines: [] };
  const day = (date: string | null): Date | null => (date === null ? null : new Date(startOfDay(date, of.timeZone)));
  const quarantines: QuarantineFacts[] = loaded.quarantines.map((one) => ({
    ...one,
    liftedAt: one.liftedAt === null ? null : new Date(one.liftedAt),
  }));
  return {
    inRelease: loaded.inRelease,
    consent: loaded.consent && {
      ...loaded.consent,
      adultFrom: day(loaded.consent.adultFrom),
      reconsentedAt: day(loaded.consent.reconsentedAt),
    },
    withdrawals: loaded.withdrawals,
    quarantines,
  };
}
