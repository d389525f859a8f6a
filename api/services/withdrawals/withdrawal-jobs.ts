import { z } from 'zod';
import type { PipelineActor } from '../../../governance/actor.ts';
import { compareVersions } from '../../../governance/release-version.ts';
import { dutyState } from '../../../governance/withdrawal.ts';
import { holdJob } from '../../jobs/job-fence.ts';
import type { JobKind } from '../../jobs/job-kind.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { draftRelease } from '../releases/draft-release.ts';
import { hasStoppedSharing } from './stopped-sharing.ts';
import type { WithdrawalDeps } from './withdrawal-deps.ts';
import { type DutyRow, readWithdrawal, type WithdrawalRow } from './withdrawal-rows.ts';
import { noticeData } from './withdrawal-steps.ts';

const DRAFT = z.object({ withdrawalId: z.uuid() });
const REMIND = z.object({ dutyId: z.uuid(), number: z.int() });

const NOTES =
  'Drafted because somebody who took part has withdrawn: as the release before, without them. Look it over, then ask for its publication.';
const ERRATUM = 'Somebody who took part has withdrawn since the release before; this one is without them.';

/** Drafts the next release without a patient who withdrew, for a curator to look over. What keeps it from being drafted is told to the stewards. */
export const draftWithoutKind = (deps: WithdrawalDeps): JobKind<z.infer<typeof DRAFT>> => ({
  kind: 'draft-without',
  payload: DRAFT,
  maxAttempts: 4,
  priority: 5,
  async run({ withdrawalId }, { job }) {
    const { database } = deps;
    const row = await readWithdrawal(database, withdrawalId);
    if (row === null || row.takenBackAt !== null || row.nextRelease !== 'MAKING') return { drafted: false };
    const actor: PipelineActor = {
      kind: 'system:pipeline',
      job: { jobId: job.id, releaseId: null, actions: ['DRAFT_RELEASE'], modalities: [] },
    };
    /** Whoever drafted it, it says why, once, before the withdrawal names it: a worker may have been killed between the two. */
    const take = (releaseId: string): Promise<unknown> =>
      database.transaction(async (sql) => {
        await holdJob(sql, job);
        const erratum = { at: deps.clock.now().toISOString(), concerns: 'patients', text: ERRATUM };
        await sql.query(
          `UPDATE release SET errata = errata || jsonb_build_array($2::jsonb || jsonb_build_object('number', jsonb_array_length(errata) + 1, 'correctedIn', version))
           WHERE id = $1 AND NOT errata @> jsonb_build_array(jsonb_build_object('text', $3::text))`,
          [releaseId, JSON.stringify(erratum), ERRATUM],
        );
        await sql.query('UPDATE withdrawal SET draft_id = $2, draft_problem = NULL WHERE id = $1', [
          withdrawalId,
          releaseId,
        ]);
      });
    const ready = await draftAlready(deps, row);
    if (ready !== null) {
      await take(ready);
      return { drafted: false, release: ready };
    }
    let problem = '';
    const versions = await versionsAfter(deps, row);
    for (const version of versions) {
      const made = await draftRelease(deps, actor, { study: row.study, version, notes: NOTES });
      if (made.ok) {
        await take(made.releaseId);
        return { drafted: true, release: made.releaseId, version };
      }
      problem = made.code;
      // What the change since the last release asks for, where it is more than that.
      const next = 'nextVersion' in made ? made.nextVersion : null;
      if (next !== null && !versions.includes(next)) versions.push(next);
      if (next === null) break;
    }
    await database.query('UPDATE withdrawal SET draft_problem = $2 WHERE id = $1', [withdrawalId, problem]);
    return { drafted: false, problem };
  },
});

/** A draft that this job, or that of another withdrawal, made already, and in which nobody is who has withdrawn; null where there is none. */
async function draftAlready({ database }: WithdrawalDeps, row: WithdrawalRow): Promise<string | null> {
  const { rows } = await database.query<{ id: string }>(
    `SELECT r.id FROM release r JOIN study s ON s.id = r.study_id WHERE s.key = $1 AND r.status = 'DRAFT' AND r.notes = $2 AND r.drafted_at >= $3
       AND NOT EXISTS (SELECT 1 FROM release_patient x WHERE x.release_id = r.id AND ${hasStoppedSharing('x.patient_id')})
     ORDER BY r.drafted_at DESC LIMIT 1`,
    [row.study, NOTES, row.recordedAt],
  );
  return rows[0]?.id ?? null;
}

/** The next version after the highest there is, as if a removal were a minor change; what refuses it names the one that it asks for. */
async function versionsAfter({ database }: WithdrawalDeps, row: WithdrawalRow): Promise<string[]> {
  const { rows } = await database.query<{ version: string }>(
    'SELECT r.version FROM release r JOIN study s ON s.id = r.study_id WHERE s.key = $1',
    [row.study],
  );
  const highest =
    rows
      .map(({ version }) => version)
      .sort(compareVersions)
      .at(-1) ?? '0.0.0';
  const [major = 0, minor = 0] = highest.split('.').map(Number);
  return [`${major}.${minor + 1}.0`];
}

/** Reminds a holder who has not attested, once for each date. */
export const remindHolderKind = ({ database, clock }: WithdrawalDeps): JobKind<z.infer<typeof REMIND>> => ({
  kind: 'remind-holder',
  payload: REMIND,
  maxAttempts: 5,
  priority: 0,
  async run({ dutyId, number }) {
    const { rows } = await database.query<DutyRow & { standing: boolean } & Record<string, unknown>>(
      `SELECT y.account_id AS "accountId", y.exports, y.downloads, y.told_at AS "toldAt", y.due_at AS "dueAt", y.attested_at AS "attestedAt", s.key AS study,
         w.taken_back_at IS NULL AS standing
       FROM destruction_duty y JOIN withdrawal w ON w.id = y.withdrawal_id JOIN patient p ON p.id = w.patient_id JOIN study s ON s.id = p.study_id WHERE y.id = $1`,
      [dutyId],
    );
    const duty = rows[0];
    const state = duty?.standing === true ? dutyState(duty, clock.now()) : 'ATTESTED';
    if (duty === undefined || duty.dueAt === null || (state !== 'OPEN' && state !== 'OVERDUE')) return { sent: false };
    await queueMail(database, {
      to: { accountId: duty.accountId },
      template: 'withdrawal-reminder',
      data: { ...noticeData(duty, duty.dueAt), overdue: state === 'OVERDUE' },
      once: `withdrawal.${dutyId}.${number}`,
    });
    return { sent: true };
  },
});
